import Chronology
import RunRecord
import Scenario

/// Judges the conditions of a gate.
struct ConditionJudge {
  let pairs: [PairedRuns]
  let scenarios: [GateRecord.Scenario]
  let counts: [GateRecord.Count]
  /// With what probability each statistical statement may be wrong.
  let error: Double

  /// What can be said of a condition, and why, the worst first.
  func judge(_ condition: GateCondition) -> (
    finding: GateRecord.ConditionFinding, reasons: [GateRecord.Reason]
  ) {
    switch condition {
    case .instructions(let share): return work(.instructions, share)
    case .allocations(let share): return work(.allocations, share)
    default: break
    }
    guard !pairs.isEmpty else { return (.notJudged, [.init("no scenario was run by both")]) }
    switch condition {
    case .newFailure:
      let found = failures { $0.finding == .newFailure }
      guard found.finding == .passed else { return found }
      let unknown = failures { $0.finding == .unknown }
      return unknown.reasons.isEmpty ? found : (.notJudged, unknown.reasons)
    case .moreFailures: return whereCompared(failures { $0.finding == .moreFailures })
    case .newlyFailingSeed: return whereCompared(failures { $0.newlyFailing > 0 })
    case .anyFailure: return failures { $0.candidate > 0 }
    case .notExercised:
      return outcome(
        scenarios.flatMap { scenario in
          scenario.noLongerExercised.map {
            .init(
              "\($0) was exercised in the base, and on none of the \(scenario.candidate) seeds of the candidate",
              scenario: scenario.scenario)
          }
        })
    case .seedsBelow(let count):
      return outcome(
        scenarios.filter { $0.candidate < count }.map {
          .init(
            "\($0.candidate) of at least \(count) seeds of \($0.scenario) were run", scenario: $0.scenario)
        })
    case .indicatorsWorse(let share):
      return indicators(nil) { indicator, before, after in
        let margin = before.magnitude * share
        return indicator.isBetterHigh ? before - margin - after : after - before - margin
      }
    case .indicator(let condition):
      return indicators(condition) { _, before, after in condition.excess(after, baseline: before) }
    case .instructions, .allocations: return (.notJudged, [])
    }
  }

  /// Scenarios of which nothing was compared seed by seed: what is found in others says nothing about them.
  private var noPairs: [GateRecord.Reason] {
    scenarios.filter { $0.pairs == 0 }.map {
      .init("no seed of \($0.scenario) was run by both with the same variant", scenario: $0.scenario)
    }
  }

  /// What was found, unless it is nothing and some scenario could not be compared.
  private func whereCompared(_ outcome: (finding: GateRecord.ConditionFinding, reasons: [GateRecord.Reason]))
    -> (finding: GateRecord.ConditionFinding, reasons: [GateRecord.Reason])
  { outcome.finding == .passed && !noPairs.isEmpty ? (.notJudged, noPairs) : outcome }

  private func outcome(_ reasons: [GateRecord.Reason]) -> (
    finding: GateRecord.ConditionFinding, reasons: [GateRecord.Reason]
  ) { (reasons.isEmpty ? .passed : .failed, reasons) }

  // MARK: Properties

  private func failures(_ isMet: (GateRecord.Property) -> Bool) -> (
    finding: GateRecord.ConditionFinding, reasons: [GateRecord.Reason]
  ) {
    let found = scenarios.flatMap { scenario in
      scenario.properties.filter(isMet).map { (scenario: scenario, property: $0) }
    }.sorted {
      ($1.property.newlyFailing, $1.property.candidate) < ($0.property.newlyFailing, $0.property.candidate)
    }
    return outcome(
      found.map { scenario, property in
        GateRecord.Reason(
          "\(property.name) fails on \(property.candidate) of \(scenario.candidate) seeds of \(scenario.scenario), "
            + "before on \(property.base) of \(scenario.base)" + Self.seeds(property)
            + Self.doubt(property, in: scenario),
          command: property.command, scenario: scenario.scenario)
      })
  }

  /// Where most runs differ event by event, draws have changed: then a failure that is seldom may be an old one, and the text says so.
  private static func doubt(_ property: GateRecord.Property, in scenario: GateRecord.Scenario) -> String {
    guard property.finding == .newFailure, property.probability ?? 1 > 0.05,
      scenario.identical < scenario.pairs / 2
    else { return "" }
    return "; most runs differ, so it may also be an old failure that the base's seeds did not meet"
  }

  private static func seeds(_ property: GateRecord.Property) -> String {
    guard !property.seeds.isEmpty else {
      return property.newlyFailing == 0 && property.base == 0
        ? "; the base has not run these seeds with the same variant"
          + (property.finding == .unknown ? ", and they are too few to tell" : "") : ""
    }
    let list = property.seeds.map { "\($0)" }.joined(separator: ", ")
    let more = property.newlyFailing > property.seeds.count ? ", …" : ""
    return "; \(property.newlyFailing == 1 ? "seed" : "seeds") \(list)\(more) passed in the base"
  }

  // MARK: Indicators

  private func indicators(
    _ condition: FailureCondition?,
    _ excess: (Expectation.Indicator, _ base: Double, _ candidate: Double) -> Double
  ) -> (finding: GateRecord.ConditionFinding, reasons: [GateRecord.Reason]) {
    var found: [(weight: Double, reason: GateRecord.Reason)] = []
    let only = condition?.indicator
    var unjudged = only == nil ? noPairs : []
    var judged = 0
    for (pair, scenario) in zip(pairs, scenarios) {
      let asked = pair.indicators.filter { only == nil || only?.name == $0.name }
      var tooFew: [Expectation.Indicator] = []
      for indicator in asked {
        if pair.hasVanished(indicator, error: error) {
          judged += 1
          let (vanished, _) = pair.measured(indicator)
          found.append(
            (
              .infinity,
              GateRecord.Reason(
                "\(indicator.name) of \(scenario.scenario) can no longer be measured on \(vanished) of \(scenario.pairs) seeds",
                command: pair.command(
                  pair.pairs.first { $0.candidate.indicators[indicator.name] == nil }?.candidate.seed),
                scenario: scenario.scenario)
            ))
          continue
        }
        let excesses = pair.excesses(indicator) { excess(indicator, $0, $1) }
        if pair.isSame(indicator), excesses.allSatisfy({ $0.value <= 0 }) {
          judged += 1
          continue
        }
        guard let isShown = PairedRuns.isShown(above: excesses.map(\.value), error: error) else {
          tooFew.append(indicator)
          continue
        }
        judged += 1
        guard isShown, let record = scenario.indicators.first(where: { $0.name == indicator.name }) else {
          continue
        }
        let change = record.base == 0 ? .infinity : (record.candidate / record.base - 1).magnitude
        found.append(
          (
            change,
            GateRecord.Reason(
              "\(indicator.name) of \(scenario.scenario) \(Self.change(record, condition, excesses.count { $0.value > 0 })): "
                + "\(Self.figure(record.base, indicator)) before, \(Self.figure(record.candidate, indicator)) now",
              command: pair.command(pair.worstSeed(excesses)), scenario: scenario.scenario)
          ))
      }
      if let reason = tooFewSeeds(for: tooFew, of: asked.count, only, pair, scenario) {
        unjudged.append(reason)
      }
    }
    let reasons = found.sorted { $1.weight < $0.weight }.map(\.reason)
    if !reasons.isEmpty { return (.failed, reasons) }
    // What could be measured and not judged is not said to be as good as before.
    if judged == 0, unjudged.isEmpty {
      return (
        .notJudged,
        [
          .init(
            only.map { "\($0.name) was measured on no seed" }
              ?? "no indicator was measured on a seed that both ran")
        ]
      )
    }
    return (unjudged.isEmpty ? .passed : .notJudged, unjudged)
  }

  /// What a scenario has too few seeds for; `nil`: nothing.
  ///
  /// - Parameter all: how many indicators were asked for.
  private func tooFewSeeds(
    for indicators: [Expectation.Indicator], of all: Int, _ only: Expectation.Indicator?, _ pair: PairedRuns,
    _ scenario: GateRecord.Scenario
  ) -> GateRecord.Reason? {
    if let only, all == 0 {
      // Where nobody measures it, there is nothing to judge.
      guard (pair.base.runs + pair.candidate.runs).contains(where: { $0.indicators[only.name] != nil }) else {
        return nil
      }
      return .init(
        "\(only.name) of \(scenario.scenario) was measured on no seed that both ran",
        scenario: scenario.scenario)
    }
    guard let first = indicators.first else { return nil }
    let pairs = scenario.indicators.first { $0.name == first.name }?.pairs ?? 0
    let what =
      indicators.count == 1
      ? "\(first.name) of \(scenario.scenario) was measured on \(pairs) seed\(pairs == 1 ? "" : "s") that both ran"
      : "\(indicators.count) of \(all) indicators of \(scenario.scenario) were measured on too few seeds that both ran"
    return .init(
      "\(what); an interval takes \(PairedRuns.fewest(error: error))", scenario: scenario.scenario)
  }

  /// What has become of an indicator: by how much it has changed, or on how many seeds it lies beyond a limit that is a figure.
  private static func change(
    _ record: GateRecord.Indicator, _ condition: FailureCondition?, _ beyond: Int
  ) -> String {
    if let condition, case .figure = condition.limit {
      return "meets '\(condition.text)' on \(beyond) of \(record.pairs) seeds"
    }
    guard record.base != 0 else {
      return "is \(record.candidate > 0 ? "above" : "below") zero on \(beyond) of \(record.pairs) seeds"
    }
    return "is \(percent(record.candidate / record.base - 1)) on \(record.pairs) seeds"
  }

  private static func figure(_ value: Double, _ indicator: Expectation.Indicator) -> String {
    if indicator.dimension == .duration { return "\(Span(seconds: value < 60 ? value : value.rounded()))" }
    let rounded = (value * 1000).rounded() / 1000
    return Int64(exactly: rounded).map { "\($0)" } ?? "\(rounded)"
  }

  // MARK: Work

  private func work(_ kind: WorkCounts.Kind, _ share: Double) -> (
    finding: GateRecord.ConditionFinding, reasons: [GateRecord.Reason]
  ) {
    let known = counts.filter { $0.kind == kind && $0.change != nil }
    guard !known.isEmpty else { return (.notJudged, [.init("no \(kind.rawValue) were counted in both")]) }
    let grown = known.filter { $0.change ?? 0 > share }.sorted { ($1.change ?? 0) < ($0.change ?? 0) }
    return outcome(
      grown.map {
        .init(
          "\($0.name): \(Self.percent($0.change ?? 0)) \(kind.rawValue), \(Self.count($0.base)) before, "
            + "\(Self.count($0.candidate)) now (\($0.unit))",
          command: kind == .instructions ? "scripts/instructions" : nil)
      })
  }

  private static func count(_ value: Double) -> String {
    Int64(exactly: value.rounded()).map { "\($0)" } ?? "\(value)"
  }

  /// A change with its sign: `+5.1 %`.
  static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded()
    guard let whole = Int64(exactly: tenths) else { return "\(share * 100) %" }
    return "\(whole < 0 ? "-" : "+")\(whole.magnitude / 10).\(whole.magnitude % 10) %"
  }
}
