import Addresses
import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import RunRecord
import Testing

@testable import Dashboard
@testable import Experiments
@testable import ResultsDatabase
@testable import Scenario
@testable import WebService

@Suite("The dashboard")
struct DashboardTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// A database with a campaign that fails on some seeds and a kept run that fails.
  private static let shared = Result { try made() }

  private func store() throws -> (ResultsStore, failing: UInt64) { try Self.shared.get() }

  private static func made() throws -> (ResultsStore, failing: UInt64) {
    let file = root.appendingPathComponent("scenarios/azure-llm-tokens.yaml").path
    var choice = SimulationChoice()
    choice.defect = "retry-without-key"
    let store = try ResultsStore(path: ":memory:")
    var campaign = Campaign(try ScenarioTemplate(file: file, settings: choice.edits), seeds: 1...2)
    campaign.defect = choice.plantedDefect
    campaign.options = choice.words
    let summary = try campaign.perform(into: store)
    let (run, variant) = try campaign.prepare(1)
    try store.keep(run.perform(), variant: variant, of: campaign.identity)
    return (store, try #require(summary.failures.first?.seeds.first))
  }

  private func responder(_ store: ResultsStore) throws -> RouterResponder<BasicRequestContext> {
    let dashboard = Dashboard(store, name: "<b>&db")
    return try WebService(name: "test", address: .loopback(port: 0), token: nil).responder(readOnly: true) {
      dashboard.add(to: $0)
    }
  }

  /// Writes into a database what Meterstorm does not.
  private static func spoil(_ path: String) throws {
    try DatabaseQueue(path: path).write {
      try $0.execute(
        sql: """
          INSERT INTO record SELECT 2, scenario, options, hash, meterstorm, '["x=y"]', seed, 'perhaps', fingerprint, record
            FROM record WHERE id = 1;
          INSERT INTO record SELECT 3, scenario, options, hash, meterstorm, '["x=z"]', seed, verdict, fingerprint,
            json_set(record, '$.simulated.usageEvents', 9223372036854775807) FROM record WHERE id = 1;
          UPDATE run SET usage_events = -5 WHERE seed = 1;
          """)
    }
  }

  @Test("what cannot be read is called unreadable, and everything else is shown")
  func unreadable() async throws {
    let path = NSTemporaryDirectory() + "meterstorm-\(UUID().uuidString).db"
    defer {
      for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }
    let copy = try ResultsStore(path: path)
    try copy.merge(try store().0)
    try Self.spoil(path)
    let responder = try responder(copy)
    let start = try await responder.answer("/")
    #expect(start.status == 200 && start.body.contains("unreadable") && start.body.contains("/runs/1"))
    #expect(start.body.contains("row id 2, column verdict"))
    #expect(try await responder.answer("/runs/1").status == 200)
    for (address, words) in [("/runs/2", "verdict"), ("/runs/3", "simulated.usageEvents")] {
      let answer = try await responder.answer(address)
      #expect(answer.status == 409 && answer.body.contains(words), "\(answer.status) \(answer.body)")
    }
    let campaign = try await responder.answer("/campaigns/1")
    #expect(campaign.status == 200 && campaign.body.contains("/campaigns/1/seeds/2"))
    #expect(campaign.body.contains("unreadable: ") && campaign.body.contains("seed 1: usageEvents"))
    #expect(try await responder.answer("/campaigns/1/seeds/1").status == 409)
    #expect(try await responder.answer("/campaigns/1/seeds/2").status == 200)
    #expect(try await responder.answer("/search?transaction=anything").status == 200)
  }

  /// What a form is sent with: of a transaction that no run has.
  private static let asked = "?transaction=nothing"

  /// The addresses that a page links to, and the places within it that can be linked to.
  private func links(_ html: String) -> (addresses: [String], ids: Set<String>) {
    func values(_ key: String) -> [String] {
      html.components(separatedBy: key).dropFirst().map {
        String($0.prefix { $0 != "\"" }).replacing("&amp;", with: "&").replacing("&#39;", with: "'")
      }
    }
    return (
      values(" href=\"") + values(" action=\"").map { $0 + Self.asked }, Set(values(" id=\""))
    )
  }

  @Test("every link of every page leads to a page, and to a place that is on it")
  func everyLink() async throws {
    let store = try ResultsStore(path: ":memory:")
    try store.merge(try self.store().0)
    // A second commit of the same scenario, so that there is a page of trends.
    let first = try #require(try store.campaigns().first)
    var identity = first.campaign
    identity.commit = "2222222222"
    try store.add(try store.runs(of: first.id), to: try store.begin(identity))
    let responder = try responder(store)
    var pages: [String: Set<String>] = [:]
    var waiting: [(address: String, from: String)] = [("/", "")]
    var places: [(page: String, place: String, from: String)] = []
    while let (address, from) = waiting.popLast() {
      let parts = address.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      let page = parts[0].isEmpty ? from : parts[0]
      if parts.count > 1 { places.append((page, parts[1], from)) }
      // Pages of single seeds and stories are alike: some of each kind are enough.
      let kind = kind(page)
      guard pages[page] == nil, pages.keys.count(where: { self.kind($0) == kind }) < 3 else { continue }
      let answer = try await responder.answer(page)
      if page.hasSuffix(Self.asked) {
        // Where a form leads there is somebody who says that there is no such transaction.
        #expect(!answer.body.contains("There is no page at this address"), "\(page), asked from \(from)")
      } else {
        #expect(answer.status == 200, "\(page), linked from \(from): \(answer.status)")
      }
      let (addresses, ids) = links(answer.body)
      pages[page] = ids
      waiting += addresses.filter { !$0.hasPrefix("http") }.map { ($0, page) }
    }
    for (page, place, from) in places where pages[page] != nil {
      #expect(pages[page]?.contains(place) == true, "\(page)#\(place), linked from \(from)")
    }
    for kind in [
      "", "runs/N", "runs/N/story", "campaigns/N", "campaigns/N/seeds/N", "campaigns/N/seeds/N/report",
      "search",
    ] {
      #expect(pages.keys.contains { self.kind($0) == kind }, "no link leads to \(kind)")
    }
  }

  private func kind(_ page: String) -> String {
    page.prefix { $0 != "?" }.split(separator: "/").map { Int($0) == nil ? String($0) : "N" }
      .joined(separator: "/")
  }

  @Test(
    "a scenario of which there are several commits has a page of trends, each commit a link to its campaign")
  func trends() async throws {
    let store = try ResultsStore(path: ":memory:")
    for (index, commit) in ["1111111111", "2222222222", "3333333333"].enumerated() {
      let id = try store.begin(
        .init(scenario: "s.yaml", scenarioHash: "h", options: [], meterstorm: "1", commit: commit))
      try store.add(
        (1...4 as ClosedRange<UInt64>).map { seed in
          let fails = index == 2 && seed == 3
          return CampaignRun(
            seed: seed, verdict: fails ? .fail : .pass, fingerprint: "f", usageEvents: 1, kernelEvents: 1,
            simulatedSeconds: 1,
            broken: fails
              ? [
                .init(
                  invariant: "<drains>", at: "2026-01-01T00:00:00Z", ids: [], expected: "", actual: "",
                  violations: 1)
              ] : [], missed: [], cause: "", situations: [:], variant: [],
            indicators: ["closeCycleTime": 3600 + Double(seed) + 600 * Double(index), "cost": 5])
        }, to: id)
    }
    let responder = try responder(store)
    let start = try await responder.answer("/")
    #expect(start.body.contains("href=\"/trends/3\"") && start.body.contains("3333333333"))
    let page = try await responder.answer("/trends/3")
    #expect(page.status == 200 && page.body.contains("FAILING"))
    #expect(page.body.contains("3333333333: 1 of 4 seeds fail. New: &lt;drains&gt;."))
    for link in 1...3 { #expect(page.body.contains("href=\"/campaigns/\(link)\"")) }
    #expect(page.body.contains("closeCycleTime: 1111111111 1h; 2222222222 1h 10m; 3333333333 1h 20m"))
    #expect(page.body.contains("The same in every commit that is shown: cost"))
    #expect(try await responder.answer("/trends/9").status == 404)
    #expect(try await responder.answer("/trends/x").status == 404)
    // One commit alone has no trend.
    #expect(try await self.responder(try self.store().0).answer("/").body.contains("/trends/") == false)
  }

  @Test("shows what is kept, repeats runs for their reports and stories, and finds transactions")
  func pages() async throws {
    let (store, failing) = try store()
    let responder = try responder(store)
    let start = try await responder.answer("/")
    #expect(start.status == 200 && start.body.contains("&lt;b&gt;&amp;db") && !start.body.contains("<b>&db"))
    for link in ["/runs/1", "/campaigns/1"] { #expect(start.body.contains("href=\"\(link)\"")) }

    let run = try await responder.answer("/runs/1")
    #expect(run.status == 200 && run.body.contains("/runs/1/story?violation=1"))
    let campaign = try await responder.answer("/campaigns/1")
    #expect(campaign.body.contains("/campaigns/1/seeds/\(failing)") && campaign.body.contains("data-live"))

    let seed = "/campaigns/1/seeds/\(failing)"
    let page = try await responder.answer(seed)
    #expect(page.status == 200 && page.body.contains(seed + "/report"))
    let report = try await responder.answer(seed + "/report")
    let fingerprint = try #require(try store.run(of: 1, seed: failing)?.fingerprint)
    #expect(report.status == 200 && report.body.contains(fingerprint))
    for odd in ["0", "-1", "9223372036854775807", "-9223372036854775808"] {
      #expect(try await responder.answer(seed + "/story?violation=\(odd)").status == 404, "\(odd)")
    }
    let story = try await responder.answer(seed + "/story?violation=1")
    #expect(story.status == 200 && story.body.contains("From usage to cash"))
    let id = try #require(try store.run(of: 1, seed: failing)?.broken.first?.ids.first)
    let found = try await responder.answer(
      "/search?transaction=\(id.replacing(" ", with: "+").replacing("/", with: "%2F"))")
    #expect(found.status == 200 && found.body.contains("\(seed)/story?transaction="))

    // What is spoken of nowhere is looked for in kept runs, and counts as no finding.
    let none = try await responder.answer("/search?transaction=nothing+at+all")
    #expect(
      none.body.contains("No violation or exception mentions it")
        && none.body.contains("neither a violation"))

    let record = try await responder.answer("/runs/1/record.json")
    #expect(record.headers[.contentType] == "application/json")
    let tag = try #require(record.headers[.eTag])
    let again = try await responder.answer("/runs/1/record.json", [.ifNoneMatch: tag])
    #expect(again.status == 304 && again.body.isEmpty)
  }

  @Test(
    "says when a run or campaign was written, how long it took, and with which version; of earlier files it is not known"
  )
  func times() async throws {
    let (store, _) = try store()
    let written = try store.times(of: .record)
    let (times, campaign) = (try #require(written[1]), try #require(try store.times(of: .campaign)[1]))
    #expect(times.first > 1_700_000_000 && times.last >= times.first && times.took != nil)
    #expect(campaign.last >= campaign.first && campaign.took == nil)
    let start = try await responder(store).answer("/")
    #expect(start.body.contains("run at") && start.body.contains("<bdi>\(Meterstorm.version)</bdi>"))
    #expect(start.body.firstMatch(of: />20\d\d-\d\d-\d\d \d\d:\d\d</) != nil)
    let old = try ResultsStore(path: ":memory:")
    #expect(try old.times(of: .campaign).isEmpty)
  }

  @Test("an address that leads nowhere is answered with a page that leads on")
  func nowhere() async throws {
    let answer = try await responder(try store().0).answer("/nothing/here")
    #expect(answer.status == 404 && answer.body.contains("Not found"))
    #expect(answer.body.contains("href=\"/\"") && answer.body.contains("action=\"/search\""))
  }

  @Test("what is not there, or not asked for as it should be, is refused in words")
  func refusals() async throws {
    let (store, failing) = try store()
    let responder = try responder(store)
    for (target, status) in [
      ("/runs/2", 404), ("/runs/x", 404), ("/campaigns/9", 404), ("/campaigns/1/seeds/77", 404),
      ("/campaigns/1/seeds/-1", 404), ("/studies/1/0", 404), ("/studies/1/-1", 404), ("/runs/1/story", 400),
      ("/runs/1/story?violation=x", 400), ("/runs/1/story?violation=999999", 404),
      ("/runs/1/story?transaction=invoice+NO-1", 404), ("/search", 400), ("/search?transaction=", 400),
      ("/search?transaction=%ff", 400), ("/search?transaction=" + String(repeating: "a", count: 201), 400),
    ] {
      let answer = try await responder.answer(target)
      #expect(answer.status == status && answer.body.contains("headline"), "\(target): \(answer.status)")
    }
    let hostile = try await responder.answer("/search?transaction=%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    #expect(hostile.status == 200 && !hostile.body.contains("<script>alert"))
    _ = failing
  }

  @Test("a run whose scenario has changed is not repeated, and a long one is not waited for")
  func repeating() async throws {
    let (store, failing) = try store()
    let stored = try #require(try store.campaigns().first?.campaign)
    var other = stored
    other.scenarioHash = "other"
    #expect(throws: ResultsError.self) { try Campaign(repeating: other, variant: []) }
    other = stored
    other.options.append("unheard-of x")
    #expect(throws: ResultsError.self) { try Campaign(repeating: other, variant: []) }
    other = stored
    other.options = ["defect none-such"]
    #expect(throws: (any Error).self) { try Campaign(repeating: other, variant: []) }
    #expect(throws: ResultsError.self) { try Campaign(repeating: stored, variant: ["no edit"]) }

    let run = try Campaign(repeating: stored, variant: []).prepare(failing).run
    let hurried = RunRepeater(maximum: .zero)
    let file = Self.root.appendingPathComponent("scenarios/month-end-throttle.yaml").path
    let long = try Campaign(ScenarioTemplate(file: file), seeds: 0...0).prepare(1).run
    let refusal = #expect(throws: Refusal.self) {
      try hurried.record(of: long, fingerprint: "", command: "the command")
    }
    #expect(refusal?.status == .serviceUnavailable && refusal?.words.contains("the command") == true)
    let changed = #expect(throws: Refusal.self) {
      try RunRepeater(maximum: .seconds(60)).record(of: run, fingerprint: "f", command: "")
    }
    #expect(changed?.status == .conflict)
  }
}
