/// A mean with its uncertainty.
public struct Estimate: Codable, Equatable, Sendable {
  /// The mean over replications.
  public var mean: Double
  /// The true mean is this far from it at most, with ``confidence``; `nil`: one value tells nothing about that.
  public var halfWidth: Double?
  /// The share of such intervals that hold the true mean.
  public var confidence: Double
  /// Replications in which the figure could be measured.
  public var count: Int
  /// The lower end of the interval: for skewed figures it is not as far from the mean as the upper one.
  public var lower: Double?
  /// The upper end.
  public var upper: Double?

  /// Makes an estimate.
  public init(mean: Double, halfWidth: Double?, confidence: Double, count: Int) {
    self.mean = mean
    self.halfWidth = halfWidth
    self.confidence = confidence
    self.count = count
  }

  /// Makes an estimate with an interval whose ends need not be equally far away; without one of them the half-width is unknown.
  public init(mean: Double, lower: Double?, upper: Double?, confidence: Double, count: Int) {
    self.mean = mean
    self.lower = lower
    self.upper = upper
    halfWidth = lower.flatMap { lower in upper.map { max(mean - lower, $0 - mean, 0) } }
    self.confidence = confidence
    self.count = count
  }

  /// Whether the interval holds a value; `nil` where it has an open end on that side.
  public func holds(_ value: Double) -> Bool? {
    if value < mean { return lower.map { $0 <= value } }
    return upper.map { value <= $0 }
  }
}

/// What came of one seed of a variant of a scenario: the part of its record that studies use.
public struct Replication: Codable, Equatable, Sendable {
  /// The seed.
  public var seed: UInt64
  /// The hash over every event.
  public var fingerprint: String
  /// Invariants that broke, in order of name.
  public var broken: [String]
  /// Expectations that were missed.
  public var missed: [String]
  /// Every invariant's verdict, by name; `nil` in results of versions that did not keep them.
  public var verdicts: [String: InvariantVerdict]?
  /// Figures that could be measured, by name; spans in seconds.
  public var indicators: [String: Double]
  /// What posting needed, by ERP and name: `erp/us places`.
  public var resources: [String: Double]
  /// The greatest share of each that was in use.
  public var peaks: [String: Double]

  /// The figures of each billing period that is judged; `nil` in databases of earlier versions.
  public var months: [Month]?
  /// What was hit by lots that only hit a share of what they meet, by name: `faults.0`, `laterRejections`; `nil` as for ``months``.
  public var hits: [String: Int]?

  /// A billing period of a run.
  public struct Month: Codable, Equatable, Sendable {
    /// Such as `2026-01`.
    public var period: String
    /// Figures by the names of indicators: `closeCycleTime`, `postingLatency.p99(erp/us)`.
    public var values: [String: Double]

    /// Makes an entry.
    public init(period: String, values: [String: Double]) {
      self.period = period
      self.values = values
    }
  }

  /// Makes a result.
  public init(
    seed: UInt64, fingerprint: String, broken: [String], missed: [String], indicators: [String: Double],
    resources: [String: Double], peaks: [String: Double], verdicts: [String: InvariantVerdict]? = nil
  ) {
    self.verdicts = verdicts
    self.seed = seed
    self.fingerprint = fingerprint
    self.broken = broken
    self.missed = missed
    self.indicators = indicators
    self.resources = resources
    self.peaks = peaks
  }
}
