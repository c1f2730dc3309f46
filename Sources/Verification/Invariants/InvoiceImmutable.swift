import CanonicalModel
import Chronology

/// What was issued stays as it was.
struct InvoiceImmutable: Invariant, HearsInvoiceIssued, HearsInvoiceDelivered {
  static let definition = InvariantDefinition(
    name: "invoice-immutable", boundary: .billing, place: 6,
    statement:
      "an invoice that is issued never changes: whatever copy its customer receives is the one that was issued",
    evidence: "the issued invoices against every copy that has reached a customer",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var issued: [InvoiceNumber: Invoice] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    if issued[invoice.number] == nil { issued[invoice.number] = invoice }
  }

  mutating func hear(invoiceDelivered invoice: Invoice, _ books: Books, at now: Instant) {
    guard let original = issued[invoice.number] else { return }
    findings.expect(
      invoice, equals: original, at: now, show: { "\($0.total) in \($0.lines.count) lines" },
      books.ids(of: invoice.number))
  }
}
