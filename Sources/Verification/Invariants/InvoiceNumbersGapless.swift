import CanonicalModel
import Chronology

/// Invoice numbers of a legal entity run 1, 2, 3, … without gap or repetition.
struct InvoiceNumbersGapless: Invariant, HearsInvoiceIssued {
  static let definition = InvariantDefinition(
    name: "invoice-numbers-gapless", boundary: .billing, place: 3,
    statement: "the invoice numbers of a legal entity run 1, 2, 3, … in the order of issue",
    evidence: "the issued invoices",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var last: [EntityID: UInt32] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    let entity = invoice.number.entity
    let expected = (last[entity] ?? 0) + 1
    findings.expect(
      invoice.number.sequence, equals: expected, at: now, books.ids(of: invoice.number))
    last[entity] = invoice.number.sequence
  }
}
