import CanonicalModel
import Chronology

/// The right taxes, at the right rates, for the right places.
///
/// The rate is that of the instant for which the tax engine was asked (the answer takes a moment, and the rate may change in it), or of the day
/// of supply, by policy.
struct TaxMatchesJurisdiction: Invariant, HearsInvoiceIssued, HearsTaxCalled {
  static let definition = InvariantDefinition(
    name: "tax-matches-jurisdiction", boundary: .billing, place: 10,
    statement:
      "an invoice bears exactly the taxes of its customer's jurisdictions, at the rates for which the tax engine was asked in the "
      + "minute before the issue or at those of the day of supply, by policy, each rounded by its own; an item or customer that is taxed "
      + "otherwise is, with the reason; issued anew, it bears the taxes that it had",
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
    let due = books.catalog[invoice.account].jurisdictions
    var borne: [JurisdictionID] = []
    for tax in invoice.taxes where !borne.contains(tax.jurisdiction) { borne.append(tax.jurisdiction) }
    findings.expect(
      borne, equals: due, at: now,
      isReal: !books.catalog.jurisdictions.isEmpty,
      show: { ids in
        ids.isEmpty
          ? "no tax" : ids.map { books.catalog[$0].name }.joined(separator: ", ")
      }, books.ids(of: invoice.number))
    guard borne == due, !due.isEmpty else { return }
    let actual = Self.taxes(invoice.taxes.map { (OracleTaxes.Key($0), $0.amount) })
    let expected: [[OracleTaxes.Key: Money]]
    if let original = invoice.rebills.flatMap({ books.invoice(PostingKey(invoice: $0)) }) {
      expected = [Self.taxes(original.taxes.map { (OracleTaxes.Key($0), $0.amount) })]
    } else {
      let truth = OracleTaxes(catalog: books.catalog)
      expected = instants(of: due, books.catalog, at: invoice.issued).map { instant in
        Self.taxes(
          truth.taxes(on: invoice.lines, of: invoice.account, issued: instant).map {
            ($0.key, truth.amount(of: $0, in: invoice.currency))
          })
      }
    }
    findings.require(expected.contains(actual), at: now) {
      Breach(
        ids: books.ids(of: invoice.number) + due.map { "jurisdiction \(books.catalog[$0].name)" },
        expected: expected.map { Self.text($0, invoice, books) }.joined(separator: " or "),
        actual: Self.text(actual, invoice, books))
    }
  }

  private static func taxes(_ all: [(key: OracleTaxes.Key, amount: Money)]) -> [OracleTaxes.Key: Money] {
    var sums: [OracleTaxes.Key: Money] = [:]
    for (key, amount) in all { sums[key, default: .zero] += amount }
    return sums
  }

  private static func text(_ taxes: [OracleTaxes.Key: Money], _ invoice: Invoice, _ books: Books) -> String {
    taxes.map { key, amount in
      "\(amount.text(in: invoice.currency)) at \(key.rate)"
        + (taxes.count > 1 ? " in \(books.catalog[key.jurisdiction].name)" : "")
        + (key.reason.map { " (\($0.text))" } ?? "")
    }.sorted().joined(separator: " and ")
  }

  /// The instants whose rates an invoice may bear: those asked for in the minute before it, or its own where there was no call. One is enough
  /// where no rate changes, or where the day of supply counts.
  private func instants(of due: [JurisdictionID], _ catalog: Catalog, at issued: Instant) -> [Instant] {
    guard catalog.taxPoint == .invoice, due.contains(where: { catalog[$0].rates.count > 1 }) else {
      return [issued]
    }
    let usable = asked.filter { $0 <= issued && $0 >= issued - Self.longestUse }
    return usable.isEmpty ? [issued] : usable
  }
}
