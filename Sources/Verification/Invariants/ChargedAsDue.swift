import CanonicalModel
import Chronology

/// Every invoice that is paid by card or direct debit is charged, when it is due and for what is open of it.
struct ChargedAsDue: Invariant, HearsInvoiceIssued, HearsCredited, HearsCashBooked, HearsCashMoved,
  HearsChargeRequested, JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "charged-as-due", boundary: .payments, place: 7,
    statement:
      "no charge is asked for before its invoice is due, and each for what is open of the invoice, tax included; at rest, every "
      + "invoice of a customer who is charged was charged, unless credits or other payments had settled it",
    evidence: "the requests to the gateway against the issued invoices, credits and documents of moved money",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var amounts = OpenAmounts()
  private var requested: [ChargeKey: Money] = [:]
  private var charged: Set<InvoiceNumber> = []

  mutating func hear(invoiceIssued invoice: Invoice, _: Books, at now: Instant) {
    amounts.add(invoice, at: now)
  }
  mutating func hear(credited memo: CreditMemo, _: Books, at _: Instant) { amounts.add(memo) }
  mutating func hear(cashBooked document: CashDocument, _: Books, at _: Instant) { amounts.add(document) }
  mutating func hear(cashMoved event: CashEvent, _: UInt32, _: Books, at _: Instant) {
    if case .refundRefused(let order) = event { amounts.refuse(order) }
  }

  mutating func hear(
    chargeRequested key: ChargeKey, _: AccountID, _ amount: Money, _ repetition: UInt32, _ books: Books,
    at now: Instant
  ) {
    charged.insert(key.invoice)
    let ids = books.ids(of: key.invoice) + [key.text(in: books.catalog)]
    if let first = requested[key] {
      findings.expect(amount, equals: first, at: now, ids + ["asked for again"])
      return
    }
    requested[key] = amount
    guard let terms = books.catalog.paymentTerms, let entry = amounts[key.invoice] else { return }
    let due = entry.issued + terms.dueAfter
    findings.require(now >= due, at: now) {
      Breach(ids: ids, expected: "asked for at \(due) at the earliest", actual: "at \(now)")
    }
    // The first request may have got lost with its process: then one that follows is seen first, which asks for the same.
    let isRight = amount == entry.open || repetition > 0 && entry.earlier.contains(amount)
    findings.require(isRight, at: now) {
      Breach(ids: ids, expected: "\(entry.open), which is open", actual: "\(amount) asked for")
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    guard books.catalog.paymentTerms != nil else { return }
    if let work = rest.stuck.first {
      return findings.leaveOut("\(work.depth) left in \(work.queue): charges may be due")
    }
    for number in amounts.invoices.keys.sorted() {
      guard let entry = amounts[number], books.catalog[entry.account].method == .autopay else { continue }
      findings.require(
        charged.contains(number) || entry.wasSettled, at: rest.at, isReal: charged.contains(number)
      ) {
        Breach(
          ids: books.ids(of: number), expected: "charged, as it is due and \(entry.open) is open",
          actual: "never charged")
      }
    }
  }
}
