import CanonicalModel
import Chronology

/// What nobody will pay is written off, and nothing else.
struct WriteOffsJustified: Invariant, HearsInvoiceIssued, HearsCredited, HearsChargeRequested, HearsCharged,
  HearsDeclined, HearsCashMoved, HearsCashBooked, JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "write-offs-justified", boundary: .payments, place: 12,
    statement:
      "an invoice is written off for what is open of it, no sooner after its last attempt or its final chargeback than the terms "
      + "of payment say; at rest, none of those is left open",
    evidence: "the outcomes at the gateway, the issued invoices, credits and documents of moved money",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var amounts = OpenAmounts()
  private var requested: [ChargeKey: Money] = [:]
  /// When it was first known that nobody would pay an invoice.
  private var given: [InvoiceNumber: Instant] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _: Books, at now: Instant) {
    amounts.add(invoice, at: now)
  }
  mutating func hear(credited memo: CreditMemo, _: Books, at _: Instant) { amounts.add(memo) }
  mutating func hear(
    chargeRequested key: ChargeKey, _: AccountID, _ amount: Money, _: UInt32, _: Books, at _: Instant
  ) { requested[key] = requested[key] ?? amount }

  mutating func hear(
    charged key: ChargeKey, _: AccountID, _ amount: Money, _ books: Books, at now: Instant
  ) {
    if let asked = requested[key], amount < asked { failed(key, books, at: now) }
  }

  mutating func hear(declined key: ChargeKey, _ books: Books, at now: Instant) { failed(key, books, at: now) }

  private mutating func failed(_ key: ChargeKey, _ books: Books, at now: Instant) {
    guard let terms = books.catalog.paymentTerms, Int(key.attempt) > terms.retries.count else { return }
    giveUp(key.invoice, at: now)
  }

  private mutating func giveUp(_ invoice: InvoiceNumber, at now: Instant) {
    given[invoice] = given[invoice] ?? now
  }

  mutating func hear(cashMoved event: CashEvent, _: UInt32, _ books: Books, at now: Instant) {
    switch event {
    case .chargeback(let charge, _, _, _) where books.catalog.paymentTerms?.disputesChargebacks == false:
      giveUp(charge.invoice, at: now)
    case .disputeLost(let charge): giveUp(charge.invoice, at: now)
    case .refundRefused(let order): amounts.refuse(order)
    default: break
    }
  }

  mutating func hear(cashBooked document: CashDocument, _ books: Books, at now: Instant) {
    defer { amounts.add(document) }
    guard document.key.kind == .writeOff, document.gross > .zero, let part = document.applications.first
    else { return }
    let ids = books.ids(of: part.invoice) + ["document \(document.key.text(in: books.catalog))"]
    let open = amounts[part.invoice]?.open ?? .zero
    let isWhole = document.applications.count == 1 && part.amount == open && document.gross == open
    findings.require(isWhole, at: now) {
      Breach(ids: ids, expected: "\(open), which is open", actual: "\(document.gross) written off")
    }
    let due = given[part.invoice].flatMap { given in
      books.catalog.paymentTerms?.writeOffAfter.map { given + $0 }
    }
    findings.require(due.map { $0 <= now } ?? false, at: now) {
      Breach(
        ids: ids, expected: due.map { "written off at \($0) at the earliest" } ?? "never written off",
        actual: "written off at \(now)")
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    guard books.catalog.paymentTerms?.writeOffAfter != nil else { return }
    if let work = rest.stuck.first {
      if !given.isEmpty { findings.leaveOut("write-offs: \(work.depth) left in \(work.queue)") }
      return
    }
    for number in given.keys.sorted() {
      let open = amounts[number]?.open ?? .zero
      findings.require(open <= .zero, at: rest.at) {
        Breach(ids: books.ids(of: number), expected: "written off, or paid", actual: "\(open) open")
      }
    }
  }
}
