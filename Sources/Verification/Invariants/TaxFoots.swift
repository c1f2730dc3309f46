import CanonicalModel
import Chronology

/// An invoice's taxes are whole and on the whole invoice.
struct TaxFoots: Invariant, HearsInvoiceIssued, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "tax-foots", boundary: .billing, place: 9,
    statement:
      "the taxes of a place are on the sum of an invoice's lines, each in whole minor units, and in the ledger as on the invoice",
    evidence: "the issued invoices and the ERPs' ledgers",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    var lines: Int128 = 0
    for line in invoice.lines { lines += line.amount.units }
    for (place, tax) in invoice.taxes.enumerated() {
      // At several rates of one place, each is on a part of the lines.
      let first = invoice.taxes.firstIndex { $0.jurisdiction == tax.jurisdiction }
      if place == first {
        var taxable: Int128 = 0
        for own in invoice.taxes where own.jurisdiction == tax.jurisdiction { taxable += own.taxable.units }
        findings.expect(
          Money(units: taxable), equals: Money(units: lines), at: now,
          show: { $0.text(in: invoice.currency) },
          books.ids(of: invoice.number) + books.ids(of: tax))
      }
      findings.require(tax.amount.isWhole(in: invoice.currency), at: now) {
        Breach(
          ids: books.ids(of: invoice.number) + books.ids(of: tax),
          expected: "whole minor units of \(invoice.currency)", actual: "\(tax.amount)")
      }
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let now = rest.at
    for (index, totals) in books.taxes.enumerated() {
      if let reason = books.unfinished.lazy.compactMap({ $0 }).first {
        if totals.invoiced != .zero { findings.leaveOut(reason) }
        continue
      }
      let jurisdiction = books.catalog.jurisdictions[index]
      findings.require(totals.ledger == totals.invoiced, at: now, isReal: totals.invoiced != .zero) {
        Breach(
          ids: ["jurisdiction \(jurisdiction.name)", "tax payable"],
          expected: "\(totals.invoiced) as invoiced",
          actual: "\(totals.ledger) in the ledger")
      }
    }
  }
}
