import CanonicalModel
import Chronology

/// Numbers of invoices, and of credit notes, of a legal entity run 1, 2, 3, … without gap or repetition.
struct InvoiceNumbersGapless: Invariant, HearsInvoiceIssued {
  static let definition = InvariantDefinition(
    name: "invoice-numbers-gapless", boundary: .billing, place: 3,
    statement:
      "the invoice numbers of a legal entity run 1, 2, 3, … in the order of issue, and those of its credit notes likewise",
    evidence: "the issued invoices",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private struct Series: Hashable {
    var entity: EntityID
    var isOfNotes: Bool
  }
  private var last: [Series: UInt32] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    let series = Series(entity: invoice.number.entity, isOfNotes: invoice.number.isCreditNote)
    let expected = (last[series] ?? 0) + 1
    findings.expect(
      invoice.number.sequence, equals: expected, at: now, books.ids(of: invoice.number))
    last[series] = invoice.number.sequence
  }
}
