import CanonicalModel
import Chronology

/// A posting key has at most one document in the ERP.
struct NoDoublePosting: Invariant, HearsDocumentPosted {
  static let definition = InvariantDefinition(
    name: "no-double-posting", boundary: .posting, place: 1,
    statement: "per posting key (document, kind, revision) the ERP's ledger holds at most one document",
    evidence: "the ERPs' ledgers",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  /// Called after the document was entered in the books.
  mutating func hear(documentPosted document: LedgerDocument, _ books: Books, at now: Instant) {
    let key = document.entry.key
    var numbers = books.numbers(key)
    if let unasked = books.unasked[key] { numbers = unasked + numbers }
    findings.require(numbers.count <= 1, at: now) {
      Breach(
        ids: books.ids(of: document), expected: "1 document",
        actual: "\(numbers.count) documents: \(numbers.map(String.init).joined(separator: ", "))")
    }
  }
}
