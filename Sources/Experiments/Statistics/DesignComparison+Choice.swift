import RunRecord
import Scenario
import Statistics

extension DesignComparison {
  /// Asks which variant is the best in one figure.
  package struct ChoiceQuestion: Hashable, Sendable {
    /// Differences that do not matter.
    package enum Indifference: Hashable, Sendable {
      /// In the indicator's unit, above 0.
      case amount(Double)
      /// As a share of the least mean of the first stage, above 0.
      case share(Double)
    }

    /// The indicator.
    package var indicator: Expectation.Indicator
    /// Whether the highest mean is the best; otherwise the lowest.
    package var isHighest: Bool
    /// Differences that do not matter.
    package var indifference: Indifference

    /// Makes a question.
    package init(_ indicator: Expectation.Indicator, isHighest: Bool, indifference: Indifference) {
      self.indicator = indicator
      self.isHighest = isHighest
      self.indifference = indifference
    }

    /// In words.
    var text: String { "\(isHighest ? "highest" : "lowest") \(indicator.name)" }
  }

  /// Replications of the first stage of a choice: fewer say too little of variances, and of skewed figures.
  static let firstStage = 20

  /// Picks the best variant: after the first stage, replications are made of those alone that may still be it.
  ///
  /// A variant in which an invariant broke, or in which the figure could not be measured, is out whatever its figure.
  func choose(
    _ question: ChoiceQuestion, in laboratory: Laboratory, _ results: inout [[Replication]],
    _ progress: (Progress) -> Void
  ) throws -> Comparison.Choice {
    let name = question.indicator.name
    let first = min(Self.firstStage, rule.maximum)
    results = try laboratory.replications(of: variants, seeds: seeds(0..<first))
    progress(Progress(replications: first, maximum: rule.maximum))
    var out: [Comparison.Choice.Exit] = []
    func isOut(_ index: Int) -> Bool {
      guard let reason = Self.reason(against: results[index], name) else { return false }
      out.append(.init(variant: variants[index].name, after: results[index].count, reason: reason))
      return true
    }
    let candidates = variants.indices.filter { !isOut($0) }
    func value(_ index: Int, _ replication: Int) -> Double {
      let value = results[index][replication].indicators[name] ?? 0
      return question.isHighest ? -value : value
    }
    let means = candidates.map { index in Moments((0..<first).map { value(index, $0) }).mean }
    let indifference =
      switch question.indifference {
      case .amount(let amount): amount
      case .share(let share): (means.min() ?? 0).magnitude * share
      }
    var selection = FullySequentialSelection(
      systems: candidates.count, indifference: max(indifference, .leastNormalMagnitude),
      confidence: confidence,
      first: first)
    var count = 0
    while !selection.remaining.isEmpty {
      if count >= first {
        if selection.state != .open || count >= rule.maximum { break }
        let living = selection.remaining.map { candidates[$0] }
        let found = try laboratory.replications(
          of: living.map { variants[$0] }, seeds: seeds(0..<count + 1))
        for (index, replications) in zip(living, found) { results[index] = replications }
        for (system, index) in zip(selection.remaining, living) where isOut(index) {
          selection.withdraw(system)
        }
        progress(Progress(replications: count + 1, maximum: rule.maximum))
        if selection.remaining.isEmpty { break }
      }
      let before = selection.remaining
      selection.add(before.map { value(candidates[$0], count) })
      count += 1
      for system in before where !selection.remaining.contains(system) {
        out.append(.init(variant: variants[candidates[system]].name, after: count, reason: "worse"))
      }
    }
    let best = selection.remaining.sorted { (selection.mean($0), $0) < (selection.mean($1), $1) }
      .map { variants[candidates[$0]].name }
    let finding: Comparison.Choice.Finding =
      best.isEmpty
      ? .none : selection.state == .open && best.count > 1 ? .open : best.count > 1 ? .equal : .chosen
    return Comparison.Choice(
      indicator: name, isHighest: question.isHighest, indifference: indifference, confidence: confidence,
      finding: finding, best: best, out: out, runs: results.map(\.count).reduce(0, &+))
  }

  private func seeds(_ range: Range<Int>) -> [UInt64] { range.map { seed + UInt64($0) } }

  /// Why a variant cannot be chosen; `nil` if it can.
  private static func reason(against replications: [Replication], _ name: String) -> String? {
    if let broken = replications.lazy.flatMap(\.broken).min() {
      let seeds = replications.count { $0.broken.contains(broken) }
      return "\(broken) broke on \(seeds) of \(replications.count) seeds"
    }
    let unmeasured = replications.count { $0.indicators[name] == nil }
    return unmeasured > 0
      ? "\(name) could not be measured on \(unmeasured) of \(replications.count) seeds" : nil
  }

  // MARK: What nobody has seen

  /// A choice rests on means: nothing is chosen where a rare fault that none of the replications met may move one of them.
  func qualified(
    _ choice: Comparison.Choice, _ results: [[Replication]], _ effects: [[ObjectiveJudge.FaultEffect]]
  ) -> Comparison.Choice {
    guard choice.finding == .chosen else { return choice }
    let unfit = Set(choice.out.filter { $0.reason != "worse" }.map(\.variant))
    let left = variants.indices.filter { !unfit.contains(variants[$0].name) }
    guard left.count > 1 else { return choice }
    for index in left {
      guard let effect = effects[index].first(where: { $0.isUnseen(in: choice.indicator) }) else { continue }
      var open = choice
      open.finding = .open
      open.reason =
        "none of \(results[index].count) runs of \(variants[index].name) met anything of \(effect.fault) that changes \(choice.indicator)"
      return open
    }
    return choice
  }

  /// As ``qualified(_:_:_:)``, for conditions that seem to be excluded.
  func qualified(
    _ found: [Comparison.Condition], _ effects: [[ObjectiveJudge.FaultEffect]]
  ) -> [Comparison.Condition] {
    found.map { entry in
      guard entry.finding == .excluded,
        let condition = conditions.first(where: { $0.text == entry.condition }),
        let index = variants.firstIndex(where: { $0.name == entry.variant })
      else { return entry }
      let name = condition.indicator.name
      let compared = condition.isAbsolute ? [index] : [0, index]
      guard let effect = compared.lazy.flatMap({ effects[$0] }).first(where: { $0.isUnseen(in: name) }) else {
        return entry
      }
      var open = entry
      open.finding = .open
      open.reason =
        "open: none of the replications met anything of \(effect.fault) that changes \(name), so nothing is known of what one does"
      return open
    }
  }

  // MARK: Conditions

  /// What the conditions come to with the replications there are.
  ///
  /// Errors are shared out over all looks, conditions and variants, so that everything that is said to be shown or excluded is so together
  /// with the comparison's confidence.
  func judged(_ results: [[Replication]]) -> [Comparison.Condition] {
    let error = (1 - confidence) / Double(max(1, looks.count * conditions.count * variants.count))
    return conditions.flatMap { condition in
      variants.indices.dropFirst(condition.isAbsolute ? 0 : 1).map { judged(condition, $0, results, error) }
    }
  }

  private func judged(
    _ condition: FailureCondition, _ index: Int, _ results: [[Replication]], _ error: Double
  ) -> Comparison.Condition {
    let name = condition.indicator.name
    func result(_ finding: Comparison.Condition.Finding, _ excess: Estimate?, _ reason: String?)
      -> Comparison.Condition
    {
      .init(
        condition: condition.text, variant: variants[index].name, finding: finding, excess: excess,
        reason: reason)
    }
    let pairs = Array(zip(results[index], results[0]))
    let values = pairs.compactMap { own, base -> Double? in
      guard let value = own.indicators[name] else { return nil }
      if condition.isAbsolute { return condition.excess(value, baseline: 0) }
      return base.indicators[name].map { condition.excess(value, baseline: $0) }
    }
    guard !values.isEmpty, values.count == pairs.count else {
      let missing = pairs.count - values.count
      return result(.open, nil, "could not be measured on \(missing) of \(pairs.count) seeds")
    }
    guard let excess = Estimate(values, confidence: 1 - 2 * error) else { return result(.open, nil, nil) }
    if excess.halfWidth == 0, values.count < Self.firstStage {
      return result(
        .open, excess, "the same on all of \(values.count) seeds, of which \(Self.firstStage) are needed")
    }
    if let lower = excess.lower, lower > 0 { return result(.shown, excess, nil) }
    if let upper = excess.upper, upper <= 0 { return result(.excluded, excess, nil) }
    return result(.open, excess, "neither shown nor excluded with \(values.count) replications")
  }
}
