import SimulationKernel

/// Student's t distribution.
package enum StudentT {
  /// The probability of a value of at most `t`.
  ///
  /// - Parameter degrees: of freedom, at least 1.
  package static func probability(below t: Double, degrees: Double) -> Double {
    let tail = 0.5 * Beta.regularized(degrees / (degrees + t * t), degrees / 2, 0.5)
    return t < 0 ? tail : 1 - tail
  }

  /// The value that is exceeded with the probability `1 - p`, by bisection to the last digit that a sum of it would show.
  ///
  /// - Parameters:
  ///   - p: above 0 and below 1.
  ///   - degrees: of freedom, at least 1.
  package static func quantile(_ p: Double, degrees: Double) -> Double {
    guard p != 0.5 else { return 0 }
    if p < 0.5 { return -quantile(1 - p, degrees: degrees) }
    var low = 0.0
    var high = 2.0
    while probability(below: high, degrees: degrees) < p, high < 1e12 { (low, high) = (high, high * 2) }
    for _ in 0..<200 {
      let middle = 0.5 * (low + high)
      guard middle > low, middle < high else { break }
      if probability(below: middle, degrees: degrees) < p { low = middle } else { high = middle }
    }
    return 0.5 * (low + high)
  }
}

/// The incomplete beta function, over its value at 1.
enum Beta {
  /// For `x` from 0 to 1 and `a` and `b` of at least 0.5: Lentz's evaluation of the continued fraction (W. Press and others,
  /// "Numerical Recipes", 3rd edition, section 6.4).
  static func regularized(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    let logarithm =
      DeterministicMath.logGamma(a + b) - DeterministicMath.logGamma(a) - DeterministicMath.logGamma(b)
      + a * DeterministicMath.log(x) + b * DeterministicMath.log(1 - x)
    let front = DeterministicMath.exp(logarithm)
    // The fraction converges fast on its own side of the mean, and the function is symmetric.
    return x < (a + 1) / (a + b + 2) ? front * fraction(x, a, b) / a : 1 - front * fraction(1 - x, b, a) / b
  }

  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let least = 1e-300
    func kept(_ value: Double) -> Double { value.magnitude < least ? least : value }
    var c = 1.0
    var d = 1 / kept(1 - (a + b) * x / (a + 1))
    var result = d
    for step in 1...500 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / kept(1 + even * d)
      c = kept(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / kept(1 + odd * d)
      c = kept(1 + odd / c)
      result *= d * c
      if (d * c - 1).magnitude < 1e-15 { break }
    }
    return result
  }
}
