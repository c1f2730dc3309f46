import Chronology

/// A distribution of delays.
public enum DelayDistribution: Hashable, Sendable {
  /// Always the same.
  case constant(Span)
  /// Uniform between two bounds.
  case uniform(min: Span, max: Span)
  /// Exponential.
  case exponential(mean: Span)
  /// Log-normal.
  case lognormal(median: Span, sigma: Double)
  /// Pareto, cut off at a maximum.
  case pareto(min: Span, shape: Double, max: Span)
}
