import CanonicalModel
import Chronology

/// The right tax, at the right rate, for the right place.
struct TaxMatchesJurisdiction: Invariant {
  static let definition = InvariantDefinition(
    name: "tax-matches-jurisdiction", boundary: .billing,
    statement:
      "an invoice bears exactly the tax of its customer's jurisdiction, at the rate of its day, rounded by the policy",
    evidence: "the issued invoices against the customers' jurisdictions and the rates' history",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func observe(_ invoice: Invoice, _ books: Books, at now: Instant) {
    let due = books.catalog.accounts[Int(invoice.account.index)].jurisdiction
    findings.expect(
      invoice.taxes.map(\.jurisdiction), equals: due.map { [$0] } ?? [], at: now,
      isReal: !books.catalog.jurisdictions.isEmpty,
      show: { ids in
        ids.isEmpty
          ? "no tax" : ids.map { books.catalog.jurisdictions[Int($0.index)].name }.joined(separator: ", ")
      }, books.ids(of: invoice.number))
    // What is issued anew bears the tax of the day on which it was issued first.
    let day = invoice.rebills.flatMap { books.invoice(PostingKey(invoice: $0))?.issued } ?? invoice.issued
    guard let due, let tax = invoice.taxes.first, invoice.taxes.count == 1 else { return }
    let history = books.catalog.jurisdictions[Int(due.index)].rates
    var rate = history[0].rate
    for entry in history where entry.from <= day { rate = entry.rate }
    let expected = OracleRating.tax(
      on: invoice.lines.map(\.amount), at: rate, books.catalog.taxRounding, in: invoice.currency)
    findings.expect(
      tax.amount, equals: expected, at: now,
      show: { "\($0.text(in: invoice.currency)) at \(rate) of \(tax.taxable.text(in: invoice.currency))" },
      books.ids(of: invoice.number) + books.ids(of: tax))
  }
}
