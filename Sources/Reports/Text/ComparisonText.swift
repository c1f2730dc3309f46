import RunRecord

/// A comparison for a terminal.
package struct ComparisonText {
  private let comparison: Comparison
  private let style: TextStyle

  /// Makes a text.
  package init(_ comparison: Comparison, style: TextStyle = TextStyle(isColoured: false)) {
    self.comparison = Printable.record(comparison)
    self.style = style
  }

  /// The text, with a newline at the end.
  package func text() -> String {
    let seeds = comparison.seeds
    var lines = [
      "Meterstorm \(comparison.meterstorm) · comparison on \(style.bold(comparison.scenario))"
        + comparison.options.dropFirst().map { " · \($0)" }.joined(),
      "\(seeds.count) seeds, the same for all" + (isRagged ? " until they were eliminated" : "")
        + (seeds.first.map { ": \($0) to \(seeds.last ?? $0)" } ?? "")
        + (comparison.interrupted ? style.bad(" · INTERRUPTED: what is complete is kept") : ""),
      "",
    ]
    lines += StudyWording.table(
      header: [""] + comparison.variants.map(\.name),
      rows: counts + comparison.indicators.map(means))
    lines.append("")
    lines.append(
      "Figures are means over runs; ± is the distance to the farther end of a \(percent) confidence interval."
    )
    if comparison.variants.contains(where: { $0.estimates.values.contains { $0.halfWidth == nil } }) {
      lines.append(StudyWording.withoutInterval)
    }
    if let baseline = comparison.variants.first, comparison.variants.count > 1 {
      lines += ["", "Differences from \(baseline.name), paired by seed:"]
      lines += StudyWording.table(
        header: [""] + comparison.variants.dropFirst().map(\.name),
        rows: comparison.indicators.map(differences)
      )
      lines += [
        "",
        "All intervals of differences hold jointly with \(percent) confidence; * where the interval excludes zero.",
      ]
    }
    lines += ["", "Findings (<: shown; ≈: no difference shown; =: the same on every seed):"]
    lines += ComparisonVerdict(comparison).sentences.map { "  \($0)" }
    lines += [""] + ending
    return lines.joined(separator: "\n") + "\n"
  }

  /// The verdict, the first thing that does not hold on one line, and the command that comes next.
  private var ending: [String] {
    guard !comparison.interrupted else { return [style.bad("INTERRUPTED") + "  what is complete was kept"] }
    let conditions = comparison.conditions ?? []
    let bad = conditions.filter { $0.finding != .excluded }
    let failing = comparison.variants.filter { $0.sound < $0.runs }
    let verdict = bad.isEmpty ? style.good(conditions.isEmpty ? "DONE" : "PASS") : style.bad("FAIL")
    let sound = comparison.variants.count - failing.count
    var lines = [
      "\(verdict)  \(sound) of \(comparison.variants.count) variants without a violation"
        + (conditions.isEmpty
          ? "" : " · \(conditions.count - bad.count) of \(conditions.count) conditions excluded")
    ]
    if let first = bad.first {
      let what = first.finding == .shown ? "is shown" : "cannot be excluded"
      lines.append("first: \(first.variant): \(first.condition) \(what)")
    }
    if let variant = failing.first, let broken = variant.broken.first {
      if bad.isEmpty {
        lines.append(
          "first: \(variant.name): \(broken.invariant) on \(broken.seeds) of \(variant.runs) seeds")
      }
      lines.append("next:  \(repeated("campaign", variant)) --seeds \(seeds)")
    }
    return lines
  }

  private var seeds: String {
    guard let first = comparison.seeds.first, let last = comparison.seeds.last else { return "1..20" }
    return first == last ? "\(first)" : "\(first)..\(last)"
  }

  /// The command that runs a variant's scenario on many seeds, without what the scenario explores.
  private func repeated(_ verb: String, _ variant: Comparison.Variant) -> String {
    var words = ["meterstorm", verb, comparison.scenario]
    for option in comparison.options.dropFirst() {
      let parts = option.split(separator: " ", maxSplits: 1).map(String.init)
      words.append("--\(parts[0])=\(parts.count > 1 ? parts[1] : "")")
    }
    return ShellWords.text(words + variant.settings.map { "--set=\($0)" } + ["--no-explore"])
  }

  private var percent: String { Wording.fixed(comparison.confidence * 100, decimals: 0) + " %" }

  private var isRagged: Bool { comparison.variants.contains { $0.runs < comparison.seeds.count } }

  /// What held on how many seeds.
  var counts: [[String]] { [soundness] + invariants }

  private var soundness: [String] {
    ["seeds without a violation"] + comparison.variants.map { "\($0.sound) of \($0.runs)" }
  }

  /// How many invariants held of those exercised, over all seeds; no row where no variant knows.
  private var invariants: [[String]] {
    guard comparison.variants.contains(where: { $0.invariants != nil }) else { return [] }
    return [
      ["invariants held"]
        + comparison.variants.map { $0.invariants.map { "\($0.held) of \($0.judged)" } ?? "–" },
      ["not exercised"] + comparison.variants.map { $0.invariants.map { "\($0.notExercised)" } ?? "–" },
    ]
  }

  private func means(_ indicator: Comparison.Indicator) -> [String] {
    [indicator.name]
      + comparison.variants.map { variant in
        guard let estimate = variant.estimates[indicator.name] else { return "–" }
        return StudyWording.estimate(estimate, unit: indicator.unit, of: variant.runs)
      }
  }

  /// An indicator's name, and what each variant but the first changes.
  func differences(_ indicator: Comparison.Indicator) -> [String] {
    guard let baseline = comparison.variants.first else { return [] }
    return [indicator.name]
      + comparison.variants.dropFirst().map { variant in
        guard
          let entry = comparison.differences.first(where: {
            $0.indicator == indicator.name && $0.first == baseline.name && $0.second == variant.name
          })
        else { return "–" }
        switch entry.finding {
        case .identical: return "="
        case .unknown: return "–"
        case .lower, .higher, .none:
          // The second less the first: what the other design would change.
          var difference = entry.difference
          difference.mean = -difference.mean
          let text = StudyWording.estimate(
            difference, unit: indicator.unit, of: min(variant.runs, baseline.runs), isSigned: true)
          return text + (entry.finding == .none ? "" : " *")
        }
      }
  }

}

/// Figures of studies.
enum StudyWording {
  /// What `± ?` stands for.
  static let withoutInterval =
    "± ?: no interval can be given: too few runs, or none, met what makes the figure large, such as a random outage."

  /// `2h 5m ± 3m 10s`, and in how many of the replications it could be measured, if not in all.
  static func estimate(
    _ estimate: Estimate, unit: String, of runs: Int, isSigned: Bool = false, decimals: Int? = nil
  )
    -> String
  {
    func figure(_ value: Double) -> String {
      guard unit == "share", let decimals else { return Wording.indicator(value, unit: unit) }
      return Wording.fixed(value * 100, decimals: decimals) + " %"
    }
    let sign = isSigned && estimate.mean > 0 ? "+" : ""
    var text = sign + figure(estimate.mean)
    if let width = estimate.halfWidth {
      text += width == 0 ? "" : " ± \(figure(width))"
    }
    if estimate.halfWidth == nil { text += " ± ?" }
    return text + (estimate.count < runs ? " (\(estimate.count))" : "")
  }

  /// A figure of an effect with its interval, where there is one.
  static func effect(
    _ effect: CapacityStudy.Effect, _ figure: KeyPath<CapacityStudy.Certainty, Estimate>, _ unit: String
  ) -> String {
    guard let certainty = effect.certainty else {
      return Wording.indicator(
        figure == \CapacityStudy.Certainty.mean ? effect.mean : effect.magnitude, unit: unit)
    }
    let estimate = certainty[keyPath: figure]
    return StudyWording.estimate(estimate, unit: unit, of: estimate.count)
  }

  /// An objective, and what of it has to meet it.
  static func objective(_ text: String) -> String {
    text.hasPrefix("P(") || text.hasSuffix(" of months") || text.hasSuffix(" of runs")
      ? text : "\(text) (mean over runs)"
  }

  /// The values on the wrong side of an answer.
  static func exceptions(_ curve: CapacityStudy.Curve, _ study: CapacityStudy) -> String? {
    guard !curve.isMonotone else { return nil }
    guard let values = curve.exceptions, let answer = curve.answer,
      let place = curve.points.first(where: { $0.values.first == answer })?.numbers.first
    else { return "a value on the other side of the answer does not fit" }
    let numbers = curve.points.filter { values.contains($0.values.first ?? "") }.compactMap(\.numbers.first)
    let listed = values.map(CapacityText.readable).joined(separator: ", ")
    let isEasier = numbers.contains { study.seeks == "smallest" ? $0 > place : $0 < place }
    return isEasier
      ? "\(listed) miss\(values.count > 1 ? "" : "es") the objectives again"
      : "\(listed) beyond the answer meet\(values.count > 1 ? "" : "s") the objectives again"
  }

  /// `a, b together from 5 to 65 in steps of 10`, or `customers.count at 100, 500`.
  static func knob(_ knob: CapacityStudy.Knob) -> String {
    let path = knob.path + (knob.path.contains(", ") ? " together" : "")
    if let values = knob.values { return "\(path) at \(values.joined(separator: ", "))" }
    return "\(path) from \(CapacityText.readable(knob.from)) to \(CapacityText.readable(knob.to))"
      + (knob.step.map { " in steps of \(CapacityText.readable($0))" } ?? "")
  }

  /// Between which values a curve turns up.
  static func knee(_ curve: CapacityStudy.Curve) -> String? {
    guard let from = curve.knee, let to = curve.kneeEnd else { return nil }
    return "the curve turns up between \(CapacityText.readable(from)) and \(CapacityText.readable(to))"
  }

  /// Why values are missed for another reason than their figures: invariants that break, and what could not be measured.
  static func missed(_ curve: CapacityStudy.Curve, _ objectives: [String]) -> [String] {
    curve.points.filter { $0.finding == .missed }.flatMap { point in
      point.reasons.filter { !objectives.contains($0) }
        .map { "at \(CapacityText.readable(point.values.first ?? "")): \($0)" }
    }
  }

  /// Why nothing could be shown of the answer's neighbour, or of any value.
  static func open(_ curve: CapacityStudy.Curve) -> [String] {
    let judged = curve.points.filter { $0.finding == .open }
    return judged.flatMap { point in
      point.reasons.map { "at \(CapacityText.readable(point.values.first ?? "")): \($0)" }
    }
  }

  /// A header and rows, some columns to the left and the others to the right.
  static func table(header: [String], rows: [[String]], leftColumns: Set<Int> = [0]) -> [String] {
    var table = TextTable(header.indices.map { leftColumns.contains($0) ? .left : .right })
    for row in [header] + rows { table.add(row) }
    return table.lines
  }
}
