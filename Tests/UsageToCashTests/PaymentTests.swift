import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash

@Suite("Payments")
struct PaymentTests {
  private static let us = EntityID(index: 0)

  private func catalog(_ method: PaymentMethod) -> Catalog {
    let fixture = Fixtures.catalog
    return Catalog(
      entities: fixture.entities, meters: fixture.meters, eventTypes: fixture.eventTypes,
      accounts: fixture.accounts.map { Account(name: $0.name, entity: $0.entity, method: method) },
      subscriptions: fixture.subscriptions, priceBooks: fixture.priceBooks, sources: fixture.sources,
      paymentTerms: PaymentTerms(dueAfter: .days(7), retries: [.days(3), .days(5)]))
  }

  /// A driver with one invoice of 0.83 a customer.
  private func issued(
    _ method: PaymentMethod = .autopay, _ policy: PaymentPolicy = PaymentPolicy()
  ) -> Driver {
    var pipeline = PipelinePolicy()
    pipeline.payments = policy
    var driver = Driver(pipeline, catalog: catalog(method))
    driver.deliver((0..<4).map { Fixtures.event(UInt64($0) + 1, customer: UInt32($0), tokens: 33) })
    driver.pass(.days(1) + .hours(2))
    return driver
  }

  @Test("payouts are booked under the gateway's own numbers, in whatever order their notices come")
  func payouts() {
    var driver = issued()
    for number in [2, 1] as [UInt32] {
      let gross = Money(minorUnits: Int128(number * 100), of: Fixtures.catalog.entities[0].currency)
      driver.move(.payout(entity: Self.us, number: number, gross: gross, fees: .zero))
    }
    #expect(driver.booked.map(\.key.sequence) == [2, 1])
    #expect(driver.booked.map { $0.gross.units / Money.one } == [2, 1])
  }

  @Test("a charge is asked for again as soon as the policy says, after silence and after a refusal")
  func policy() throws {
    var policy = PaymentPolicy()
    policy.timeout = .hours(6)
    policy.retryUnknownAfter = .hours(2)
    policy.retryUnavailableAfter = .hours(30)
    var driver = issued(.autopay, policy)
    driver.pass(.days(7))
    let first = try #require(driver.chargeRequests.first)
    func asked(_ driver: Driver) -> Int { driver.chargeRequests.count { $0.key == first.key } }
    #expect(asked(driver) == 1)
    driver.pass(.hours(8))
    #expect(asked(driver) == 2)
    driver.answer(first.key, .unavailable)
    driver.pass(.hours(29))
    #expect(asked(driver) == 2)
    driver.pass(.hours(1))
    #expect(asked(driver) == 3)
  }

  @Test("an invoice is charged when it is due, and a success settles it")
  func autopay() throws {
    var driver = issued()
    driver.pass(.days(6))
    #expect(driver.chargeRequests.isEmpty)
    driver.pass(.days(1))
    let request = try #require(driver.chargeRequests.first)
    #expect(request.idempotencyKey == "charge/US-000001/1")
    driver.answer(request.key, .succeeded)
    let payment = try #require(driver.booked.first)
    #expect(payment.applications == [.init(invoice: request.key.invoice, amount: request.amount)])
    #expect(driver.core.payments.openAmount(of: request.key.invoice) == .zero)
    let entry = JournalMapping.entry(for: payment)
    #expect(entry.lines.map(\.account) == [.clearing, .receivable])
    #expect(entry.receivable == -request.amount)
  }

  @Test(
    "without an answer the charge is asked for again under the same key, and a late answer is not taken twice"
  )
  func silence() throws {
    var driver = issued()
    driver.pass(.days(7))
    let first = try #require(driver.chargeRequests.first)
    driver.pass(.seconds(95))  // the time-out, and a pause
    let again = try #require(driver.chargeRequests.last { $0.key == first.key })
    #expect(again.repetition > first.repetition)
    #expect(again.idempotencyKey == first.idempotencyKey)
    driver.answer(first.key, .succeeded)
    driver.answer(first.key, .succeeded)
    #expect(driver.booked.count == 1)
  }

  @Test("a declined charge is tried again under another key after each pause, and in the end becomes a case")
  func declined() throws {
    var driver = issued()
    driver.pass(.days(7))
    for attempt in 1...3 {
      let request = try #require(
        driver.chargeRequests.last { $0.key.invoice.entity == Self.us && $0.key.invoice.sequence == 1 })
      #expect(request.key.attempt == UInt32(attempt))
      driver.answer(request.key, .declined)
      driver.pass(.days(5) + .hours(1))
    }
    #expect(driver.cases.contains { if case .uncollectible = $0.subject { true } else { false } })
    #expect(driver.booked.isEmpty)
  }

  @Test("a transfer settles the invoice that it names, then older ones, and the rest stays unapplied")
  func transfer() throws {
    var driver = issued(.transfer)
    let invoice = try #require(driver.invoices.first { $0.number.entity == Self.us })
    let half = try #require(Money("0.40"))
    driver.move(.transfer(account: invoice.account, amount: half, reference: invoice.number))
    #expect(driver.core.payments.openAmount(of: invoice.number) == Money("0.43"))
    driver.move(
      .transfer(
        account: invoice.account, amount: Money(minorUnits: 1000, of: invoice.currency),
        reference: invoice.number))
    #expect(driver.core.payments.openAmount(of: invoice.number) == .zero)
    #expect(driver.core.payments.unapplied[0] == Money("9.57"))
    let entry = JournalMapping.entry(for: try #require(driver.booked.last))
    #expect(entry.lines.contains { $0.account == .unappliedCash && $0.amount == Money("-9.57") })
  }

  @Test("a chargeback opens its invoice again, costs its fee, and becomes a case")
  func chargeback() throws {
    var driver = issued()
    driver.pass(.days(7))
    let request = try #require(driver.chargeRequests.first)
    driver.answer(request.key, .succeeded)
    let fee = try #require(Money("15"))
    driver.move(.chargeback(invoice: request.key.invoice, amount: request.amount, fee: fee))
    #expect(driver.core.payments.openAmount(of: request.key.invoice) == request.amount)
    #expect(driver.cases.contains { if case .chargedBack = $0.subject { true } else { false } })
    let entry = JournalMapping.entry(for: try #require(driver.booked.last))
    #expect(entry.lines.reduce(Money.zero) { $0 + $1.amount } == .zero)
    #expect(entry.receivable == request.amount)
  }

  @Test("documents of one customer go one after another: the payment waits for its invoice")
  func order() throws {
    var driver = issued(.transfer)
    let invoice = try #require(driver.invoices.first { $0.number.entity == Self.us })
    let call = try #require(driver.calls.first { $0.entity == Self.us })
    driver.move(.transfer(account: invoice.account, amount: invoice.total, reference: invoice.number))
    func payments(_ driver: Driver) -> Int {
      driver.calls.flatMap(Driver.requests).count { $0.entry.key.kind == .payment }
    }
    #expect(payments(driver) == 0)
    driver.answer(
      call, .posted(Driver.requests(call).indices.map { .posted(documentNumber: UInt32($0 + 1)) }))
    #expect(payments(driver) == 1)
  }
}
