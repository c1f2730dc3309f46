/// Means of series whose values depend on each other, as in a long run.
package enum SteadyState {
  /// How much of a series to leave out, as it begins in a state that is not typical: MSER-5 (K. P. White, M. Cobb, S. Spratt,
  /// "A comparison of five steady-state truncation heuristics for simulation", WSC 2000). Of all truncations it takes the
  /// one after which the mean of what is left has the least standard error.
  ///
  /// - Returns: how many values to leave out; `nil` where the least lies in the second half: the series is too short.
  package static func warmUp(_ series: [Double]) -> Int? {
    let batches = (0..<series.count / 5).map { batch in
      series[batch * 5..<batch * 5 + 5].reduce(0, +) / 5
    }
    guard batches.count >= 4 else { return nil }
    // From the back, so that each truncation adds one batch.
    var moments = Moments()
    var best = (error: Double.infinity, cut: 0)
    for cut in batches.indices.reversed() {
      moments.add(batches[cut])
      // The last few are too few: their spread is small by chance.
      guard let variance = moments.variance, moments.count >= max(4, batches.count / 10) else { continue }
      let error = variance * Double(moments.count - 1) / Double(moments.count * moments.count)
      if error <= best.error { best = (error, cut) }
    }
    return best.cut * 2 > batches.count ? nil : best.cut * 5
  }

  /// The part of several replications, each of which begins in the same state, that is to be left out: MSER-5 of their average, number
  /// by number. Of a single one it is no help: where a queue is nearly full, what its own busy periods do hides how it began, and a cut
  /// that looks for quiet stretches makes the mean worse (M/M/1, 90 % busy, 1,000 calls: 1.1 too low after the cut, 0.9 before).
  ///
  /// - Returns: how many values to leave out; half of them where the series are too short to tell.
  package static func warmUp(ofReplications series: [[Double]]) -> Int {
    let count = series.map(\.count).min() ?? 0
    let average = (0..<count).map { index in series.reduce(0.0) { $0 + $1[index] } / Double(series.count) }
    return warmUp(average) ?? count / 2
  }

  /// The mean of a series by batch means: values next to each other depend on each other, the means of long batches hardly
  /// do (A. Law, "Simulation Modeling and Analysis", 5th edition, section 9.5.3).
  ///
  /// - Parameter batches: at least 2; what does not fill them is left out at the beginning.
  /// - Returns: `nil` for fewer values than batches.
  package static func batchMeans(_ series: [Double], batches: Int = 20, confidence: Double) -> Interval? {
    let length = series.count / max(2, batches)
    guard length > 0 else { return nil }
    let first = series.count - length * max(2, batches)
    let means = (0..<max(2, batches)).map { batch in
      let begin = first + batch * length
      return series[begin..<begin + length].reduce(0, +) / Double(length)
    }
    return Interval(of: means, confidence: confidence)
  }
}

/// Quantiles of independent values.
package enum Quantile {
  /// The smallest value that a share of all do not exceed, and between which values the true quantile lies: order statistics by
  /// the binomial distribution (W. Conover, "Practical Nonparametric Statistics", 3rd edition, section 3.2). They hold it with at
  /// least the confidence, whatever the distribution.
  ///
  /// - Returns: without bounds where there are too few values for any; `nil` without a value.
  package static func interval(
    of values: [Double], _ p: Double, confidence: Double
  ) -> (value: Double, bounds: ClosedRange<Double>?)? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let count = sorted.count
    let value = sorted[Int(min(max(1, (p * Double(count)).rounded(.up)), Double(count))) - 1]
    let error = (1 - confidence) / 2
    /// The probability that at most so many values lie below the true quantile.
    func below(_ number: Int) -> Double {
      number < 0
        ? 0 : number >= count ? 1 : Beta.regularized(1 - p, Double(count - number), Double(number + 1))
    }
    guard let low = (1...count).last(where: { below($0 - 1) <= error }),
      let high = (1...count).first(where: { 1 - below($0 - 1) <= error })
    else { return (value, nil) }
    return (value, sorted[low - 1]...sorted[high - 1])
  }
}
