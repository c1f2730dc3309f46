import RunRecord

/// A capacity study as one HTML file.
package struct CapacityReport {
  private let studies: [CapacityStudy]
  private let served: Served?

  /// Makes a report of one study or several.
  ///
  /// - Parameter served: its place in the dashboard; `nil`: a file.
  package init(_ studies: [CapacityStudy], served: Served? = nil) {
    self.studies = studies
    self.served = served
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  package func html() throws -> String {
    let isInterrupted = studies.contains(where: \.interrupted)
    var page = HTMLPage(
      title: studies.first?.scenario ?? "", verdict: isInterrupted ? "INTERRUPTED" : "CAPACITY",
      tone: isInterrupted ? "bad" : "plain",
      headline: studies.compactMap(\.headline).joined(separator: " "),
      subtitle: subtitle(isInterrupted),
      foot:
        "Meterstorm \(studies.first?.meterstorm ?? "") · scenario \(studies.first?.scenarioHash ?? "")"
    )
    page.served = served
    page.sections = studies.map { study in
      .init(
        id: "study-\(study.name)", title: study.name == "command-line" ? "Study" : study.name,
        content: StudySection(study, isAlone: studies.count == 1).markup)
    }
    return try page.html()
  }

  private func subtitle(_ isInterrupted: Bool) -> String {
    let runs = "\(Wording.grouped(Wording.sum(studies.map(\.runs)))) replications"
    return isInterrupted ? "\(runs), then it was interrupted: only complete results are shown." : "\(runs)."
  }
}

extension CapacityStudy {
  /// What a reader takes away.
  fileprivate var headline: String? {
    let sentences = StudySentences(self)
    return sentences.answer ?? sentences.sensitivity.first
  }
}

/// One study of a page.
struct StudySection {
  let study: CapacityStudy
  private let sentences: StudySentences
  private let isAlone: Bool

  /// - Parameter isAlone: whether the page's headline says already what came of it.
  init(_ study: CapacityStudy, isAlone: Bool) {
    self.study = study
    self.isAlone = isAlone
    sentences = StudySentences(study)
  }

  /// Its part of the page.
  var markup: String {
    let answer = (isAlone ? nil : sentences.answer).map {
      HTML.paragraph($0, study.curves.contains { $0.answer != nil } ? "answer" : "answer bad")
    }
    return (answer ?? "") + planner + asked + notes + charts + overview + remarks + details + map
      + sensitivity
  }

  private var confidence: String { Wording.fixed(study.confidence * 100, decimals: 0) + " %" }

  private var asked: String {
    guard !study.knobs.isEmpty else { return "" }
    let knobs = study.knobs.map { sentences.range($0) }.joined(separator: "; ")
    let objectives = study.objectives.map(StudyWording.objective).joined(separator: ", ")
    return HTML.paragraph(
      "Varied: \(knobs)."
        + (objectives.isEmpty ? "" : " Objectives: \(objectives), each with \(confidence) confidence."),
      "quiet")
  }

  private var notes: String { (study.notes ?? []).map { HTML.paragraph("Note: \($0).") }.joined() }

  // MARK: Curves

  /// The figures of the objectives, the first one first.
  private var names: [String] {
    study.thresholds.keys.sorted { a, b in
      let first = study.objectives.firstIndex { $0.hasPrefix(a) } ?? 0
      return (first, a) < (study.objectives.firstIndex { $0.hasPrefix(b) } ?? 0, b)
    }
  }

  private var charts: String {
    guard let knob = study.knobs.first, study.curves.contains(where: { !$0.points.isEmpty }) else {
      return ""
    }
    let charts = names.map { name -> String in
      let lines = study.curves.map { curve in
        CurvePlot.Line(
          name: sentences.setting(curve) ?? "",
          points: curve.points.compactMap { point in
            point.estimates[name].map {
              CurvePlot.Point(
                x: point.numbers.first ?? 0, estimate: $0,
                isJudged: ![.seemsMet, .seemsMissed].contains(point.finding),
                text: point.values.first ?? "")
            }
          }, answer: answer(curve))
      }
      let title = sentences.capitalised(sentences.title(name))
      return "<h3>\(HTML.escaped(title))</h3>"
        + CurvePlot(
          title: "\(title) against \(sentences.words(knob.path))", horizontal: sentences.words(knob.path),
          isDuration: sentences.isDuration(knob.path),
          vertical: name, unit: study.units[name] ?? "1", threshold: study.thresholds[name], lines: lines
        ).markup
    }
    return charts.joined(separator: "\n")
      + HTML.paragraph(
        "Solid points were judged on fresh replications; hollow ones guided the search with a few. Bars are \(confidence) confidence intervals; a dotted line marks the answer.",
        "quiet")
  }

  private func answer(_ curve: CapacityStudy.Curve) -> (x: Double, text: String)? {
    guard let answer = curve.answer,
      let point = curve.points.first(where: { $0.values.first == answer }), let x = point.numbers.first
    else { return nil }
    let reach = study.seeks == "smallest" ? "from " : curve.beyond == nil ? "at least " : "up to "
    return (x, reach + StudySentences.figure(answer))
  }

  private var overview: String {
    guard let knob = study.knobs.first, !study.curves.isEmpty else { return "" }
    let hasSettings = study.curves.contains { $0.setting != nil }
    return HTML.table(
      "How far the objectives hold: \(sentences.words(knob.path))",
      header: (hasSettings ? ["with"] : []) + ["met at", "not shown to be met at", "bottleneck beyond that"],
      rows: study.curves.map { curve in
        let setting: [HTML.Cell] = hasSettings ? [.text(sentences.setting(curve) ?? "")] : []
        let answer: HTML.Cell =
          curve.answer.map { .good(StudySentences.figure($0)) }
          ?? (curve.isInterrupted == true ? .quiet("interrupted") : .bad("none"))
        return setting + [
          answer,
          .number(
            curve.beyond.map(StudySentences.figure) ?? (curve.answer == nil ? "–" : "the range ends here")),
          .text(
            curve.isInterrupted == true
              ? "interrupted before this was known"
              : curve.binding.isEmpty
                ? "no resource of posting is saturated"
                : Self.uses(curve.binding)),
        ]
      })
  }

  /// `workers 100 %, places 98 % of entity us's ERP`.
  private static func uses(_ uses: [CapacityStudy.Use]) -> String {
    var groups: [(owner: String, parts: [String])] = []
    for use in uses {
      let share = Wording.fixed(use.utilization * 100, decimals: 0) + " %"
      let parts = use.resource.split(separator: " ", maxSplits: 1).map(String.init)
      let isERP = parts.count == 2 && parts[0].hasPrefix("erp/")
      let owner = isERP ? "entity \(parts[0].dropFirst(4))'s ERP" : ""
      if groups.last?.owner != owner { groups.append((owner, [])) }
      groups[groups.count - 1].parts.append("\(isERP ? parts[1] : use.resource) \(share)")
    }
    return groups.map { $0.parts.joined(separator: ", ") + ($0.owner.isEmpty ? "" : " of \($0.owner)") }
      .joined(separator: "; ")
  }

  private var remarks: String {
    study.curves.map { curve in
      let setting = sentences.setting(curve).map { "With \($0): " } ?? ""
      var parts: [String] = []
      if let words = StudyWording.exceptions(curve, study) {
        parts.append(HTML.paragraph(sentences.capitalised("\(setting)not monotone: \(words)."), "bad"))
      }
      if let knee = StudyWording.knee(curve) {
        parts.append(HTML.paragraph(sentences.capitalised("\(setting)\(knee).")))
      }
      if let open = open(curve) { parts.append(HTML.paragraph(sentences.capitalised("\(setting)\(open)."))) }
      return parts.joined()
    }.joined()
  }

  /// Values of which nothing was shown, with the reason that they share.
  private func open(_ curve: CapacityStudy.Curve) -> String? {
    var groups: [(reason: String, values: [String])] = []
    for point in curve.points where point.finding == .open {
      for reason in point.reasons {
        let value = StudySentences.figure(point.values.first ?? "")
        if let place = groups.firstIndex(where: { $0.reason == reason }) {
          groups[place].values.append(value)
        } else {
          groups.append((reason, [value]))
        }
      }
    }
    guard !groups.isEmpty else { return nil }
    return groups.map { "open at \($0.values.joined(separator: ", ")): \($0.reason)" }.joined(separator: "; ")
  }

  private var details: String {
    let knob = study.knobs.first.map { sentences.words($0.path) } ?? ""
    return study.curves.map { curve in
      let rows = curve.points.map { point -> [HTML.Cell] in
        [.number(point.values.map(StudySentences.figure).joined(separator: ", "))]
          + names.map { name in
            .number(
              point.estimates[name].map {
                StudyWording.estimate($0, unit: study.units[name] ?? "1", of: point.runs)
              } ?? "–")
          }
          + [
            .number("\(point.runs)"), Self.cell(point.finding), .text(point.reasons.joined(separator: "; ")),
          ]
      }
      let title = "Every value tried" + (sentences.setting(curve).map { " with \($0)" } ?? "")
      return HTML.details(
        title,
        HTML.table(
          title, header: [knob] + names.map(sentences.title) + ["runs", "finding", "why"],
          numbers: Set(0...names.count + 2), rows: rows))
    }.joined(separator: "\n")
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

  // MARK: Maps

  private var map: String {
    guard !study.map.isEmpty, study.knobs.count == 2 else { return "" }
    var columns: [String] = []
    var rows: [(name: String, cells: [HTML.Cell])] = []
    for point in study.map {
      let (row, column) = (
        StudySentences.figure(point.values[0]), StudySentences.figure(point.values.last ?? "")
      )
      if !columns.contains(column) { columns.append(column) }
      if rows.last?.name != row { rows.append((row, [.text(row)])) }
      let value =
        names.first.flatMap { name in
          point.estimates[name].map { Wording.indicator($0.mean, unit: study.units[name] ?? "1") }
        } ?? ""
      rows[rows.count - 1].cells.append(
        point.finding == .met
          ? .good("● \(value)")
          : [.missed, .seemsMissed].contains(point.finding) ? .bad("✗ \(value)") : .quiet("? \(value)"))
    }
    let width = columns.count + 1
    return HTML.table(
      "Down: \(sentences.words(study.knobs[0].path)); across: \(sentences.words(study.knobs[1].path))",
      header: [""] + columns, numbers: Set(1...max(1, columns.count)),
      rows: rows.map { $0.cells + Array(repeating: .text(""), count: max(0, width - $0.cells.count)) })
      + HTML.paragraph(
        "●: meets the objectives; ✗: does not; ?: not shown either way. Figures: \(names.first.map(sentences.title) ?? "").",
        "quiet")
  }

  // MARK: Effects and indices

  private var sensitivity: String {
    guard !study.effects.isEmpty || study.indices?.isEmpty == false else { return "" }
    let list = "<ul>" + sentences.sensitivity.map { "<li>\(HTML.escaped($0))</li>" }.joined() + "</ul>"
    var indicators: [String] = []
    for name in study.effects.map(\.indicator) + (study.indices ?? []).map(\.indicator)
    where !indicators.contains(name) { indicators.append(name) }
    return list
      + indicators.map { name in
        effects(study.effects.filter { $0.indicator == name }, name)
          + shares((study.indices ?? []).filter { $0.indicator == name }, name)
      }.joined()
  }

  private func effects(_ effects: [CapacityStudy.Effect], _ name: String) -> String {
    guard !effects.isEmpty else { return "" }
    let unit = study.units[name] ?? "1"
    let title = sentences.capitalised(sentences.title(name))
    let rows = effects.map { effect -> [HTML.Cell] in
      let alone = effect.alone.map { $0.map { Wording.indicator($0, unit: unit) } ?? "–" }
      return [
        .text(sentences.words(effect.path)), .number(StudyWording.effect(effect, \.magnitude, unit)),
        .number(StudyWording.effect(effect, \.mean, unit)),
        .number(Wording.indicator(effect.spread, unit: unit)), .number(alone.joined(separator: " → ")),
      ]
    }
    return IntervalPlot(
      title: "Effects on the \(sentences.title(name))", axis: "from the least value to the greatest",
      unit: unit,
      lines: effects.map { .init(name: sentences.words($0.path), estimate: $0.certainty?.magnitude) }
    ).markup
      + HTML.table(
        "\(title): what going from the least value to the greatest does, whatever the others are",
        header: ["value", "effect", "mean", "spread", "alone, from least to greatest"],
        numbers: [1, 2, 3, 4], rows: rows)
      + HTML.paragraph(
        "Effect: the mean magnitude over trajectories, with its \(confidence) confidence interval; mean: with its sign; spread: how much it depends on the other values.",
        "quiet")
  }

  private func shares(_ indices: [CapacityStudy.Index], _ name: String) -> String {
    guard !indices.isEmpty else { return "" }
    func share(_ estimate: Estimate?) -> String {
      estimate.map { StudyWording.estimate($0, unit: "share", of: $0.count, decimals: 0) } ?? "–"
    }
    let title = sentences.capitalised(sentences.title(name))
    return IntervalPlot(
      title: "What explains the \(sentences.title(name))", axis: "total index", unit: "share",
      lines: indices.filter { $0.path != nil }.map { index in
        .init(name: sentences.words(index.path ?? ""), estimate: index.total)
      }
    ).markup
      + HTML.table(
        "\(title): shares of its variance, where all values vary evenly over their ranges",
        header: ["value", "alone", "together with others"], numbers: [1, 2],
        rows: indices.map { index in
          [
            .text(index.path.map(sentences.words) ?? "chance"), .number(share(index.first)),
            .number(share(index.total)),
          ]
        })
  }
}
