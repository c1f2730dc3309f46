import RunRecord

/// How failing properties and indicators of a scenario have moved over commits.
package struct TrendReport {
  private let scenario: String
  private let options: [String]
  private let points: [TrendPoint]
  private let earlier: Int
  private let version: String
  private let served: Served

  /// Makes a page.
  ///
  /// - Parameters:
  ///   - points: one for each commit, in the order in which they were begun.
  ///   - earlier: commits before them that are not shown.
  ///   - version: of Meterstorm.
  package init(
    scenario: String, options: [String], points: [TrendPoint], earlier: Int, version: String, served: Served
  ) {
    self.scenario = scenario
    self.options = options
    self.points = points
    self.earlier = earlier
    self.version = version
    self.served = served
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  package func html() throws -> String {
    let last = points.last
    let isFailing = last?.failed ?? 0 > 0
    var page = HTMLPage(
      title: scenario, verdict: points.isEmpty ? "EMPTY" : isFailing ? "FAILING" : "NO FAILURE",
      tone: points.isEmpty ? "plain" : isFailing ? "bad" : "good", headline: headline,
      subtitle: options.joined(separator: ", "), foot: "Meterstorm \(version)")
    page.served = served
    page.figures = [
      .init(name: "commits", value: Wording.grouped(points.count + earlier)),
      .init(
        name: "seeds of the last one that passed",
        value: last.map { "\(Wording.grouped($0.runs - $0.failed)) of \(Wording.grouped($0.runs))" } ?? "–",
        tone: isFailing ? "bad" : "good"),
    ]
    page.sections = [
      .init(id: "properties", title: "What fails", content: properties),
      .init(id: "indicators", title: "Indicators", content: indicators),
      .init(id: "commits", title: "Commits", content: commits),
    ]
    return try page.html()
  }

  private var headline: String {
    guard let last = points.last else { return "The database holds no commit of this scenario." }
    let before = points.dropLast().last
    let new = last.failing.keys.filter { before?.failing[$0] == nil }.sorted()
    let gone = (before?.failing ?? [:]).keys.filter { last.failing[$0] == nil }.sorted()
    let name = GateWording.commit(last.commit)
    var text =
      last.failed == 0
      ? "\(name): \(Wording.grouped(last.runs)) seeds, and nothing broke."
      : "\(name): \(Wording.grouped(last.failed)) of \(Wording.grouped(last.runs)) seeds fail."
    if before != nil {
      if !new.isEmpty { text += " New: " + new.joined(separator: ", ") + "." }
      if !gone.isEmpty { text += " No longer: " + gone.joined(separator: ", ") + "." }
    }
    return text
  }

  private var commits: String {
    let more = earlier > 0 ? HTML.paragraph("\(earlier) earlier commits are not shown", "quiet") : ""
    return HTML.table(
      "Commits, the latest first", header: ["commit", "seeds", "failed", "what failed"], numbers: [1, 2],
      rows: points.reversed().map { point in
        [
          .raw(Served.Link(GateWording.commit(point.commit), point.address).markup),
          .number(Wording.grouped(point.runs)),
          point.failed == 0 ? .good("0") : .bad(Wording.grouped(point.failed)),
          .text(
            point.failing.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key).joined(
              separator: ", ")),
        ]
      }) + more
  }

  private var properties: String {
    let names = Set(points.flatMap(\.failing.keys)).sorted()
    guard !names.isEmpty else {
      return HTML.paragraph("Nothing has failed in any commit that is shown.", "quiet")
    }
    return names.map { name in
      TrendPlot(
        title: name, axis: "share of seeds that fail", unit: "share",
        points: points.map { point in
          .init(
            name: GateWording.commit(point.commit),
            estimate: point.runs > 0
              ? Estimate(
                mean: Double(point.failing[name] ?? 0) / Double(point.runs), halfWidth: nil, confidence: 0.95,
                count: point.runs) : nil)
        }
      ).markup
    }.joined(separator: "\n")
  }

  private var indicators: String {
    var names: [(name: String, unit: String)] = []
    for indicator in points.flatMap(\.indicators) where !names.contains(where: { $0.name == indicator.name })
    {
      names.append((indicator.name, indicator.unit))
    }
    guard !names.isEmpty else {
      return HTML.paragraph("No indicators are kept: these runs are from an earlier version.", "quiet")
    }
    func means(_ name: String) -> [Estimate?] {
      points.map { point in point.indicators.first { $0.name == name }?.estimate }
    }
    let moving = names.filter { Set(means($0.name).map { $0?.mean }).count > 1 }
    let still = names.filter { name in !moving.contains { $0.name == name.name } }
    let plots = moving.map { name, unit in
      TrendPlot(
        title: name, axis: "mean over the seeds, with 95 % intervals", unit: unit,
        points: zip(points, means(name)).map { point, estimate in
          .init(name: GateWording.commit(point.commit), estimate: estimate)
        }
      ).markup
    }
    let same =
      still.isEmpty
      ? ""
      : HTML.paragraph(
        "The same in every commit that is shown: " + still.map(\.name).joined(separator: ", "), "quiet")
    return (plots + [same]).joined(separator: "\n")
  }
}
