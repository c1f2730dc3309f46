/// What the campaign of one commit found, as a point of a trend.
package struct TrendPoint: Equatable, Sendable {
  /// The mean of an indicator.
  package struct Indicator: Equatable, Sendable {
    /// The name.
    package var name: String
    /// `s`, `1`, `share` or `money`.
    package var unit: String
    /// The mean over the commit's seeds.
    package var estimate: Estimate

    /// Makes an entry.
    package init(name: String, unit: String, estimate: Estimate) {
      (self.name, self.unit, self.estimate) = (name, unit, estimate)
    }
  }

  /// The commit.
  package var commit: String
  /// Where the campaign's page is.
  package var address: String
  /// Seeds that were run.
  package var runs: Int
  /// Of them, those that failed.
  package var failed: Int
  /// On how many seeds each property failed.
  package var failing: [String: Int]
  /// The indicators, in their order.
  package var indicators: [Indicator]

  /// Makes a point.
  package init(
    commit: String, address: String, runs: Int, failed: Int, failing: [String: Int], indicators: [Indicator]
  ) {
    (self.commit, self.address, self.runs, self.failed) = (commit, address, runs, failed)
    (self.failing, self.indicators) = (failing, indicators)
  }
}
