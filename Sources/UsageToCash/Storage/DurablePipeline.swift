import CanonicalModel
import Chronology

/// The core with its log: every input is durable before an effect of it leaves.
public struct DurablePipeline<Log: DurableLog>: Sendable {
  /// Usage events in the log after which a snapshot takes their place.
  public static var eventsBetweenSnapshots: Int { 1_000_000 }
  /// Inputs in the log after which a snapshot takes their place.
  public static var inputsBetweenSnapshots: Int { 100_000 }

  private let initial: Pipeline
  /// The core's state, which the log can rebuild.
  public private(set) var state: Pipeline
  /// The log.
  public private(set) var log: Log

  /// Starts a core on a log; what an earlier process left there is replayed first.
  ///
  /// The effects of replayed inputs are not performed again: the earlier process had released them, and a call
  /// whose answer died with it times out and is looked up.
  public init(catalog: Catalog, policy: PipelinePolicy, log: Log) {
    initial = Pipeline(catalog: catalog, policy: policy)
    self.log = log
    state = Self.replay(log, from: initial)
    refresh()
  }

  /// What a new process would find.
  public func recovered() -> Pipeline { Self.replay(log, from: initial) }

  private static func replay(_ log: Log, from initial: Pipeline) -> Pipeline {
    var inputs: [(JournaledInput, Instant)] = []
    var state = log.read { inputs.append(($0, $1)) } ?? initial
    var effects = Effects()
    for (input, instant) in inputs {
      switch input {
      case .delivery(let events):
        events.withUnsafeBufferPointer { state.handle($0, at: instant, effects: &effects) }
      case .input(let input): state.handle(input, at: instant, effects: &effects)
      case .wake: state.advance(to: instant, effects: &effects)
      }
      effects.removeAll()
    }
    return state
  }

  /// The instant at which ``advance(to:effects:)`` is due next, if nothing else happens before. Kept, since asking the
  /// whole state for it copies the state.
  public private(set) var nextDeadline: Instant?
  /// Whether no stage holds unfinished work.
  public private(set) var isIdle = true

  /// Takes a delivery of usage events.
  public mutating func handle(
    _ events: UnsafeBufferPointer<UsageEvent>, at now: Instant, effects: inout Effects
  ) {
    log.append(delivery: events, at: now)
    log.sync()
    state.handle(events, at: now, effects: &effects)
    finish()
  }

  /// Takes what a counterpart tells or answers.
  public mutating func handle(_ input: PipelineInput, at now: Instant, effects: inout Effects) {
    log.append(input: input, at: now)
    log.sync()
    state.handle(input, at: now, effects: &effects)
    finish()
  }

  /// Does what the passing of time alone makes due.
  public mutating func advance(to now: Instant, effects: inout Effects) {
    log.append(wakeAt: now)
    log.sync()
    state.advance(to: now, effects: &effects)
    finish()
  }

  @inline(__always)
  private mutating func refresh() {
    nextDeadline = state.nextDeadline
    isIdle = state.isIdle
  }

  private mutating func finish() {
    refresh()
    if log.eventCount >= Self.eventsBetweenSnapshots || log.length >= Self.inputsBetweenSnapshots {
      log.compact(to: state)
    }
  }
}
