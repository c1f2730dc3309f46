import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash

@Suite("Payments")
struct PaymentTests {
  private static let us = EntityID(index: 0)

  private func catalog(
    _ method: PaymentMethod, _ change: (inout PaymentTerms) -> Void = { _ in }
  ) -> Catalog {
    var terms = PaymentTerms(dueAfter: .days(7), retries: [.days(3), .days(5)])
    change(&terms)
    let fixture = Fixtures.catalog
    return Catalog(
      entities: fixture.entities, meters: fixture.meters, eventTypes: fixture.eventTypes,
      accounts: fixture.accounts.map { Account(name: $0.name, entity: $0.entity, method: method) },
      subscriptions: fixture.subscriptions, priceBooks: fixture.priceBooks, sources: fixture.sources,
      paymentTerms: terms)
  }

  /// A driver with one invoice of 0.83 a customer.
  private func issued(
    _ method: PaymentMethod = .autopay, _ policy: PaymentPolicy = PaymentPolicy(),
    _ change: (inout PaymentTerms) -> Void = { _ in }
  ) -> Driver {
    var pipeline = PipelinePolicy()
    pipeline.payments = policy
    var driver = Driver(pipeline, catalog: catalog(method, change))
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
    #expect(driver.core.payments.ledger.unapplied[0] == Money("9.57"))
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
    driver.move(
      .chargeback(
        charge: request.key, collected: request.amount, amount: request.amount, fee: fee))
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

  // MARK: Statements

  private func statement(
    _ source: CashStatement.Source, _ number: UInt32, _ driver: Driver, _ lines: [CashStatement.Line]
  ) -> CashStatement {
    CashStatement(source: source, entity: Self.us, number: number, until: driver.now, lines: lines)
  }

  private func breaks(_ driver: Driver) -> [ReconciliationBoundary] {
    driver.reports.flatMap(\.breaks).map(\.boundary)
  }

  @Test(
    "a transfer of which no notice comes is booked from the statement, and the notice that comes after it moves nothing"
  )
  func lostNotice() throws {
    var driver = issued(.transfer)
    let invoice = try #require(driver.invoices.first { $0.number.entity == Self.us })
    let event = CashEvent.transfer(account: invoice.account, amount: invoice.total, reference: invoice.number)
    let line = CashStatement.Line(origin: .movement(9), event: event, amount: invoice.total)
    driver.pass(.days(1))
    driver.take(.statement(statement(.bank, 1, driver, [line])))
    #expect(driver.booked.map(\.gross) == [invoice.total])
    #expect(driver.core.payments.openAmount(of: invoice.number) == .zero)
    driver.take(.cash(CashNotice(id: 9, event: event)))
    driver.take(.statement(statement(.bank, 1, driver, [line])))
    #expect(driver.booked.count == 1)
    #expect(breaks(driver).isEmpty)
  }

  @Test("statements are read in the order of their numbers, whenever they come")
  func numbers() throws {
    var driver = issued(.transfer)
    let invoice = try #require(driver.invoices.first { $0.number.entity == Self.us })
    let cent = try #require(Money("0.01"))
    let lines = (1...2).map { id in
      let event = CashEvent.transfer(account: invoice.account, amount: cent, reference: invoice.number)
      return CashStatement.Line(origin: .movement(UInt32(id)), event: event, amount: cent)
    }
    driver.take(.statement(statement(.bank, 2, driver, [lines[1]])))
    #expect(driver.booked.isEmpty)
    driver.take(.statement(statement(.bank, 1, driver, [lines[0]])))
    #expect(driver.booked.map(\.origin) == [.movement(1), .movement(2)])
  }

  @Test("a charge whose answer is lost is found on the gateway's statement, and not asked for again")
  func lostAnswer() throws {
    var driver = issued()
    driver.pass(.days(7))
    let request = try #require(driver.chargeRequests.first { $0.key.invoice.entity == Self.us })
    let line = CashStatement.Line(origin: .charge(request.key), event: nil, amount: request.amount)
    driver.take(.statement(statement(.gateway, 1, driver, [line])))
    #expect(driver.booked.map(\.origin) == [.charge(request.key)])
    let asked = driver.chargeRequests.count { $0.key == request.key }
    driver.answer(request.key, .succeeded)
    driver.pass(.days(1))
    #expect(driver.chargeRequests.count { $0.key == request.key } == asked)
    #expect(driver.booked.count == 1 && breaks(driver).isEmpty)
  }

  @Test("what is booked and on no statement of its time is a break, as is another amount")
  func differences() throws {
    for amount in ["0.83", "0.82"] {
      var driver = issued(.transfer)
      let invoice = try #require(driver.invoices.first { $0.number.entity == Self.us })
      driver.move(.transfer(account: invoice.account, amount: invoice.total, reference: invoice.number))
      driver.pass(.days(1))
      let event = CashEvent.transfer(
        account: invoice.account, amount: invoice.total, reference: invoice.number)
      let line = CashStatement.Line(
        origin: .movement(amount == "0.83" ? 2 : 1),
        event: amount == "0.83"
          ? .disputeLost(charge: ChargeKey(invoice: invoice.number, attempt: 1)) : event,
        amount: try #require(Money(amount)))
      driver.take(.statement(statement(.bank, 1, driver, [line])))
      #expect(breaks(driver) == [.cashBank], "\(amount)")
    }
  }

  // MARK: What is paid too much, taken back, collected in part, and never paid

  @Test(
    "what is paid too much settles the customer's other invoices, is given back, or stays",
    arguments: UnappliedCash.allCases)
  func unapplied(policy: UnappliedCash) throws {
    var driver = issued(.transfer) { $0.unapplied = policy }
    let invoice = try #require(driver.invoices.first { $0.number.entity == Self.us })
    driver.move(
      .transfer(
        account: invoice.account, amount: try #require(Money("10.83")), reference: invoice.number))
    let orders = driver.outputs.compactMap { if case .refund(let order) = $0 { order } else { nil } }
    let ten = try #require(Money("10"))
    #expect(orders.map(\.amount) == (policy == .refund ? [ten] : []))
    #expect(driver.core.payments.ledger.unapplied[0] == ten, "what is to be given back is not gone yet")
    if let order = orders.first {
      driver.move(.refund(order))
      #expect(driver.core.payments.ledger.unapplied[0] == .zero)
      let entry = JournalMapping.entry(for: try #require(driver.booked.last))
      #expect(entry.lines.map(\.account) == [.unappliedCash, .bank])
    }
  }

  @Test("the rest of a charge that is collected in part is tried after the pause of a declined one")
  func partialCapture() throws {
    var driver = issued()
    driver.pass(.days(7))
    let request = try #require(driver.chargeRequests.first { $0.key.invoice.entity == Self.us })
    let part = try #require(Money("0.50"))
    driver.answer(request.key, .partly(part))
    #expect(driver.booked.map(\.gross) == [part])
    driver.pass(.days(3) + .minutes(1))
    let next = try #require(driver.chargeRequests.last { $0.key.invoice == request.key.invoice })
    #expect(next.key.attempt == 2 && next.amount == Money("0.33"))
  }

  @Test("a won dispute settles the invoice again, and a lost one leaves it to be written off")
  func disputes() throws {
    for isWon in [true, false] {
      var driver = issued(.autopay) {
        $0.disputesChargebacks = true
        $0.writeOffAfter = .days(10)
      }
      driver.pass(.days(7))
      let request = try #require(driver.chargeRequests.first { $0.key.invoice.entity == Self.us })
      driver.answer(request.key, .succeeded)
      // The decision may be known before the chargeback.
      driver.move(
        isWon ? .disputeWon(charge: request.key, amount: request.amount) : .disputeLost(charge: request.key))
      driver.move(
        .chargeback(charge: request.key, collected: request.amount, amount: request.amount, fee: .zero))
      #expect(driver.core.payments.openAmount(of: request.key.invoice) == (isWon ? .zero : request.amount))
      driver.pass(.days(11))
      #expect(driver.core.payments.openAmount(of: request.key.invoice) == .zero)
      let last = try #require(driver.booked.last { $0.applications.first?.invoice == request.key.invoice })
      #expect(last.key.kind == (isWon ? .chargebackReversal : .writeOff))
      if !isWon {
        #expect(JournalMapping.entry(for: last).lines.map(\.account) == [.badDebt, .receivable])
      }
    }
  }

  @Test("a chargeback takes unapplied cash of its charge first, and opens what the rest had settled")
  func chargebackOfUnapplied() throws {
    var driver = issued(.autopay) { $0.unapplied = .keep }
    driver.pass(.days(7))
    let request = try #require(driver.chargeRequests.first { $0.key.invoice.entity == Self.us })
    // The customer has paid most of it by transfer while the charge was under way.
    driver.move(
      .transfer(account: request.account, amount: try #require(Money("0.80")), reference: request.key.invoice)
    )
    driver.answer(request.key, .succeeded)
    #expect(driver.core.payments.ledger.unapplied[0] == Money("0.80"))
    driver.move(
      .chargeback(charge: request.key, collected: request.amount, amount: request.amount, fee: .zero))
    #expect(driver.core.payments.ledger.unapplied[0] == .zero)
    #expect(driver.core.payments.openAmount(of: request.key.invoice) == Money("0.03"))
  }
}
