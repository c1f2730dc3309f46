/// A mean with its uncertainty.
package struct Estimate: Codable, Equatable, Sendable {
  /// The mean over replications.
  package var mean: Double
  /// The true mean is this far from it at most, with ``confidence``; `nil`: one value tells nothing about that.
  package var halfWidth: Double?
  /// The share of such intervals that hold the true mean.
  package var confidence: Double
  /// Replications in which the figure could be measured.
  package var count: Int
  /// The lower end of the interval: for skewed figures it is not as far from the mean as the upper one.
  package var lower: Double?
  /// The upper end.
  package var upper: Double?

  /// Makes an estimate.
  package init(mean: Double, halfWidth: Double?, confidence: Double, count: Int) {
    self.mean = mean
    self.halfWidth = halfWidth
    self.confidence = confidence
    self.count = count
  }

  /// Makes an estimate with an interval whose ends need not be equally far away; without one of them the half-width is unknown.
  package init(mean: Double, lower: Double?, upper: Double?, confidence: Double, count: Int) {
    self.mean = mean
    self.lower = lower
    self.upper = upper
    halfWidth = lower.flatMap { lower in upper.map { max(mean - lower, $0 - mean, 0) } }
    self.confidence = confidence
    self.count = count
  }

  /// Whether the interval holds a value; `nil` where it has an open end on that side.
  package func contains(_ value: Double) -> Bool? {
    if value < mean { return lower.map { $0 <= value } }
    return upper.map { value <= $0 }
  }
}

/// What came of one seed of a variant of a scenario: the part of its record that studies use.
package struct Replication: Codable, Equatable, Sendable {
  /// The seed.
  package var seed: UInt64
  /// The hash over every event.
  package var fingerprint: String
  /// Invariants that broke, in order of name.
  package var broken: [String]
  /// Expectations that were missed.
  package var missed: [String]
  /// Every invariant's verdict, by name; `nil` in results of versions that did not keep them.
  package var verdicts: [String: InvariantVerdict]?
  /// Figures that could be measured, by name; spans in seconds.
  package var indicators: [String: Double]
  /// What posting needed, by ERP and name: `erp/us places`.
  package var resources: [String: Double]
  /// The greatest share of each that was in use.
  package var peaks: [String: Double]

  /// The figures of each billing period that is judged; `nil` in databases of earlier versions.
  package var months: [Month]?
  /// What was hit by lots that only hit a share of what they meet, by name: `faults.0`, `laterRejections`; `nil` as for ``months``.
  package var hits: [String: Int]?

  /// A billing period of a run.
  package struct Month: Codable, Equatable, Sendable {
    /// Such as `2026-01`.
    package var period: String
    /// Figures by the names of indicators: `closeCycleTime`, `postingLatency.p99(erp/us)`.
    package var values: [String: Double]

    /// Makes an entry.
    package init(period: String, values: [String: Double]) {
      self.period = period
      self.values = values
    }
  }

  /// Makes a result.
  package init(
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
