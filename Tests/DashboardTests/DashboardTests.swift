import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import RunRecord
import Testing

@testable import Dashboard
@testable import Experiments
@testable import ResultsDatabase
@testable import Scenario
@testable import WebService

/// What a request is answered with.
private struct Answer {
  var status: Int
  var headers: HTTPFields
  var body: String
}

extension RouterResponder where Context == BasicRequestContext {
  fileprivate func answer(
    _ target: String, method: HTTPRequest.Method = .get, host: String = "localhost",
    _ headers: HTTPFields = [:]
  ) async throws -> Answer {
    let head = HTTPRequest(
      method: method, scheme: "http", authority: host, path: target, headerFields: headers)
    let request = Request(head: head, body: .init(buffer: ByteBuffer()))
    let context = BasicRequestContext(
      source: .init(channel: EmbeddedChannel(), logger: Logger(label: "test")))
    let response = try await respond(to: request, context: context)
    let writer = Collector()
    try await response.body.write(writer)
    return Answer(status: response.status.code, headers: response.headers, body: writer.text)
  }
}

private final class Collector: ResponseBodyWriter {
  private(set) var text = ""
  func write(_ buffer: ByteBuffer) async throws { text += String(buffer: buffer) }
  func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

@Suite("Who is let in")
struct GateTests {
  private func responder(
    _ address: ListenAddress = .loopback(port: 8380), token: String? = nil, readOnly: Bool = true
  ) throws -> RouterResponder<BasicRequestContext> {
    try WebService(name: "test", address: address, token: token).responder(readOnly: readOnly) { router in
      router.get("/") { _, _ in "content" }
      router.post("/") { _, _ in "written" }
    }
  }

  @Test("addresses are read, and only those of this machine are loopback")
  func addresses() {
    #expect(ListenAddress("0.0.0.0:8380") == ListenAddress(host: "0.0.0.0", port: 8380))
    #expect(
      ListenAddress("[::1]:80")?.isLoopback == true && ListenAddress("[::1]:80")?.description == "[::1]:80")
    #expect(
      ListenAddress("localhost:0")?.isLoopback == true && ListenAddress("127.8.9.1:1")?.isLoopback == true)
    for text in ["0.0.0.0:1", "127.0.0.1.example.com:1", "example.com:1", "[::]:1", "127.0.0:1"] {
      #expect(ListenAddress(text)?.isLoopback == false, "\(text)")
    }
    for text in ["", "8380", ":8380", "a:", "a:65536", "a:-1", "::1:80", "a b:1", "a/b:1"] {
      #expect(ListenAddress(text) == nil, "\(text)")
    }
  }

  @Test("others than this machine need a token")
  func openAddress() {
    let address = ListenAddress(host: "0.0.0.0", port: 0)
    #expect(throws: WebServiceError.self) { try WebService(name: "t", address: address, token: nil) }
    #expect(throws: WebServiceError.self) { try WebService(name: "t", address: address, token: "") }
    #expect(throws: Never.self) { try WebService(name: "t", address: address, token: "secret") }
  }

  @Test("a request for another host, from another site's page, too long or of another method is refused")
  func refusals() async throws {
    let open = try responder()
    let good = try await open.answer("/")
    #expect(good.status == 200 && good.body == "content")
    #expect(good.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'none'") == true)
    #expect(good.headers[.xContentTypeOptions] == "nosniff" && good.headers[.cacheControl] == "no-store")
    for host in ["127.0.0.1:8380", "[::1]:8380", "localhost:8380"] {
      #expect(try await open.answer("/", host: host).status == 200, "\(host)")
    }
    for host in ["example.com", "127.0.0.1.example.com", "localhost.example.com:8380", ""] {
      #expect(try await open.answer("/", host: host).status == 421, "\(host)")
    }
    let site = HTTPField.Name("Sec-Fetch-Site")!
    #expect(try await open.answer("/", [site: "cross-site"]).status == 403)
    #expect(try await open.answer("/", [site: "same-origin"]).status == 200)
    #expect(try await open.answer("/" + String(repeating: "a", count: 4096)).status == 414)
    let written = try await open.answer("/", method: .post)
    #expect(written.status == 405 && written.headers[.allow] == "GET, HEAD")
    #expect(try await responder(readOnly: false).answer("/", method: .post).body == "written")
    let missing = try await open.answer("/nothing")
    #expect(missing.status == 404 && !missing.body.isEmpty && missing.headers[.contentSecurityPolicy] != nil)
  }

  @Test("a token lets in as a header or a cookie, and once in the address; anything else does not")
  func tokens() async throws {
    let closed = try responder(ListenAddress(host: "0.0.0.0", port: 0), token: "correct-horse-battery")
    for headers: HTTPFields in [
      [:], [.authorization: "Bearer correct-horse-batterz"], [.authorization: "Bearer correct-horse-batter"],
      [.authorization: "Basic correct-horse-battery"], [.cookie: "other=correct-horse-battery"],
      [.cookie: "meterstorm-token=correct-horse-batterx"],
    ] {
      let answer = try await closed.answer("/", host: "any.example", headers)
      #expect(answer.status == 401 && answer.headers[.wwwAuthenticate] == "Bearer", "\(headers)")
      #expect(!answer.body.contains("content"))
    }
    #expect(try await closed.answer("/?token=wrong").status == 401)
    #expect(
      try await closed.answer("/", host: "any.example", [.authorization: "Bearer correct-horse-battery"])
        .status
        == 200)
    #expect(
      try await closed.answer("/", [.cookie: "a=b; meterstorm-token=correct-horse-battery"]).status == 200)
    let once = try await closed.answer("/?token=correct-horse-battery")
    #expect(once.status == 303 && once.headers[.location] == "/")
    #expect(
      once.headers[.setCookie] == "meterstorm-token=correct-horse-battery; Path=/; HttpOnly; SameSite=Strict")
  }
}

@Suite("The cache of pages")
struct PageCacheTests {
  @Test("a page is known as of its revision, and those not asked for the longest go first")
  func bounds() {
    let cache = PageCache(pages: 2, bytes: 1000)
    let page = PageCache.Page("abc")
    cache.keep(page, at: "/a", revision: 1)
    #expect(cache.page("/a", revision: 1)?.bytes == Array("abc".utf8) && cache.page("/a", revision: 2) == nil)
    cache.keep(PageCache.Page("b"), at: "/b", revision: 1)
    _ = cache.page("/a", revision: 1)
    cache.keep(PageCache.Page("c"), at: "/c", revision: 1)
    #expect(cache.page("/b", revision: 1) == nil && cache.page("/a", revision: 1) != nil)
    cache.keep(PageCache.Page(String(repeating: "x", count: 499)), at: "/a", revision: 2)
    #expect(cache.bytes == 500)
    cache.keep(PageCache.Page(String(repeating: "x", count: 500)), at: "/d", revision: 2)
    #expect(cache.bytes == 999 || cache.page("/c", revision: 1) == nil)
    cache.keep(PageCache.Page(String(repeating: "x", count: 501)), at: "/e", revision: 2)
    #expect(cache.page("/e", revision: 2) == nil, "a page of more than half of all is not kept")
    #expect(PageCache.Page("abc").tag == page.tag && PageCache.Page("abd").tag != page.tag)
  }
}

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
      none.body.contains("No violation or exception speaks of it")
        && none.body.contains("neither a violation"))

    let record = try await responder.answer("/runs/1/record.json")
    #expect(record.headers[.contentType] == "application/json")
    let tag = try #require(record.headers[.eTag])
    let again = try await responder.answer("/runs/1/record.json", [.ifNoneMatch: tag])
    #expect(again.status == 304 && again.body.isEmpty)
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
    let hurried = Workshop(most: .zero)
    let file = Self.root.appendingPathComponent("scenarios/month-end-throttle.yaml").path
    let long = try Campaign(ScenarioTemplate(file: file), seeds: 0...0).prepare(1).run
    let refusal = #expect(throws: Refusal.self) {
      try hurried.record(of: long, fingerprint: "", command: "the command")
    }
    #expect(refusal?.status == .serviceUnavailable && refusal?.words.contains("the command") == true)
    let changed = #expect(throws: Refusal.self) {
      try Workshop(most: .seconds(60)).record(of: run, fingerprint: "f", command: "")
    }
    #expect(changed?.status == .conflict)
  }
}

@Suite("Kept runs")
struct KeptRunTests {
  @Test("a choice of options is read back from its words")
  func words() throws {
    var choice = SimulationChoice()
    (choice.design, choice.defect, choice.without) = ("direct-api", "order-lost", "a, b")
    choice.settings = ["customers.count=3", "x=a b"]
    #expect(try SimulationChoice(words: choice.words + ["no-explore"]) == choice)
    #expect(choice.silenced == ["a", "b"])
    choice = SimulationChoice()
    choice.only = SimulationRun.invariants[0]
    #expect(choice.silenced.count == SimulationRun.invariants.count - 1)
    #expect(throws: ResultsError.self) { try SimulationChoice(words: ["color red"]) }
  }
}
