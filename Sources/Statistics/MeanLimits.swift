/// Between which limits the mean of independent values lies.
public struct MeanLimits: Hashable, Sendable {
  /// The mean of the values.
  public var mean: Double
  /// The true mean is hardly lower; `nil`: nothing is known.
  public var lower: Double?
  /// The true mean is hardly higher; `nil`: nothing is known, as where one value in twenty stands out.
  public var upper: Double?

  /// Values from which on a bootstrap has enough different resamples.
  private static let few = 10
  /// How many times as far from the mean as the values are from each other a limit may be.
  private static let reach = 5.0

  /// A two-sided interval that holds the true mean with a probability close to `confidence`, whatever the distribution: measured
  /// by `scripts/coverage`. Below ten values it is Student's.
  ///
  /// Values that are all the same give an interval without width: whether that is knowledge or chance is for those to say who
  /// know where the values come from.
  public init(of values: [Double], confidence: Double) {
    self.init(of: values, error: (1 - confidence) / 2, isCautious: false)
  }

  /// Two one-sided limits, each of which is wrong with a probability of at most about `error`: of all methods the widest.
  public init(of values: [Double], eachWithError error: Double) {
    self.init(of: values, error: error, isCautious: true)
  }

  private init(of values: [Double], error: Double, isCautious: Bool) {
    let student = Interval(of: values, confidence: 1 - 2 * error)
    mean = student.mean
    (lower, upper) = (
      student.halfWidth.map { student.mean - $0 }, student.halfWidth.map { student.mean + $0 }
    )
    let resamples = Int(min(20_000, max(2000, 40 / error)))
    guard values.count >= Self.few, let bootstrap = StudentizedBootstrap(values, resamples: resamples) else {
      return
    }
    let skewness = Skewness.of(values)
    // What is skewed is judged with half of the error, as its limits are slightly too narrow.
    let own = isCautious && skewness.magnitude > 1 ? error / 2 : error
    var high = bootstrap.upperLimit(error: own)
    var low = bootstrap.lowerLimit(error: own)
    if isCautious {
      high = max(high, upper ?? high)
      low = min(low, lower ?? low)
    }
    if isCautious || skewness > 1 {
      high = max(high, ShiftedLogNormal.upperLimit(of: values, error: own) ?? high)
    }
    if isCautious || skewness < -1,
      let mirrored = ShiftedLogNormal.upperLimit(of: values.map { -$0 }, error: own)
    {
      low = min(low, -mirrored)
    }
    // So far beyond all that was seen, a limit is one in name only.
    let reach = Self.reach * ((values.max() ?? 0) - (values.min() ?? 0))
    upper = high <= mean + reach ? high : nil
    lower = low >= mean - reach ? low : nil
  }
}
