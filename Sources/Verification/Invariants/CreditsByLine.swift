import CanonicalModel
import Chronology

/// A credit says of which lines it is, and what is given of each.
struct CreditsByLine: Invariant, HearsCredited {
  static let definition = InvariantDefinition(
    name: "credits-by-line", boundary: .billing, place: 17,
    statement:
      "the parts of a credit memo come to it, each is at most what is left of its line, and what of a part was still to be earned is its share by "
      + "days from the memo's month on",
    evidence: "the credit memos against the issued invoices and the contracts' days",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func hear(credited memo: CreditMemo, _ books: Books, at now: Instant) {
    // What is issued anew as a whole earns and defers what it did.
    guard !memo.request.isRebill else { return }
    let currency = memo.currency
    let sum = memo.parts.reduce(Money.zero) { $0 + $1.amount }
    findings.expect(
      sum, equals: memo.net, at: now, show: { $0.text(in: currency) }, books.ids(of: memo) + ["parts"])
    findings.require(memo.period == Period(holding: now), at: now) {
      Breach(ids: books.ids(of: memo), expected: "\(Period(holding: now))", actual: "\(memo.period)")
    }
    let known = books.latestCredit
    findings.require(known.count == memo.parts.count, at: now) {
      Breach(
        ids: books.ids(of: memo), expected: "\(memo.parts.count) lines of the invoice",
        actual: "\(known.count)")
    }
    for own in known {
      let ids = books.ids(of: memo) + ["line \(own.part.line + 1)"]
      let credited = books.credit.credited(own.part.line, of: memo.request.invoice)
      let isPaid = own.line.charge.kind == .drawdown || own.part.item != own.line.charge.item
      findings.require(
        own.part.amount > .zero && credited <= own.line.amount && !isPaid, at: now
      ) {
        Breach(
          ids: ids, expected: "at most \(own.line.amount.text(in: currency)) of it",
          actual: credited.text(in: currency))
      }
      findings.expect(
        own.part.unearned, equals: own.unearned, at: now, show: { $0.text(in: currency) },
        ids + ["still to be earned"])
    }
  }
}
