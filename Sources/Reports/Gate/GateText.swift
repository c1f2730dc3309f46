import RunRecord

/// What came of a gate, for a terminal: the figures first, the verdict, the worst and its command last.
package struct GateText {
  private let gate: GateRecord
  private let style: TextStyle

  /// Makes a text.
  package init(_ gate: GateRecord, style: TextStyle = TextStyle(isColoured: false)) {
    self.gate = Printable.record(gate)
    self.style = style
  }

  /// The text, with a newline at the end.
  package func text() -> String {
    var lines = [
      "Meterstorm \(gate.meterstorm) · gate of \(GateWording.side(gate.candidate)) against \(GateWording.side(gate.base))"
    ]
    for scenario in gate.scenarios { lines += [""] + self.scenario(scenario) }
    if !gate.counts.isEmpty { lines += ["", "Work"] + counts }
    if !gate.notes.isEmpty { lines += [""] + gate.notes.map { "note: " + $0 } }
    lines += [
      "", GateWording.certainty(gate), "",
      "Conditions under which the gate fails (✓: not met, or not shown to be)",
    ]
    for condition in gate.conditions {
      let mark = condition.fails ? style.bad("✗") : condition.finding == .passed ? style.good("✓") : "–"
      lines.append("  \(mark) \(condition.text)" + (condition.finding == .notJudged ? ": not judged" : ""))
      for reason in condition.reasons.prefix(5) { lines.append("      \(reason.text)") }
      if condition.reasons.count > 5 { lines.append("      and \(condition.reasons.count - 5) more") }
    }
    lines += ["", verdict]
    return lines.joined(separator: "\n") + "\n"
  }

  private var verdict: String {
    guard gate.verdict != .pass else { return style.good("PASS") + "  \(GateWording.passing(gate))" }
    var text = style.bad("FAIL")
    if let worst = gate.worst {
      text += "  \(worst.text)"
      if let command = worst.command { text += "\nrun it again: \(command)" }
    }
    return text
  }

  private func scenario(_ scenario: GateRecord.Scenario) -> [String] {
    var lines = [style.bold(GateWording.title(scenario)), "  " + GateWording.seeds(scenario)]
    if !scenario.properties.isEmpty {
      var table = TextTable([.left, .right, .left], indent: "    ")
      for property in scenario.properties {
        table.add([
          property.name, GateWording.counts(property, in: scenario), GateWording.finding(property),
        ])
      }
      lines += ["  What fails"] + table.lines
    }
    let shown = scenario.indicators.filter { $0.finding != .identical }
    if !shown.isEmpty {
      var table = TextTable([.left, .right, .left, .left], indent: "    ")
      for indicator in shown {
        table.add([
          indicator.name, GateWording.means(indicator), GateWording.change(indicator),
          GateWording.finding(indicator),
        ])
      }
      lines += [
        "  Indicators, candidate minus base on the same seeds"
      ]
      lines += table.lines
    }
    let same = scenario.indicators.count - shown.count
    if same > 0 { lines.append("  \(same) indicator\(same == 1 ? " is" : "s are") the same on every seed") }
    if !scenario.noLongerExercised.isEmpty {
      lines.append("  no longer exercised: " + scenario.noLongerExercised.joined(separator: ", "))
    }
    return lines
  }

  private var counts: [String] {
    var table = TextTable([.left, .right, .left, .right])
    for count in gate.counts {
      table.add([
        count.name, GateWording.figures(count), count.unit, count.change.map(GateWording.percent) ?? "–",
      ])
    }
    return table.lines
  }
}

/// What a gate allows to say.
enum GateWording {
  /// What a gate that passes says: nothing got worse, as far as it could be judged.
  static func passing(_ gate: GateRecord) -> String {
    let open = gate.conditions.count { $0.finding == .notJudged }
    return "no condition is met"
      + (open == 0 ? "" : "; \(open) of \(gate.conditions.count) could not be judged")
  }

  static func side(_ side: GateRecord.Side) -> String {
    side.source + (side.commit.map { " (\(commit($0)))" } ?? "")
  }

  /// A commit, cut to what tells it from others.
  static func commit(_ commit: String) -> String {
    let isHash = commit.prefix(40).count == 40 && commit.prefix(40).allSatisfy(\.isHexDigit)
    return String(isHash ? commit.prefix(10) + commit.dropFirst(40) : commit.prefix(40))
  }

  static func title(_ scenario: GateRecord.Scenario) -> String {
    ([scenario.scenario] + scenario.options.filter { $0 != "no-explore" }).joined(separator: " · ")
  }

  static func seeds(_ scenario: GateRecord.Scenario) -> String {
    var text =
      "\(Wording.grouped(scenario.pairs)) seed\(scenario.pairs == 1 ? "" : "s") in common (base \(Wording.grouped(scenario.base)), candidate \(Wording.grouped(scenario.candidate)))"
    if scenario.pairs > 0 {
      text +=
        scenario.identical == scenario.pairs
        ? ", every run the same event by event"
        : scenario.identical == 0
          ? ", no run the same event by event"
          : ", \(Wording.grouped(scenario.identical)) of the runs the same event by event"
    }
    if scenario.otherVariants > 0 {
      text += "; \(Wording.grouped(scenario.otherVariants)) drew another variant, not compared"
    }
    if scenario.hasChanged { text += "; the scenario has changed, which may explain differences" }
    return text
  }

  /// On how many seeds a property fails, before and now: on those that both ran where there are any, as others are no comparison.
  static func counts(_ property: GateRecord.Property, in scenario: GateRecord.Scenario) -> String {
    let isSame = scenario.pairs == scenario.base && scenario.pairs == scenario.candidate
    guard !isSame else {
      return
        "\(Wording.grouped(property.base)) → \(Wording.grouped(property.candidate)) of \(Wording.grouped(scenario.pairs)) seeds"
    }
    let all =
      "\(Wording.grouped(property.base)) of \(Wording.grouped(scenario.base)) → "
      + "\(Wording.grouped(property.candidate)) of \(Wording.grouped(scenario.candidate)) seeds"
    guard scenario.pairs > 0 else { return all }
    let before = property.failingInBoth + property.newlyPassing
    let now = property.failingInBoth + property.newlyFailing
    return all
      + " (in common: \(Wording.grouped(before)) → \(Wording.grouped(now)) of \(Wording.grouped(scenario.pairs)))"
  }

  static func finding(_ property: GateRecord.Property) -> String {
    switch property.finding {
    case .newFailure: "new failure"
    case .moreFailures: "fails on more seeds than chance explains"
    case .same: "no difference shown"
    case .unknown: "on other seeds only: too few to tell"
    case .gone: "no longer fails"
    }
  }

  static func finding(_ indicator: GateRecord.Indicator) -> String {
    switch indicator.finding {
    case .worse: "worse" + seeds(indicator.worseOn, of: indicator)
    case .better: "better" + seeds(indicator.betterOn, of: indicator)
    case .unsound: "the better way, but an invariant newly breaks"
    case .vanished: "can no longer be measured"
    case .none: "no difference shown"
    case .identical: "the same"
    case .unknown: "too few seeds for an interval"
    }
  }

  /// On how many seeds, where the interval of the mean does not say it.
  private static func seeds(_ count: Int, of indicator: GateRecord.Indicator) -> String {
    let (low, high) = (indicator.difference.lower ?? -1, indicator.difference.upper ?? 1)
    return low <= 0 && high >= 0
      ? " on \(Wording.grouped(count)) of \(Wording.grouped(indicator.pairs)) seeds" : ""
  }

  static func means(_ indicator: GateRecord.Indicator) -> String {
    guard indicator.pairs > 0 else { return "not on the same seeds" }
    return
      "\(Wording.indicator(indicator.base, unit: unit(indicator))) → \(Wording.indicator(indicator.candidate, unit: unit(indicator)))"
  }

  private static func unit(_ indicator: GateRecord.Indicator) -> String { indicator.unit }

  /// The change with its interval, relative to the base where that is positive.
  static func change(_ indicator: GateRecord.Indicator) -> String {
    guard indicator.pairs > 0 else { return "" }
    let (low, high) = (indicator.difference.lower, indicator.difference.upper)
    let base = indicator.base
    guard base > 0 else {
      guard let low, let high else { return "" }
      return
        "\(Wording.indicator(low, unit: indicator.unit)) to \(Wording.indicator(high, unit: indicator.unit))"
    }
    guard let low, let high else { return percent(indicator.difference.mean / base) }
    // Nothing that is counted or measured falls below zero.
    let least = indicator.candidate >= 0 && indicator.unit != "money" ? max(low, -base) : low
    return
      "\(percent(indicator.difference.mean / base)) (\(percent(least / base)) to \(percent(high / base)))"
  }

  static func percent(_ share: Double) -> String {
    let text = Wording.fixed(share * 100, decimals: 1)
    return (text.hasPrefix("-") ? text : "+" + text) + " %"
  }

  /// With what confidence intervals hold: each, and all together.
  static func certainty(_ gate: GateRecord) -> String {
    let all = "Confidence: \(percent(ofConfidence: gate.confidence)) for all statistical statements together"
    let intervals = gate.scenarios.flatMap(\.indicators).map(\.difference).filter { $0.lower != nil }
    guard let each = intervals.first?.confidence else { return all + "; no interval could be formed" }
    return all + "; \(percent(ofConfidence: each)) for each of \(Wording.grouped(intervals.count)) intervals"
  }

  /// With as many decimals as tell it from certainty.
  private static func percent(ofConfidence confidence: Double) -> String {
    let percent = confidence * 100
    let decimals = (0...9).first { decimals in
      guard let shown = Double(Wording.fixed(percent, decimals: decimals)) else { return false }
      return shown < 100 && (shown - percent).magnitude <= (100 - percent) / 20
    }
    return Wording.fixed(percent, decimals: decimals ?? 9) + " %"
  }

  static func figures(_ count: GateRecord.Count) -> String {
    "\(Wording.whole(count.base)) → \(Wording.whole(count.candidate))"
  }
}
