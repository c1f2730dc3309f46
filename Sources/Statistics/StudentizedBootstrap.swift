import SimulationKernel

/// Where the mean of independent values may lie, whatever their distribution: the bootstrap-t (B. Efron, R. Tibshirani, "An
/// Introduction to the Bootstrap", 1993, section 12.5). Resamples tell how far means lie from the true one in units of their
/// own standard error, which for skewed values is far more on one side than on the other.
///
/// Of few values that stand out, such as one outage in twenty runs, many resamples hold none and have no spread: their limit is
/// infinite, and that is what is known. A finite limit takes about `log(1 / error)` of them: three for 5 %.
///
/// The same values give the same limits: resamples come from a stream of their own.
package struct StudentizedBootstrap: Sendable {
  /// The values' mean.
  package let mean: Double
  /// Its standard error.
  package let error: Double
  /// The resamples' distances in standard errors, rising.
  private let distances: [Double]

  /// Draws resamples.
  ///
  /// - Parameter resamples: how many; limits with an error of `e` need at least `10 / e`.
  /// - Returns: `nil` below two values, or where all are the same.
  package init?(_ values: [Double], resamples: Int = 2000) {
    let moments = Moments(values)
    guard let variance = moments.variance, variance > 0 else { return nil }
    mean = moments.mean
    let count = values.count
    error = (variance / Double(count)).squareRoot()
    let centred = values.sorted().map { $0 - moments.mean }
    var stream = RandomStream(rootSeed: 1, name: "bootstrap")
    var distances: [Double] = []
    distances.reserveCapacity(resamples)
    centred.withUnsafeBufferPointer { centred in
      for _ in 0..<resamples {
        var sum = 0.0
        var squares = 0.0
        for _ in 0..<count {
          let value = centred[Int(stream.below(UInt64(count)))]
          sum += value
          squares += value * value
        }
        let own = squares - sum * sum / Double(count)
        // What rounding leaves of values that are all the same is no spread.
        let deviation = own <= squares * 1e-12 ? 0 : (own / Double(count - 1) / Double(count)).squareRoot()
        let distance = sum / Double(count)
        distances.append(
          deviation > 0 ? distance / deviation : distance < 0 ? -.infinity : distance > 0 ? .infinity : 0)
      }
    }
    self.distances = distances.sorted()
  }

  private func quantile(_ p: Double) -> Double {
    let position = Int((p * Double(distances.count + 1)).rounded(.down))
    return distances[min(max(position, 1), distances.count) - 1]
  }

  /// The limit that the true mean exceeds with a probability of `error`; infinite where there is none.
  package func upperLimit(error share: Double) -> Double { mean - quantile(share) * error }

  /// The limit below which the true mean lies with a probability of `error`; infinite where there is none.
  package func lowerLimit(error share: Double) -> Double { mean - quantile(1 - share) * error }
}

/// The mean of values whose logarithms, less a shift, are normally distributed: what few of them say of a long tail that they
/// hold too little of.
package enum ShiftedLogNormal {
  /// The limit that the true mean exceeds with a probability of `error`: a generalized confidence limit (K. Krishnamoorthy,
  /// T. Mathew, "Inferences on the means of lognormal distributions using generalized p-values and generalized confidence
  /// intervals", 2003); the shift is the one that leaves the logarithms without skewness.
  ///
  /// - Returns: `nil` for fewer than five values, or values that no such shift fits: they are not skewed to the right.
  package static func upperLimit(of values: [Double], error: Double, draws: Int = 4000) -> Double? {
    guard values.count >= 5, let least = values.min(), let greatest = values.max(), greatest > least,
      let gap = gap(values, least, greatest - least)
    else { return nil }
    let logarithms = Moments(values.map { DeterministicMath.log($0 - least + gap) })
    guard let variance = logarithms.variance else { return nil }
    let degrees = Double(values.count - 1)
    let deviation = (variance / Double(values.count)).squareRoot()
    var stream = RandomStream(rootSeed: 1, name: "log-normal mean")
    let spread = (2 / (9 * degrees)).squareRoot()
    var exponents: [Double] = []
    exponents.reserveCapacity(draws)
    for _ in 0..<draws {
      let normal = stream.normal(mean: 0, deviation: 1)
      // Chi-square over its degrees of freedom (E. Wilson, M. Hilferty, 1931), good to a hundredth from 10 degrees on.
      let root = max(0.05, 1 - 2 / (9 * degrees) + stream.normal(mean: 0, deviation: 1) * spread)
      let share = root * root * root
      exponents.append(logarithms.mean - normal / share.squareRoot() * deviation + variance / share / 2)
    }
    exponents.sort()
    let position = min(draws, Int(((1 - error) * Double(draws + 1)).rounded(.up)))
    let exponent = exponents[position - 1]
    return exponent < 700 ? least - gap + DeterministicMath.exp(exponent) : .infinity
  }

  /// The limit below which the true mean lies with a probability of `error`, of values with a long tail to the left.
  package static func lowerLimit(of values: [Double], error: Double, draws: Int = 4000) -> Double? {
    upperLimit(of: values.map { -$0 }, error: error, draws: draws).map { -$0 }
  }

  /// How far below the least value the logarithms have to begin so that they are not skewed.
  private static func gap(_ values: [Double], _ least: Double, _ range: Double) -> Double? {
    func skewness(_ exponent: Double) -> Double {
      let gap = DeterministicMath.exp(exponent)
      return Skewness.of(values.map { DeterministicMath.log($0 - least + gap) })
    }
    var low = DeterministicMath.log(range) - 20
    var high = DeterministicMath.log(range) + 7
    guard skewness(high) > 0, skewness(low) < 0 else { return nil }
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if skewness(middle) > 0 { high = middle } else { low = middle }
    }
    return DeterministicMath.exp(low)
  }
}

/// How uneven the two sides of a distribution are.
package enum Skewness {
  /// The third moment over the cube of the standard deviation; 0 where all values are the same.
  package static func of(_ values: [Double]) -> Double {
    let mean = Moments(values).mean
    var squares = 0.0
    var cubes = 0.0
    for value in values {
      let distance = value - mean
      squares += distance * distance
      cubes += distance * distance * distance
    }
    guard squares > 0 else { return 0 }
    let variance = squares / Double(values.count)
    return cubes / Double(values.count) / (variance * variance.squareRoot())
  }
}
