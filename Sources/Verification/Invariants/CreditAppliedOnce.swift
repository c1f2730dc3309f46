import CanonicalModel
import Chronology

/// A request for a credit leads to one credit.
struct CreditAppliedOnce: Invariant, HearsCredited {
  static let definition = InvariantDefinition(
    name: "credit-applied-once", boundary: .billing, place: 14,
    statement: "each request leads to at most one credit memo, for at most what was requested",
    evidence: "the credit memos against the requests that they name",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var memos: [UInt32: Int] = [:]

  mutating func hear(credited memo: CreditMemo, _ books: Books, at now: Instant) {
    let invoice = books.invoice(PostingKey(invoice: memo.request.invoice))
    let whole = invoice?.lines.reduce(Money.zero) { $0 + $1.amount } ?? .zero
    let asked = memo.request.isRebill ? whole : memo.request.net
    memos[memo.request.id, default: 0] += 1
    let count = memos[memo.request.id] ?? 0
    findings.require(count == 1 && memo.net <= asked, at: now) {
      Breach(
        ids: books.ids(of: memo), expected: "1 memo of at most \(asked)",
        actual: "\(count) memos, the last of \(memo.net)")
    }
  }
}
