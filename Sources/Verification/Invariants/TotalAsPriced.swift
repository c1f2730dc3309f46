import CanonicalModel
import Chronology

/// Prices that include tax are what customers pay.
struct TotalAsPriced: Invariant, HearsInvoiceIssued {
  static let definition = InvariantDefinition(
    name: "total-as-priced", boundary: .billing, place: 19,
    statement:
      "where prices include taxes, an invoice asks for its prices and no more, and a line earns its price less its taxes",
    evidence: "the issued invoices against the rated charges and the customers' jurisdictions",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    let jurisdictions = books.catalog[invoice.account].jurisdictions
    guard jurisdictions.contains(where: { books.catalog[$0].isIncluded }) else {
      let included = invoice.lines.reduce(Money.zero) { $0 + $1.included }
      findings.expect(
        included, equals: .zero, at: now, isReal: included != .zero,
        show: { "\($0.text(in: invoice.currency)) of the prices is tax" }, books.ids(of: invoice.number))
      return
    }
    var prices: Int128 = 0
    for line in invoice.lines {
      prices += line.charge.amount.units - line.discount.units
      findings.expect(
        line.amount, equals: line.charge.amount - line.discount - line.tax, at: now,
        show: { $0.text(in: invoice.currency) },
        books.ids(of: invoice.number) + ["item \(books.catalog[line.charge.item].name)"])
    }
    findings.expect(
      invoice.total, equals: Money(units: prices), at: now, show: { $0.text(in: invoice.currency) },
      books.ids(of: invoice.number))
  }
}
