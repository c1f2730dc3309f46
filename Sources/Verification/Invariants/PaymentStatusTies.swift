import CanonicalModel
import Chronology

/// Sales sees what finance sees.
struct PaymentStatusTies: Invariant {
  static let definition = InvariantDefinition(
    name: "payment-status-ties", boundary: .payments,
    statement:
      "at rest, the status that CRM was told of an invoice last is what payments and credits have made of it",
    evidence: "the issued invoices, credits and documents of moved money against what CRM was told",
    property: .liveness, cost: .atRest(.document))
  var findings = Findings()
  private var totals: [InvoiceNumber: Money] = [:]
  private var open: [InvoiceNumber: Money] = [:]
  private var told: [InvoiceNumber: PaymentStatus] = [:]

  mutating func observe(_ invoice: Invoice) {
    totals[invoice.number] = invoice.total
    open[invoice.number] = invoice.total
  }

  mutating func observe(_ memo: CreditMemo) { open[memo.request.invoice, default: .zero] -= memo.total }

  mutating func observe(_ document: CashDocument) {
    for part in document.applications {
      let isGivenBack = [.chargeback, .refund].contains(document.key.kind)
      open[part.invoice, default: .zero] += isGivenBack ? part.amount : .zero - part.amount
    }
  }

  mutating func observe(_ status: PaymentStatus, of invoice: InvoiceNumber) { told[invoice] = status }

  mutating func conclude(_ books: Books, at now: Instant) {
    guard books.catalog.paymentTerms != nil else { return }
    for number in totals.keys.sorted() {
      guard let total = totals[number], total > .zero, let left = open[number] else { continue }
      let expected: PaymentStatus = left <= .zero ? .settled : left < total ? .partlySettled : .open
      findings.require(told[number] == expected, at: now) {
        Breach(
          ids: books.ids(of: number), expected: expected.rawValue,
          actual: told[number]?.rawValue ?? "nothing told")
      }
    }
  }
}
