import CanonicalModel
import Chronology

/// What the ERP holds is what the customer was billed.
struct PostingMatchesInvoice: Invariant, HearsDocumentPosted {
  static let definition = InvariantDefinition(
    name: "posting-matches-invoice", boundary: .posting, place: 4,
    statement:
      "a ledger document has its invoice's customer, entity, currency, period, total, revenue by item and taxes",
    evidence: "the ERPs' ledgers against the issued invoices",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  /// The invoice's own period, or a later one where it is closed, or about to be.
  private func isRight(
    _ period: Period, for invoice: Invoice, _ books: Books, at now: Instant
  ) -> Bool {
    let own = books.calendar.accountingPeriod(of: invoice)
    if period == own { return true }
    guard let calendar = books.catalog.accountingCalendar, period > own else { return false }
    let entity = invoice.number.entity
    return [now, now + .hours(1)].contains {
      !OracleCalendar.isOpen(own, of: entity, in: calendar, for: .invoice, at: $0)
    }
  }

  mutating func hear(documentPosted document: LedgerDocument, _ books: Books, at now: Instant) {
    let entry = document.entry
    guard entry.key.invoice != nil else { return }
    let issued = books.invoice(entry.key.whole)
    findings.require(issued != nil, at: now) {
      Breach(ids: books.ids(of: document), expected: "an issued invoice", actual: "none of that number")
    }
    guard let invoice = issued else { return }
    let sameHead =
      entry.account == invoice.account && document.entity == invoice.number.entity
      && entry.currency == invoice.currency && isRight(entry.period, for: invoice, books, at: now)
    findings.require(sameHead, at: now) {
      Breach(
        ids: books.ids(of: document),
        expected: "customer \(invoice.account.index), \(invoice.currency), \(invoice.period)",
        actual:
          "customer \(entry.account.map { "\($0.index)" } ?? "none"), \(entry.currency), \(entry.period)")
    }
    // Of a document in parts, once the ledger holds the last of them.
    guard let whole = books.assembled(document) else { return }
    var lines = whole.entry.lines
    // An exchange difference has no amount in the billing currency: `fx-ties` knows what it is.
    if entry.functionalCurrency != nil {
      lines.removeAll { $0.account == .exchangeGains && $0.amount == .zero }
    }
    let posted = Sums(lines)
    let isSame = books.amounts(of: whole.entry.key).map { posted == $0 } ?? false
    findings.require(isSame, at: now) {
      Breach(
        ids: books.ids(of: document),
        expected: "\(invoice.total.text(in: invoice.currency)) as on the invoice",
        actual: "\((posted[.receivable] ?? .zero).text(in: entry.currency)), or other revenue or taxes")
    }
  }
}
