import CanonicalModel
import Chronology

/// Debits equal credits in every document.
struct JournalsBalance: Invariant, HearsDocumentPosted {
  static let definition = InvariantDefinition(
    name: "journals-balance", boundary: .ledger, place: 1,
    statement: "in every ledger document, debits equal credits in its currency",
    evidence: "the ERPs' ledgers",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func hear(documentPosted document: LedgerDocument, _ books: Books, at now: Instant) {
    var debits: Int128 = 0
    var credits: Int128 = 0
    for line in document.entry.lines {
      if line.amount.units > 0 { debits += line.amount.units } else { credits -= line.amount.units }
    }
    findings.expect(
      Money(units: debits), equals: Money(units: credits), at: now,
      show: { $0.text(in: document.entry.currency) }, books.ids(of: document))
  }
}
