import Chronology

/// What a scenario and its design promise beside contracts and master data: what some invariants measure by. It comes from
/// the files, never from the core's own strategies.
public struct OraclePromises: Sendable {
  /// For how long a copy of an event is recognised; older events may be put aside. `nil`: not known.
  public var deduplicationHorizon: Span?
  /// How far an event's time may lie ahead of the clock. `nil`: not known.
  public var clockTolerance: Span?
  /// Whether the broker drops usage that waits too long.
  public var brokerDropsUsage: Bool
  /// Whether work may be left when time is up.
  public var mayLeaveWork: Bool

  /// Makes a set of promises.
  public init(
    deduplicationHorizon: Span? = nil, clockTolerance: Span? = nil, brokerDropsUsage: Bool = false,
    mayLeaveWork: Bool = false
  ) {
    self.deduplicationHorizon = deduplicationHorizon
    self.clockTolerance = clockTolerance
    self.brokerDropsUsage = brokerDropsUsage
    self.mayLeaveWork = mayLeaveWork
  }
}
