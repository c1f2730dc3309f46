import RunRecord
import Statistics

extension CampaignSummary {
  /// Says how sure a clean result is, and how many clean seeds show a fix.
  ///
  /// Seeds are independent of each other, as each draws from its own root seed; those of a guided campaign descend from others.
  mutating func state(confidence: Double, runs all: [CampaignRun]) {
    self.confidence = confidence
    let isGuided = options.contains(Campaign.guidedOption)
    // Where nothing is drawn at random, every seed is the same run.
    guard let first = all.first, !isGuided else { return }
    let areAlike =
      all.count > 1
      && all.allSatisfy {
        $0.kernelEvents == first.kernelEvents && $0.usageEvents == first.usageEvents
          && $0.simulatedSeconds == first.simulatedSeconds && $0.variant == first.variant
      }
    guard !areAlike else { return }
    if runs > 0, passed == runs {
      failureBound = Proportion.upperLimit(0, of: Double(runs), error: 1 - confidence)
    }
    for index in failures.indices {
      failures[index].seedsToShowFix = Proportion.clearTrials(
        after: failures[index].count, of: runs, error: 1 - confidence)
    }
  }
}
