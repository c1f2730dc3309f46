import RunRecord

/// What came of one seed of a campaign, as a page of the dashboard.
package struct SeedReport {
  private let run: CampaignRun
  private let summary: CampaignSummary
  private let served: Served
  private let record: String

  /// Makes a page.
  ///
  /// - Parameters:
  ///   - summary: of its campaign.
  ///   - record: where the run is repeated and reported whole.
  package init(_ run: CampaignRun, of summary: CampaignSummary, served: Served, record: String) {
    self.run = run
    self.summary = summary
    self.served = served
    self.record = record
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  package func html() throws -> String {
    let (verdict, tone) = run.verdict == .pass ? ("PASS", "good") : ("FAIL", "bad")
    let first = run.broken.first.map {
      "First: \($0.invariant) at \(Wording.instant($0.at)), expected \($0.expected), found \($0.actual)."
    }
    var page = HTMLPage(
      title: "\(summary.scenario), seed \(run.seed)", verdict: verdict, tone: tone,
      headline: run.verdict == .pass
        ? "Every judged invariant held." : first ?? "Missed: \(run.missed.joined(separator: "; ")).",
      subtitle: run.cause.isEmpty ? "" : "Faults active at that moment: \(run.cause).",
      foot: "Meterstorm \(summary.meterstorm) · fingerprint \(run.fingerprint)")
    page.served = served
    page.figures = [
      .init(name: "usage events", value: Wording.grouped(run.usageEvents)),
      .init(name: "virtual time", value: Wording.span(run.simulatedSeconds)),
      .init(
        name: "invariants that broke", value: "\(run.broken.count)", tone: run.broken.isEmpty ? "good" : "bad"
      ),
      .init(name: "situations", value: "\(run.situations.values.count { $0 > 0 })"),
    ]
    if !run.broken.isEmpty { page.sections.append(.init(id: "broken", title: "What broke", content: broken)) }
    page.sections += [
      .init(
        id: "more", title: "The whole run",
        content:
          "<p>\(Served.Link("Repeat this run and open its report", record).markup). The run is deterministic: the same events, in a moment.</p>"
          + served.question),
      .init(id: "variant", title: "What was drawn for this seed", content: variant),
      .init(id: "situations", title: "Situations", content: situations),
      .init(
        id: "reproduce", title: "Run it again",
        content: "<pre>\(HTML.escaped(summary.command("run", seed: run.seed, variant: run.variant)))</pre>"),
    ]
    return try page.html()
  }

  private var broken: String {
    HTML.table(
      "Invariants that broke, the earliest first",
      header: ["invariant", "when", "of", "expected", "found", "violations"], numbers: [5],
      rows: run.broken.map { broken in
        [
          .text(broken.invariant), .text(Wording.instant(broken.at)),
          .text(broken.ids.joined(separator: ", ")),
          .text(broken.expected), .text(broken.actual), .bad(Wording.grouped(broken.violations)),
        ]
      })
  }

  private var variant: String {
    run.variant.isEmpty
      ? HTML.paragraph("Nothing: the scenario was run as it is in the file.", "quiet")
      : "<pre>\(HTML.escaped(run.variant.joined(separator: "\n")))</pre>"
  }

  private var situations: String {
    HTML.table(
      "Situations that were reached", header: ["situation", "times"], numbers: [1],
      rows: run.situations.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map {
        [.text($0.key), .number(Wording.grouped($0.value))]
      })
  }
}

/// Where a transaction is spoken of, as a page of the dashboard.
package struct SearchReport {
  /// A place.
  package struct Finding: Sendable {
    /// What speaks of it.
    package var place: Served.Link
    /// What it says.
    package var text: String
    /// Where its story is told.
    package var story: Served.Link
    /// Whether the place speaks of it, and not only may know of it.
    package var isMention: Bool

    /// What it says of a violation.
    package static func violation(
      _ invariant: String, at: String, expected: String, found: String
    ) -> String { "\(invariant) at \(Wording.instant(at)): expected \(expected), found \(found)" }

    /// Makes a finding.
    package init(place: Served.Link, text: String, story: Served.Link, isMention: Bool = true) {
      self.isMention = isMention
      self.place = place
      self.text = text
      self.story = story
    }
  }

  private let wanted: String
  private let findings: [Finding]
  private let isCut: Bool

  /// Makes a page.
  ///
  /// - Parameter isCut: whether there are more findings.
  package init(_ wanted: String, findings: [Finding], isCut: Bool) {
    self.wanted = wanted
    self.findings = findings
    self.isCut = isCut
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  package func html() throws -> String {
    let mentions = findings.count(where: \.isMention)
    var page = HTMLPage(
      title: wanted, verdict: "SEARCH", tone: "plain",
      headline: mentions == 0
        ? "No violation or exception mentions it. It can still be explained in each kept run."
        : "\(mentions)\(isCut ? " and more" : "") violations and exceptions mention it.",
      subtitle: "", foot: "")
    page.served = Served(path: [.init("All results", "/")])
    page.sections = [
      .init(
        id: "findings", title: "Found",
        content: HTML.table(
          "Where it is mentioned", header: ["where", "what", "story"],
          rows: findings.map { [.raw($0.place.markup), .text($0.text), .raw($0.story.markup)] })),
      .init(id: "search", title: "Search", content: Served.search),
    ]
    return try page.html()
  }
}
