/// Continuous and discrete distributions, drawn by ``RandomStream`` through ``DeterministicMath``: the same
/// bits on every machine.
///
/// Inversion is preferred, one uniform number a draw: a draw is then monotone in its uniform number, which
/// keeps common random numbers in step between two designs.
extension RandomStream {
  /// Uniform in the open interval `(low, high)`.
  @inlinable
  public mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * unit() }

  /// Exponential with a mean.
  @inlinable
  public mutating func exponential(mean: Double) -> Double { -mean * DeterministicMath.log(unit()) }

  /// Normal with a mean and a standard deviation.
  @inlinable
  public mutating func normal(mean: Double, deviation: Double) -> Double {
    mean + deviation * DeterministicMath.normalQuantile(unit())
  }

  /// Log-normal with a median and the standard deviation `sigma` of the logarithm.
  @inlinable
  public mutating func logNormal(median: Double, sigma: Double) -> Double {
    median * DeterministicMath.exp(sigma * DeterministicMath.normalQuantile(unit()))
  }

  /// Pareto (type I) with a minimum and a tail index: `P(X > x) = (minimum / x)^shape`.
  @inlinable
  public mutating func pareto(minimum: Double, shape: Double) -> Double {
    minimum * DeterministicMath.exp(-DeterministicMath.log(unit()) / shape)
  }

  /// Gamma with a shape and a scale (mean `shape × scale`): G. Marsaglia, W. Tsang, "A simple method for
  /// generating gamma variables", ACM TOMS 26(3), 2000; shapes below 1 by their boosting step.
  public mutating func gamma(shape: Double, scale: Double) -> Double {
    if shape < 1 {
      let boost = DeterministicMath.exp(DeterministicMath.log(unit()) / shape)
      return gamma(shape: shape + 1, scale: scale) * boost
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = DeterministicMath.normalQuantile(unit())
      let base = 1 + c * x
      guard base > 0 else { continue }
      let v = base * base * base
      let u = unit()
      if DeterministicMath.log(u) < 0.5 * x * x + d - d * v + d * DeterministicMath.log(v) {
        return d * v * scale
      }
    }
  }

  /// Poisson with a mean: by inversion below 30, above by transformed rejection (W. Hörmann, "The transformed
  /// rejection method for generating Poisson random variables", Insurance: Mathematics and Economics 12, 1993).
  public mutating func poisson(mean: Double) -> Int {
    guard mean > 0 else { return 0 }
    if mean < 30 {
      var probability = DeterministicMath.exp(-mean)
      var cumulative = probability
      let u = unit()
      var k = 0
      while u > cumulative, k < 1000 {
        k += 1
        probability *= mean / Double(k)
        cumulative += probability
      }
      return k
    }
    let b = 0.931 + 2.53 * mean.squareRoot()
    let a = -0.059 + 0.02483 * b
    let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
    let vr = 0.9277 - 3.6224 / (b - 2)
    let logMean = DeterministicMath.log(mean)
    while true {
      let u = unit() - 0.5
      let v = unit()
      let us = 0.5 - u.magnitude
      let k = ((2 * a / us + b) * u + mean + 0.43).rounded(.down)
      if us >= 0.07 && v <= vr { return Int(k) }
      if k < 0 || (us < 0.013 && v > us) { continue }
      let left = DeterministicMath.log(v * inverseAlpha / (a / (us * us) + b))
      if left <= -mean + k * logMean - DeterministicMath.logGamma(k + 1) { return Int(k) }
    }
  }

  /// True with a probability. Always consumes one draw, so that streams stay in step.
  @inlinable
  @inline(__always)
  public mutating func bernoulli(_ probability: Double) -> Bool { unit() < probability }
}
