import CanonicalModel
import Chronology

/// Sales sees what finance sees.
struct PaymentStatusTies: Invariant, HearsStatusTold, HearsInvoiceIssued, HearsCashBooked, HearsCredited,
  JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "payment-status-ties", boundary: .payments, place: 6,
    statement:
      "at rest, the last status of an invoice that CRM was notified of is what payments, credits and write-offs have made of it",
    evidence: "the issued invoices, credits and documents of moved money against what CRM was notified of",
    property: .liveness, cost: .atRest(.document))
  var findings = Findings()
  private var totals: [InvoiceNumber: Money] = [:]
  private var open: [InvoiceNumber: Money] = [:]
  private var writtenOff: [InvoiceNumber: Money] = [:]
  private var told: [InvoiceNumber: PaymentStatus] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _: Books, at _: Instant) {
    totals[invoice.number] = invoice.total
    open[invoice.number] = invoice.total
  }

  mutating func hear(credited memo: CreditMemo, _: Books, at _: Instant) {
    open[memo.request.invoice, default: .zero] -= memo.total
  }

  mutating func hear(cashBooked document: CashDocument, _: Books, at _: Instant) {
    for part in document.applications {
      let isGivenBack = [.chargeback, .refund].contains(document.key.kind)
      if document.key.kind == .writeOff { writtenOff[part.invoice, default: .zero] += part.amount }
      open[part.invoice, default: .zero] += isGivenBack ? part.amount : .zero - part.amount
    }
  }

  mutating func hear(statusTold invoice: InvoiceNumber, _ status: PaymentStatus, _: Books, at _: Instant) {
    told[invoice] = status
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let now = rest.at
    guard books.catalog.paymentTerms != nil else { return }
    for number in totals.keys.sorted() {
      guard let total = totals[number], total > .zero, let left = open[number] else { continue }
      let isLost = writtenOff[number] ?? .zero > .zero
      let expected: PaymentStatus =
        left <= .zero ? (isLost ? .writtenOff : .settled) : left < total ? .partlySettled : .open
      findings.require(told[number] == expected, at: now) {
        Breach(
          ids: books.ids(of: number), expected: expected.rawValue,
          actual: told[number]?.rawValue ?? "not notified")
      }
    }
  }
}
