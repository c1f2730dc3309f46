import Chronology
import RunRecord

/// The story of a transaction as one HTML file.
package struct ExplanationReport {
  private let story: Explanation
  private let served: Served?
  /// Steps and events that are shown; of more, their number is told.
  private static let shown = 500

  /// Makes a report.
  package init(_ story: Explanation, served: Served? = nil) {
    self.story = story
    self.served = served
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  package func html() throws -> String {
    var page = HTMLPage(
      title: story.violation?.invariant ?? story.transaction,
      verdict: story.violation == nil ? "STORY" : "VIOLATION", tone: story.violation == nil ? "plain" : "bad",
      headline: headline,
      subtitle: story.violation.map { "Claim: \($0.statement)" } ?? "", foot: foot)
    page.served = served
    if let violation = story.violation {
      page.figures = [
        .init(name: "expected", value: violation.expected),
        .init(name: "found", value: violation.actual, tone: "bad"),
        .init(name: "found at", value: Wording.instant(violation.at)),
      ]
    }
    page.sections = [
      .init(
        id: "summary", title: "In short",
        content: "<ul>" + story.summary.map { "<li>\(HTML.isolated($0))</li>" }.joined() + "</ul>")
    ]
    let calls = SequenceDiagram(story).markup
    if !calls.isEmpty {
      page.sections.append(.init(id: "calls", title: "Who called whom", content: calls))
    }
    if !story.timeline.isEmpty {
      page.sections.append(.init(id: "timeline", title: "What happened", content: timeline))
    }
    page.sections += [
      .init(id: "lineage", title: "From usage to cash", content: lineage)
    ]
    return try page.html()
  }

  /// What the story comes to; of a violation, the two figures stand apart.
  private var headline: String {
    let sentences = story.summary
    return (story.violation == nil ? sentences.first : sentences.dropFirst(2).first ?? sentences.first)
      ?? "The run has no record of it."
  }

  private var foot: String { "\(story.run) · fingerprint \(story.fingerprint)" }

  private var lineage: String {
    let rows = story.lineage.prefix(Self.shown).map { step -> [HTML.Cell] in
      [.raw(link(step.id)), .text(step.text), .raw(links(step.from))]
    }
    guard !story.lineage.isEmpty else {
      return HTML.paragraph("No lineage is kept for this kind of violation.", "quiet")
    }
    return HTML.table(
      "What it comes from, and what became of it", header: ["step", "what it is", "from"], rows: rows)
      + more(story.lineage.count)
  }

  private var timeline: String {
    let start = story.timeline.first.flatMap { Instant(iso8601: $0.at) }
    let rows = story.timeline.prefix(Self.shown).map { event -> [HTML.Cell] in
      let after = start.flatMap { start in Instant(iso8601: event.at).map { $0.span(after: start).seconds } }
      return [
        .number(after.map(SequenceDiagram.relative) ?? ""), .text(event.place), .text(event.text),
        .raw(links(event.ids)),
        .raw("<span class=\"quiet n\">\(HTML.escaped(Wording.instant(event.at)))</span>"),
      ]
    }
    return HTML.table(
      "Every event that touched it; times are since the first one",
      header: ["after", "where", "what", "about", "at (UTC)"], numbers: [0], rows: rows)
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
