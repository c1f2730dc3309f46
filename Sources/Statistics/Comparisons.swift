import SimulationKernel

/// Several comparisons at once: the more there are, the likelier one of them comes out by chance.
package enum Comparisons {
  /// The confidence that each of some intervals needs, so that all of them hold together with a confidence (C. Bonferroni).
  package static func confidence(ofEach count: Int, together: Double) -> Double {
    1 - (1 - together) / Double(max(1, count))
  }

  /// The greatest probability of a failure with which so many runs without one are still as likely as `1 - confidence`.
  package static func failureBound(runs: Int, confidence: Double) -> Double {
    guard runs > 0 else { return 1 }
    return 1 - DeterministicMath.pow(1 - confidence, 1 / Double(runs))
  }
}
