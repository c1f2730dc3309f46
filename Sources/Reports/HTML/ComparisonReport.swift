import RunRecord

/// A comparison as one HTML file.
package struct ComparisonReport {
  private let comparison: Comparison
  private let served: Served?

  /// Makes a report.
  ///
  /// - Parameter served: its place in the dashboard; `nil`: a file.
  package init(_ comparison: Comparison, served: Served? = nil) {
    self.comparison = comparison
    self.served = served
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  package func html() throws -> String {
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
        name: "\(variant.name): passing seeds",
        value: "\(variant.sound) of \(variant.runs)",
        tone: variant.isUnjudged ? "plain" : variant.sound == variant.runs ? "good" : "bad")
    }
    page.sections = [
      .init(id: "verdict", title: "Findings", content: words),
      .init(id: "sound", title: "What broke", content: broken),
      .init(id: "table", title: "Side by side", content: table),
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
    guard !order.isEmpty else { return HTML.paragraph("No invariant broke on any seed.", "good") }
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

  /// An indicator's name in words.
  private func title(_ indicator: Comparison.Indicator) -> String {
    indicator.title.map { $0.prefix(1).uppercased() + $0.dropFirst() } ?? indicator.name
  }

  /// The text's table: every figure of every variant, and what the others change against the first.
  private var table: String {
    guard let baseline = comparison.variants.first else { return "" }
    let text = ComparisonText(comparison)
    var rows: [[HTML.Cell]] = (text.counts).map { row in
      [.text(row[0])] + row.dropFirst().map { .number($0) }
    }
    for indicator in comparison.indicators {
      let changes = text.differences(indicator).dropFirst()
      rows.append(
        [.text(title(indicator))]
          + zip(comparison.variants, [""] + changes).map { variant, change in
            let mean =
              variant.estimates[indicator.name].map {
                StudyWording.estimate($0, unit: indicator.unit, of: variant.runs)
              } ?? "–"
            return .figures(mean, change)
          })
    }
    return HTML.table(
      "Means over runs, and below them the difference from \(baseline.name) on the same seeds",
      header: [""] + comparison.variants.map(\.name), numbers: Set(1...comparison.variants.count), rows: rows)
      + HTML.paragraph(
        "Below each figure: its difference from \(baseline.name), paired by seed; * where the interval excludes zero, = where both are the same on every seed. All intervals of differences hold jointly with \(percent) confidence.",
        "quiet")
      + (comparison.variants.contains { $0.estimates.values.contains { $0.halfWidth == nil } }
        ? HTML.paragraph(StudyWording.withoutInterval, "quiet") : "")
  }

  private var means: String {
    comparison.indicators.map { indicator in
      IntervalPlot(
        title: title(indicator), axis: indicator.name, unit: indicator.unit,
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
    return HTML.paragraph("All of these intervals hold jointly with \(percent) confidence.")
      + HTML.details(
        "every pair on every indicator",
        HTML.table(
          "Difference: the first less the second",
          header: ["indicator", "first", "second", "difference", "finding"],
          numbers: [3], rows: rows), isOpen: comparison.variants.count <= 3)
  }
}
