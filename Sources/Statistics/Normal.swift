import SimulationKernel

/// The standard normal distribution.
package enum Normal {
  /// The value that is exceeded with the probability `1 - p`.
  package static func quantile(_ p: Double) -> Double { DeterministicMath.normalQuantile(p) }
}
