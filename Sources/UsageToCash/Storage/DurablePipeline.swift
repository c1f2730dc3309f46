import CanonicalModel
import Chronology
import CoreInterface

/// When what was written to the log is made durable.
public enum SyncPolicy: Hashable, Sendable {
  /// Before any effect of an input leaves.
  case eachInput
  /// Now and then: what has left since is unknown to a process that starts again. A real failure, never a choice.
  case every(Span)
}

/// The core with its log: every input is durable before an effect of it leaves.
public struct DurablePipeline<Log: DurableLog>: Sendable {
  /// Usage events in the log after which a snapshot takes their place, at least: so many fit the cache with what they touch.
  private static var fewestBetweenSnapshots: Int { 1 << 17 }
  /// A snapshot costs what the core remembers, so there is one for so many keys, at most.
  private static var keysPerEvent: Int { 32 }
  /// Usage events in the log after which there is a snapshot whatever it costs: what a log takes has a bound.
  private static var mostBetweenSnapshots: Int { 1 << 22 }

  private let initial: Pipeline
  private let sync: SyncPolicy
  private let inputsBetweenSnapshots: Int
  private let repeatsEffects: Bool
  private var syncedAt = Instant.distantPast
  /// The core's state, which the log can rebuild.
  public private(set) var state: Pipeline
  /// The log.
  public private(set) var log: Log

  /// Starts a core on a log; what an earlier process left there is replayed first.
  ///
  /// The effects of replayed inputs are not performed again: the earlier process had released them, and a call
  /// whose answer died with it times out and is looked up.
  ///
  /// - Throws: where the log cannot be read.
  public init(catalog: Catalog, policy: PipelinePolicy, log: Log) throws(Log.Failure) {
    initial = Pipeline(catalog: catalog, policy: policy)
    sync = policy.sync
    inputsBetweenSnapshots = policy.inputsBetweenSnapshots
    repeatsEffects = !policy.planted.contains(.effectsNotRepeated)
    self.log = log
    state = try Self.replay(log, from: initial).state
    refresh()
  }

  /// What a new process would find.
  public func recovered() throws(Log.Failure) -> Pipeline { try Self.replay(log, from: initial).state }

  /// Dies, and starts again from what is left of the log. What was replayed once does not have to be again: a snapshot
  /// takes its place, but for the last input, whose effects another death may ask for.
  ///
  /// - Parameter damage: does to the log what the crash did to it.
  /// - Returns: effects of the last input that are to be performed again, as nobody knows whether they were: what they
  ///   reach knows each by its number.
  public mutating func restart(_ damage: (inout Log) -> Void) throws(Log.Failure) -> [Effect] {
    damage(&log)
    let replayed = try Self.replay(log, from: initial)
    state = replayed.state
    if log.length > 1 { log.compact(to: replayed.beforeLast, keepingLast: true) }
    refresh()
    return repeatsEffects ? replayed.last.filter(\.isRedelivered) : []
  }

  private static func replay(
    _ log: Log, from initial: Pipeline
  ) throws(Log.Failure) -> (state: Pipeline, beforeLast: Pipeline, last: [Effect]) {
    var state = initial
    if let snapshot = log.snapshot {
      guard let own = snapshot as? Pipeline else {
        preconditionFailure("a log holds the state of another core")
      }
      state = own
    }
    var beforeLast = state
    var effects = Effects()
    var left = log.length
    try log.read { input, instant in
      left -= 1
      if left == 0 { beforeLast = state }
      effects.removeAll()
      switch input {
      case .delivery(let events):
        events.withUnsafeBufferPointer { state.handle($0, at: instant, effects: &effects) }
      case .input(let input): state.handle(input, at: instant, effects: &effects)
      case .wake: state.advance(to: instant, effects: &effects)
      }
    }
    return (state, beforeLast, effects.outputs)
  }

  /// When something is due next, if nothing else happens before. Kept, since asking the whole state for it copies the state.
  public private(set) var deadlines = ServiceDeadlines()
  /// Whether no stage holds unfinished work.
  public private(set) var isIdle = true

  /// What an entity's outbox holds and has under way. Changes nothing: called in place, it copies nothing either.
  public mutating func use(of entity: EntityID) -> OutboxUse { state.posting.use(of: entity) }
  /// Windows that are open; see ``use(of:)``.
  public var openWindows: Int { mutating get { state.metering.openWindows } }

  /// Takes a delivery of usage events.
  ///
  /// - Throws: where it could not be made durable; the core has then not taken it, and nothing comes of it.
  public mutating func handle(
    _ events: UnsafeBufferPointer<UsageEvent>, at now: Instant, effects: inout Effects
  ) throws(Log.Failure) {
    compactIfLong()
    log.append(delivery: events, at: now)
    try commit(at: now)
    state.handle(events, at: now, effects: &effects)
    refresh()
  }

  /// Takes what a counterpart tells or answers.
  ///
  /// - Throws: as for a delivery.
  public mutating func handle(
    _ input: Log.Input, at now: Instant, effects: inout Effects
  ) throws(Log.Failure) {
    compactIfLong()
    log.append(input: input, at: now)
    try commit(at: now)
    state.handle(input.input, at: now, effects: &effects)
    refresh()
  }

  /// Does what the passing of time alone makes due.
  ///
  /// - Throws: as for a delivery.
  public mutating func advance(to now: Instant, effects: inout Effects) throws(Log.Failure) {
    compactIfLong()
    log.append(wakeAt: now)
    try commit(at: now)
    state.advance(to: now, effects: &effects)
    refresh()
  }

  @inline(__always)
  private mutating func refresh() {
    deadlines = state.deadlines
    isIdle = state.isIdle
  }

  @inline(__always)
  private mutating func commit(at now: Instant) throws(Log.Failure) {
    switch sync {
    case .eachInput: try log.sync()
    case .every(let span):
      guard syncedAt == .distantPast || now - syncedAt >= span else { return }
      try log.sync()
      syncedAt = now
    }
  }

  /// Before an input, when the effects of all earlier ones have been performed: a snapshot has none to repeat.
  @inline(__always)
  private mutating func compactIfLong() {
    if log.length >= inputsBetweenSnapshots || log.eventCount >= Self.fewestBetweenSnapshots && isLong {
      log.compact(to: state, keepingLast: false)
    }
  }

  private var isLong: Bool {
    mutating get {
      log.eventCount >= min(state.ingestion.rememberedKeys / Self.keysPerEvent, Self.mostBetweenSnapshots)
    }
  }
}
