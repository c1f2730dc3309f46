import CanonicalModel
import Chronology

/// What a credit leaves paid too much goes back, once, and on its own invoice.
struct GivenBackAsOwed: Invariant, HearsInvoiceIssued, HearsCredited, HearsCashMoved, HearsCashBooked,
  JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "given-back-as-owed", boundary: .payments, place: 10,
    statement:
      "at rest, what was given back of an invoice is what credits have left paid too much, unless the gateway has refused it, "
      + "as the charge had been taken back",
    evidence: "the credits and documents of moved money against the refunds that were made",
    property: .liveness, cost: .atRest(.document))
  var findings = Findings()
  private var amounts = OpenAmounts()
  /// What was given back, or refused.
  private var made: [InvoiceNumber: Money] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _: Books, at now: Instant) {
    amounts.add(invoice, at: now)
  }
  mutating func hear(credited memo: CreditMemo, _: Books, at _: Instant) { amounts.add(memo) }
  mutating func hear(cashBooked document: CashDocument, _: Books, at _: Instant) {
    amounts.add(document)
    guard document.key.kind == .cashApplication else { return }
    // What a credit note had settled goes back into what settles other invoices.
    for part in document.applications
    where part.amount < .zero && amounts[part.invoice]?.total ?? .zero > .zero {
      made[part.invoice, default: .zero] -= part.amount
    }
  }
  mutating func hear(cashMoved event: CashEvent, _: UInt32, _: Books, at _: Instant) {
    switch event {
    case .refund(let order): if let invoice = order.invoice { made[invoice, default: .zero] += order.amount }
    case .refundRefused(let order):
      amounts.refuse(order)
      if let invoice = order.invoice { made[invoice, default: .zero] += order.amount }
    default: break
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    guard books.catalog.paymentTerms != nil else { return }
    if let work = rest.stuck.first {
      return findings.leaveOut("\(work.depth) left in \(work.queue): refunds may be due")
    }
    for number in amounts.invoices.keys.sorted() {
      let owed = amounts[number]?.owedBack ?? .zero
      let made = made[number] ?? .zero
      findings.expect(
        made, equals: owed, at: rest.at, isReal: owed != .zero || made != .zero, show: { "\($0) given back" },
        books.ids(of: number))
    }
  }
}
