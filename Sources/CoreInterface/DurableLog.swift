import CanonicalModel
import Chronology

/// One input of the core, as a log keeps it.
public enum JournaledInput: Sendable {
  /// A delivery of usage events.
  case delivery(ContiguousArray<UsageEvent>.SubSequence)
  /// What a counterpart told or answered.
  case input(CoreInput)
  /// The passing of a deadline.
  case wake
}

/// An input that a log can hold, beside usage and the passing of time.
public protocol LoggedInput: Sendable {
  /// As the core takes it.
  var input: CoreInput { get }
}

extension CoreInput: LoggedInput {
  public var input: CoreInput { self }
}

/// The state of a core, which can take the place of the inputs that led to it. Whose it is only the core knows that gave it.
public protocol CoreState: Sendable {}

/// The only place in which the core's state survives its process: a snapshot, and every input since, in order.
///
/// A driver appends and syncs an input before it performs any effect of it, so that whatever the world has
/// seen of the core can be derived again by replay.
public protocol DurableLog: Sendable {
  /// The inputs that it can hold: a driver can feed the core with no others.
  associatedtype Input: LoggedInput
  /// Why something could not be made durable, or not be read; `Never` for a log that cannot fail.
  associatedtype Failure: Error
  /// Inputs that came after the snapshot.
  var length: Int { get }
  /// Usage events within those inputs.
  var eventCount: Int { get }
  /// Writes a delivery.
  mutating func append(delivery events: UnsafeBufferPointer<UsageEvent>, at instant: Instant)
  /// Writes what a counterpart told or answered.
  mutating func append(input: Input, at instant: Instant)
  /// Writes that a deadline was passed.
  mutating func append(wakeAt instant: Instant)
  /// Makes what was written survive a crash.
  ///
  /// - Throws: where that failed. The input that was appended last is then not in the log, as if it had never come; those that
  ///   were appended and not synced before it are kept for the next sync.
  mutating func sync() throws(Failure)
  /// Replaces everything, on request all but the last input, by the state to which it leads.
  mutating func compact(to snapshot: any CoreState, keepingLast: Bool)
  /// The state that has taken the place of earlier inputs; `nil`: none has.
  var snapshot: (any CoreState)? { get }
  /// The synced inputs since the snapshot, in order.
  func read(_ body: (JournaledInput, Instant) -> Void) throws(Failure)
}

/// A log on a disk that can be made to fail: what was not synced is lost with the process.
public protocol CrashableLog: DurableLog where Input == CoreInput, Failure == Never {
  /// Loses what was not synced.
  ///
  /// - Parameter isTorn: whether the head of the first lost record reached the disk all the same.
  mutating func crash(tearing isTorn: Bool)
  /// What it has been through.
  var use: LogUse { get }
}
