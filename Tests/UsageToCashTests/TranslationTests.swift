import CanonicalModel
import Chronology
import Testing

@testable import UsageToCash

@Suite("Books in another currency")
struct TranslationTests {
  private static let uk = EntityID(index: 0)
  private static let day = CivilDate(year: 2026, month: 1, day: 10).start

  private func translation() throws -> Translation {
    var catalog = Fixtures.catalog
    catalog.entities[0].booksCurrency = Currency(code: "EUR")
    var translation = Translation(catalog: catalog)
    for (offset, rate) in [(0, "0.90"), (1, "0.80"), (2, "1.00")] as [(Int64, String)] {
      _ = translation.receive(
        RateFixing(entity: Self.uk, day: Self.day + .days(offset), rate: try #require(Price(rate))))
    }
    return translation
  }

  private func entry(_ kind: DocumentKind, _ sequence: UInt32, _ lines: [(LedgerAccount, Int128)]) throws
    -> JournalEntry
  {
    let dollar = try #require(Currency(code: "USD"))
    return JournalEntry(
      key: PostingKey(kind: kind, entity: Self.uk, sequence: sequence), account: AccountID(index: 0),
      currency: dollar, period: Period(holding: Self.day),
      lines: lines.map { JournalLine(account: $0.0, amount: Money(minorUnits: $0.1, of: dollar)) })
  }

  private func functional(_ entry: JournalEntry) -> [String] {
    entry.lines.map { $0.functional.map { "\($0)" } ?? "none" }
  }

  @Test(
    "an invoice is carried at its day's rate; each part of its payment takes a part off, the last one the rest"
  )
  func gains() throws {
    var translation = try translation()
    let item = ItemID(index: 0)
    let invoice = try entry(.invoice, 1, [(.receivable, 10_001), (.revenue(item), -10_001)])
    let booked = try #require(translation.submit(.init(invoice), at: Self.day + .hours(5)).ready.first)
    #expect(functional(booked) == ["90.01", "-90.01"])
    let number = InvoiceNumber(entity: Self.uk, sequence: 1)
    func pay(_ cents: Int128, _ sequence: UInt32, _ days: Int64) throws -> [String] {
      let payment = try entry(.payment, sequence, [(.bank, cents), (.receivable, -cents)])
      return functional(
        try #require(
          translation.submit(
            .init(
              payment,
              invoices: [.init(invoice: number, amount: Money(minorUnits: cents, of: invoice.currency))]),
            at: Self.day + .days(days)
          ).ready.first))
    }
    // 50.00 at 0.80 is 40.00 for 45.00: a loss. 50.01 at par is 50.01 for the 45.01 that are left: a gain.
    #expect(try pay(5000, 1, 1) == ["40", "-45", "5"])
    #expect(try pay(5001, 2, 2) == ["50.01", "-45.01", "-5"])
  }

  @Test("what was deferred is earned at what it is carried at, whatever the rate of the day")
  func deferred() throws {
    var translation = try translation()
    let item = ItemID(index: 0)
    for sequence in 1...2 as ClosedRange<UInt32> {
      let invoice = try entry(.invoice, sequence, [(.receivable, 1000), (.deferredRevenue(item), -1000)])
      _ = translation.submit(.init(invoice), at: Self.day + .days(Int64(sequence) - 1))
    }
    func earn(_ cents: Int128) throws -> [String] {
      functional(
        try #require(
          translation.submit(
            .init(try entry(.recognition, 1, [(.deferredRevenue(item), cents), (.revenue(item), -cents)])),
            at: Self.day + .days(2)
          ).ready.first))
    }
    #expect(try earn(500) == ["4.25", "-4.25"])
    #expect(try earn(1500) == ["12.75", "-12.75"])
  }

  @Test("an entity whose books are in the currency of its bills is left alone")
  func untouched() throws {
    var translation = Translation(catalog: Fixtures.catalog)
    let invoice = try entry(.invoice, 1, [(.receivable, 1000), (.creditsGiven, -1000)])
    #expect(translation.submit(.init(invoice), at: Self.day).ready == [invoice])
  }

  @Test("a document waits for its day's rate, and those behind it wait with it, in order")
  func waiting() throws {
    var translation = try translation()
    let late = try entry(.invoice, 1, [(.receivable, 1000), (.creditsGiven, -1000)])
    let behind = try entry(.invoice, 2, [(.receivable, 2000), (.creditsGiven, -2000)])
    let first = translation.submit(.init(late), at: Self.day + .days(3) + .hours(7))
    #expect(first.ready.isEmpty)
    #expect(first.missing == Self.day + .days(3), "the first to wait names the day")
    // The rate of the day after comes first, and is nobody's but its own day's.
    let after = RateFixing(entity: Self.uk, day: Self.day + .days(4), rate: try #require(Price("2")))
    #expect(translation.receive(after).isEmpty)
    #expect(translation.submit(.init(behind), at: Self.day + .days(4)).ready.isEmpty)
    #expect(translation.depth(of: Self.uk) == 2)
    #expect(translation.pendingAmount(of: Self.uk) == Money(minorUnits: 3000, of: late.currency))
    let fixing = RateFixing(entity: Self.uk, day: Self.day + .days(3), rate: try #require(Price("3")))
    let ready = translation.receive(fixing)
    #expect(ready.map(\.key) == [late.key, behind.key])
    #expect(ready.map(functional) == [["30", "-30"], ["40", "-40"]])
    #expect(translation.receive(fixing).isEmpty, "told twice, posted once")
    #expect(translation.isIdle)
  }
}
