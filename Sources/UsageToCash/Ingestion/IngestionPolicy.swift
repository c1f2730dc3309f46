import CanonicalModel
import Chronology

/// What becomes of quarantined events when they can be placed.
public enum ReplayStrategy: String, Sendable, CaseIterable {
  /// They are accepted once, and leave the quarantine.
  case once
  /// They are accepted, and stay: accepted again with the next notice. A real failure, never a choice.
  case keepsQuarantine
}

/// Whose an identifier is that was claimed for two accounts.
public enum IdentityConflict: String, Sendable, CaseIterable {
  /// The account's to which it was given first, until a person decides.
  case firstStands
  /// The account's to which it was given last: a real failure, never a choice.
  case lastWins
}

/// What becomes of a declared backfill that is delivered again.
public enum BackfillStrategy: String, Sendable, CaseIterable {
  /// Its events are known by their keys, however old they are.
  case deduplicated
  /// They count again: a real failure, never a choice.
  case trusted
}

/// Whether the end of a declared gap belongs to it.
public enum GapBoundary: String, Sendable, CaseIterable {
  /// It does not: the hour in which deliveries go on is no part of the gap.
  case halfOpen
  /// It does: a real failure, never a choice.
  case closed
}

/// Where a service keeps what it must not forget.
public enum StateStore: String, Sendable, CaseIterable {
  /// In the log: a process that starts again knows it.
  case durable
  /// In the memory of its process: gone with it.
  case memory
}

/// The rules of acceptance.
public struct IngestionPolicy: Sendable {
  /// Which part of an event identifies it.
  public var keying: DeduplicationKeying
  /// For how long a copy is recognised after the first arrival.
  public var deduplicationHorizon: Span
  /// How far an event's time may lie ahead of the clock.
  public var clockTolerance: Span
  /// What becomes of quarantined events.
  public var replay: ReplayStrategy
  /// Whether a correction takes the event back that it corrects.
  public var recognisesCorrections: Bool
  /// Whose a disputed identifier is.
  public var identityConflict: IdentityConflict
  /// What becomes of backfills that come again.
  public var backfill: BackfillStrategy
  /// Where a declared gap ends.
  public var gaps = GapBoundary.halfOpen
  /// For how long events of one producer that agree in everything but their identifier are taken for one; `nil`: never.
  /// A producer that stamps its retries anew demands it; events that are alike by chance do not survive it.
  public var contentHorizon: Span?
  /// Whether a producer is the same one by whichever region its events come.
  public var normalisesSources = true
  /// Where the keys are remembered.
  public var store: StateStore
  /// Whether a schema is registered only if it is compatible with the versions before.
  public var checksSchemas: Bool

  /// Makes rules.
  public init(
    keying: DeduplicationKeying = .sourceAndID, deduplicationHorizon: Span = .days(14),
    clockTolerance: Span = .minutes(5), replay: ReplayStrategy = .once,
    recognisesCorrections: Bool = true, identityConflict: IdentityConflict = .firstStands,
    backfill: BackfillStrategy = .deduplicated, checksSchemas: Bool = true,
    store: StateStore = .durable
  ) {
    self.store = store
    self.keying = keying
    self.deduplicationHorizon = deduplicationHorizon
    self.clockTolerance = clockTolerance
    self.replay = replay
    self.recognisesCorrections = recognisesCorrections
    self.identityConflict = identityConflict
    self.backfill = backfill
    self.checksSchemas = checksSchemas
  }
}
