import CanonicalModel
import Chronology

/// Nobody is billed twice for a period.
struct OneInvoicePerPeriod: Invariant, HearsInvoiceIssued {
  static let definition = InvariantDefinition(
    name: "one-invoice-per-period", boundary: .billing, place: 4,
    statement:
      "the usage of a meter, and each recurring item, of a service period is billed for the first time on one invoice only: "
      + "what comes later is a line for late usage or a proration. Lines of nothing and invoices that take the place of "
      + "credited ones are no second bill",
    evidence: "the issued invoices",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var billed: [Billed: InvoiceNumber] = [:]

  private struct Billed: Hashable {
    var key: OracleKey
    var served: ServiceDates?
  }

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    guard invoice.rebills == nil else { return }
    for line in invoice.lines where [.usage, .recurring].contains(line.charge.kind) && line.amount != .zero {
      let key = OracleKey(line.charge)
      let before = billed.updateValue(
        invoice.number, forKey: Billed(key: key, served: line.charge.served))
      findings.require(before == nil, at: now) {
        Breach(
          ids: books.ids(of: invoice.number) + books.ids(of: key), expected: "billed for the first time",
          actual: "billed on \(before?.text(in: books.catalog) ?? "") before")
      }
    }
  }
}
