/// Shares of runs, or of months within runs.
package enum Proportion {
  /// The limit that the true share exceeds with a probability of at most `error` (C. Clopper, E. Pearson, "The use of confidence
  /// or fiducial limits illustrated in the case of the binomial", Biometrika 26, 1934).
  ///
  /// - Parameters:
  ///   - successes: how many of the trials succeeded; a fraction where trials depend on each other.
  ///   - trials: how many there were.
  package static func upperLimit(_ successes: Double, of trials: Double, error: Double) -> Double {
    guard trials > 0, successes < trials else { return 1 }
    return Beta.quantile(1 - error, successes + 1, trials - successes)
  }

  /// The limit below which the true share lies with a probability of at most `error`.
  package static func lowerLimit(_ successes: Double, of trials: Double, error: Double) -> Double {
    1 - upperLimit(trials - successes, of: trials, error: error)
  }

  /// How many new trials without a success show that the share of successes has fallen: if nothing had changed, all the successes of old
  /// and new trials together would lie among the old ones with a probability of at most `error` (R. Fisher's exact test, one-sided).
  ///
  /// - Parameters:
  ///   - successes: of the old trials, at least one: of none, nothing can be shown to have fallen.
  ///   - trials: the old trials.
  /// - Complexity: O(`successes`).
  package static func clearTrials(after successes: Int, of trials: Int, error: Double) -> Int? {
    guard successes > 0, trials >= successes, error > 0, error < 1 else { return nil }
    func isShown(_ clear: Int) -> Bool {
      var probability = 1.0
      for index in 0..<successes {
        probability *= Double(trials - index) / Double(trials - index + clear)
        if probability <= error { return true }
      }
      return false
    }
    var (low, high) = (0, 1)
    while !isShown(high) {
      guard high < 1 << 50 else { return nil }
      (low, high) = (high, high * 2)
    }
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if isShown(middle) { high = middle } else { low = middle }
    }
    return high
  }

  /// The probability of at least `count` heads in so many throws of a fair coin: that pairs which differ lie so much on one side by
  /// chance alone (Q. McNemar, "Note on the sampling error of the difference between correlated proportions", Psychometrika 12, 1947;
  /// the exact, one-sided form).
  package static func signTest(_ count: Int, of total: Int) -> Double {
    guard count > 0 else { return 1 }
    guard count <= total else { return 0 }
    return Beta.regularized(0.5, Double(count), Double(total - count + 1))
  }

  /// The probability that at least so many of the successes of both lie among the new trials, if nothing had changed (R. Fisher's exact
  /// test, one-sided).
  ///
  /// - Parameters:
  ///   - successes: of the new trials.
  ///   - before: successes of the old trials.
  /// - Complexity: O(`successes + before`).
  package static func fisher(_ successes: Int, of trials: Int, after before: Int, of old: Int) -> Double {
    guard successes > 0, successes <= trials, (0...max(0, old)).contains(before) else { return 1 }
    let both = successes + before
    let (least, most) = (max(0, both - old), min(both, trials))
    /// How many times as likely one more among the new trials is.
    func step(from count: Int) -> Double {
      Double(trials - count) * Double(both - count) / (Double(count + 1) * Double(old - both + count + 1))
    }
    // From the likeliest on, both ways, so that nothing that counts is too small for a number.
    let mode = min(most, max(least, (trials + 1) * (both + 1) / (trials + old + 2)))
    var (sum, tail, weight) = (0.0, 0.0, 1.0)
    for count in mode...most {
      sum += weight
      if count >= successes { tail += weight }
      weight *= step(from: count)
    }
    weight = 1
    for count in stride(from: mode - 1, through: least, by: -1) {
      weight /= step(from: count)
      sum += weight
      if count >= successes { tail += weight }
    }
    return min(1, tail / sum)
  }

  /// How many independent trials clusters of dependent ones are worth, as in several months of each run (E. Korn, B. Graubard,
  /// "Confidence intervals for proportions with small expected number of positive counts estimated from survey data", Survey
  /// Methodology 24, 1998). Where all succeed or all fail, nothing tells how dependent they are: a cluster counts once.
  ///
  /// - Parameter clusters: successes and trials of each.
  package static func effectiveTrials(_ clusters: [(successes: Int, trials: Int)]) -> Double {
    let used = clusters.filter { $0.trials > 0 }
    let trials = used.reduce(0) { $0 + $1.trials }
    let successes = used.reduce(0) { $0 + $1.successes }
    let count = Double(used.count)
    guard trials > used.count else { return Double(trials) }
    guard successes > 0, successes < trials, used.count > 1 else { return count }
    let share = Double(successes) / Double(trials)
    let scatter = used.reduce(0.0) { sum, cluster in
      let distance = Double(cluster.successes) - share * Double(cluster.trials)
      return sum + distance * distance
    }
    let variance = count / (count - 1) * scatter / (Double(trials) * Double(trials))
    let effect = max(1, variance * Double(trials) / (share * (1 - share)))
    // That the effect itself is only estimated counts as well.
    let ratio =
      StudentT.quantile(0.975, degrees: Double(trials - 1)) / StudentT.quantile(0.975, degrees: count - 1)
    return max(1, Double(trials) / effect * ratio * ratio)
  }
}

extension Beta {
  /// The value that is exceeded with the probability `1 - p`, by bisection.
  static func quantile(_ p: Double, _ a: Double, _ b: Double) -> Double {
    var low = 0.0
    var high = 1.0
    for _ in 0..<100 {
      let middle = 0.5 * (low + high)
      guard middle > low, middle < high else { break }
      if regularized(middle, a, b) < p { low = middle } else { high = middle }
    }
    return 0.5 * (low + high)
  }
}

/// Several looks at the same question, each of which may end it: the error that is allowed is spent over them, so that all
/// together are wrong with no more than it (K. Lan, D. DeMets, "Discrete sequential boundaries for clinical trials", Biometrika
/// 70, 1983). Spent is in proportion to the square of what is known, as early looks know least of tails, and the looks are added
/// up as if they excluded each other.
package struct Looks: Hashable, Sendable {
  /// After how many replications there is one: twice as many each time.
  package let sizes: [Int]
  /// Replications at the last look.
  package var maximum: Int { sizes[sizes.count - 1] }

  /// Looks from `least` to `most` replications.
  package init(minimum: Int, maximum: Int) {
    var sizes = [max(2, minimum)]
    while let last = sizes.last, last < maximum { sizes.append(min(maximum, last * 2)) }
    self.sizes = sizes
  }

  /// The error of one look, of all that is allowed.
  package func error(of look: Int, total: Double) -> Double {
    func spent(_ look: Int) -> Double {
      let share = look < 0 ? 0 : Double(sizes[look]) / Double(maximum)
      return total * share * share
    }
    return spent(look) - spent(look - 1)
  }
}
