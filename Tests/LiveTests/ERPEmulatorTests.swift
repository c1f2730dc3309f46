import CanonicalModel
import Chronology
import CoreInterface
import Foundation
import HTTPTypes
import Hummingbird
import Testing
import UsageToCash

@testable import Experiments
@testable import Live
@testable import World

/// ERPs of a scenario without faults, many times as fast as they are.
struct EmulatedERPs {
  let configuration: WorldConfiguration
  let responder: RouterResponder<BasicRequestContext>

  init(scale: Double = 100_000, _ change: (inout WorldConfiguration) -> Void = { _ in }) throws {
    var configuration = try LiveFixture.assembly().world
    configuration.faults = []
    change(&configuration)
    self.configuration = configuration
    let router = Router()
    ERPEmulator(configuration, seed: 1, clock: LiveClock(start: configuration.start, scale: scale))
      .add(to: router)
    responder = router.buildResponder()
  }

  func request(_ number: UInt32, key: String? = nil, account: Int = 0) -> PostingRequest {
    Self.request(number, key: key, configuration, account: account)
  }

  static func request(
    _ number: UInt32, key: String?, _ configuration: WorldConfiguration, account: Int = 0
  ) -> PostingRequest {
    let catalog = configuration.catalog
    let entry = JournalEntry(
      key: PostingKey(kind: .invoice, entity: EntityID(index: 0), sequence: number),
      account: AccountID(index: UInt32(account)), currency: catalog.entities[0].currency,
      period: Period(holding: configuration.start),
      lines: [
        JournalLine(account: .receivable, amount: Money("1.00")!),
        JournalLine(account: .revenue(ItemID(index: 0)), amount: Money("-1.00")!),
      ])
    let record = NetSuiteRecord(entry, catalog: catalog, chart: ChartOfAccounts(catalog))
    return PostingRequest(payload: .netSuite(record), idempotencyKey: key)
  }

  func post(_ requests: [PostingRequest], to entity: String = "us") async throws -> LiveAnswer {
    let chart = ChartOfAccounts(configuration.catalog)
    let documents = Wire.Documents(
      documents: requests.map { .init($0, catalog: configuration.catalog, chart: chart) })
    return try await responder.answer(
      "/erp/\(entity)/documents", method: .post,
      body: String(decoding: try JSONEncoder().encode(documents), as: UTF8.self))
  }

  func order(_ text: String) async throws -> Int {
    try await responder.answer("/faults", method: .post, body: text).status
  }
}

@Suite("The ERPs over HTTP")
struct ERPEmulatorTests {
  @Test("a document without a line, as a client may send it, is answered and shown in the ledger")
  func withoutLines() async throws {
    let erps = try EmulatedERPs()
    let catalog = erps.configuration.catalog
    let empty = JournalEntry(
      key: PostingKey(kind: .invoice, entity: EntityID(index: 0), sequence: 1), account: AccountID(index: 0),
      currency: catalog.entities[0].currency, period: Period(holding: erps.configuration.start), lines: [])
    let record = NetSuiteRecord(empty, catalog: catalog, chart: ChartOfAccounts(catalog))
    let answer = try await erps.post([PostingRequest(payload: .netSuite(record), idempotencyKey: "k")])
    #expect(answer.status == 200)
    #expect(try await erps.responder.answer("/ledger").json([LedgerLine].self).map(\.number) == [1])
  }

  @Test("post each document once under a key, find it again, and tell what the ledger holds")
  func documents() async throws {
    let erps = try EmulatedERPs()
    let first = try await erps.post([erps.request(1, key: "k")])
    #expect(first.status == 200)
    #expect(try first.json(Wire.Answer.self).answer == .posted([.posted(documentNumber: 1)]))
    let again = try await erps.post([erps.request(1, key: "k")])
    #expect(try again.json(Wire.Answer.self).answer == .posted([.alreadyPosted(documentNumber: 1)]))
    _ = try await erps.post([erps.request(1)])
    let ledger = try await erps.responder.answer("/ledger").json([LedgerLine].self)
    #expect(ledger.map(\.number) == [1, 2] && Set(ledger.map(\.reference)).count == 1)
    #expect(ledger.allSatisfy { $0.entity == "us" })
    #expect(try await erps.responder.answer("/ledger?from=1").json([LedgerLine].self).map(\.number) == [2])
    let reference = try #require(ledger.first?.reference)
    let found = try await erps.responder.answer(
      "/erp/us/lookups", method: .post, body: "{\"keys\":[\"\(reference)\",\"invoice/US-000999/1\"]}")
    let numbers = try #require(found.json(Wire.Answer.self).numbers, "\(found.body)")
    #expect(numbers.count == 2 && numbers[0] != nil && numbers[1] == nil)
    let statement = try await erps.responder.answer("/erp/us/statement").json(Wire.Answer.self)
    #expect(statement.answer == .statement(documents: 2, receivable: Money("2.00")!))
    #expect(
      try await erps.responder.answer("/erp/de/statement").json(Wire.Answer.self).answer
        == .statement(documents: 0, receivable: .zero))
    let metrics = try await erps.responder.answer("/metrics").body
    #expect(metrics.contains("erp_key_hits_total{entity=\"us\"} 1\n") && metrics.hasSuffix("# EOF\n"))
  }

  @Test("what is no request is refused with what would be one, and posts nothing")
  func refusals() async throws {
    let erps = try EmulatedERPs()
    for (target, body, status, words) in [
      ("/erp/fr/documents", "{}", 404, "there are: us, de"),
      ("/erp/us/documents", "{", 400, "JSON with documents"),
      ("/erp/us/documents", "{\"documents\":[]}", 400, "at least one"),
      ("/erp/us/documents", "{\"documents\":[{}]}", 400, "at least one"),
      ("/erp/us/lookups", "[]", 400, "JSON with keys"),
      ("/erp/us/lookups", "{\"keys\":[\"seven\"]}", 400, "'seven'"),
      ("/faults", "{\"entity\":\"us\",\"kind\":\"flood\",\"seconds\":1}", 400, "kinds are"),
      ("/faults", "{\"entity\":\"us\",\"kind\":\"outage\",\"seconds\":0}", 400, "kinds are"),
      ("/faults", "{\"entity\":\"us\",\"kind\":\"drop\",\"seconds\":1,\"share\":1.5}", 400, "kinds are"),
    ] {
      let answer = try await erps.responder.answer(target, method: .post, body: body)
      #expect(answer.status == status && answer.body.contains(words), "\(target) \(body): \(answer.body)")
    }
    #expect(try await erps.responder.answer("/erp/us/periods/never").status == 400)
    #expect(try await erps.responder.answer("/erp/us/periods/2026-01").status == 200)
    #expect(try await erps.responder.answer("/erp/us/jobs/7").status == 404)
    #expect(try await erps.responder.answer("/ledger").body == "[]")
  }

  @Test("a fault on request begins at once, and is told as the vendor tells it")
  func faults() async throws {
    // The longest fault lasts for more than a day then: a loaded machine lets a test wait for many minutes.
    let erps = try EmulatedERPs(scale: 1000)
    #expect(try await erps.order("{\"entity\":\"us\",\"kind\":\"outage\",\"seconds\":1e8}") == 202)
    let down = try await erps.post([erps.request(1)])
    #expect(down.status == 503 && down.body.contains("o:errorDetails"), "NetSuite's shape: \(down.body)")
    #expect(try down.json(Wire.Answer.self).isUnavailable == true)
    let other = try await erps.responder.answer("/erp/de/statement")
    #expect(other.status == 200, "the other entity's ERP is not hit")
    #expect(try await erps.order("{\"entity\":\"de\",\"kind\":\"outage\",\"seconds\":1e8}") == 202)
    let german = try await erps.responder.answer("/erp/de/statement")
    #expect(german.status == 503 && german.body.contains("\"lang\":\"en\""), "SAP's shape: \(german.body)")
    let metrics = try await erps.responder.answer("/metrics").body
    #expect(metrics.contains("erp_unavailable_total{entity=\"us\"} 1\n"))
  }

  @Test("a document that names what is not there is refused with its reason, and fails the call alone only")
  func refusedDocuments() async throws {
    let erps = try EmulatedERPs()
    var strange = erps.request(1)
    if case .netSuite(var record) = strange.payload {
      record.currency = "ZZZ"
      strange.payload = .netSuite(record)
    }
    let alone = try await erps.post([strange])
    #expect(alone.status == 400 && alone.body.contains("\"refused\""), "\(alone.body)")
    let beside = try await erps.post([strange, erps.request(2)])
    let results = try #require(beside.json(Wire.Answer.self).results)
    #expect(beside.status == 200 && results.map(\.status) == ["refused", "posted"])
  }

  @Test("a job is announced with its address, and its outcome is kept even where it is due at once")
  func jobs() async throws {
    for time in [Span.milliseconds(1), .hours(1)] {
      let erps = try EmulatedERPs { $0.erps[0].jobTime = time }
      let announced = try await erps.post([erps.request(1)])
      #expect(announced.status == 202)
      let address = try #require(announced.headers[.location])
      let number = try #require(announced.json(Wire.Answer.self).job)
      #expect(address == "/erp/us/jobs/\(number)")
      var outcome: ERPAnswer?
      let isOver = try await LiveFixture.comes {
        let answer = try await erps.responder.answer(address)
        outcome = try answer.json(Wire.Answer.self).answer
        return answer.status == 200
      }
      #expect(isOver && outcome == .posted([.posted(documentNumber: 1)]), "\(time)")
    }
  }
}
