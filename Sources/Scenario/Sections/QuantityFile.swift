import CanonicalModel

/// How much an event measures.
package struct QuantityFile: Hashable, Sendable {
  /// The distribution.
  package var distribution: QuantityShape
  /// Fraction digits.
  package var decimals: Int

  /// A quantity: a number, or a distribution.
  static let schema: Schema<QuantityFile> = .either(number, distributions)

  /// The distributions, by their keys.
  static let distributions = Schema<QuantityFile>.variant(
    [constant, uniform, exponential, lognormal, pareto, gamma],
    common: .defaulting(
      "decimals", .integer(0...6), to: 0, "fraction digits of the quantities; 0 if left out",
      title: "decimals of {}"),
    make: { (_: Place, quantity: QuantityFile, decimals: Int) in
      QuantityFile(distribution: quantity.distribution, decimals: max(decimals, quantity.decimals))
    })

  /// A written constant keeps its own digits.
  private static let number: Schema<QuantityFile> = Schema<Double>.number().map { place, value in
    let digits = place.node.text?.split(separator: ".").dropFirst().first?.count ?? 0
    return QuantityFile(distribution: .constant(value), decimals: min(digits, 6))
  }

  private static let constant: Key<QuantityFile> = .when(
    "constant", number, "always the same", title: "{}"
  ) { (quantity: QuantityFile) in quantity }

  private static let uniform: Key<QuantityFile> = .when(
    "uniform",
    .record(.required("min", .number(), "least"), .required("max", .number(), "greatest"), make: bounds),
    "uniform between two bounds", title: "{}"
  ) { (distribution: QuantityShape) in of(distribution) }

  private static let exponential: Key<QuantityFile> = .when(
    "exponential",
    .record(
      .required("mean", .number(), "the mean", title: "mean {}"), make: { (_: Place, mean: Double) in mean }),
    "exponential", title: "{}"
  ) { (mean: Double) in of(.exponential(mean: mean)) }

  private static let lognormal: Key<QuantityFile> = .when(
    "lognormal",
    .record(
      .required("median", .number(), "the median", title: "median {}"),
      .required(
        "sigma", .number(0...20), "the standard deviation of the logarithm", title: "spread of {}"),
      make: { (_: Place, median: Double, sigma: Double) in .lognormal(median: median, sigma: sigma) }),
    "log-normal", title: "{}"
  ) { (distribution: QuantityShape) in of(distribution) }

  private static let pareto: Key<QuantityFile> = .when(
    "pareto",
    .record(
      .required("min", .number(), "the least"),
      .required("shape", .number(0.01...1000), "the tail exponent", title: "tail exponent of {}"),
      make: { (_: Place, min: Double, shape: Double) in .pareto(min: min, shape: shape) }), "Pareto",
    title: "{}"
  ) { (distribution: QuantityShape) in of(distribution) }

  private static let gamma: Key<QuantityFile> = .when(
    "gamma",
    .record(
      .required("shape", .number(0.01...1e6), "the shape", title: "shape of {}"),
      .required("scale", .number(), "the scale"),
      make: { (_: Place, shape: Double, scale: Double) in .gamma(shape: shape, scale: scale) }), "gamma",
    title: "{}"
  ) { (distribution: QuantityShape) in of(distribution) }

  @Sendable
  private static func of(_ distribution: QuantityShape) -> QuantityFile {
    QuantityFile(distribution: distribution, decimals: 0)
  }

  @Sendable
  private static func bounds(
    _ place: Place, min: Double, max: Double
  ) throws(InvalidInput) -> QuantityShape {
    guard max >= min else { throw InvalidInput("the maximum is below the minimum", at: place.node.position) }
    return .uniform(min: min, max: max)
  }
}
