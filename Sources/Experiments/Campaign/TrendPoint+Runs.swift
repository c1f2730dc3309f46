import RunRecord
import Scenario
import Statistics

extension TrendPoint {
  /// What the runs of a commit say together: means with intervals that hold one by one.
  package static func make(commit: String, address: String, runs: [CampaignRun]) -> TrendPoint {
    var failing: [String: Int] = [:]
    for run in runs { for name in run.failing { failing[name, default: 0] += 1 } }
    var indicators: [Indicator] = []
    for indicator in Expectation.indicators {
      let values = runs.compactMap { $0.indicators[indicator.name] }
      guard !values.isEmpty else { continue }
      let interval = Interval(of: values, confidence: Campaign.confidence)
      indicators.append(
        Indicator(
          name: indicator.name, unit: indicator.unit,
          estimate: Estimate(
            mean: interval.mean, halfWidth: interval.halfWidth, confidence: interval.confidence,
            count: values.count)))
    }
    return TrendPoint(
      commit: commit, address: address, runs: runs.count, failed: runs.count { $0.verdict != .pass },
      failing: failing, indicators: indicators)
  }
}
