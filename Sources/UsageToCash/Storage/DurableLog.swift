import CanonicalModel
import Chronology

/// One input of the core, as a log keeps it.
public enum JournaledInput: Sendable {
  /// A delivery of usage events.
  case delivery(ContiguousArray<UsageEvent>.SubSequence)
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
  /// Replaces everything, on request all but the last input, by the state to which it leads.
  mutating func compact(to snapshot: Pipeline, keepingLast: Bool)
  /// The state that has taken the place of earlier inputs; `nil`: none has.
  var snapshot: Pipeline? { get }
  /// The synced inputs since the snapshot, in order.
  func read(_ body: (JournaledInput, Instant) -> Void)
}
