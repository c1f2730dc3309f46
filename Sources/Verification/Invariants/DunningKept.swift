import CanonicalModel
import Chronology

/// A declined charge is tried again as often as the terms say.
struct DunningKept: Invariant, HearsInvoiceIssued, HearsCashBooked, HearsCredited, HearsCharged,
  HearsDeclined, JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "dunning-kept", boundary: .payments, place: 3,
    statement:
      "at rest, an invoice whose last charge was declined has had every further attempt that the payment terms allow, unless "
      + "it was settled or credited in the meantime",
    evidence: "the attempts at the gateway, and what payments and credits have left of the issued invoices",
    property: .liveness, cost: .atRest(.document))
  var findings = Findings()
  private var left: [InvoiceNumber: Money] = [:]
  /// Attempts by their numbers: one that is made again is still one.
  private var declined: [InvoiceNumber: Set<UInt32>] = [:]
  private var collected: Set<InvoiceNumber> = []

  mutating func hear(invoiceIssued invoice: Invoice, _: Books, at _: Instant) {
    left[invoice.number] = invoice.total
  }
  mutating func hear(credited memo: CreditMemo, _: Books, at _: Instant) {
    left[memo.request.invoice, default: .zero] -= memo.total
  }

  mutating func hear(cashBooked document: CashDocument, _: Books, at _: Instant) {
    guard document.key.kind == .payment else { return }
    for part in document.applications { left[part.invoice, default: .zero] -= part.amount }
  }

  mutating func hear(declined key: ChargeKey, _: Books, at _: Instant) {
    declined[key.invoice, default: []].insert(key.attempt)
  }

  mutating func hear(charged key: ChargeKey, _: AccountID, _: Money, _: Books, at _: Instant) {
    collected.insert(key.invoice)
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    if let reason = rest.paymentsUnderWay { return findings.leaveOut(reason) }
    let now = rest.at
    guard let terms = books.catalog.paymentTerms else { return }
    let allowed = 1 + terms.retries.count
    for invoice in declined.keys.sorted() {
      let attempts = declined[invoice]?.count ?? 0
      let isOver = collected.contains(invoice) || left[invoice] ?? .zero <= .zero
      findings.require(isOver || attempts >= allowed, at: now) {
        Breach(
          ids: books.ids(of: invoice), expected: "\(allowed) attempts, as long as it is open",
          actual: "\(attempts), and \(left[invoice] ?? .zero) open")
      }
    }
  }
}
