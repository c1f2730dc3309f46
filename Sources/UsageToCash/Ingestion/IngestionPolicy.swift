import CanonicalModel
import Chronology

/// The rules of acceptance.
public struct IngestionPolicy: Sendable {
  /// Which part of an event identifies it.
  public var keying: DeduplicationKeying
  /// For how long a copy is recognised after the first arrival.
  public var deduplicationHorizon: Span
  /// How far an event's time may lie ahead of the clock.
  public var clockTolerance: Span
  /// For how long events of one producer that agree in everything but their identifier are taken for one; `nil`: never.
  /// A producer that stamps its retries anew demands it; events that are alike by chance do not survive it.
  public var contentHorizon: Span?
  /// Where the keys are remembered.
  public var store: StateStore

  /// Makes rules.
  public init(
    keying: DeduplicationKeying = .sourceAndID, deduplicationHorizon: Span = .days(14),
    clockTolerance: Span = .minutes(5), store: StateStore = .durable
  ) {
    self.store = store
    self.keying = keying
    self.deduplicationHorizon = deduplicationHorizon
    self.clockTolerance = clockTolerance
  }
}
