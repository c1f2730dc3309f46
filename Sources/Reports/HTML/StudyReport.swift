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
        tone: variant.sound == variant.runs ? "good" : "bad")
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
      return (second.reduce(0, +), a) < (first.reduce(0, +), b)
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
        "\(Wording.grouped(studies.reduce(0) { $0 + $1.runs })) replications; an objective is met where the one-sided confidence limit of the mean lies within it.",
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
    let knobs = study.knobs.map {
      "\($0.path) from \(CapacityText.readable($0.from)) to \(CapacityText.readable($0.to))"
    }
    let asked = HTML.paragraph(
      "Turned: \(knobs.joined(separator: ", ")). Objectives: \(study.objectives.joined(separator: ", ")), each with \(Wording.fixed(study.confidence * 100, decimals: 0)) % confidence.",
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
        + (curve.isMonotone
          ? "" : HTML.paragraph("Not monotone: a value beyond the answer meets the objectives again.", "bad"))
        + (curve.knee.map { HTML.paragraph("The curve turns up at \(CapacityText.readable($0)).") } ?? ""))
    for name in names {
      let points = curve.points.compactMap { point in
        point.estimates[name].map {
          CurvePlot.Point(
            x: point.numbers.first ?? 0, estimate: $0, isMet: point.finding == .met,
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
          .number("\(point.runs)"), point.finding == .met ? .good("met") : .bad(point.finding.rawValue),
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
          ? .good("● \(value)") : point.finding == .missed ? .bad("✗ \(value)") : .quiet("? \(value)"))
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

/// A campaign as one HTML file.
public struct CampaignReport {
  /// Seeds of a campaign, for the dashboard.
  public struct Seeds: Sendable {
    /// Some of the runs, in the order of seeds.
    public var runs: [CampaignRun]
    /// Where further ones are; `nil`: there are none.
    public var next: Served.Link?
    /// Where the page of a seed is, without the seed.
    public var address: String

    /// Makes a list.
    public init(runs: [CampaignRun], next: Served.Link?, address: String) {
      self.runs = runs
      self.next = next
      self.address = address
    }
  }

  private let summary: CampaignSummary
  private let served: Served?
  private let seeds: Seeds?

  /// Makes a report.
  ///
  /// - Parameters:
  ///   - served: its place in the dashboard; `nil`: a file.
  ///   - seeds: of which the dashboard shows some, with links.
  public init(_ summary: CampaignSummary, served: Served? = nil, seeds: Seeds? = nil) {
    self.summary = summary
    self.served = served
    self.seeds = seeds
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  public func html() throws -> String {
    let failed = summary.runs - summary.passed
    let all = summary.situations.count - summary.avoided.count - summary.impossible.count
    let reached = all - summary.neverReached.count
    let (verdict, tone) =
      failed > 0 || !summary.interrupted && summary.runs > 0 && !summary.isPass
      ? ("FAIL", "bad")
      : summary.interrupted
        ? ("INTERRUPTED", "bad") : summary.runs == 0 ? ("NOTHING RUN", "bad") : ("PASS", "good")
    var page = HTMLPage(
      title: summary.scenario, verdict: verdict, tone: tone,
      headline: failed == 0
        ? "\(Wording.grouped(summary.passed)) seeds, and nothing broke."
          + (summary.requirements.contains { !$0.isMet }
            ? " Required, and on no seed: "
              + summary.requirements.filter { !$0.isMet }.map(\.name).joined(separator: ", ") + "." : "")
        : "\(Wording.grouped(failed)) of \(Wording.grouped(summary.runs)) seeds fail, in \(summary.failures.count == 1 ? "one way" : "\(summary.failures.count) ways").",
      subtitle: summary.options.joined(separator: ", "),
      foot: "Meterstorm \(summary.meterstorm) · scenario \(summary.scenarioHash)"
    )
    page.served = served
    page.figures = [
      .init(
        name: "seeds that passed",
        value: "\(Wording.grouped(summary.passed)) of \(Wording.grouped(summary.runs))",
        tone: failed == 0 ? "good" : "bad"),
      .init(name: "usage events", value: Wording.short(Double(summary.usageEvents))),
      .init(name: "virtual time", value: Wording.span(summary.simulatedSeconds)),
      .init(name: "situations reached", value: "\(reached) of \(all)", tone: reached == all ? "good" : ""),
      .init(
        name: "invariants exercised",
        value: "\(summary.exercised.count - summary.notExercised.count) of \(summary.exercised.count)"),
    ]
    if !summary.failures.isEmpty {
      page.sections.append(.init(id: "failures", title: "What broke", content: failures))
    }
    if let seeds { page.sections.append(.init(id: "seeds", title: "Seeds", content: list(seeds))) }
    page.sections.append(.init(id: "situations", title: "Situations", content: situations))
    if !summary.exercised.isEmpty {
      page.sections.append(.init(id: "invariants", title: "Invariants", content: exercised))
    }
    return try page.html()
  }

  private func list(_ seeds: Seeds) -> String {
    let rows = seeds.runs.map { run -> [HTML.Cell] in
      let what = run.broken.first.map { "\($0.invariant) at \($0.at)" } ?? run.missed.first ?? ""
      return [
        .raw(link(run.seed)), OverviewReport.verdict(run.verdict), .number(Wording.grouped(run.usageEvents)),
        .text(what), .quiet(run.cause),
      ]
    }
    return HTML.table(
      "Seeds, those that failed first",
      header: ["seed", "verdict", "usage events", "what broke first", "faults then"],
      numbers: [1, 2], rows: rows) + (seeds.next.map { "<p>\($0.markup)</p>" } ?? "")
  }

  /// A seed, which in the dashboard leads to its page.
  private func link(_ seed: UInt64) -> String {
    seeds.map { Served.Link("\(seed)", "\($0.address)/\(seed)").markup } ?? "\(seed)"
  }

  private var failures: String {
    summary.failures.map { group in
      let example =
        group.example.map {
          "<p>Seed \(link(group.exampleSeed)), \(HTML.escaped($0.at)) · \(HTML.isolated($0.ids.joined(separator: ", ")))<br>expected <strong>\(HTML.escaped($0.expected))</strong>, found <strong class=\"bad\">\(HTML.escaped($0.actual))</strong></p>"
        } ?? ""
      let seeds =
        group.seeds.map(link).joined(separator: ", ") + (group.count > group.seeds.count ? ", …" : "")
      let shrunk =
        group.shrunk.map {
          HTML.details("the smallest scenario that breaks it", "<pre>\(HTML.escaped($0))</pre>")
        }
        ?? ""
      return """
        <article><h3>✗ \(HTML.escaped(group.invariant)) on \(Wording.grouped(group.count)) seed\(group.count == 1 ? "" : "s")</h3>
        <p class="quiet">cause: \(HTML.escaped(group.causeText)); seeds \(seeds)</p>
        \(example)<pre>\(HTML.escaped(summary.command("shrink", seed: group.exampleSeed)))</pre>\(shrunk)</article>
        """
    }.joined(separator: "\n")
  }

  private var situations: String {
    let rows = summary.situations.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      name, runs -> [HTML.Cell] in
      [
        .text(name), .number(Wording.grouped(runs)),
        summary.impossible.contains(name)
          ? .quiet("cannot occur here")
          : summary.avoided.contains(name)
            ? .quiet("needs a defect") : runs == 0 ? .bad("never") : .good("✓"),
      ]
    }
    let faults =
      summary.faults.isEmpty
      ? ""
      : HTML.table(
        "On how many seeds each fault began", header: ["fault", "seeds"], numbers: [1],
        rows: summary.faults.map {
          [.text($0.fault), $0.seeds == 0 ? .bad("never") : .number(Wording.grouped($0.seeds))]
        })
    return faults
      + HTML.table(
        "In how many runs each situation was reached", header: ["situation", "runs", ""], numbers: [1, 2],
        rows: rows)
  }

  private var exercised: String {
    HTML.table(
      "In how many runs each invariant was exercised", header: ["invariant", "runs", ""], numbers: [1],
      rows: summary.exercised.sorted { $0.key < $1.key }.map { name, runs in
        [
          .text(name), .number(Wording.grouped(runs)),
          runs == 0 ? .quiet("– not exercised: nothing is known of it") : .good("✓"),
        ]
      })
  }
}
