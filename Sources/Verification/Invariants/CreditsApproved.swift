import CanonicalModel
import Chronology

/// Segregation of duties: nobody gives a large credit alone.
struct CreditsApproved: Invariant, HearsCredited {
  static let definition = InvariantDefinition(
    name: "credits-approved", boundary: .billing, place: 16,
    statement: "a credit over the limit was approved by a person other than the one who requested it",
    evidence: "the credit memos and the limit",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func hear(credited memo: CreditMemo, _ books: Books, at now: Instant) {
    guard let limit = books.catalog.creditLimit else { return }
    let request = memo.request
    let isApproved = request.approvedBy != nil && request.approvedBy != request.requestedBy
    findings.require(request.net <= limit || isApproved, at: now) {
      Breach(
        ids: books.ids(of: memo), expected: "a second person for more than \(limit)",
        actual: "\(request.net) asked for by \(request.requestedBy), approved by "
          + "\(request.approvedBy.map { "\($0)" } ?? "nobody")")
    }
  }
}
