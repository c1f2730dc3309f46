import CanonicalModel
import Chronology

/// An invoice is in the ledger before its payment.
struct PostingOrderKept: Invariant, HearsDocumentPosted {
  static let definition = InvariantDefinition(
    name: "posting-order", boundary: .posting, place: 7,
    statement: "a payment, credit, chargeback or refund is posted after the invoices that it refers to",
    evidence: "the order of the ERPs' ledgers against what the documents settle",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func hear(documentPosted document: LedgerDocument, _ books: Books, at now: Instant) {
    var invoices = books.cashDocument(document.entry.key)?.applications.map(\.invoice) ?? []
    if let memo = books.creditMemo(document.entry.key) { invoices.append(memo.request.invoice) }
    for invoice in invoices {
      let key = PostingKey(invoice: invoice)
      let isThere = books.obligations[key].map { $0.isPosted || $0.isExcepted } ?? false
      findings.require(isThere, at: now) {
        Breach(
          ids: books.ids(of: document), expected: "\(key.text(in: books.catalog)) in the ledger before",
          actual: "not yet there")
      }
    }
  }
}
