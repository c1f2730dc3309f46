import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash

@Suite("A cut-over from one ERP to another")
struct CutOverTests {
  private static let us = EntityID(index: 0)

  /// A driver whose first invoices are in the hands of the old ERP, an hour before the cut-over.
  private func driver() -> Driver {
    let fixture = Fixtures.catalog
    var entities = fixture.entities
    entities[0].cutOver = Fixtures.start + .days(1) + .hours(3)
    let catalog = Catalog(
      entities: entities, meters: fixture.meters, eventTypes: fixture.eventTypes, accounts: fixture.accounts,
      subscriptions: fixture.subscriptions, priceBooks: fixture.priceBooks, sources: fixture.sources)
    let posting = PostingPolicy(batchSize: 1, concurrency: 1, timeout: .minutes(50))
    var driver = Driver(PipelinePolicy(posting: posting), catalog: catalog)
    driver.deliver((0..<4).map { Fixtures.event(UInt64($0) + 1, customer: UInt32($0), tokens: 33) })
    driver.pass(.days(1) + .hours(2))
    return driver
  }

  @Test("what has not been sent goes to the new ERP; what was sent is looked up at the old one first")
  func resolveFirst() throws {
    var driver = driver()
    let sent = try #require(driver.calls.first { $0.entity == Self.us })
    #expect(sent.system == 0)
    driver.calls = []
    driver.pass(.hours(1) + .minutes(2))
    let posts = driver.calls.filter { $0.entity == Self.us && !Driver.requests($0).isEmpty }
    #expect(posts.map(\.system) == [1], "the second invoice")
    let lookUp = try #require(
      driver.calls.first { if case .lookUp = $0.request { $0.entity == Self.us } else { false } })
    #expect(lookUp.system == 0)
    driver.answer(lookUp, .found([nil]))
    driver.answer(posts[0], .posted([.posted(documentNumber: 1)]))
    let again = driver.calls.filter { $0.entity == Self.us && !Driver.requests($0).isEmpty }
    #expect(again.map(\.system) == [1])
    #expect(again.flatMap(Driver.requests).map(\.entry.key) == Driver.requests(sent).map(\.entry.key))
  }

  @Test("an answer of the old ERP that comes after the cut-over still counts")
  func lateAnswer() throws {
    var driver = driver()
    let sent = try #require(driver.calls.first { $0.entity == Self.us })
    driver.now += .minutes(40)
    driver.answer(sent, .posted([.posted(documentNumber: 9)]))
    #expect(driver.acknowledged == Driver.requests(sent).map(\.entry.key))
  }

  private static func document(_ kind: DocumentKind, _ cents: Int128) throws -> JournalEntry {
    let dollar = try #require(Currency(code: "USD"))
    return JournalEntry(
      key: PostingKey(kind: kind, entity: us, sequence: 1), account: AccountID(index: 0),
      currency: dollar, period: Period(holding: Fixtures.start),
      lines: [JournalLine(account: .receivable, amount: Money(minorUnits: cents, of: dollar))])
  }

  @Test("what is unknown moves only where it is asked for, and then even if nothing else waits")
  func unknown() throws {
    let invoice = try Self.document(.invoice, 900)
    var outbox = Outbox(jitter: Jitter(seed: 1, outbox: 0))
    outbox.enqueue(invoice)
    _ = outbox.dequeue(at: Fixtures.start, policy: PostingPolicy(), batchSize: 10)
    outbox.markUnknown([invoice], until: Fixtures.start, at: Fixtures.start)
    #expect(outbox.dequeueWaiting(andUnknown: false).isEmpty && outbox.depth == 1)
    #expect(outbox.dequeueWaiting(andUnknown: true).map(\.key) == [invoice.key] && outbox.depth == 0)
  }

  @Test("what the old ERP turns out not to hold goes before what its customer has had since")
  func order() throws {
    let dollar = try #require(Currency(code: "USD"))
    let (invoice, memo) = (try Self.document(.invoice, 900), try Self.document(.creditMemo, -200))
    var outbox = Outbox(jitter: Jitter(seed: 1, outbox: 0))
    outbox.enqueue(memo)
    outbox.enqueueFirst([invoice])
    #expect(outbox.depth == 2)
    #expect(outbox.pendingAmount == Money(minorUnits: 700, of: dollar))
    let first = outbox.dequeue(at: Fixtures.start, policy: PostingPolicy(), batchSize: 10)
    #expect(first?.documents.map(\.key) == [invoice.key], "the credit waits until the invoice is confirmed")
  }
}
