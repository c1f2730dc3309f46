import CanonicalModel
import Chronology

/// How delays are written.
extension DelayDistribution {
  /// A delay.
  static let schema: Schema<DelayDistribution> = .either(
    Schema<Span>.duration.map { _, span in .constant(span) }, distributions)

  /// The distributions, by their keys.
  static let distributions = Schema<DelayDistribution>.variant(
    [constant, uniform, exponential, lognormal, pareto], make: refuseNothing)

  private static let constant: Key<DelayDistribution> = .when(
    "constant", .duration, "always the same", title: "{}"
  ) { (span: Span) in .constant(span) }

  private static let uniform: Key<DelayDistribution> = .when(
    "uniform",
    .record(.required("min", .duration, "least"), .required("max", .duration, "greatest"), make: bounds),
    "uniform between two bounds", title: "{}"
  ) { (delay: DelayDistribution) in delay }

  private static let exponential: Key<DelayDistribution> = .when(
    "exponential",
    .record(
      .required("mean", .duration, "the mean", title: "mean {}"), make: { (_: Place, mean: Span) in mean }),
    "exponential", title: "{}"
  ) { (mean: Span) in .exponential(mean: mean) }

  private static let lognormal: Key<DelayDistribution> = .when(
    "lognormal",
    .record(
      .required("median", .duration, "the median", title: "median {}"),
      .required(
        "sigma", .number(0...20), "the standard deviation of the logarithm", title: "spread of {}"),
      make: { (_: Place, median: Span, sigma: Double) in .lognormal(median: median, sigma: sigma) }),
    "log-normal", title: "{}"
  ) { (delay: DelayDistribution) in delay }

  private static let longest = Span.days(30)

  private static let pareto: Key<DelayDistribution> = .when(
    "pareto",
    .record(
      .required("min", .duration, "the least"),
      .required("shape", .number(0.01...1000), "the tail exponent", title: "tail exponent of {}"),
      .defaulting(
        "max", .duration, to: longest, "where the tail is cut off; 30d if left out", title: "longest {}"),
      make: tail), "Pareto", title: "{}"
  ) { (delay: DelayDistribution) in delay }

  @Sendable
  private static func bounds(_ place: Place, min: Span, max: Span) throws(InvalidInput) -> DelayDistribution {
    guard max >= min else { throw InvalidInput("the maximum is below the minimum", at: place.node.position) }
    return .uniform(min: min, max: max)
  }

  @Sendable
  private static func tail(
    _ place: Place, min: Span, shape: Double, max: Span
  ) throws(InvalidInput) -> DelayDistribution {
    guard max >= min || min <= .zero else {
      throw InvalidInput("the maximum is below the minimum", at: place.node.position)
    }
    return .pareto(min: min, shape: shape, max: max)
  }

  @Sendable
  private static func refuseNothing(_ place: Place, delay: DelayDistribution) throws(InvalidInput)
    -> DelayDistribution
  {
    if case .pareto(let min, _, _) = delay, min <= .zero {
      throw InvalidInput("the minimum delay must be positive", at: place.node.position)
    }
    return delay
  }
}
