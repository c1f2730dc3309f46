import Experiments
import Foundation
import HTTPTypes
import Hummingbird
import NIOPosix
import Reports
import ResultsDatabase
import RunRecord
import Scenario
import WebService

/// A results database as web pages: what it holds, and the runs behind it, which are repeated where one asks for their
/// stories. Nothing is written.
package struct Dashboard: Sendable {
  let store: ResultsStore
  private let name: String
  private let cache = PageCache()
  private let repeater: RunRepeater
  /// Runs, seeds and findings on a page at most.
  private static let shown = 100
  /// Commits on a page of trends at most.
  static let shownCommits = 30

  /// Makes a dashboard.
  ///
  /// - Parameters:
  ///   - store: the database.
  ///   - name: what it is called.
  ///   - patience: how long a run may take that is repeated.
  package init(_ store: ResultsStore, name: String, patience: Duration = .seconds(30)) {
    self.store = store
    self.name = name
    repeater = RunRepeater(maximum: patience)
  }

  /// Adds the pages to a router.
  package func add(to router: Router<BasicRequestContext>) {
    router.get("health") { _, _ in Response.text("ok\n") }
    page(router, "/") { _ in try overview() }
    page(router, "/runs/:id") { try run($0) }
    page(router, "/runs/:id/record.json") { try json(kept($0).record) }
    page(router, "/runs/:id/story", isLasting: true) { try storyOfRun($0) }
    page(router, "/campaigns/:id") { try campaign($0) }
    page(router, "/campaigns/:id/summary.json") { try json(summary($0).summary.json()) }
    page(router, "/campaigns/:id/seeds/:seed") { try seed($0) }
    page(router, "/campaigns/:id/seeds/:seed/report", isLasting: true) { try reportOfSeed($0) }
    page(router, "/campaigns/:id/seeds/:seed/story", isLasting: true) { try storyOfSeed($0) }
    page(router, "/studies/:id/:index") { try study($0) }
    page(router, "/trends/:id") { try trend(of: $0.number("id")) }
    page(router, "/search") { try search($0) }
    page(router, "**") { _ in throw Refusal(.notFound, "There is no page at this address.") }
  }

  // MARK: Answering

  /// What was asked for.
  private struct Question {
    var parameters: Parameters
    var query: [String: String]

    func number<Value: FixedWidthInteger>(_ name: String) throws(Refusal) -> Value {
      guard let value = parameters.get(name).flatMap({ Value($0) }) else {
        throw Refusal(.notFound, "There is no page at this address.")
      }
      return value
    }
  }

  /// - Parameter isLasting: whether the page stays what it is, whatever is written into the database.
  private func page(
    _ router: Router<BasicRequestContext>, _ path: RouterPath, isLasting: Bool = false,
    _ make: @escaping @Sendable (Question) throws -> PageCache.Page
  ) {
    router.get(path) { request, context in
      let question = Question(parameters: context.parameters, query: Self.values(of: request.uri.query ?? ""))
      let address = request.uri.string
      // Databases and simulations block: they have threads of their own.
      let answer = try await NIOThreadPool.singleton.runIfActive {
        result { try found(address, isLasting: isLasting) { try make(question) } }
      }
      switch answer {
      case .failure(let refusal): return refusal.response
      case .success(let page):
        if request.headers[.ifNoneMatch] == page.tag {
          return Response(status: .notModified, headers: [.eTag: page.tag])
        }
        return Response(
          status: .ok, headers: [.contentType: page.contentType, .eTag: page.tag],
          body: .init(byteBuffer: ByteBuffer(bytes: page.bytes)))
      }
    }
  }

  /// The values of a query as a browser sends a form: a plus is a space. Of two of one name, the last counts.
  private static func values(of query: String) -> [String: String] {
    var values: [String: String] = [:]
    for pair in query.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? parts[1].replacing("+", with: " ").removingPercentEncoding : ""
      values[String(parts[0])] = value
    }
    return values
  }

  /// A page, made where it is not known yet.
  private func found(
    _ address: String, isLasting: Bool, _ make: () throws -> PageCache.Page
  ) throws -> PageCache.Page {
    let revision = isLasting ? -1 : try store.revision()
    if let page = cache.page(address, revision: revision) { return page }
    let page = try make()
    cache.keep(page, at: address, revision: revision)
    return page
  }

  /// Every failure in the words in which it is shown.
  private func result<Value>(_ body: () throws -> Value) -> Result<Value, Refusal> {
    do {
      return .success(try body())
    } catch let refusal as Refusal {
      return .failure(refusal)
    } catch let error as ResultsError {
      return .failure(Refusal(.conflict, error.description))
    } catch let error as RecordProblem {
      return .failure(Refusal(.conflict, "What is kept cannot be read: \(error)"))
    } catch is InvalidInput {
      // What a file says that is no scenario is nobody's business here.
      return .failure(
        Refusal(
          .conflict,
          "The run cannot be repeated: its scenario cannot be read. 'meterstorm validate' says why."))
    } catch {
      return .failure(Refusal(.internalServerError, "This page cannot be made: \(error)"))
    }
  }

  private func json(_ data: Data) throws -> PageCache.Page {
    PageCache.Page(bytes: Array(data), contentType: "application/json")
  }

  // MARK: Pages

  static let start = Served.Link("All results", "/")

  private func overview() throws -> PageCache.Page {
    var campaigns: [OverviewReport.CampaignLine] = []
    var studies: [OverviewReport.StudyLine] = []
    for (id, campaign) in try store.campaigns() {
      let counts = try store.counts(of: id)
      let own = try store.studies(of: id)
      studies += own.enumerated().map { index, study in
        .init(
          address: "/studies/\(id)/\(index)", kind: study.kind, scenario: campaign.scenario,
          question: study.question)
      }
      if counts.runs > 0 || own.isEmpty {
        campaigns.append(
          .init(
            id: id, scenario: campaign.scenario, options: campaign.options, runs: counts.runs,
            failed: counts.failed, commit: campaign.commit))
      }
    }
    var runs = try store.eachKeptRun(limit: Self.shown).map { id, kept in
      switch kept {
      case .success(let run):
        var line = OverviewReport.RunLine(
          id: id, scenario: run.campaign.scenario, options: run.campaign.options + run.variant,
          seed: run.seed, verdict: run.verdict)
        line.times.version = run.campaign.meterstorm
        return line
      case .failure(let problem): return OverviewReport.RunLine(id: id, problem: problem.description)
      }
    }
    let (campaignTimes, runTimes) = (try store.times(of: .campaign), try store.times(of: .record))
    let versions = Dictionary(try store.campaigns().map { ($0.id, $0.campaign.meterstorm) }) { first, _ in
      first
    }
    for index in campaigns.indices {
      let id = campaigns[index].id
      campaigns[index].times = .init(campaignTimes[id], isRun: false, version: versions[id])
    }
    for index in runs.indices {
      let id = runs[index].id
      runs[index].times = .init(runTimes[id], isRun: true, version: runs[index].times.version)
    }
    return PageCache.Page(
      try OverviewReport(
        database: name, version: Meterstorm.version, campaigns: campaigns, runs: runs, studies: studies,
        trends: try trends()
      ).html())
  }

  private func kept(_ question: Question) throws -> (run: ResultsStore.KeptRun, record: Data) {
    guard let kept = try store.keptRun(question.number("id")) else {
      throw Refusal(
        .notFound,
        "The database has no run of this number. It may have been replaced by a later run of the same scenario, options and seed."
      )
    }
    return kept
  }

  private func run(_ question: Question) throws -> PageCache.Page {
    let (run, data) = try kept(question)
    let served = Served(path: [Self.start], stories: "/runs/\(run.id)/story")
    return PageCache.Page(try RunReport(RunRecord(json: data), served: served).html())
  }

  private func summary(_ question: Question) throws -> (
    id: Int64, campaign: ResultsStore.Campaign, summary: CampaignSummary
  ) {
    let id: Int64 = try question.number("id")
    guard let campaign = try store.campaigns().first(where: { $0.id == id })?.campaign else {
      throw Refusal(.notFound, "The database has no such campaign.")
    }
    // What cannot be read is told on its own; the others are shown.
    let readable = try store.readableRuns(of: id).runs
    var summary = Campaign.summary(of: campaign, runs: readable)
    summary.origin = .init(directory: FileManager.default.currentDirectoryPath, database: name)
    return (id, campaign, summary)
  }

  private func campaign(_ question: Question) throws -> PageCache.Page {
    let (id, _, summary) = try summary(question)
    let from = max(0, question.query["from"].flatMap { Int($0) } ?? 0)
    let all = try store.runs(of: id, from: from, limit: Self.shown)
    let runs = all.compactMap { try? $0.run.get() }
    let unreadable = all.compactMap { seed, run -> String? in
      guard case .failure(let problem) = run else { return nil }
      return problem.description
    }
    let next =
      all.count == Self.shown
      ? Served.Link("The next seeds", "/campaigns/\(id)?from=\(from + all.count)#seeds") : nil
    return PageCache.Page(
      try CampaignReport(
        summary, served: Served(path: [Self.start], isLive: true),
        seeds: .init(runs: runs, unreadable: unreadable, next: next, address: "/campaigns/\(id)/seeds")
      ).html())
  }

  /// A seed of a campaign, and its place in the dashboard.
  private func place(_ question: Question) throws -> (
    run: CampaignRun, campaign: ResultsStore.Campaign, summary: CampaignSummary, address: String,
    above: [Served.Link]
  ) {
    let (id, campaign, summary) = try summary(question)
    let seed: UInt64 = try question.number("seed")
    guard let run = try store.run(of: id, seed: seed) else {
      throw Refusal(.notFound, "The campaign has not run seed \(seed).")
    }
    return (
      run, campaign, summary, "/campaigns/\(id)/seeds/\(seed)",
      [Self.start, .init(campaign.scenario, "/campaigns/\(id)")]
    )
  }

  private func seed(_ question: Question) throws -> PageCache.Page {
    let (run, _, summary, address, above) = try place(question)
    return PageCache.Page(
      try SeedReport(
        run, of: summary, served: Served(path: above, stories: address + "/story"),
        record: address + "/report"
      ).html())
  }

  private func reportOfSeed(_ question: Question) throws -> PageCache.Page {
    let (run, campaign, summary, address, above) = try place(question)
    let simulation = try simulation(of: campaign, variant: run.variant, seed: run.seed)
    var record = try repeater.record(
      of: simulation, fingerprint: run.fingerprint, command: summary.command("run", seed: run.seed))
    record.directory = FileManager.default.currentDirectoryPath
    let served = Served(path: above + [.init("seed \(run.seed)", address)], stories: address + "/story")
    return PageCache.Page(try RunReport(record, served: served).html())
  }

  private func storyOfSeed(_ question: Question) throws -> PageCache.Page {
    let (run, campaign, _, address, above) = try place(question)
    return try story(
      question, of: campaign, variant: run.variant, seed: run.seed, fingerprint: run.fingerprint,
      served: Served(path: above + [.init("seed \(run.seed)", address)], stories: address + "/story"))
  }

  private func storyOfRun(_ question: Question) throws -> PageCache.Page {
    let (run, _) = try kept(question)
    let address = "/runs/\(run.id)"
    return try story(
      question, of: run.campaign, variant: run.variant, seed: run.seed, fingerprint: run.fingerprint,
      served: Served(path: [Self.start, .init("the run", address)], stories: address + "/story"))
  }

  private func story(
    _ question: Question, of campaign: ResultsStore.Campaign, variant: [String], seed: UInt64,
    fingerprint: String, served: Served
  ) throws -> PageCache.Page {
    let wanted: Explain.Question
    if let number = question.query["violation"].flatMap({ Int($0) }) {
      wanted = .violation(number)
    } else if let text = question.query["transaction"], !text.isEmpty, text.utf8.count <= 200 {
      wanted = .transaction(text)
    } else {
      throw Refusal(
        .badRequest, "Which transaction? Add ?transaction=ID or ?violation=NUMBER to the address.")
    }
    let simulation = try simulation(of: campaign, variant: variant, seed: seed)
    let folder = ShellWords.quoted(FileManager.default.currentDirectoryPath)
    let story = try repeater.story(
      of: wanted, in: simulation, fingerprint: fingerprint,
      command: "cd \(folder) && " + ShellWords.text(simulation.command))
    return PageCache.Page(try ExplanationReport(story, served: served).html())
  }

  /// A run of the database, ready to be repeated.
  private func simulation(
    of stored: ResultsStore.Campaign, variant: [String], seed: UInt64
  ) throws -> SimulationRun {
    var campaign = try Campaign(repeating: stored, variant: variant)
    if stored.options.contains(Campaign.guidedOption) { campaign.variants = name }
    return try campaign.prepare(seed).run
  }

  private func study(_ question: Question) throws -> PageCache.Page {
    let (id, index): (Int64, Int) = (try question.number("id"), try question.number("index"))
    let studies = try store.studies(of: id)
    guard studies.indices.contains(index) else { throw Refusal(.notFound, "The database has no such study.") }
    let study = studies[index]
    let served = Served(path: [Self.start])
    switch study.kind {
    case "comparison":
      return PageCache.Page(
        try ComparisonReport(Comparison(checking: study.result), served: served).html())
    case "capacity":
      return PageCache.Page(
        try CapacityReport([CapacityStudy(checking: study.result)], served: served).html())
    default:
      throw Refusal(
        .notFound, "This version of Meterstorm has no page for a study of the kind '\(study.kind)'.")
    }
  }

  // MARK: Search

  private func search(_ question: Question) throws -> PageCache.Page {
    guard let wanted = question.query["transaction"], !wanted.isEmpty, wanted.utf8.count <= 200 else {
      throw Refusal(.badRequest, "What do you want to search for? Type a transaction or part of its id.")
    }
    let maximum = Self.shown
    var findings: [SearchReport.Finding] = []
    let asked = Served.query(wanted)
    let speaking = Set(try store.eachKeptRun(speakingOf: wanted, limit: maximum).map(\.id))
    for run in try store.eachKeptRun(limit: maximum).compactMap({ try? $0.run.get() })
    where findings.count <= maximum {
      let place = Served.Link("\(run.campaign.scenario), seed \(run.seed)", "/runs/\(run.id)")
      let story = Served.Link("its story", "/runs/\(run.id)/story?transaction=\(asked)")
      var texts: [String] = []
      if speaking.contains(run.id), let (_, data) = try store.keptRun(run.id) {
        texts = (try? RunRecord(json: data).mentions(of: wanted)) ?? []
      }
      findings += texts.prefix(3).map { .init(place: place, text: $0, story: story) }
      if texts.isEmpty {
        findings.append(
          .init(
            place: place, text: "neither a violation nor an exception of this run", story: story,
            isMention: false))
      }
    }
    for (campaign, run) in try store.runs(speakingOf: wanted, limit: maximum) where findings.count <= maximum
    {
      let address = "/campaigns/\(campaign)/seeds/\(run.seed)"
      for broken in run.broken where broken.ids.contains(where: { $0.contains(wanted) }) {
        findings.append(
          .init(
            place: .init("campaign \(campaign), seed \(run.seed)", address),
            text: SearchReport.Finding.violation(
              broken.invariant, at: broken.at, expected: broken.expected, found: broken.actual),
            story: .init("its story", "\(address)/story?transaction=\(asked)")))
      }
    }
    return PageCache.Page(
      try SearchReport(wanted, findings: Array(findings.prefix(maximum)), isCut: findings.count > maximum)
        .html())
  }
}

extension RunRecord {
  /// Where the record speaks of a transaction, in words.
  fileprivate func mentions(of text: String) -> [String] {
    let broken = invariants.flatMap { invariant in
      invariant.violations.filter { $0.ids.contains { $0.contains(text) } }.map {
        SearchReport.Finding.violation(invariant.name, at: $0.at, expected: $0.expected, found: $0.actual)
      }
    }
    let cases = cases.filter { $0.fields.contains { $0.value.contains(text) } }.map {
      "case \($0.number), \($0.kind), raised \($0.raised)"
    }
    return broken + cases
  }
}

extension OverviewReport.LineTimes {
  /// - Parameter isRun: whether it is one run, and not a campaign, which takes from its first seed to its last.
  fileprivate init(_ times: ResultsStore.Times?, isRun: Bool, version: String?) {
    self.init(
      written: times.map { ($0.first, $0.last) },
      took: times.flatMap { isRun ? $0.took : Double($0.last) - Double($0.first) }, version: version)
  }
}

extension Response {
  fileprivate static func text(_ text: String) -> Response {
    Response(
      status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
      body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}
