import CanonicalModel

/// How a core stands, as it says itself.
public struct CoreReport: Sendable {
  /// What is under way to and from an entity's ERP.
  public struct Outbox: Hashable, Sendable {
    /// Documents that are not confirmed.
    public var depth: Int
    /// Those of them whose outcome is not known.
    public var unknown: Int
    /// Calls whose answers are awaited.
    public var calls: Int
    /// The receivables of the documents that are not confirmed.
    public var receivables: Money
    /// Documents that wait for an exchange rate.
    public var waitingForRate: Int
    /// Revenue that is deferred.
    public var deferred: Money

    /// Makes a report.
    public init(
      depth: Int = 0, unknown: Int = 0, calls: Int = 0, receivables: Money = .zero, waitingForRate: Int = 0,
      deferred: Money = .zero
    ) {
      self.depth = depth
      self.unknown = unknown
      self.calls = calls
      self.receivables = receivables
      self.waitingForRate = waitingForRate
      self.deferred = deferred
    }
  }

  /// Whether a period has usage that is not rated yet.
  public var hasUnratedUsage: Bool
  /// By entity.
  public var outboxes: [Outbox]
  /// Charges that are due or under way.
  public var charges: Int
  /// All cases, in the order of their numbers.
  public var cases: [CaseEntry]
  /// The snapshots of closed accounting periods, in the order in which they were taken.
  public var snapshots: [CloseSnapshot]
  /// The queues that hold unfinished work.
  public var stuck: [StuckWork]

  /// Makes a report.
  public init(
    hasUnratedUsage: Bool = false, outboxes: [Outbox] = [], charges: Int = 0, cases: [CaseEntry] = [],
    snapshots: [CloseSnapshot] = [], stuck: [StuckWork] = []
  ) {
    self.hasUnratedUsage = hasUnratedUsage
    self.outboxes = outboxes
    self.charges = charges
    self.cases = cases
    self.snapshots = snapshots
    self.stuck = stuck
  }
}
