import RunRecord

/// A capacity study for a terminal.
package struct CapacityText {
  private let study: CapacityStudy
  private let style: TextStyle

  /// Makes a text.
  package init(_ study: CapacityStudy, style: TextStyle = TextStyle(isColoured: false)) {
    self.study = Printable.record(study)
    self.style = style
  }

  /// The text, with a newline at the end.
  package func text() -> String {
    let knobs =
      study.closing != nil
      ? "month by month"
      : study.knobs.map(StudyWording.knob)
        .joined(separator: ", ")
    var lines = [
      "Meterstorm \(study.meterstorm) · capacity of \(style.bold(study.scenario)) · study \(style.bold(study.name))"
        + study.options.dropFirst().map { " · \($0)" }.joined(),
      "\(question): \(knobs)",
      study.objectives.isEmpty
        ? ""
        : "objectives: \(study.objectives.map(StudyWording.objective).joined(separator: ", ")), each with \(percent) confidence",
      "\(Wording.grouped(study.runs)) replications"
        + (study.interrupted ? style.bad(" · INTERRUPTED: what is complete is kept") : ""),
    ].filter { !$0.isEmpty }
    lines += (study.notes ?? []).map { "note: \($0)" }
    for closing in study.closing ?? [] { lines += [""] + self.closing(closing) }
    if let licences = study.licences { lines += [""] + self.licences(licences) }
    for curve in study.curves { lines += [""] + self.curve(curve) }
    if study.curves.count > 1 { lines += [""] + overview }
    if !study.map.isEmpty { lines += [""] + map }
    if !study.effects.isEmpty { lines += [""] + effects + sensitivity }
    if study.indices?.isEmpty == false { lines += [""] + indices + sensitivity }
    lines += [""] + CapacityEnding(study, style).lines
    return lines.joined(separator: "\n") + "\n"
  }

  /// A long time in seconds as a person reads it; anything else as it is.
  static func readable(_ value: String) -> String {
    guard value.hasSuffix("s"), let seconds = Int64(value.dropLast()), seconds >= 120 else { return value }
    return Wording.span(Double(seconds))
  }

  /// `erp/us workers 100 %, erp/us places 98 %`.
  static func listed(_ uses: [CapacityStudy.Use]) -> String {
    uses.map { "\($0.resource) \(Wording.fixed($0.utilization * 100, decimals: 0)) %" }.joined(
      separator: ", ")
  }

  private var percent: String { Wording.fixed(study.confidence * 100, decimals: 0) + " %" }

  private var question: String {
    switch study.seeks {
    case "largest": "the largest value that meets the objectives"
    case "smallest": "the smallest value that meets the objectives"
    case "closing": "with which probability the books are closed by each span after a period's end"
    case "map": "which pairs of values meet the objectives"
    case "indices": "how much of the variance each value explains"
    default: "which values matter most"
    }
  }

  // MARK: One knob

  private var knob: String { study.knobs.first?.path ?? "" }
  private var end: String {
    (study.seeks == "largest" ? study.knobs.first?.to : study.knobs.first?.from) ?? ""
  }

  private func curve(_ curve: CapacityStudy.Curve) -> [String] {
    var lines: [String] = []
    if let setting = curve.setting { lines.append(style.bold(setting)) }
    lines.append(
      "  " + answer(curve)
        + (curve.isInterrupted == true && curve.answer != nil ? ", when it was interrupted" : ""))
    if curve.isInterrupted == true { return lines + [""] + table(curve) }
    lines += StudyWording.sentences(curve, study).map { "  \($0)" }
    lines.append(
      curve.binding.isEmpty
        ? "  no resource of posting is saturated"
        : "  \(curve.beyond == nil ? "used most" : "bottleneck beyond that"): \(Self.listed(curve.binding))")
    if let words = StudyWording.exceptions(curve, study) {
      lines.append(style.bad("  not monotone: \(words)"))
    }
    if let knee = StudyWording.knee(curve) { lines.append("  \(knee)") }
    lines += StudyWording.missed(curve, study.objectives).prefix(6).map { "  missed: \($0)" }
    lines += StudyWording.open(curve).map { "  open: \($0)" }
    if let law = curve.law, law.single > 0, law.greatestResidual <= 0.1 {
      lines.append(
        "  scalability law: \(Wording.short(law.single)) documents/h with one, contention \(Wording.fixed(law.contention * 100, decimals: 2))%, "
          + "coherency \(Wording.fixed(law.coherency * 100, decimals: 4))%, within \(Wording.fixed(law.greatestResidual * 100, decimals: 1))% of every point"
      )
    }
    return lines + [""] + table(curve)
  }

  private func licences(_ licences: CapacityStudy.Licences) -> [String] {
    let table = StudyWording.licenceTable(licences, study)
    return StudyWording.licences(licences, study).map { "  \(style.bold($0))" }
      + (licences.workersFollow
        ? [
          "  posting has one worker per place at every ERP; these prices do not include the cost of workers"
        ] : [])
      + [""] + StudyWording.table(header: table.header, rows: table.rows, leftColumns: [])
  }

  private func closing(_ closing: CapacityStudy.Closing) -> [String] {
    let table = StudyWording.closingTable(closing)
    return (closing.setting.map { [style.bold($0)] } ?? [])
      + StudyWording.closing(closing).map { "  \($0)" } + [""]
      + StudyWording.table(header: table.header, rows: table.rows, leftColumns: [4])
      + ["  each interval has \(percent) confidence on its own"]
  }

  private func answer(_ curve: CapacityStudy.Curve) -> String {
    guard let answer = curve.answer else {
      return style.bad(
        curve.isInterrupted == true
          ? "interrupted: no value was shown to meet them yet" : "no value in the range is shown to meet them"
      )
    }
    guard let beyond = curve.beyond else {
      return style.good("\(knob) = \(answer)")
        + " meets them: the end of the range; no value that was tried misses them"
    }
    let shown = Self.readable(answer) == answer ? "" : " (\(Self.readable(answer)))"
    return style.good("\(knob) = \(answer)")
      + "\(shown) meets them; "
      + (curve.isMissedBeyond
        ? "\(Self.readable(beyond)) misses them" : "at \(Self.readable(beyond)) this could not be shown")
  }

  private func table(_ curve: CapacityStudy.Curve) -> [String] {
    var names: [String] = []
    for objective in study.objectives {
      guard
        let name = curve.points.compactMap({ point in
          point.estimates.keys.filter { objective.hasPrefix($0) }.max { $0.count < $1.count }
        }).first, !names.contains(name)
      else { continue }
      names.append(name)
    }
    let greatest =
      names.first.map { name in
        curve.points.compactMap { $0.estimates[name]?.mean }.max() ?? 0
      } ?? 0
    let rows = curve.points.map { point in
      [point.values.map(Self.readable).joined(separator: ", "), word(point.finding)]
        + names.map { name in
          point.estimates[name].map {
            StudyWording.estimate($0, unit: study.units[name] ?? "1", of: point.runs)
          }
            ?? "–"
        } + ["\(point.runs)", bar(point.estimates[names.first ?? ""]?.mean, of: greatest)]
    }
    return StudyWording.table(
      header: [knob, ""] + names + ["runs", names.isEmpty ? "" : "chart"], rows: rows,
      leftColumns: [0, 1, names.count + 3])
  }

  private func word(_ finding: CapacityStudy.Finding) -> String {
    switch finding {
    case .met: "met"
    case .missed: "missed"
    case .open: "open"
    case .seemsMet: "seems met"
    case .seemsMissed: "seems missed"
    }
  }

  private func bar(_ value: Double?, of greatest: Double) -> String {
    guard let value, greatest > 0 else { return "" }
    return String(repeating: "█", count: Int(max(0, min(30, (value / greatest * 30).rounded()))))
  }

  private var overview: [String] {
    StudyWording.table(
      header: ["", knob, "beyond", "bottleneck"],
      rows: study.curves.map { curve in
        [
          curve.setting ?? "",
          curve.answer.map(Self.readable) ?? (curve.isInterrupted == true ? "interrupted" : "none"),
          curve.beyond.map(Self.readable) ?? "–",
          curve.binding.isEmpty
            ? curve.isInterrupted == true ? "–" : "nothing" : Self.listed(curve.binding),
        ]
      }, leftColumns: [0, 3])
  }

  // MARK: Several knobs

  private var map: [String] {
    let columns = study.map.map { Self.readable($0.values[1]) }
    var header: [String] = []
    for column in columns where !header.contains(column) { header.append(column) }
    var rows: [[String]] = []
    for point in study.map {
      let first = Self.readable(point.values[0])
      if rows.last?.first != first { rows.append([first]) }
      rows[rows.count - 1].append(
        point.finding == .met ? "●" : [.missed, .seemsMissed].contains(point.finding) ? "·" : "?")
    }
    for index in rows.indices {
      rows[index] += Array(repeating: "", count: max(0, header.count + 1 - rows[index].count))
    }
    let names = study.knobs.map(\.path)
    return ["  down: \(names.first ?? ""); across: \(names.last ?? "")"]
      + StudyWording.table(header: [""] + header, rows: rows)
      + ["  ●: meets the objectives; ·: does not; ?: not shown either way"]
  }

  private var effects: [String] {
    StudyWording.table(
      header: ["indicator", "value", "effect", "mean", "spread", "alone, from least to greatest"],
      rows: study.effects.map { effect in
        let unit = study.units[effect.indicator] ?? "1"
        let alone = effect.alone.map { $0.map { Wording.indicator($0, unit: unit) } ?? "–" }
        return [
          effect.indicator, effect.path, StudyWording.effect(effect, \.magnitude, unit),
          StudyWording.effect(effect, \.mean, unit), Wording.indicator(effect.spread, unit: unit),
          alone.joined(separator: " → "),
        ]
      }, leftColumns: [0, 1])
      + [
        "  effect: what going from the least value to the greatest does, whatever the others are, in magnitude; ±: a \(percent) confidence",
        "  interval over trajectories; spread: how much that depends on the others",
      ]
  }

  private var indices: [String] {
    func share(_ estimate: Estimate?) -> String {
      estimate.map { StudyWording.estimate($0, unit: "share", of: $0.count, decimals: 0) } ?? "–"
    }
    return StudyWording.table(
      header: ["indicator", "value", "alone", "together with others"],
      rows: (study.indices ?? []).map { index in
        [index.indicator, index.path ?? "chance", share(index.first), share(index.total)]
      }, leftColumns: [0, 1])
      + [
        "  shares of the indicator's variance, where all values vary evenly over their ranges; ±: a \(percent) confidence interval over rows"
      ]
  }

  private var sensitivity: [String] { [""] + StudySentences(study).sensitivity.map { "  \($0)" } }
}
