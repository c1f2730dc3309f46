import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash

@Suite("Credits")
struct CreditTests {
  private static let us = EntityID(index: 0)

  private func catalog() -> Catalog {
    let fixture = Fixtures.catalog
    return Catalog(
      entities: fixture.entities, meters: fixture.meters, eventTypes: fixture.eventTypes,
      accounts: fixture.accounts, subscriptions: fixture.subscriptions, priceBooks: fixture.priceBooks,
      sources: fixture.sources, paymentTerms: PaymentTerms(dueAfter: .days(7), retries: []),
      creditLimit: Money("0.50"))
  }

  /// A driver with an invoice of 0.83 for each customer.
  private func issued() -> (Driver, Invoice) {
    var driver = Driver(catalog: catalog())
    driver.deliver((0..<4).map { Fixtures.event(UInt64($0) + 1, customer: UInt32($0), tokens: 33) })
    driver.pass(.days(1) + .hours(2))
    guard let invoice = driver.invoices.first(where: { $0.number.entity == Self.us }) else {
      preconditionFailure("the fixture makes invoices")
    }
    return (driver, invoice)
  }

  private func request(
    _ id: UInt32, _ invoice: Invoice, _ net: String, approvedBy: UInt32? = nil
  ) throws -> CreditRequest {
    CreditRequest(
      id: id, invoice: invoice.number, net: try #require(Money(net)), requestedBy: 1, approvedBy: approvedBy)
  }

  @Test("a request is credited once, however often it comes, and lowers what is open")
  func once() throws {
    var (driver, invoice) = issued()
    for _ in 0..<3 { driver.ask(try request(1, invoice, "0.30")) }
    #expect(driver.memos.map(\.net) == [Money("0.30")])
    #expect(driver.core.payments.openAmount(of: invoice.number) == Money("0.53"))
    let entry = JournalMapping.entry(for: try #require(driver.memos.first))
    #expect(entry.lines.reduce(Money.zero) { $0 + $1.amount } == .zero)
  }

  @Test("credits end where the invoice does")
  func capped() throws {
    var (driver, invoice) = issued()
    driver.ask(try request(1, invoice, "0.50"))
    driver.ask(try request(2, invoice, "0.50"))
    driver.ask(try request(3, invoice, "0.50"))
    #expect(driver.memos.map(\.net) == [Money("0.50"), Money("0.33")])
  }

  @Test("over the limit a second person is needed, and one case is raised, not one a request")
  func approval() throws {
    var (driver, invoice) = issued()
    driver.ask(try request(1, invoice, "0.60"))
    driver.ask(try request(1, invoice, "0.60", approvedBy: 1))
    #expect(driver.memos.isEmpty)
    #expect(driver.cases.count == 1)
    driver.ask(try request(1, invoice, "0.60", approvedBy: 2))
    #expect(driver.memos.count == 1)
  }

  @Test("what was paid already is given back")
  func refund() throws {
    var (driver, invoice) = issued()
    driver.pass(.days(7))
    let charge = try #require(driver.chargeRequests.first { $0.key.invoice == invoice.number })
    driver.answer(charge.key, .succeeded)
    driver.ask(try request(1, invoice, "0.30"))
    #expect(driver.refunds == [Money("0.30")])
  }

  @Test("a credit between a charge and its answer leaves the difference as unapplied cash")
  func race() throws {
    var (driver, invoice) = issued()
    driver.pass(.days(7))
    let charge = try #require(driver.chargeRequests.first { $0.key.invoice == invoice.number })
    driver.ask(try request(1, invoice, "0.30"))
    driver.answer(charge.key, .succeeded)
    let payment = try #require(driver.booked.first)
    #expect(payment.gross == invoice.total)
    #expect(payment.unapplied == Money("0.30"))
  }
}
