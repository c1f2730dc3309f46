/// The distribution of what one usage event measures.
public enum QuantityShape: Hashable, Sendable {
  /// Always the same.
  case constant(Double)
  /// Uniform between two bounds.
  case uniform(min: Double, max: Double)
  /// Exponential.
  case exponential(mean: Double)
  /// Log-normal.
  case lognormal(median: Double, sigma: Double)
  /// Pareto.
  case pareto(min: Double, shape: Double)
  /// Gamma.
  case gamma(shape: Double, scale: Double)
}
