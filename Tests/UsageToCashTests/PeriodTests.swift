import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash

@Suite("Accounting periods")
struct PeriodTests {
  private static let us = EntityID(index: 0)

  private func catalog(_ reopenings: [AccountingCalendar.Reopening] = []) -> Catalog {
    let fixture = Fixtures.catalog
    return Catalog(
      entities: fixture.entities, meters: fixture.meters, eventTypes: fixture.eventTypes,
      accounts: fixture.accounts, subscriptions: fixture.subscriptions, priceBooks: fixture.priceBooks,
      sources: fixture.sources,
      accountingCalendar: AccountingCalendar(closeAfter: .days(2), reopenings: reopenings))
  }

  /// The period under which January's first invoice is sent after the ERP was down for a while.
  private func period(afterOutageOf span: Span, _ reopenings: [AccountingCalendar.Reopening] = []) throws
    -> String
  {
    var driver = Driver(catalog: catalog(reopenings))
    driver.deliver((0..<4).map { Fixtures.event(UInt64($0) + 1, customer: UInt32($0), tokens: 33) })
    let end = Fixtures.start + .days(1) + span
    while driver.now < end {
      driver.pass(.minutes(1))
      while let call = driver.calls.first { driver.answer(call, .unavailable) }
    }
    // A period that has closed meanwhile is read back first.
    for _ in 0..<40 {
      driver.pass(.seconds(30))
      while let call = driver.calls.first(where: { if case .closing = $0.request { true } else { false } }) {
        driver.answer(call, .closing(documents: 0, debits: .zero, asOf: driver.now))
      }
    }
    let call = try #require(driver.calls.last { $0.entity == Self.us && !Driver.requests($0).isEmpty })
    return "\(Driver.requests(call)[0].entry.period)"
  }

  @Test("what waits past the close is dated to the next open period when it is sent")
  func redated() throws {
    #expect(try period(afterOutageOf: .days(1)) == "2026-01")
    #expect(try period(afterOutageOf: .days(3)) == "2026-02")
  }

  @Test("while its period is open again, a document keeps its date; other entities' periods stay closed")
  func reopened() throws {
    let january = Period(holding: Fixtures.start)
    func reopening(_ entity: UInt32) -> AccountingCalendar.Reopening {
      .init(
        entity: EntityID(index: entity), period: january, from: january.end + .days(3),
        until: january.end + .days(4))
    }
    #expect(try period(afterOutageOf: .days(3) + .hours(1), [reopening(0)]) == "2026-01")
    #expect(try period(afterOutageOf: .days(3) + .hours(1), [reopening(1)]) == "2026-02")
    #expect(try period(afterOutageOf: .days(5), [reopening(0)]) == "2026-02")
  }

  @Test("a period that closes while the call is under way is dated anew")
  func race() throws {
    var driver = Driver(catalog: catalog())
    driver.deliver((0..<2).map { Fixtures.event(UInt64($0) + 1, customer: UInt32($0), tokens: 33) })
    driver.pass(.days(1) + .hours(2))
    let call = try #require(driver.calls.first { $0.entity == Self.us })
    driver.answer(call, .posted(Driver.requests(call).map { _ in .periodClosed }))
    driver.pass(.minutes(1))
    #expect(driver.calls.contains { $0.entity == Self.us && !Driver.requests($0).isEmpty })
    #expect(driver.cases.isEmpty)
  }

  @Test("a margin is kept: what would close during the call goes to the next period already")
  func margin() {
    let gate = PeriodGate(catalog: catalog())
    let january = Period(holding: Fixtures.start)
    let closes = january.end + .days(2)
    let entry = JournalEntry(
      key: PostingKey(kind: .invoice, entity: Self.us, sequence: 1), account: nil,
      currency: Fixtures.catalog.entities[0].currency, period: january, lines: [])
    #expect(gate.dated(entry, from: closes - .minutes(2), to: closes - .minutes(1)).period == january)
    #expect(gate.dated(entry, from: closes - .seconds(30), to: closes + .seconds(30)).period == january.next)
  }

  @Test("a soft-closed period takes entries of the close only; a reopened one needs a second person")
  func states() {
    let january = Period(holding: Fixtures.start)
    func reopening(_ approver: String?) -> AccountingCalendar.Reopening {
      .init(
        entity: Self.us, period: january, from: january.end + .days(10), until: january.end + .days(11),
        requestedBy: "ina", approvedBy: approver)
    }
    var calendar = AccountingCalendar(closeAfter: .days(4), softCloseAfter: .days(1))
    func state(_ days: Int64) -> AccountingCalendar.State {
      calendar.state(of: january, for: Self.us, at: january.end + .days(days))
    }
    #expect([state(0), state(1), state(4)] == [.open, .softClosed, .closed])
    calendar.reopenings = [reopening("ina")]
    #expect(state(10) == .reopened(isApproved: false))
    calendar.reopenings = [reopening("bo")]
    #expect([state(10), state(11)] == [.reopened(isApproved: true), .closed])
    #expect(
      DocumentKind.allCases.filter(\.isClosingEntry) == [
        .recognition, .creditMemo, .accrual, .accrualReversal,
      ])
  }

  @Test("a close takes a snapshot of what the ERPs say; closing again makes a further version")
  func snapshots() throws {
    var book = CloseBook(catalog: catalog())
    let january = Period(holding: Fixtures.start)
    func closed(_ documents: Int, at days: Int64) -> ClosedPeriod {
      ClosedPeriod(
        entity: Self.us, period: january, documents: documents, debits: .zero,
        asOf: january.end + .days(days))
    }
    _ = book.close(closed(5, at: 2), at: january.end + .days(2))
    _ = book.close(closed(7, at: 9), at: january.end + .days(9))
    #expect(book.snapshots.map(\.documents) == [5, 7])
    #expect(book.snapshots.map(\.version) == [1, 2])
  }
}
