import CanonicalModel
import Chronology

/// No customer pays an invoice twice through the gateway.
struct NoDoubleCharge: Invariant, HearsCharged {
  static let definition = InvariantDefinition(
    name: "no-double-charge", boundary: .payments, place: 1,
    statement:
      "what the gateway has collected for an invoice, less what was taken back, is at most its total",
    evidence: "the gateway's charges against the issued invoices",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  /// Called after the charge was entered in the books.
  mutating func hear(charged key: ChargeKey, _: AccountID, _: Money, _ books: Books, at now: Instant) {
    let total = books.invoice(PostingKey(invoice: key.invoice))?.total ?? .zero
    let collected = books.cash.collected[key.invoice] ?? .zero
    findings.require(collected <= total, at: now) {
      Breach(
        ids: books.ids(of: key.invoice) + [key.text(in: books.catalog)], expected: "at most \(total)",
        actual: "\(collected) collected")
    }
  }
}
