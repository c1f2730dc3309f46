import CanonicalModel
import Chronology

/// An invoice's total is the sum of its lines, in whole minor units.
struct InvoiceFoots: Invariant, HearsInvoiceIssued {
  static let definition = InvariantDefinition(
    name: "invoice-foots", boundary: .billing, place: 1,
    statement:
      "an invoice's total is the sum of its lines and taxes, the lines in whole minor units of the entity's currency",
    evidence: "the issued invoices",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    var sum: Int128 = 0
    for line in invoice.lines { sum += line.amount.units }
    for tax in invoice.taxes { sum += tax.amount.units }
    findings.expect(
      invoice.total, equals: Money(units: sum), at: now, show: { $0.text(in: invoice.currency) },
      books.ids(of: invoice.number))
    let whole = invoice.lines.allSatisfy { $0.amount.isWhole(in: invoice.currency) }
    findings.require(whole, at: now) {
      Breach(
        ids: books.ids(of: invoice.number), expected: "lines in whole minor units of \(invoice.currency)",
        actual: invoice.lines.map { "\($0.amount)" }.joined(separator: ", "))
    }
    findings.expect(
      invoice.currency, equals: books.catalog[invoice.number.entity].currency, at: now,
      books.ids(of: invoice.number))
  }
}
