import CanonicalModel
import Chronology
import CoreInterface

/// A log on a simulated disk: a crash loses what was not synced and may leave the last write torn.
///
/// A torn delivery has its full length, and blocks that were never written read as zeros: only its checksum tells. Any
/// other record is one block, which is there or not.
public struct DiskLog: CrashableLog {

  private enum Body: Sendable {
    case delivery(Range<Int>)
    case input(CoreInput)
    case wake
    /// A block that was never written.
    case missing
  }

  private struct Record: Sendable {
    var body: Body
    var at: Instant
    /// Over the events of a delivery; 0 for anything else.
    var checksum: UInt64 = 0
  }

  private var records: ContiguousArray<Record> = []
  /// The events of all deliveries, one after another: appending allocates nothing once the buffer has grown.
  private var events: ContiguousArray<UsageEvent> = []
  private var synced = 0
  /// Records that were written in all, those of lives that ended included.
  public private(set) var written = 0
  /// Records that were found torn.
  public private(set) var tornRecords = 0
  /// Records that a crash has lost, torn ones included.
  public private(set) var lostRecords = 0
  public private(set) var snapshot: (any CoreState)?

  /// Makes an empty log.
  public init() {}

  public var use: LogUse { LogUse(written: written, torn: tornRecords) }
  public var length: Int { records.count }
  public var eventCount: Int { events.count }
  /// Records that would not survive a crash.
  public var unsynced: Int { records.count - synced }

  public mutating func append(delivery batch: UnsafeBufferPointer<UsageEvent>, at instant: Instant) {
    assert(records.last.map { $0.at <= instant } ?? true, "a log is written in the order of time")
    written += 1
    let start = events.count
    assert(start == end(of: records), "a delivery's events follow those of the delivery before")
    events.append(contentsOf: batch)
    records.append(
      Record(
        body: .delivery(start..<events.count), at: instant, checksum: Self.checksum(of: batch, at: instant)))
  }

  public mutating func append(input: CoreInput, at instant: Instant) {
    assert(records.last.map { $0.at <= instant } ?? true, "a log is written in the order of time")
    written += 1
    records.append(Record(body: .input(input), at: instant))
  }

  public mutating func append(wakeAt instant: Instant) {
    assert(records.last.map { $0.at <= instant } ?? true, "a log is written in the order of time")
    written += 1
    records.append(Record(body: .wake, at: instant))
  }

  public mutating func sync() {
    assert(synced <= records.count, "no more is durable than was written")
    synced = records.count
  }

  public mutating func compact(to snapshot: any CoreState, keepingLast: Bool) {
    self.snapshot = snapshot
    let kept = keepingLast ? records.last : nil
    records.removeAll(keepingCapacity: true)
    guard var kept else {
      events.removeAll(keepingCapacity: true)
      synced = 0
      return
    }
    if case .delivery(let range) = kept.body {
      events.removeSubrange(range.upperBound...)
      events.removeSubrange(..<range.lowerBound)
      assert(events.count == range.count, "a log keeps the events of the record that it keeps, and no others")
      kept.body = .delivery(0..<range.count)
    } else {
      events.removeAll(keepingCapacity: true)
    }
    records.append(kept)
    synced = 1
  }

  /// Loses what was not synced.
  ///
  /// - Parameter isTorn: whether the head of the first lost record reached the disk all the same.
  public mutating func crash(tearing isTorn: Bool) {
    guard records.count > synced else { return }
    precondition(synced >= 0, "a count of records is not below zero")
    let durable = synced
    defer {
      assert(records.count >= durable, "what was synced outlasts a crash")
    }
    lostRecords += records.count - synced
    var first = records[synced]
    records.removeSubrange(synced...)
    guard isTorn else { return repair() }
    switch first.body {
    case .delivery(let range):
      let written = range.lowerBound + range.count / 2
      _ = events[written..<range.upperBound].withUnsafeMutableBytes {
        $0.initializeMemory(as: UInt8.self, repeating: 0)
      }
    case .input, .wake, .missing: first.body = .missing
    }
    records.append(first)
    repair()
  }

  /// Opens the log as a new process does: reads from the first record on as long as they are whole, and cuts off
  /// what follows.
  private mutating func repair() {
    let valid = records.firstIndex { !isWhole($0) } ?? records.endIndex
    tornRecords += records.count - valid
    records.removeSubrange(valid...)
    events.removeSubrange(end(of: records)...)
    synced = records.count
  }

  private func end(of records: ContiguousArray<Record>) -> Int {
    for record in records.reversed() {
      if case .delivery(let range) = record.body { return range.upperBound }
    }
    return 0
  }

  private func isWhole(_ record: Record) -> Bool {
    switch record.body {
    case .delivery(let range):
      assert(range.upperBound <= events.count, "the events of a record are in the log")
      return events[range].withUnsafeBufferPointer { Self.checksum(of: $0, at: record.at) } == record.checksum
    case .input, .wake: return true
    case .missing: return false
    }
  }

  public func read(_ body: (JournaledInput, Instant) -> Void) {
    for record in records.prefix(synced) {
      switch record.body {
      case .delivery(let range): body(.delivery(events[range]), record.at)
      case .input(let input): body(.input(input), record.at)
      case .wake: body(.wake, record.at)
      case .missing: break
      }
    }
  }

  /// Over every byte of the events, in four lanes that do not wait for one another.
  private static func checksum(of events: UnsafeBufferPointer<UsageEvent>, at instant: Instant) -> UInt64 {
    let words = UnsafeRawBufferPointer(events)
    let seed = (UInt64(bitPattern: instant.nanoseconds) ^ 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
    var lanes = (seed, UInt64(1), UInt64(2), UInt64(3))
    let prime: UInt64 = 0x0000_0100_0000_01B3
    var offset = 0
    while offset + 32 <= words.count {
      lanes.0 = (lanes.0 ^ words.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* prime
      lanes.1 = (lanes.1 ^ words.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)) &* prime
      lanes.2 = (lanes.2 ^ words.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self)) &* prime
      lanes.3 = (lanes.3 ^ words.loadUnaligned(fromByteOffset: offset + 24, as: UInt64.self)) &* prime
      offset += 32
    }
    while offset + 8 <= words.count {
      lanes.0 = (lanes.0 ^ words.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* prime
      offset += 8
    }
    return lanes.0 ^ (lanes.1 << 17 | lanes.1 >> 47) ^ (lanes.2 << 31 | lanes.2 >> 33)
      ^ (lanes.3 << 47 | lanes.3 >> 17)
  }
}
