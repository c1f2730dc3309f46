import RunRecord

/// The first page of the dashboard: what a results database holds.
public struct OverviewReport {
  /// A campaign, as a line.
  public struct CampaignLine: Sendable {
    public var id: Int64
    public var scenario: String
    public var options: [String]
    public var runs: Int
    public var failed: Int
    /// Makes a line.
    public init(id: Int64, scenario: String, options: [String], runs: Int, failed: Int) {
      self.id = id
      self.scenario = scenario
      self.options = options
      self.runs = runs
      self.failed = failed
    }
  }

  /// A run whose record is kept, as a line.
  public struct RunLine: Sendable {
    public var id: Int64
    public var scenario: String
    public var options: [String]
    public var seed: UInt64
    public var verdict: Verdict
    /// What is wrong with a run that cannot be read, of which nothing else is known.
    public var problem: String?
    /// Makes the line of a run that cannot be read.
    public init(id: Int64, problem: String) {
      self.init(id: id, scenario: "run \(id)", options: [], seed: 0, verdict: .open)
      self.problem = problem
    }
    /// Makes a line.
    public init(id: Int64, scenario: String, options: [String], seed: UInt64, verdict: Verdict) {
      self.id = id
      self.scenario = scenario
      self.options = options
      self.seed = seed
      self.verdict = verdict
    }
  }

  /// A study, as a line.
  public struct StudyLine: Sendable {
    /// Its path.
    public var address: String
    /// `comparison` or `capacity`.
    public var kind: String
    public var scenario: String
    public var question: String
    /// Makes a line.
    public init(address: String, kind: String, scenario: String, question: String) {
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

  /// Makes a page.
  ///
  /// - Parameters:
  ///   - database: the file.
  ///   - version: of Meterstorm.
  public init(
    database: String, version: String, campaigns: [CampaignLine], runs: [RunLine], studies: [StudyLine]
  ) {
    self.database = database
    self.version = version
    self.campaigns = campaigns
    self.runs = runs
    self.studies = studies
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  public func html() throws -> String {
    let seeds = Wording.sum(campaigns.map(\.runs))
    let failed = Wording.sum(campaigns.map(\.failed) + [runs.count { $0.verdict == .fail }])
    let isEmpty = campaigns.isEmpty && runs.isEmpty && studies.isEmpty
    var page = HTMLPage(
      title: database, verdict: isEmpty ? "EMPTY" : failed > 0 ? "FAILURES" : "NO FAILURE",
      tone: isEmpty ? "plain" : failed > 0 ? "bad" : "good",
      headline: isEmpty
        ? "Nothing is kept here yet: run, campaign, compare and capacity take --database."
        : failed == 0
          ? "Nothing that is kept here has failed."
          : "\(Wording.grouped(failed)) runs that are kept here failed.",
      subtitle: "A results database of Meterstorm. This page follows it.", foot: "Meterstorm \(version)")
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
    return try page.html()
  }

  private var runTable: String {
    guard !runs.isEmpty else {
      return HTML.paragraph("None. 'meterstorm run --database' keeps one.", "quiet")
    }
    return HTML.table(
      "Runs whose records are kept, the latest first", header: ["scenario", "options", "seed", "verdict"],
      numbers: [2],
      rows: runs.map { run in
        if let problem = run.problem {
          return [.text(run.scenario), .quiet(problem), .number(""), .bad("unreadable")]
        }
        return [
          .raw(Served.Link(run.scenario, "/runs/\(run.id)").markup),
          .quiet(run.options.joined(separator: " ")),
          .number("\(run.seed)"), Self.verdict(run.verdict),
        ]
      })
  }

  private var campaignTable: String {
    guard !campaigns.isEmpty else {
      return HTML.paragraph("None. 'meterstorm campaign --database' keeps one.", "quiet")
    }
    return HTML.table(
      "Campaigns", header: ["scenario", "options", "seeds", "failed"], numbers: [2, 3],
      rows: campaigns.map { campaign in
        [
          .raw(Served.Link(campaign.scenario, "/campaigns/\(campaign.id)").markup),
          .quiet(campaign.options.joined(separator: ", ")), .number(Wording.grouped(campaign.runs)),
          campaign.failed == 0 ? .good("0") : .bad(Wording.grouped(campaign.failed)),
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
    case .pass: .good("pass")
    case .fail: .bad("fail")
    default: .quiet(verdict.rawValue)
    }
  }
}
