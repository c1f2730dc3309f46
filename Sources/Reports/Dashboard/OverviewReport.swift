import Chronology
import RunRecord

/// The first page of the dashboard: what a results database holds.
package struct OverviewReport {
  /// When and with what something was run.
  package struct LineTimes: Sendable {
    /// When it was written first and last, in seconds since 1970.
    package var written: (first: Int64, last: Int64)?
    /// How long it took on the real clock, in seconds.
    package var took: Double?
    /// The version of Meterstorm that has run it.
    package var version: String?

    /// Makes times.
    package init(written: (first: Int64, last: Int64)? = nil, took: Double? = nil, version: String? = nil) {
      (self.written, self.took, self.version) = (written, took, version)
    }

    /// When it was written last, for how long, and the version.
    var cells: [HTML.Cell] {
      [
        .raw("<span class=\"n\">\(written.map { Self.date($0.last) } ?? "–")</span>"),
        .number(took.map(Self.span) ?? "–"),
        .quiet(version ?? "–"),
      ]
    }

    /// A campaign's is known to the second: no decimals are shown that nobody has measured.
    private static func span(_ seconds: Double) -> String {
      guard seconds < 60, seconds == seconds.rounded() else { return Wording.span(seconds) }
      return seconds < 1 ? "< 1s" : "\(Wording.whole(seconds))s"
    }

    /// `2026-11-29 14:05`.
    private static func date(_ seconds: Int64) -> String {
      let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
      return overflow
        ? "–" : String("\(Instant(nanoseconds: nanoseconds))".prefix(16)).replacing("T", with: " ")
    }
  }

  /// A campaign, as a line.
  package struct CampaignLine: Sendable {
    package var id: Int64
    package var scenario: String
    package var options: [String]
    package var runs: Int
    package var failed: Int
    /// The commit; `nil`: not known.
    package var commit: String?
    package var times = LineTimes()
    /// Makes a line.
    package init(
      id: Int64, scenario: String, options: [String], runs: Int, failed: Int, commit: String? = nil
    ) {
      self.id = id
      self.scenario = scenario
      self.options = options
      self.runs = runs
      self.failed = failed
      self.commit = commit
    }
  }

  /// A scenario of which there are several commits, as a line.
  package struct TrendLine: Sendable {
    /// The campaign of the latest of them.
    package var id: Int64
    package var scenario: String
    package var options: [String]
    /// How many.
    package var commits: Int
    /// Makes a line.
    package init(id: Int64, scenario: String, options: [String], commits: Int) {
      (self.id, self.scenario, self.options, self.commits) = (id, scenario, options, commits)
    }
  }

  /// A run whose record is kept, as a line.
  package struct RunLine: Sendable {
    package var id: Int64
    package var scenario: String
    package var options: [String]
    package var seed: UInt64
    package var verdict: Verdict
    /// What is wrong with a run that cannot be read, of which nothing else is known.
    package var problem: String?
    package var times = LineTimes()
    /// Makes the line of a run that cannot be read.
    package init(id: Int64, problem: String) {
      self.init(id: id, scenario: "run \(id)", options: [], seed: 0, verdict: .open)
      self.problem = problem
    }
    /// Makes a line.
    package init(id: Int64, scenario: String, options: [String], seed: UInt64, verdict: Verdict) {
      self.id = id
      self.scenario = scenario
      self.options = options
      self.seed = seed
      self.verdict = verdict
    }
  }

  /// A study, as a line.
  package struct StudyLine: Sendable {
    /// Its path.
    package var address: String
    /// `comparison` or `capacity`.
    package var kind: String
    package var scenario: String
    package var question: String
    /// Makes a line.
    package init(address: String, kind: String, scenario: String, question: String) {
      self.address = address
      self.kind = kind
      self.scenario = scenario
      self.question = question
    }
  }

  private let database: String
  private let version: String
  private let campaigns: [CampaignLine]
  private let runs: [RunLine]
  private let studies: [StudyLine]
  private let trends: [TrendLine]

  /// Makes a page.
  ///
  /// - Parameters:
  ///   - database: the file.
  ///   - version: of Meterstorm.
  package init(
    database: String, version: String, campaigns: [CampaignLine], runs: [RunLine], studies: [StudyLine],
    trends: [TrendLine] = []
  ) {
    self.database = database
    self.version = version
    self.campaigns = campaigns
    self.runs = runs
    self.studies = studies
    self.trends = trends
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  package func html() throws -> String {
    let seeds = Wording.sum(campaigns.map(\.runs))
    let failed = Wording.sum(campaigns.map(\.failed) + [runs.count { $0.verdict == .fail }])
    let isEmpty = campaigns.isEmpty && runs.isEmpty && studies.isEmpty
    var page = HTMLPage(
      title: database, verdict: isEmpty ? "EMPTY" : failed > 0 ? "FAILURES" : "NO FAILURE",
      tone: isEmpty ? "plain" : failed > 0 ? "bad" : "good",
      headline: isEmpty
        ? "Nothing is kept here yet: run, campaign, compare and capacity keep results with --database."
        : failed == 0
          ? "No run failed." : failures,
      subtitle: "A results database of Meterstorm. This page refreshes itself; times are UTC.",
      foot: "Meterstorm \(version)")
    page.served = Served(path: [], isLive: true)
    page.figures = [
      .init(name: "runs", value: Wording.grouped(runs.count)),
      .init(name: "campaigns", value: Wording.grouped(campaigns.count)),
      .init(name: "seeds", value: Wording.grouped(seeds)),
      .init(name: "studies", value: Wording.grouped(studies.count)),
    ]
    page.sections = [
      .init(id: "search", title: "Search", content: Served.search),
      .init(id: "runs", title: "Runs", content: runTable),
      .init(id: "campaigns", title: "Campaigns", content: campaignTable),
      .init(id: "studies", title: "Studies", content: studyTable),
    ]
    if !trends.isEmpty {
      page.sections.insert(.init(id: "trends", title: "Trends over commits", content: trendTable), at: 1)
    }
    return try page.html()
  }

  /// How many runs and seeds failed, of how many.
  private var failures: String {
    let kept = runs.count { $0.verdict == .fail }
    let seeds = Wording.sum(campaigns.map(\.failed))
    return [
      kept == 0 ? nil : "\(Wording.grouped(kept)) of \(Wording.grouped(runs.count)) kept runs failed",
      seeds == 0
        ? nil
        : "\(Wording.grouped(seeds)) of \(Wording.grouped(Wording.sum(campaigns.map(\.runs)))) seeds failed",
    ].compactMap(\.self).joined(separator: ", ") + "."
  }

  private var runTable: String {
    guard !runs.isEmpty else {
      return HTML.paragraph("None. 'meterstorm run --database' keeps one.", "quiet")
    }
    return HTML.table(
      "Runs whose records are kept, the latest first",
      header: ["scenario", "options", "seed", "verdict", "run at", "took", "version"], numbers: [2, 3, 5],
      rows: runs.map { run in
        if let problem = run.problem {
          return [.text(run.scenario), .quiet(problem), .number(""), .bad("unreadable")] + run.times.cells
        }
        return [
          .raw(Served.Link(run.scenario, "/runs/\(run.id)").markup),
          .quiet(run.options.joined(separator: " ")),
          .number("\(run.seed)"), Self.verdict(run.verdict),
        ] + run.times.cells
      })
  }

  private var campaignTable: String {
    guard !campaigns.isEmpty else {
      return HTML.paragraph("None. 'meterstorm campaign --database' keeps one.", "quiet")
    }
    return HTML.table(
      "In the order in which they were started",
      header: ["scenario", "options", "commit", "seeds", "failed", "last seed at", "duration", "version"],
      numbers: [3, 4, 6],
      rows: campaigns.map { campaign in
        [
          .raw(Served.Link(campaign.scenario, "/campaigns/\(campaign.id)").markup),
          .quiet(campaign.options.joined(separator: ", ")),
          .quiet(campaign.commit.map(GateWording.commit) ?? ""), .number(Wording.grouped(campaign.runs)),
          campaign.failed == 0 ? .good("0") : .bad(Wording.grouped(campaign.failed)),
        ] + campaign.times.cells
      })
  }

  private var trendTable: String {
    HTML.table(
      "Scenarios of which there are several commits", header: ["scenario", "options", "commits"],
      numbers: [2],
      rows: trends.map { trend in
        [
          .raw(Served.Link(trend.scenario, "/trends/\(trend.id)").markup),
          .quiet(trend.options.joined(separator: ", ")), .number(Wording.grouped(trend.commits)),
        ]
      })
  }

  private var studyTable: String {
    guard !studies.isEmpty else {
      return HTML.paragraph(
        "None. 'meterstorm compare' and 'meterstorm capacity' keep one with --database.", "quiet")
    }
    return HTML.table(
      "Studies", header: ["kind", "scenario", "question"],
      rows: studies.map { study in
        [.raw(Served.Link(study.kind, study.address).markup), .text(study.scenario), .text(study.question)]
      })
  }

  static func verdict(_ verdict: Verdict) -> HTML.Cell {
    switch verdict {
    case .pass: .good("✓ pass")
    case .fail: .bad("✗ fail")
    default: .quiet(verdict.rawValue)
    }
  }
}
