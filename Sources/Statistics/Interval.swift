/// A mean and how far it may be from the true one.
package struct Interval: Hashable, Sendable {
  /// The mean of the values.
  package var mean: Double
  /// The true mean is this far from it at most, with ``confidence``; `nil` where there are too few values to tell.
  package var halfWidth: Double?
  /// The share of such intervals that hold the true mean.
  package var confidence: Double
  /// How many values.
  package var count: Int

  /// Makes an interval.
  package init(mean: Double, halfWidth: Double?, confidence: Double, count: Int) {
    self.mean = mean
    self.halfWidth = halfWidth
    self.confidence = confidence
    self.count = count
  }

  /// Of the mean of independent values, with Student's t: right for values that are normally distributed, and nearly so
  /// for the means of many.
  package init(_ moments: Moments, confidence: Double) {
    let spread = moments.variance.map { ($0 / Double(moments.count)).squareRoot() }
    let factor =
      moments.count > 1
      ? StudentT.quantile(0.5 + confidence / 2, degrees: Double(moments.count - 1)) : 0
    self.init(
      mean: moments.mean, halfWidth: spread.map { $0 * factor }, confidence: confidence, count: moments.count)
  }

  /// Of the mean of independent values.
  package init(of values: some Sequence<Double>, confidence: Double) {
    self.init(Moments(values), confidence: confidence)
  }

  /// Whether it holds a value; `false` where it has no width.
  package func contains(_ value: Double) -> Bool {
    guard let halfWidth else { return false }
    return (value - mean).magnitude <= halfWidth
  }

  /// The half-width as a share of the mean; `nil` without one.
  package var relativePrecision: Double? {
    guard let halfWidth else { return nil }
    if halfWidth == 0 { return 0 }
    return mean == 0 ? nil : halfWidth / mean.magnitude
  }
}

/// When enough replications have been made.
package struct StoppingRule: Hashable, Sendable {
  /// The share of the mean that the half-width shall not exceed.
  package var precision: Double
  /// Replications at least: an interval of fewer says little about its own width.
  package var minimum: Int
  /// Replications at most.
  package var maximum: Int

  /// Makes a rule.
  package init(precision: Double, minimum: Int, maximum: Int) {
    self.precision = precision
    self.minimum = max(2, minimum)
    self.maximum = max(self.minimum, maximum)
  }

  /// Whether enough is known about the mean.
  ///
  /// Stopping when the width is right makes intervals hold slightly less often than they say; the least number of
  /// replications keeps that small (A. Law, "Simulation Modeling and Analysis", 5th edition, section 9.4.1).
  package func isEnough(_ interval: Interval) -> Bool {
    if interval.count >= maximum { return true }
    guard interval.count >= minimum else { return false }
    return interval.relativePrecision.map { $0 <= precision } ?? (interval.halfWidth == 0)
  }
}
