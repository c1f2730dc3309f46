import CanonicalModel
import Chronology

/// The right tax, at the right rate, for the right place.
///
/// The rate is that of the instant for which the tax engine was asked: the answer takes a moment, and the rate may change in it.
struct TaxMatchesJurisdiction: Invariant, HearsInvoiceIssued, HearsTaxCalled {
  static let definition = InvariantDefinition(
    name: "tax-matches-jurisdiction", boundary: .billing, place: 10,
    statement:
      "an invoice bears exactly the tax of its customer's jurisdiction, at a rate for which the tax engine was asked in the "
      + "minute before the issue, rounded by the policy; issued anew, it bears the tax that it had",
    evidence:
      "the issued invoices against the customers' jurisdictions, the rates' history and the calls at the tax engine",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  /// For how long an answer of the tax engine may be used.
  private static let longestUse = Span.minutes(1)
  /// The instants for which the tax engine was asked within the last minute.
  private var asked: [Instant] = []

  mutating func hear(taxCalled _: UInt64, _ instant: Instant, _: Books, at now: Instant) {
    asked.removeAll { $0 < now - Self.longestUse }
    asked.append(instant)
  }

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    let due = books.catalog[invoice.account].jurisdiction
    findings.expect(
      invoice.taxes.map(\.jurisdiction), equals: due.map { [$0] } ?? [], at: now,
      isReal: !books.catalog.jurisdictions.isEmpty,
      show: { ids in
        ids.isEmpty
          ? "no tax" : ids.map { books.catalog[$0].name }.joined(separator: ", ")
      }, books.ids(of: invoice.number))
    guard let due, let tax = invoice.taxes.first, invoice.taxes.count == 1 else { return }
    let expected: [(tax: Money, rate: Price)]
    if let original = invoice.rebills.flatMap({ books.invoice(PostingKey(invoice: $0)) }) {
      expected = original.taxes.map { ($0.amount, $0.rate) }
    } else {
      expected = rates(in: books.catalog[due].rates, at: invoice.issued).map {
        rate in
        let amount = OracleRating.tax(
          on: invoice.lines.map(\.amount), at: rate, books.catalog.taxRounding, in: invoice.currency)
        return (amount, rate)
      }
    }
    findings.require(expected.contains { $0.tax == tax.amount }, at: now) {
      Breach(
        ids: books.ids(of: invoice.number) + books.ids(of: tax),
        expected: expected.map {
          "\($0.tax.text(in: invoice.currency)) at \($0.rate) of \(tax.taxable.text(in: invoice.currency))"
        }.joined(separator: " or "),
        actual: "\(tax.amount.text(in: invoice.currency)) at \(tax.rate)")
    }
  }

  /// The rates that an invoice may bear: those of the instants asked for in the minute before it, or of its own instant where
  /// there was no call.
  private func rates(in history: [TaxJurisdiction.Rate], at issued: Instant) -> [Price] {
    guard history.count > 1 else { return [history[0].rate] }
    let usable = asked.filter { $0 <= issued && $0 >= issued - Self.longestUse }
    var rates: [Price] = []
    for instant in usable.isEmpty ? [issued] : usable {
      let rate = (history.last { $0.from <= instant } ?? history[0]).rate
      if !rates.contains(rate) { rates.append(rate) }
    }
    return rates
  }
}
