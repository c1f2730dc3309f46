import RunRecord

/// The story of a transaction as one HTML file.
public struct ExplanationReport {
  private let story: Explanation
  private let served: Served?
  /// Steps and events that are shown; of more, their number is told.
  private static let shown = 500

  /// Makes a report.
  public init(_ story: Explanation, served: Served? = nil) {
    self.story = story
    self.served = served
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  public func html() throws -> String {
    var page = HTMLPage(
      title: story.violation?.invariant ?? story.transaction,
      verdict: story.violation == nil ? "STORY" : "VIOLATION", tone: story.violation == nil ? "plain" : "bad",
      headline: headline,
      subtitle: story.violation.map { "Promised: \($0.statement)" } ?? "", foot: foot)
    page.served = served
    if let violation = story.violation {
      page.figures = [
        .init(name: "expected", value: violation.expected),
        .init(name: "found", value: violation.actual, tone: "bad"),
        .init(name: "when", value: violation.at),
      ]
    }
    page.sections = [
      .init(
        id: "summary", title: "In short",
        content: "<ul>" + story.summary.map { "<li>\(HTML.isolated($0))</li>" }.joined() + "</ul>"),
      .init(id: "lineage", title: "From usage to cash", content: lineage),
      .init(id: "timeline", title: "What happened", content: timeline),
    ]
    return try page.html()
  }

  /// What the story comes to; of a violation, the two figures stand apart.
  private var headline: String {
    let sentences = story.summary
    return (story.violation == nil ? sentences.first : sentences.dropFirst(2).first ?? sentences.first)
      ?? "Nothing is known of it."
  }

  private var foot: String { "\(story.run) · fingerprint \(story.fingerprint)" }

  private var lineage: String {
    let rows = story.lineage.prefix(Self.shown).map { step -> [HTML.Cell] in
      [.raw(link(step.id)), .text(step.text), .raw(links(step.from))]
    }
    return HTML.table(
      "What it comes from, and what has come of it", header: ["step", "what it is", "from"], rows: rows)
      + more(story.lineage.count)
  }

  private var timeline: String {
    let rows = story.timeline.prefix(Self.shown).map { event -> [HTML.Cell] in
      [.text(event.at), .text(event.place), .text(event.text), .raw(links(event.ids))]
    }
    return HTML.table(
      "Everything that touched it, in order", header: ["when", "where", "what", "of"], rows: rows)
      + more(story.timeline.count)
  }

  private func more(_ count: Int) -> String {
    count > Self.shown ? HTML.paragraph("and \(Wording.grouped(count - Self.shown)) more", "quiet") : ""
  }

  private func links(_ ids: [String]) -> String {
    ids.prefix(3).map(link).joined(separator: ", ") + (ids.count > 3 ? " and \(ids.count - 3) more" : "")
  }

  /// An id, which in the dashboard leads to its own story.
  private func link(_ id: String) -> String {
    guard let stories = served?.stories else { return HTML.isolated(id) }
    return Served.Link(id, "\(stories)?transaction=\(HTML.query(id))").markup
  }
}
