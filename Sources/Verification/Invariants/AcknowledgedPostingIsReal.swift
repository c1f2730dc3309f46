import CanonicalModel
import Chronology

/// What the core calls posted is posted.
struct AcknowledgedPostingIsReal: Invariant, HearsPostingAcknowledged {
  static let definition = InvariantDefinition(
    name: "acknowledged-posting-is-real", boundary: .posting, place: 3,
    statement:
      "nothing is recorded as posted without the ERP's document: an outcome is known before it is acted on",
    evidence: "the core's acknowledgements against the ERPs' ledgers at that instant",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func hear(postingAcknowledged key: PostingKey, _ document: UInt32, _ books: Books, at now: Instant)
  {
    let numbers = books.numbers(key)
    findings.require(numbers.contains(document), at: now) {
      Breach(
        ids: books.ids(of: key), expected: "document \(document) in the ledger",
        actual: numbers.isEmpty ? "none" : numbers.map(String.init).joined(separator: ", "))
    }
  }
}
