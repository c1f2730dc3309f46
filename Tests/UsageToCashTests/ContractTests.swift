import CanonicalModel
import Chronology
import Testing

@testable import UsageToCash

@Suite("Contracts and recurring charges")
struct ContractTests {
  private static let january = Period(holding: CivilDate(year: 2026, month: 1, day: 1).start)

  private static func day(_ day: Int, hour: Int64 = 0) -> Instant {
    CivilDate(year: 2026, month: 1, day: day).start + .hours(hour)
  }

  private func proration(_ policy: ProrationPolicy, _ start: Instant, _ end: Instant) -> Proration {
    Proration(policy, from: start, to: end, of: Self.january)
  }

  @Test("days: the day of a change belongs to the new terms, whatever the hour")
  func days() {
    let before = proration(.days, Self.day(1), Self.day(15, hour: 13))
    let after = proration(.days, Self.day(15, hour: 13), Self.january.end)
    #expect(
      before
        == Proration(.days, from: Self.day(1), to: Self.day(15), of: Self.january))
    #expect(before.numerator == 14 && after.numerator == 17 && after.denominator == 31)
  }

  @Test("seconds: the parts of a period sum to the whole, to the second")
  func seconds() {
    let before = proration(.seconds, Self.day(1), Self.day(15, hour: 13))
    let after = proration(.seconds, Self.day(15, hour: 13), Self.january.end)
    #expect(before.numerator + after.numerator == before.denominator)
  }

  @Test("half a month of 100.01 is 50.005, which rounds once, away from zero")
  func rounding() throws {
    let dollar = try #require(Currency(code: "USD"))
    let april = Period(holding: CivilDate(year: 2026, month: 4, day: 1).start)
    let half = Proration(
      .days, from: april.start, to: april.start + .days(15), of: april)
    #expect(half.of(try #require(Money("100.01")), in: dollar) == Money("50.01"))
    #expect(half.of(Quantity(7)) == Quantity("3.5"))
  }

  /// A catalogue of one customer on a plan with a fee in advance, seats in advance, support in arrears.
  private func catalog(ends: Instant) throws -> Catalog {
    var catalog = Fixtures.catalog
    let charges = catalog.priceBooks[0].charges
    let dollar = try #require(Currency(code: "USD"))
    func book(fee: String) throws -> PriceBook {
      PriceBook(
        currency: dollar, charges: charges,
        recurring: [
          RecurringCharge(name: "fee", price: try #require(Money(fee))),
          RecurringCharge(name: "seats", price: try #require(Money("10")), unit: .seat),
          RecurringCharge(name: "support", price: try #require(Money("31")), timing: .inArrears),
        ], minimumSpend: Money("5"))
    }
    catalog.priceBooks = [try book(fee: "31"), try book(fee: "62")]
    catalog.subscriptions = [
      Subscription(
        account: AccountID(index: 0),
        terms: [ContractTerms(from: Self.day(1), priceBook: 0, seats: 2)], ends: ends)
    ]
    catalog.accounts = [catalog.accounts[0]]
    return Catalog(
      entities: catalog.entities, meters: catalog.meters, eventTypes: catalog.eventTypes,
      accounts: catalog.accounts, subscriptions: catalog.subscriptions, priceBooks: catalog.priceBooks,
      sources: catalog.sources)
  }

  private func charges(_ driver: Driver, _ item: String, in catalog: Catalog) -> [String] {
    driver.charges.filter { catalog.items[Int($0.item.index)].name == item }.map { "\($0.amount)" }
  }

  @Test("fees in advance come at activation and with each close, those in arrears with the close")
  func timing() throws {
    let catalog = try catalog(ends: Self.january.next.end)
    var driver = Driver(catalog: catalog)
    driver.now = Self.day(1)
    driver.pass(.days(1))
    #expect(charges(driver, "fee", in: catalog) == ["31"])
    #expect(charges(driver, "seats", in: catalog) == ["20"])
    #expect(charges(driver, "support", in: catalog).isEmpty)
    driver.pass(.days(70))
    #expect(charges(driver, "fee", in: catalog) == ["31", "31"])
    #expect(charges(driver, "support", in: catalog) == ["31", "31"])
    #expect(charges(driver, "minimum_spend", in: catalog) == ["5", "5"])
  }

  @Test("an upgrade on the 16th of 31 days gives back 16 days of the old fee and charges 16 of the new")
  func upgrade() throws {
    let catalog = try catalog(ends: Self.january.end)
    var driver = Driver(catalog: catalog)
    driver.now = Self.day(1)
    driver.pass(.days(14))
    driver.learn(
      ContractEvent(
        subscription: SubscriptionID(index: 0),
        terms: ContractTerms(from: Self.day(16), priceBook: 1, seats: 3)))
    driver.pass(.days(40))
    // 31.00 in advance; due are 15 days at 1.00 and 16 days at 2.00: 47.00.
    #expect(charges(driver, "fee", in: catalog) == ["31", "16"])
    // 20.00 in advance; due are 20 × 15/31 = 9.68 and 30 × 16/31 = 15.48.
    #expect(charges(driver, "seats", in: catalog) == ["20", "5.16"])
    #expect(driver.charges.filter { $0.kind == .proration }.count == 2)
  }

  @Test(
    "a fee in advance is deferred, and recognised once its month is over, whatever was changed in between")
  func revenue() throws {
    let catalog = try catalog(ends: Self.january.next.end)
    var driver = Driver(catalog: catalog)
    driver.now = Self.day(1)
    driver.pass(.days(20))
    let entity = EntityID(index: 0)
    #expect(driver.core.revenue.deferred(of: entity) == Money("51"))  // the fee and two seats
    driver.pass(.days(20))
    let first = try #require(driver.recognitions.first)
    #expect(first.period == Self.january)
    #expect(first.lines.reduce(Money.zero) { $0 + $1.amount } == Money("51"))
    #expect(driver.core.revenue.deferred(of: entity) == Money("51"), "February's")
    driver.pass(.days(40))
    #expect(driver.recognitions.count == 2)
    #expect(driver.core.revenue.deferred(of: entity) == .zero)
  }

  @Test("a true-up gives way when late usage comes")
  func trueUp() throws {
    let catalog = try catalog(ends: Self.january.next.end)
    var driver = Driver(catalog: catalog)
    driver.now = Self.day(31, hour: 1)
    driver.deliver([Fixtures.event(1, tokens: 100)])  // 1.00, and 0.50 for the call
    driver.pass(.days(2))
    #expect(charges(driver, "minimum_spend", in: catalog) == ["3.5"])
    driver.deliver([Fixtures.event(2, tokens: 100)])
    driver.pass(.days(40))
    #expect(charges(driver, "minimum_spend", in: catalog).contains("-1.5"))
  }

  @Test("a yearly fee is charged once, deferred, and earned day by day; an upgrade is caught up with")
  func yearlyFee() throws {
    let entity = LegalEntity(
      name: "us", currency: try #require(Currency(code: "USD")))
    func book(_ fee: String) throws -> PriceBook {
      PriceBook(
        currency: entity.currency,
        charges: [Charge(meter: "calls", model: .perUnit(Price(units: 0)))],
        recurring: [RecurringCharge(name: "fee", price: try #require(Money(fee)), months: 12)])
    }
    let begins = CivilDate(year: 2026, month: 1, day: 31).start
    let catalog = Catalog(
      entities: [entity], meters: [Meter(name: "calls", aggregation: .sum)],
      eventTypes: [EventType(name: "calls", meters: [MeterID(index: 0)])],
      accounts: [Account(name: "c1", entity: EntityID(index: 0))],
      subscriptions: [
        Subscription(
          account: AccountID(index: 0), terms: [ContractTerms(from: begins, priceBook: 0)],
          ends: CivilDate(year: 2027, month: 1, day: 31).start, billingDay: 31)
      ], priceBooks: [try book("365"), try book("730")], sources: ["p"])
    var driver = Driver(catalog: catalog)
    driver.now = begins
    driver.pass(.days(40))
    #expect(driver.invoices.map(\.total) == [try #require(Money("365"))])
    // February's 28 days and the last of January are earned by 1 March.
    #expect(driver.recognitions.map { $0.lines[0].amount } == ["1", "28"].compactMap { Money($0) })
    let upgrade = ContractTerms(from: CivilDate(year: 2026, month: 3, day: 31).start, priceBook: 1)
    driver.learn(ContractEvent(subscription: SubscriptionID(index: 0), terms: upgrade))
    driver.pass(.days(400))
    // 306 of 365 days at twice the price: 306 more, and every cent of both is earned in the end.
    let invoiced = driver.invoices.reduce(Money.zero) { $0 + $1.total }
    #expect(invoiced == (try #require(Money("671"))))
    #expect(
      driver.recognitions.flatMap(\.lines).reduce(Money.zero) { $0 + $1.amount } == invoiced)
    #expect(driver.core.revenue.deferred(of: EntityID(index: 0)) == .zero)
    #expect(driver.recognitions.count == 13)
  }

  @Test(
    "usage draws prepaid credits, those that expire first first, and what is left when they expire is earned")
  func prepaid() throws {
    let fixture = Fixtures.catalog
    let begins = CivilDate(year: 2026, month: 1, day: 31).start
    let catalog = Catalog(
      entities: [fixture.entities[0]], meters: fixture.meters, eventTypes: fixture.eventTypes,
      accounts: [Account(name: "c1", entity: EntityID(index: 0))],
      subscriptions: [
        Subscription(
          account: AccountID(index: 0), terms: [ContractTerms(from: begins, priceBook: 0)],
          ends: CivilDate(year: 2026, month: 5, day: 31).start, billingDay: 31)
      ],
      priceBooks: [
        PriceBook(
          currency: fixture.entities[0].currency,
          charges: [
            Charge(meter: "tokens", model: .perUnit(Price(units: 1_000_000_000_000))),
            Charge(meter: "calls", model: .perUnit(.zero)),
          ],
          prepaid: PrepaidCredits(
            name: "credits", amount: try #require(Money("100")), months: 1, expiresAfter: 2))
      ], sources: ["a", "b"])
    var driver = Driver(catalog: catalog)
    driver.now = begins
    driver.pass(.days(3))
    driver.deliver([Fixtures.event(1, at: .days(3), tokens: 30)])
    driver.pass(.days(26))
    driver.deliver([Fixtures.event(2, at: .days(29), tokens: 150)])
    driver.pass(.days(200))
    // February: 30 of the first hundred. March: its other 70, and 80 of the second. April and May lapse.
    let drawn = driver.charges.filter { $0.kind == .drawdown }
    #expect(drawn.map { "\($0.amount)" } == ["-30", "-150"])
    #expect(driver.invoices.map { "\($0.total)" }.prefix(3) == ["100", "100", "100"])
    let lost = driver.recognitions.flatMap(\.lines).filter {
      catalog.items[Int($0.item.index)].kind == .prepaid
    }
    #expect(
      lost.map { "\($0.amount)" } == ["20", "100", "100"] || lost.map { "\($0.amount)" } == ["20", "200"])
  }
}
