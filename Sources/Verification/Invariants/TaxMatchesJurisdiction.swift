import CanonicalModel
import Chronology

/// The right tax, at the right rate, for the right place.
struct TaxMatchesJurisdiction: Invariant {
  static let definition = InvariantDefinition(
    name: "tax-matches-jurisdiction", boundary: .billing,
    statement:
      "an invoice bears exactly the tax of its customer's jurisdiction, at the rate of its day, rounded by the policy",
    evidence: "the issued invoices against the customers' jurisdictions and the rates' history")
  var findings = Findings()

  mutating func observe(_ invoice: Invoice, _ books: Books, at now: Instant) {
    let due = books.catalog.accounts[Int(invoice.account.index)].jurisdiction
    findings.expect(
      invoice.taxes.map(\.jurisdiction), equals: due.map { [$0] } ?? [], at: now,
      show: { ids in
        ids.isEmpty
          ? "no tax" : ids.map { books.catalog.jurisdictions[Int($0.index)].name }.joined(separator: ", ")
      }, books.ids(of: invoice.number))
    guard let due, let tax = invoice.taxes.first, invoice.taxes.count == 1 else { return }
    let history = books.catalog.jurisdictions[Int(due.index)].rates
    var rate = history[0].rate
    for entry in history where entry.from <= invoice.issued { rate = entry.rate }
    let expected = amount(of: invoice, at: rate, books.catalog.taxRounding)
    findings.expect(
      tax.amount, equals: expected, at: now,
      show: { "\($0.text(in: invoice.currency)) at \(rate) of \(tax.taxable.text(in: invoice.currency))" },
      books.ids(of: invoice.number) + books.ids(of: tax))
  }

  /// In minor units: amounts are whole ones, and a rate has twelve digits.
  private func amount(of invoice: Invoice, at rate: Price, _ rounding: TaxRounding) -> Money {
    let one: Int128 = 1_000_000_000_000
    var minor: Int128 = Money.one
    for _ in 0..<invoice.currency.digits { minor /= 10 }
    func rounded(_ units: Int128) -> Int128 {
      let product = units / minor * rate.units
      let magnitude = (abs(product) * 2 + one) / (one * 2)
      return product < 0 ? -magnitude : magnitude
    }
    let amounts = invoice.lines.map(\.amount.units)
    let tax = rounding == .perLine ? amounts.reduce(0) { $0 + rounded($1) } : rounded(amounts.reduce(0, +))
    return Money(units: tax * minor)
  }
}
