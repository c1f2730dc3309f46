/// Between which limits the mean of independent values lies.
///
/// No method holds for every distribution (R. Bahadur, L. Savage, "The nonexistence of certain statistical procedures in nonparametric
/// problems", 1956). How often these hold, by kind of figure, is measured by `scripts/coverage`; the constants below are what came of
/// it.
package struct MeanLimits: Hashable, Sendable {
  /// The mean of the values.
  package var mean: Double
  /// The true mean is hardly lower; `nil`: nothing is known.
  package var lower: Double?
  /// The true mean is hardly higher; `nil`: nothing is known, as where one value in twenty stands out.
  package var upper: Double?
  /// Whether so few values stand out so far that the mean rests on them: a limit on their side is as far away as limits are given.
  package private(set) var restsOnFew = false

  /// Values from which on a bootstrap has enough different resamples.
  private static let few = 10
  /// How many times as far from the mean as the values are from each other a limit may be.
  private static let reach = 5.0
  /// The skewness from which on an interval is not Student's.
  private static let even = 0.6
  /// The same for one-sided limits.
  private static let cautiouslyEven = 0.5
  /// How many values it takes for each unit of squared skewness, for a limit on the side of the tail: a sample whose mean rests on
  /// fewer says too little of its tail (W. Cochran, "Sampling Techniques", 3rd edition, section 2.15, asks for 25 where limits are
  /// Student's).
  private static let valuesPerSquaredSkewness = 10.0

  /// A two-sided interval that holds the true mean with a probability close to `confidence`. Below ten values, and where they are
  /// hardly skewed, it is Student's.
  ///
  /// Values that are all the same give an interval without width: whether that is knowledge or chance is for those to say who
  /// know where the values come from.
  package init(of values: [Double], confidence: Double) {
    let error = (1 - confidence) / 2
    let student = Interval(of: values, confidence: confidence)
    self.init(student)
    let skewness = Skewness.of(values)
    guard values.count >= Self.few, skewness.magnitude > Self.even,
      let bootstrap = StudentizedBootstrap(values, resamples: Self.resamples(error))
    else { return }
    // Means of skewed values miss more often on the side of the tail.
    let own = error / 2
    var high = bootstrap.upperLimit(error: skewness > 0 ? own : error)
    var low = bootstrap.lowerLimit(error: skewness < 0 ? own : error)
    if skewness > 0 { high = max(high, ShiftedLogNormal.upperLimit(of: values, error: own) ?? high) }
    if skewness < 0 { low = min(low, ShiftedLogNormal.lowerLimit(of: values, error: own) ?? low) }
    // So far beyond all that was seen, an end is one in name only.
    let reach = Self.reach(values)
    upper = high <= mean + reach ? high : nil
    lower = low >= mean - reach ? low : nil
  }

  /// Two one-sided limits, each of which is wrong with a probability of at most about `error`: of all methods the widest. On the side of
  /// a tail of which too little is seen it is far beyond all values, so that only what is out of the question is excluded.
  package init(of values: [Double], eachWithError error: Double) {
    self.init(Interval(of: values, confidence: 1 - 2 * error))
    guard values.count >= Self.few,
      let bootstrap = StudentizedBootstrap(values, resamples: Self.resamples(error))
    else { return }
    let skewness = Skewness.of(values)
    let own = skewness.magnitude > Self.cautiouslyEven ? error / 3 : error
    let highs = [
      upper, bootstrap.upperLimit(error: own), ShiftedLogNormal.upperLimit(of: values, error: own),
    ]
    let lows = [lower, bootstrap.lowerLimit(error: own), ShiftedLogNormal.lowerLimit(of: values, error: own)]
    let reach = Self.reach(values)
    let low = lows.compactMap(\.self).min() ?? mean
    let high = highs.compactMap(\.self).max() ?? mean
    restsOnFew =
      Double(values.count) < Self.valuesPerSquaredSkewness * skewness * skewness || high > mean + reach
      || low < mean - reach
    upper = min(high, mean + reach)
    lower = max(low, mean - reach)
    guard Double(values.count) < Self.valuesPerSquaredSkewness * skewness * skewness else { return }
    if skewness > 0 { upper = mean + reach } else { lower = mean - reach }
  }

  private init(_ student: Interval) {
    mean = student.mean
    lower = student.halfWidth.map { student.mean - $0 }
    upper = student.halfWidth.map { student.mean + $0 }
  }

  private static func resamples(_ error: Double) -> Int { Int(min(20_000, max(2000, 40 / error))) }

  /// How far from the mean a limit may be.
  private static func reach(_ values: [Double]) -> Double {
    reach * ((values.max() ?? 0) - (values.min() ?? 0))
  }
}
