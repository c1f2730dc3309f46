import CanonicalModel
import Chronology

/// A declined charge is tried again as often as the terms say.
struct DunningKept: Invariant {
  static let definition = InvariantDefinition(
    name: "dunning-kept", boundary: .payments,
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

  mutating func observe(_ invoice: Invoice) { left[invoice.number] = invoice.total }
  mutating func observe(_ memo: CreditMemo) { left[memo.request.invoice, default: .zero] -= memo.total }

  mutating func observe(_ document: CashDocument) {
    guard document.key.kind == .payment else { return }
    for part in document.applications { left[part.invoice, default: .zero] -= part.amount }
  }

  mutating func observe(declined key: ChargeKey) { declined[key.invoice, default: []].insert(key.attempt) }

  mutating func observe(collected key: ChargeKey) { collected.insert(key.invoice) }

  mutating func conclude(_ books: Books, at now: Instant) {
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
