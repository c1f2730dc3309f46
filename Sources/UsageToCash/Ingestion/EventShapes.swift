import CanonicalModel
import Chronology

/// What a usage event can look like, flat: the live versions of each type, the values of its dimension, the customers.
struct EventShapes: Sendable {
  /// Customer references below this are those of the subscriptions.
  let subscriptionCount: UInt32
  /// The live versions of each type, a bit each; none for types that are not billable.
  private var liveVersions: [UInt64]
  /// The number of values of each type's dimension.
  private let dimensionValues: [UInt16]

  init(catalog: Catalog) {
    subscriptionCount = UInt32(catalog.subscriptions.count)
    liveVersions = catalog.eventTypes.map { $0.isOperational ? 0 : 1 << UInt64($0.schemaVersion) }
    dimensionValues = catalog.eventTypes.map(\.dimensionValues)
  }

  /// Makes a version of a type a live one.
  mutating func register(_ type: Int, version: UInt16) {
    precondition(version < 64, "a version of a type has no bit: \(version)")
    liveVersions[type] |= 1 << UInt64(version)
  }

  /// Whether an event's type, version and dimension are known.
  @inline(__always)
  func isKnown(_ event: UsageEvent) -> Bool {
    let type = Int(event.type.index)
    return type < liveVersions.count && liveVersions[type] >> UInt64(event.schemaVersion) & 1 == 1
      && event.dimension < dimensionValues[type]
  }

  /// Accepts the new ones of a batch from a position on, until one is not plainly in order.
  ///
  /// - Parameters:
  ///   - times: the first and the last instant at which usage can have happened.
  ///   - room: is written over: it belongs to the caller so that it is made once.
  /// - Returns: the position of that one, or the end, and how many before it were copies.
  func accept(
    _ batch: UnsafeBufferPointer<UsageEvent>, from first: Int, areNew: ContiguousArray<Bool>,
    within times: ClosedRange<Instant>, by room: inout ContiguousArray<BillableEvent>,
    into accepted: inout ContiguousArray<BillableEvent>
  ) -> (stop: Int, duplicates: Int64) {
    precondition(areNew.count >= batch.count, "it is not known of every event of a batch whether it is new")
    precondition(first <= batch.count, "a batch is taken from beyond its end")
    var duplicates: Int64 = 0
    var stop = first
    var taken = 0
    if room.count < batch.count { room = ContiguousArray(repeating: .none, count: batch.count) }
    room.withUnsafeMutableBufferPointer { room in
      areNew.withUnsafeBufferPointer { areNew in
        while stop < batch.count {
          let event = batch.baseAddress! + stop
          if areNew[stop] {
            guard isInOrder(event, within: times) else { break }
            assert(taken < room.count, "more events of a batch are accepted than it has")
            room[taken] = BillableEvent(
              event.pointee, digest: event.pointee.key.digest,
              subscription: SubscriptionID(index: event.pointee.subject.index))
            taken &+= 1
          } else {
            duplicates &+= 1
          }
          stop &+= 1
        }
      }
      accepted.append(contentsOf: UnsafeBufferPointer(rebasing: room[..<taken]))
    }
    return (stop, duplicates)
  }

  @inline(__always)
  private func isInOrder(_ event: UnsafePointer<UsageEvent>, within times: ClosedRange<Instant>) -> Bool {
    event.pointee.time >= times.lowerBound && event.pointee.time <= times.upperBound && isKnown(event.pointee)
      && event.pointee.quantity0 >= 0 && event.pointee.quantity1 >= 0
      && event.pointee.subject.index < subscriptionCount
  }
}
