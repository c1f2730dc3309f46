import SimulationKernel

/// The standard normal distribution.
public enum Normal {
  /// The value that is exceeded with the probability `1 - p`.
  public static func quantile(_ p: Double) -> Double { DeterministicMath.normalQuantile(p) }
}
