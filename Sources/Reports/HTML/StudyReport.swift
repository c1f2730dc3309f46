import RunRecord

/// A comparison as one HTML file.
public struct ComparisonReport {
  private let comparison: Comparison
  private let served: Served?

  /// Makes a report.
  ///
  /// - Parameter served: its place in the dashboard; `nil`: a file.
  public init(_ comparison: Comparison, served: Served? = nil) {
    self.comparison = comparison
    self.served = served
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  public func html() throws -> String {
    let names = comparison.variants.map(\.name)
    var page = HTMLPage(
      title: names.joined(separator: ", "), verdict: comparison.interrupted ? "INTERRUPTED" : "COMPARISON",
      tone: comparison.interrupted ? "bad" : "plain",
      headline: ComparisonVerdict(comparison).sentences.last ?? "",
      subtitle: "On \(comparison.scenario), the same \(comparison.seeds.count) seeds for all.",
      foot:
        "Meterstorm \(comparison.meterstorm) · scenario \(comparison.scenarioHash)"
    )
    page.served = served
    page.figures = comparison.variants.map { variant in
      HTMLPage.Figure(
        name: "\(variant.name): seeds without a broken invariant",
        value: "\(variant.sound) of \(variant.runs)",
        tone: variant.isUnjudged ? "plain" : variant.sound == variant.runs ? "good" : "bad")
    }
    page.sections = [
      .init(id: "verdict", title: "What can be said", content: words),
      .init(id: "sound", title: "What breaks", content: broken),
      .init(id: "means", title: "Means", content: means),
      .init(id: "differences", title: "Differences, paired by seed", content: differences),
    ]
    return try page.html()
  }

  private var percent: String { Wording.fixed(comparison.confidence * 100, decimals: 0) + " %" }

  private var words: String {
    "<ul>" + ComparisonVerdict(comparison).sentences.map { "<li>\(HTML.escaped($0))</li>" }.joined() + "</ul>"
      + HTML.paragraph("<: shown; ≈: no difference shown; =: the same on every seed.", "quiet")
  }

  private var broken: String {
    let names = Set(comparison.variants.flatMap { $0.broken.map(\.invariant) })
    func seeds(_ name: String, _ variant: Comparison.Variant) -> Int {
      variant.broken.first { $0.invariant == name }?.seeds ?? 0
    }
    let order = names.sorted { a, b in
      let (first, second) = (
        comparison.variants.map { seeds(a, $0) }, comparison.variants.map { seeds(b, $0) }
      )
      return (Wording.sum(second), a) < (Wording.sum(first), b)
    }
    guard !order.isEmpty else { return HTML.paragraph("Nothing, on any seed.", "good") }
    return HTML.table(
      "On how many seeds each invariant broke", header: ["invariant"] + comparison.variants.map(\.name),
      numbers: Set(1...comparison.variants.count),
      rows: order.map { name in
        [.text(name)]
          + comparison.variants.map { variant in
            let count = seeds(name, variant)
            return count == 0 ? .good("held") : .bad("\(count) of \(variant.runs)")
          }
      })
  }

  private var means: String {
    comparison.indicators.map { indicator in
      IntervalPlot(
        title: indicator.name, unit: indicator.unit,
        lines: comparison.variants.map { .init(name: $0.name, estimate: $0.estimates[indicator.name]) }
      ).markup
    }.joined(separator: "\n")
      + HTML.paragraph("Bars are \(percent) confidence intervals of the means.", "quiet")
  }

  private var differences: String {
    let rows = comparison.differences.map { entry -> [HTML.Cell] in
      let unit = comparison.indicators.first { $0.name == entry.indicator }?.unit ?? "1"
      let finding: HTML.Cell =
        switch entry.finding {
        case .lower: .text("\(entry.first) is lower")
        case .higher: .text("\(entry.second) is lower")
        case .none: .quiet("no difference shown")
        case .identical: .quiet("the same on every seed")
        case .unknown: .quiet("too few seeds")
        }
      return [
        .text(entry.indicator), .text(entry.first), .text(entry.second),
        .number(
          StudyWording.estimate(entry.difference, unit: unit, of: comparison.seeds.count, isSigned: true)),
        finding,
      ]
    }
    return HTML.paragraph("All of these intervals hold together with \(percent) confidence.")
      + HTML.table(
        "The first less the second", header: ["indicator", "first", "second", "difference", "finding"],
        numbers: [3],
        rows: rows)
  }
}

/// A capacity study as one HTML file.
public struct CapacityReport {
  private let studies: [CapacityStudy]
  private let served: Served?

  /// Makes a report of one study or several.
  ///
  /// - Parameter served: its place in the dashboard; `nil`: a file.
  public init(_ studies: [CapacityStudy], served: Served? = nil) {
    self.studies = studies
    self.served = served
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  public func html() throws -> String {
    let isInterrupted = studies.contains(where: \.interrupted)
    var page = HTMLPage(
      title: studies.first?.scenario ?? "", verdict: isInterrupted ? "INTERRUPTED" : "CAPACITY",
      tone: isInterrupted ? "bad" : "plain",
      headline: studies.compactMap(headline).joined(separator: " "),
      subtitle:
        "\(Wording.grouped(Wording.sum(studies.map(\.runs)))) replications: a few of each value lead the search (hollow marks), fresh ones judge the answer and the value beyond (full marks).",
      foot:
        "Meterstorm \(studies.first?.meterstorm ?? "") · scenario \(studies.first?.scenarioHash ?? "")"
    )
    page.served = served
    page.sections = studies.map { study in
      .init(id: "study-\(study.name)", title: study.name, content: content(study))
    }
    return try page.html()
  }

  private func headline(_ study: CapacityStudy) -> String? {
    guard let knob = study.knobs.first, !study.curves.isEmpty else { return nil }
    let answers = study.curves.map { curve in
      (curve.answer.map { CapacityText.readable($0) } ?? "none") + (curve.setting.map { " with \($0)" } ?? "")
    }
    return "\(study.name): \(study.seeks) \(knob.path) \(answers.joined(separator: ", "))."
  }

  private func content(_ study: CapacityStudy) -> String {
    let knobs = study.knobs.map(StudyWording.knob)
    let asked = HTML.paragraph(
      "Turned: \(knobs.joined(separator: ", ")). Objectives: \(study.objectives.map(StudyWording.objective).joined(separator: ", ")), each with \(Wording.fixed(study.confidence * 100, decimals: 0)) % confidence.",
      "quiet")
    let notes = (study.notes ?? []).map { HTML.paragraph($0) }.joined()
    return asked + notes + study.curves.map { curve($0, study) }.joined(separator: "\n") + map(study)
      + effects(study)
  }

  private func curve(_ curve: CapacityStudy.Curve, _ study: CapacityStudy) -> String {
    let names = study.thresholds.keys.sorted { a, b in
      let first = study.objectives.firstIndex { $0.hasPrefix(a) } ?? 0
      return (first, a) < (study.objectives.firstIndex { $0.hasPrefix(b) } ?? 0, b)
    }
    let knob = study.knobs.first?.path ?? ""
    let level = curve.setting == nil ? 3 : 4
    var parts = [curve.setting.map { "<h3>\(HTML.isolated($0))</h3>" } ?? ""]
    let answer = curve.answer.map { CapacityText.readable($0) }
    parts.append(
      HTML.paragraph(
        answer.map {
          "\(knob) \(study.seeks == "smallest" ? "from \($0) on" : "up to \($0)") meets the objectives"
            + (curve.beyond.map { "; \(CapacityText.readable($0)) is not shown to." }
              ?? ", the end of the range.")
        }
          ?? "No value in the range is shown to meet the objectives.", answer == nil ? "bad" : "good"))
    parts.append(
      HTML.paragraph(
        curve.binding.isEmpty
          ? "Nothing that posting needs is used up."
          : "What runs out beyond: \(CapacityText.listed(curve.binding)).")
        + (StudyWording.exceptions(curve, study).map { HTML.paragraph("Not monotone: \($0).", "bad") } ?? "")
        + (StudyWording.knee(curve).map { HTML.paragraph($0.prefix(1).uppercased() + $0.dropFirst() + ".") }
          ?? "")
        + StudyWording.open(curve).map { HTML.paragraph("Open \($0).") }.joined())
    for name in names {
      let points = curve.points.compactMap { point in
        point.estimates[name].map {
          CurvePlot.Point(
            x: point.numbers.first ?? 0, estimate: $0, isMet: [.met, .seemsMet].contains(point.finding),
            isJudged: ![.seemsMet, .seemsMissed].contains(point.finding),
            text: CapacityText.readable(point.values.first ?? ""))
        }
      }
      parts.append(
        "<h\(level)>\(HTML.escaped(name))</h\(level)>"
          + CurvePlot(
            title: "\(name) against \(knob)", horizontal: knob, unit: study.units[name] ?? "1",
            threshold: study.thresholds[name], points: points
          ).markup)
    }
    let rows = curve.points.map { point -> [HTML.Cell] in
      [.text(point.values.map(CapacityText.readable).joined(separator: ", "))]
        + names.map { name in
          .number(
            point.estimates[name].map {
              StudyWording.estimate($0, unit: study.units[name] ?? "1", of: point.runs)
            } ?? "–")
        }
        + [
          .number("\(point.runs)"), Self.cell(point.finding),
          .text(point.reasons.joined(separator: "; ")),
        ]
    }
    parts.append(
      HTML.details(
        "every value that was tried",
        HTML.table(
          "Every value that was tried", header: [knob] + names + ["runs", "finding", "why"],
          numbers: Set(1...names.count + 2), rows: rows)))
    return parts.joined(separator: "\n")
  }

  private static func cell(_ finding: CapacityStudy.Finding) -> HTML.Cell {
    switch finding {
    case .met: .good("met")
    case .missed: .bad("missed")
    case .open: .quiet("open")
    case .seemsMet: .quiet("seems met")
    case .seemsMissed: .quiet("seems missed")
    }
  }

  private func map(_ study: CapacityStudy) -> String {
    guard !study.map.isEmpty else { return "" }
    var columns: [String] = []
    var rows: [(name: String, cells: [HTML.Cell])] = []
    for point in study.map {
      let (row, column) = (CapacityText.readable(point.values[0]), CapacityText.readable(point.values[1]))
      if !columns.contains(column) { columns.append(column) }
      if rows.last?.name != row { rows.append((row, [.text(row)])) }
      let value =
        study.thresholds.keys.sorted().first.flatMap { name in
          point.estimates[name].map { Wording.indicator($0.mean, unit: study.units[name] ?? "1") }
        } ?? ""
      rows[rows.count - 1].cells.append(
        point.finding == .met
          ? .good("● \(value)")
          : [.missed, .seemsMissed].contains(point.finding) ? .bad("✗ \(value)") : .quiet("? \(value)"))
    }
    return HTML.table(
      "Down: \(study.knobs[0].path); across: \(study.knobs[1].path)", header: [""] + columns,
      numbers: Set(1...max(1, columns.count)), rows: rows.map(\.cells))
  }

  private func effects(_ study: CapacityStudy) -> String {
    guard !study.effects.isEmpty else { return "" }
    return HTML.table(
      "What going from the least value to the greatest does, whatever the others are",
      header: ["indicator", "value", "effect", "mean", "spread", "alone"], numbers: [2, 3, 4, 5],
      rows: study.effects.map { effect in
        let unit = study.units[effect.indicator] ?? "1"
        let alone = effect.alone.map { $0.map { Wording.indicator($0, unit: unit) } ?? "–" }.joined(
          separator: " → ")
        return [
          .text(effect.indicator), .text(effect.path),
          .number(Wording.indicator(effect.magnitude, unit: unit)),
          .number(Wording.indicator(effect.mean, unit: unit)),
          .number(Wording.indicator(effect.spread, unit: unit)),
          .number(alone),
        ]
      })
  }
}
