import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash

@Suite("Tax before an invoice is final")
struct TaxTests {
  private func catalog(_ rounding: TaxRounding = .perInvoice) throws -> Catalog {
    let fixture = Fixtures.catalog
    let rate = try #require(Price("0.0725"))
    return Catalog(
      entities: fixture.entities, meters: fixture.meters, eventTypes: fixture.eventTypes,
      accounts: fixture.accounts.map {
        Account(name: $0.name, entity: $0.entity, jurisdictions: [JurisdictionID(index: 0)])
      }, subscriptions: fixture.subscriptions, priceBooks: fixture.priceBooks, sources: fixture.sources,
      jurisdictions: [TaxJurisdiction(name: "US-CA", rates: [.init(from: .distantPast, rate: rate)])],
      taxRounding: rounding)
  }

  /// A driver whose month is over and whose drafts have been sent to the tax engine.
  private func drafted(
    _ rounding: TaxRounding = .perInvoice, _ policy: TaxPolicy = TaxPolicy()
  ) throws -> Driver {
    var pipeline = PipelinePolicy()
    pipeline.tax = policy
    var driver = Driver(pipeline, catalog: try catalog(rounding))
    driver.deliver((0..<4).map { Fixtures.event(UInt64($0) + 1, customer: UInt32($0), tokens: 33) })
    driver.pass(.days(1) + .hours(2))
    return driver
  }

  private func quotes(_ call: TaxCall) throws -> TaxAnswer {
    let rate = try #require(Price("0.0725"))
    return .quoted(
      call.drafts.map { draft in
        TaxQuote(
          parts: draft.lines.enumerated().map { place, line in
            TaxQuote.Part(
              line: place, price: line.price,
              levies: [
                TaxQuote.Levy(
                  jurisdiction: JurisdictionID(index: 0), rate: rate,
                  amount: Money(units: line.price.units / 1_000_000_000_000 * rate.units))
              ])
          })
      })
  }

  @Test("without a quote there is no invoice, and the drafts are in sight")
  func waits() throws {
    let driver = try drafted()
    #expect(driver.taxCalls.count == 1)
    #expect(driver.invoices.isEmpty)
    #expect(driver.core.billing.waitingForTax == 4)
    #expect(!driver.core.isIdle)
  }

  @Test("a call holds as many drafts as the policy says, and is made again after its timeout and its pause")
  func policy() throws {
    var policy = TaxPolicy()
    policy.batchSize = 3
    policy.timeout = .hours(3)
    policy.pause = .hours(1)
    policy.maximumPause = .hours(1)
    var driver = try drafted(.perInvoice, policy)
    #expect(driver.taxCalls.map(\.drafts.count) == [3])
    let first = try #require(driver.taxCalls.first)
    driver.pass(first.at + .hours(4) - .seconds(1) - driver.now)
    #expect(driver.taxCalls.count == 1)
    driver.pass(.seconds(1))
    #expect(driver.taxCalls.count == 2)
  }

  @Test("pauses are doubled up to the longest")
  func pauses() {
    var policy = TaxPolicy()
    #expect((1...4).map(policy.pause(after:)) == [.seconds(5), .seconds(10), .seconds(20), .seconds(40)])
    #expect((7...9).map(policy.pause(after:)) == [.seconds(320), .minutes(10), .minutes(10)])
    policy.maximumPause = .seconds(12)
    #expect((1...4).map(policy.pause(after:)) == [.seconds(5), .seconds(10), .seconds(12), .seconds(12)])
  }

  @Test("a quote finalises the drafts: numbers without gaps, the tax on the total, the tax owed in the entry")
  func finalises() throws {
    var driver = try drafted()
    let call = try #require(driver.taxCalls.first)
    driver.answer(call, try quotes(call))
    #expect(driver.invoices.map(\.number.sequence) == [1, 1, 2, 2])
    // 0.33 and 0.50: the tax of 0.83 is 0.060175.
    #expect(driver.invoices.allSatisfy { $0.taxes[0].amount == Money("0.06") && $0.total == Money("0.89") })
    let entry = JournalMapping.entry(for: driver.invoices[0], revenue: driver.core.revenue)
    #expect(entry.lines.reduce(Money.zero) { $0 + $1.amount } == .zero)
    #expect(entry.lines.contains { $0.account == .taxPayable(JurisdictionID(index: 0)) })
  }

  @Test(
    "rounding on each line or on the sum is a policy: 0.023925 + 0.03625 is 0.06 either way, 2 × 0.004 is not"
  )
  func rounding() throws {
    func tax(_ rounding: TaxRounding) throws -> Money {
      var driver = Driver(catalog: try catalog(rounding))
      driver.deliver([Fixtures.event(1, tokens: 20)])  // 0.20 and 0.50: 0.0145 and 0.03625
      driver.pass(.days(1) + .hours(2))
      let call = try #require(driver.taxCalls.first)
      driver.answer(call, try quotes(call))
      return try #require(driver.invoices.first).taxes[0].amount
    }
    #expect(try tax(.perLine) == Money("0.05"))  // 0.01 + 0.04
    #expect(try tax(.perInvoice) == Money("0.05"))  // 0.05075
  }

  @Test("an engine that is down is asked again, with longer and longer pauses, and silence is a time-out")
  func retries() throws {
    var driver = try drafted()
    for _ in 0..<4 {
      let call = try #require(driver.taxCalls.last)
      driver.answer(call, .unavailable)
      driver.taxCalls = []
      driver.pass(.minutes(2))
    }
    let silent = try #require(driver.taxCalls.last)
    while driver.taxCalls.last == silent { driver.pass(.seconds(1)) }
    let again = try #require(driver.taxCalls.last)
    driver.answer(silent, try quotes(silent))
    #expect(driver.invoices.isEmpty, "an answer to a call that has timed out is ignored")
    driver.answer(again, try quotes(again))
    #expect(driver.invoices.count == 4)
  }
}
