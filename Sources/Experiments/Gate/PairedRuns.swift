import RunRecord
import Scenario
import Statistics

/// The runs of a scenario in two commits, paired by seed.
struct PairedRuns: Sendable {
  let base: GateSide.Runs
  let candidate: GateSide.Runs
  /// Runs of the same seed and variant.
  let pairs: [(base: CampaignRun, candidate: CampaignRun)]
  /// Seeds that both ran, with different variants.
  let otherVariants: Int
  /// Indicators that could be measured in the base on at least one seed that both ran.
  let indicators: [Expectation.Indicator]

  /// Differences from which on Student's limits are as good as any: means of so many are normally distributed.
  private static let many = 1000
  /// Seeds that are named.
  private static let named = 10

  init(base: GateSide.Runs, candidate: GateSide.Runs) {
    (self.base, self.candidate) = (base, candidate)
    let known = Dictionary(base.runs.map { ($0.seed, $0) }) { first, _ in first }
    let both = candidate.runs.sorted { $0.seed < $1.seed }.compactMap { own in
      known[own.seed].map { (base: $0, candidate: own) }
    }
    pairs = both.filter { $0.base.variant == $0.candidate.variant }
    otherVariants = both.count - pairs.count
    let measured = pairs
    indicators = Expectation.indicators.filter { indicator in
      measured.contains { $0.base.indicators[indicator.name] != nil }
    }
  }

  /// Whether both are known and the scenario, or a file that it names, differs.
  var hasChanged: Bool {
    guard let before = base.hash, let after = candidate.hash else { return false }
    return before != after
  }

  // MARK: Properties

  /// Runs of the candidate on seeds that the base has not run with the same variant.
  private var elsewhere: [CampaignRun] {
    let paired = Set(pairs.map(\.candidate.seed))
    return candidate.runs.filter { !paired.contains($0.seed) }
  }

  /// How many of the seeds that both could have in common they have.
  var share: Double { Double(pairs.count) / Double(max(1, min(base.runs.count, candidate.runs.count))) }

  /// Properties of which a test has to tell: they fail in both, or only on seeds that the base has not run.
  var testedProperties: Int {
    let before = Set(base.runs.flatMap(\.failing))
    let facts = Set(
      pairs.flatMap { pair in pair.candidate.failing.filter { !pair.base.failing.contains($0) } })
    return Set(candidate.runs.flatMap(\.failing)).count { before.contains($0) || !facts.contains($0) }
  }

  /// What fails in either, the worst first.
  func properties(error: Double) -> [GateRecord.Property] {
    let names = Set(base.runs.flatMap(\.failing)).union(candidate.runs.flatMap(\.failing))
    return names.map { property($0, error: error) }.sorted {
      ($1.severity, $1.newlyFailing, $1.candidate, $0.name) < (
        $0.severity, $0.newlyFailing, $0.candidate, $1.name
      )
    }
  }

  private func property(_ name: String, error: Double) -> GateRecord.Property {
    let failing = candidate.runs.filter { $0.failing.contains(name) }
    let before = base.runs.count { $0.failing.contains(name) }
    let newly = pairs.filter { $0.candidate.failing.contains(name) && !$0.base.failing.contains(name) }
    let passing = pairs.count { $0.base.failing.contains(name) && !$0.candidate.failing.contains(name) }
    let both = pairs.count { $0.base.failing.contains(name) && $0.candidate.failing.contains(name) }
    let probability = chance(
      ofNewly: newly.count, passing: passing, before: before,
      elsewhere: elsewhere.count { $0.failing.contains(name) })
    let isShown = probability.map { $0 <= error } ?? false
    let finding: GateRecord.PropertyFinding =
      failing.isEmpty
      ? .gone
      // On seeds of its own alone, a failure may be an old one that the base's seeds did not meet.
      : before == 0 && newly.isEmpty
        ? (isShown ? .newFailure : .unknown)
        : before == 0 ? .newFailure : isShown ? .moreFailures : .same
    // A run that failed only now tells more than one that always did.
    let shown = newly.isEmpty ? failing : newly.map(\.candidate)
    let simplest = shown.min { ($0.usageEvents, $0.seed) < ($1.usageEvents, $1.seed) }
    return GateRecord.Property(
      name: name, base: before, candidate: failing.count, newlyFailing: newly.count, newlyPassing: passing,
      failingInBoth: both, seeds: Array(newly.prefix(Self.named).map(\.candidate.seed)),
      probability: probability,
      finding: finding, command: simplest.map(candidate.command))
  }

  /// The chance of so many failures, if nothing had changed: of those on seeds that both ran by the sign test, of those on others by Fisher's
  /// test against all that the base has run; where there are both, the smaller of the two, doubled. `nil`: nothing differs.
  private func chance(ofNewly newly: Int, passing: Int, before: Int, elsewhere failing: Int) -> Double? {
    let inPairs = newly + passing > 0 ? Proportion.signTest(newly, of: newly + passing) : nil
    let others = candidate.runs.count - pairs.count
    // Not where nothing fails there, but where nothing was run: what comes of a test must not say whether it is one.
    guard others > 0 else { return inPairs }
    let there = Proportion.fisher(failing, of: others, after: before, of: base.runs.count)
    guard !pairs.isEmpty else { return there }
    return min(1, 2 * min(inPairs ?? 1, there))
  }

  // MARK: Indicators

  /// Whether the candidate breaks an invariant, or judges nothing, on a seed on which the base did not, or on more seeds than before: then its
  /// better figures recommend nothing.
  private func isUnsound(_ properties: [GateRecord.Property]) -> Bool {
    let grave = Set(candidate.runs.flatMap(\.unsound))
    return properties.contains { property in
      grave.contains(property.name)
        && (property.newlyFailing > 0 || [.newFailure, .moreFailures].contains(property.finding))
    }
  }

  /// What a condition asks of each pair: above zero is bad.
  func excesses(
    _ indicator: Expectation.Indicator, _ excess: (_ base: Double, _ candidate: Double) -> Double
  ) -> [(seed: UInt64, value: Double)] {
    pairs.compactMap { pair in
      guard let before = pair.base.indicators[indicator.name],
        let after = pair.candidate.indicators[indicator.name]
      else { return nil }
      let value = excess(before, after)
      // Exactly at the limit, rounding would decide.
      let isRounding = value.magnitude <= Self.rounding * max(before.magnitude, after.magnitude)
      return (pair.candidate.seed, isRounding ? 0 : value)
    }
  }

  /// The share of a figure that is taken for rounding.
  private static let rounding = 1e-9

  /// Whether an indicator is the same on each seed that both ran and measured it on: that is a fact, however few they are.
  func isSame(_ indicator: Expectation.Indicator) -> Bool {
    pairs.allSatisfy { $0.base.indicators[indicator.name] == $0.candidate.indicators[indicator.name] }
  }

  /// On how many seeds an indicator could be measured in the base and no longer can, and on how many only now.
  func measured(_ indicator: Expectation.Indicator) -> (vanished: Int, appeared: Int) {
    var (vanished, appeared) = (0, 0)
    for pair in pairs {
      let (before, after) = (pair.base.indicators[indicator.name], pair.candidate.indicators[indicator.name])
      if before != nil, after == nil { vanished += 1 }
      if before == nil, after != nil { appeared += 1 }
    }
    return (vanished, appeared)
  }

  /// Whether so many seeds on which an indicator can no longer be measured are more than chance.
  func hasVanished(_ indicator: Expectation.Indicator, error: Double) -> Bool {
    let (vanished, appeared) = measured(indicator)
    return vanished > 0 && Proportion.signTest(vanished, of: vanished + appeared) <= error
  }

  /// Whether independent values are shown to be above zero, on average or on most seeds; `nil`: there are too few to tell.
  ///
  /// A mean that may rest on extremes that no seed has shown has no limit worth its name, even where each seed is above zero: of most seeds,
  /// the sign test can speak all the same. Each has half of the error.
  static func isShown(above values: [Double], error: Double) -> Bool? {
    guard let first = values.first else { return nil }
    let error = error / 2
    // It takes at least as many values as a coin that never shows tails: few that happen to lie close together have no spread to judge by.
    guard Proportion.signTest(values.count, of: values.count) <= error else { return nil }
    if values.allSatisfy({ $0 <= 0 }) { return false }
    if values.allSatisfy({ $0 == first }) || isMostly(values.count { $0 > 0 }, in: values, error: error) {
      return true
    }
    // No limit lies nearer than Student's: where that one shows nothing, the others need not be worked out.
    let student = Interval(of: values, confidence: 1 - 2 * error)
    guard let half = student.halfWidth, student.mean - half > 0 else { return false }
    guard values.count < many else { return true }
    let limits = MeanLimits(of: values, eachWithError: error)
    return limits.lower.map { $0 > 0 } ?? false
  }

  /// The fewest seeds on which something can be shown.
  static func fewest(error: Double) -> Int {
    (1...).first { Proportion.signTest($0, of: $0) <= error / 2 } ?? 1
  }

  /// Whether so many of some values lie on one side of zero that it is no chance; what is zero lies on neither.
  private static func isMostly(_ count: Int, in values: [Double], error: Double) -> Bool {
    count > 0 && Proportion.signTest(count, of: values.count { $0 != 0 }) <= error
  }

  /// The seed on which a condition is missed by the most.
  func worstSeed(_ excesses: [(seed: UInt64, value: Double)]) -> UInt64? {
    excesses.max { ($0.value, $1.seed) < ($1.value, $0.seed) }?.seed
  }

  /// The command that repeats a seed in the candidate.
  func command(_ seed: UInt64?) -> String? {
    candidate.runs.first { $0.seed == seed }.map(candidate.command)
  }

  private func record(
    _ indicator: Expectation.Indicator, error: Double, isUnsound: Bool
  ) -> GateRecord.Indicator {
    let name = indicator.name
    let both = pairs.compactMap { pair -> (Double, Double)? in
      guard let before = pair.base.indicators[name], let after = pair.candidate.indicators[name] else {
        return nil
      }
      return (before, after)
    }
    let differences = both.map { $0.1 - $0.0 }
    // The same limits as conditions are judged by: text and verdict do not contradict each other.
    // A half of the error for the interval, the other for what most seeds say; each side has half of that.
    let each = error / 4
    let isKnown =
      !differences.isEmpty && Proportion.signTest(differences.count, of: differences.count) <= error / 2
    var (lower, upper): (Double?, Double?)
    if isKnown, differences.count < Self.many {
      let limits = MeanLimits(of: differences, eachWithError: each)
      (lower, upper) = (limits.lower, limits.upper)
    } else if isKnown {
      let student = Interval(of: differences, confidence: 1 - 2 * each)
      (lower, upper) = (
        student.halfWidth.map { student.mean - $0 }, student.halfWidth.map { student.mean + $0 }
      )
    }
    let (above, below) = (differences.count { $0 > 0 }, differences.count { $0 < 0 })
    let isAbove =
      lower.map { $0 > 0 } ?? false || isKnown && Self.isMostly(above, in: differences, error: each)
    let isBelow =
      upper.map { $0 < 0 } ?? false || isKnown && Self.isMostly(below, in: differences, error: each)
    let finding: GateRecord.IndicatorFinding =
      hasVanished(indicator, error: error)
      ? .vanished
      : differences.isEmpty
        ? .unknown
        : differences.allSatisfy { $0 == 0 }
          ? .identical
          : !isKnown
            ? .unknown
            // A mean and most seeds that point to different sides say nothing together.
            : isAbove != isBelow
              ? (isAbove == indicator.isBetterHigh ? (isUnsound ? .unsound : .better) : .worse) : .none
    let mean = Moments(differences).mean
    return GateRecord.Indicator(
      name: name, unit: indicator.unit, pairs: both.count, base: Moments(both.map(\.0)).mean,
      candidate: Moments(both.map(\.1)).mean,
      difference: Estimate(
        mean: mean, lower: lower, upper: upper, confidence: 1 - 2 * each, count: both.count),
      finding: finding,
      worseOn: indicator.isBetterHigh ? below : above, betterOn: indicator.isBetterHigh ? above : below)
  }

  /// The comparison, for the record.
  ///
  /// - Parameters:
  ///   - ofProperty: with what probability a statement on a property may be wrong.
  ///   - error: the same, of an indicator.
  func record(ofProperty: Double, error: Double) -> GateRecord.Scenario {
    let exercised = Set(candidate.runs.flatMap(\.exercised))
    let before = Set(base.runs.flatMap(\.exercised))
    let properties = properties(error: ofProperty)
    let isUnsound = isUnsound(properties)
    return GateRecord.Scenario(
      scenario: candidate.scenario, options: candidate.options, base: base.runs.count,
      candidate: candidate.runs.count, pairs: pairs.count,
      identical: pairs.count { $0.base.fingerprint == $0.candidate.fingerprint },
      otherVariants: otherVariants, hasChanged: hasChanged, properties: properties,
      indicators: indicators.map { record($0, error: error, isUnsound: isUnsound) },
      noLongerExercised: before.subtracting(exercised).sorted())
  }
}

extension CampaignRun {
  /// The names of all properties that fail: invariants and expectations.
  var failing: [String] {
    let all = broken.map(\.invariant) + missed
    return all.isEmpty && verdict == .fail ? ["nothing exercised"] : all
  }

  /// Those of them beside which no figure recommends anything: all but expectations.
  var unsound: [String] { failing.filter { !missed.contains($0) } }
}

extension GateRecord.Property {
  fileprivate var severity: Int {
    switch finding {
    case .newFailure: 3
    case .moreFailures: 2
    case .same, .unknown: 1
    case .gone: 0
    }
  }
}
