import CanonicalModel
import Chronology

/// What is due in advance is billed in advance.
struct BilledInTime: Invariant, HearsInvoiceIssued {
  static let definition = InvariantDefinition(
    name: "billed-in-time", boundary: .billing, place: 5,
    statement:
      "a recurring charge in advance is on an issued invoice within three days of the beginning of its period, or of the "
      + "contract, as long as the contract never changes and no draft waits for its tax",
    evidence: "the issued invoices against the price books and the contracts' history",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  /// What a tax engine, a process or an hour's grace may take.
  private static let tolerance = Span.days(3)

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    guard invoice.rebills == nil else { return }
    for line in invoice.lines where line.charge.kind == .recurring {
      let subscription = line.charge.subscription
      let item = books.catalog[line.charge.item]
      guard item.kind == .recurring, !books.contracts.hasChangedSinceCharged(subscription),
        let charge = books.contracts.recurring(subscription, 0).first(where: {
          $0.name == item.charge && $0.months == item.months
        }),
        charge.timing == .inAdvance
      else { continue }
      let begins = max(
        line.charge.servicePeriod.start, books.contracts.charged(subscription))
      findings.require(invoice.issued <= begins + Self.tolerance, at: now) {
        Breach(
          ids: books.ids(of: invoice.number) + books.ids(of: line.charge),
          expected: "issued by \(begins + Self.tolerance)", actual: "issued at \(invoice.issued)")
      }
    }
  }
}
