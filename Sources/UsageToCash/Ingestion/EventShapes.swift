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
  mutating func register(_ type: Int, version: UInt16) { liveVersions[type] |= 1 << UInt64(version) }

  /// Whether an event's type, version and dimension are known.
  @inline(__always)
  func isKnown(_ event: UsageEvent) -> Bool {
    let type = Int(event.type.index)
    return type < liveVersions.count && liveVersions[type] >> UInt64(event.schemaVersion) & 1 == 1
      && event.dimension < dimensionValues[type]
  }

  /// Accepts the new ones of a batch from a position on, until one is not plainly in order.
  ///
  /// - Parameter times: the first and the last instant at which usage can have happened.
  /// - Returns: the position of that one, or the end, and how many before it were copies.
  func take(
    _ batch: UnsafeBufferPointer<UsageEvent>, from first: Int, areNew: ContiguousArray<Bool>,
    within times: ClosedRange<Instant>, into accepted: inout ContiguousArray<BillableEvent>
  ) -> (stop: Int, duplicates: Int64) {
    var duplicates: Int64 = 0
    accepted.reserveCapacity(accepted.count + batch.count - first)
    for index in first..<batch.count {
      guard areNew[index] else {
        duplicates &+= 1
        continue
      }
      let event = batch[index]
      guard event.time >= times.lowerBound, event.time <= times.upperBound, isKnown(event),
        event.quantity0 >= 0, event.quantity1 >= 0, event.subject.index < subscriptionCount
      else { return (index, duplicates) }
      accepted.append(
        BillableEvent(
          event, digest: event.key.digest, subscription: SubscriptionID(index: event.subject.index)))
    }
    return (batch.count, duplicates)
  }
}
