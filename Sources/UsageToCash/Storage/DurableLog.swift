import CanonicalModel
import Chronology

/// One input of the core, as a log keeps it.
public enum JournaledInput: Sendable {
  /// A delivery of usage events.
  case delivery(ContiguousArray<UsageEvent>)
  /// What a counterpart told or answered.
  case input(PipelineInput)
  /// The passing of a deadline.
  case wake
}

/// The only place in which the core's state survives its process: a snapshot, and every input since, in order.
///
/// A driver appends and syncs an input before it performs any effect of it, so that whatever the world has
/// seen of the core can be derived again by replay.
public protocol DurableLog: Sendable {
  /// Inputs that came after the snapshot.
  var length: Int { get }
  /// Usage events within those inputs.
  var eventCount: Int { get }
  /// Writes a delivery.
  mutating func append(delivery events: UnsafeBufferPointer<UsageEvent>, at instant: Instant)
  /// Writes what a counterpart told or answered.
  mutating func append(input: PipelineInput, at instant: Instant)
  /// Writes that a deadline was passed.
  mutating func append(wakeAt instant: Instant)
  /// Makes what was written survive a crash.
  mutating func sync()
  /// Replaces everything by the state to which it leads.
  mutating func compact(to snapshot: Pipeline)
  /// The state at the snapshot, and the synced inputs since.
  func read(_ body: (JournaledInput, Instant) -> Void) -> Pipeline?
}

/// A log in memory: survives a simulated process, not a real one.
public struct MemoryLog: DurableLog {
  private enum Entry: Sendable {
    case delivery(Range<Int>)
    case input(PipelineInput)
    case wake
  }

  private var snapshot: Pipeline?
  private var entries: ContiguousArray<(entry: Entry, at: Instant)> = []
  /// The events of all deliveries, one after another: appending allocates nothing once the buffer has grown.
  private var events: ContiguousArray<UsageEvent> = []
  private var synced = 0

  /// Makes an empty log.
  public init() {}

  public var length: Int { entries.count }
  public var eventCount: Int { events.count }

  public mutating func append(delivery batch: UnsafeBufferPointer<UsageEvent>, at instant: Instant) {
    let start = events.count
    events.append(contentsOf: batch)
    entries.append((.delivery(start..<events.count), instant))
  }

  public mutating func append(input: PipelineInput, at instant: Instant) {
    entries.append((.input(input), instant))
  }

  public mutating func append(wakeAt instant: Instant) { entries.append((.wake, instant)) }

  public mutating func sync() { synced = entries.count }

  public mutating func compact(to snapshot: Pipeline) {
    self.snapshot = snapshot
    entries.removeAll(keepingCapacity: true)
    events.removeAll(keepingCapacity: true)
    synced = 0
  }

  public func read(_ body: (JournaledInput, Instant) -> Void) -> Pipeline? {
    for (entry, instant) in entries.prefix(synced) {
      switch entry {
      case .delivery(let range): body(.delivery(ContiguousArray(events[range])), instant)
      case .input(let input): body(.input(input), instant)
      case .wake: body(.wake, instant)
      }
    }
    return snapshot
  }
}
