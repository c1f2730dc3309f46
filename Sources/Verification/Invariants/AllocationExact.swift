import CanonicalModel
import Chronology

/// What is agreed for an invoice as a whole is spread over its lines to the last unit.
struct AllocationExact: Invariant, HearsInvoiceIssued {
  static let definition = InvariantDefinition(
    name: "allocation-exact", boundary: .billing, place: 2,
    statement:
      "the lines' parts of a customer's discount come to the agreed share of the charges, and those of each tax to the tax; each "
      + "is its exact share cut off or rounded up, and none is rounded up that has a smaller remainder than one cut off",
    evidence: "the issued invoices against the agreed shares and the taxes' rates",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    let agreed = books.catalog[invoice.account].discount
    if agreed != nil || invoice.lines.contains(where: { $0.discount != .zero }) {
      let share = agreed?.units ?? 0
      let exact = invoice.lines.map { $0.charge.amount.units / 1_000_000_000_000 * share }
      judge(
        invoice.lines.map(\.discount.units), exact,
        total: OracleRating.rounded(Money(units: exact.reduce(0, +)), to: invoice.currency), "discount",
        invoice, books, now)
    }
    for (place, tax) in invoice.taxes.enumerated() {
      let shares = taxShares(of: place, tax, invoice, books)
      judge(
        shares.map(\.part), shares.map(\.exact), total: tax.amount, "tax", invoice, books, now)
    }
    for line in invoice.lines where !line.taxes.isEmpty {
      findings.expect(
        line.tax, equals: line.taxes.reduce(Money.zero) { $0 + $1.amount }, at: now,
        show: { $0.text(in: invoice.currency) }, books.ids(of: invoice.number) + ["taxes of a line"])
    }
  }

  /// What each line, or part of its supply, bears of a tax, and its exact share.
  private func taxShares(
    of place: Int, _ tax: TaxLine, _ invoice: Invoice, _ books: Books
  ) -> [(part: Int128, exact: Int128)] {
    let one = OracleTaxes.one
    guard invoice.lines.contains(where: { !$0.taxes.isEmpty }) else {
      return invoice.lines.map {
        (part: $0.tax.units, exact: ($0.charge.amount - $0.discount).units / one * tax.rate.units)
      }
    }
    let included = books.catalog[invoice.account].jurisdictions.filter { books.catalog[$0].isIncluded }
    var shares: [(part: Int128, exact: Int128)] = []
    for line in invoice.lines {
      for part in line.taxes where part.tax == place {
        let price =
          line.supply.indices.contains(part.supply)
          ? line.supply[part.supply].amount : line.charge.amount - line.discount
        // All taxes on the same part of the line, which its price includes.
        var divisor = one
        for own in line.taxes where own.supply == part.supply && invoice.taxes.indices.contains(own.tax) {
          let levied = invoice.taxes[own.tax]
          if included.contains(levied.jurisdiction) { divisor += levied.rate.units }
        }
        shares.append((part: part.amount.units, exact: OracleTaxes.share(price, tax.rate, divisor)))
      }
    }
    return shares
  }

  private mutating func judge(
    _ parts: [Int128], _ exact: [Int128], total: Money, _ what: String, _ invoice: Invoice, _ books: Books,
    _ now: Instant
  ) {
    findings.expect(
      Money(units: parts.reduce(0, +)), equals: total, at: now,
      show: { $0.text(in: invoice.currency) }, books.ids(of: invoice.number) + [what])
    // The greatest remainder that was cut off, and the smallest that was rounded up.
    let minor = OracleRating.minor(of: invoice.currency)
    var cutOff: Int128 = -1
    var roundedUp = minor
    var isShare = true
    for (part, share) in zip(parts, exact) {
      let below = share - part  // what was cut off; negative where it was rounded up
      if below >= 0 { cutOff = max(cutOff, below) } else { roundedUp = min(roundedUp, below + minor) }
      if below >= minor || below <= -minor { isShare = false }
    }
    findings.require(isShare && cutOff <= roundedUp, at: now) {
      Breach(
        ids: books.ids(of: invoice.number) + [what],
        expected: "the largest remainders rounded up, the others cut off",
        actual: isShare
          ? "\(Money(units: cutOff)) cut off, \(Money(units: roundedUp)) rounded up"
          : "a line that is a unit or more from its share")
    }
  }
}
