import CanonicalModel
import Chronology

/// Closed books stay closed.
struct NoPostingIntoClosedPeriod: Invariant, HearsDocumentPosted {
  static let definition = InvariantDefinition(
    name: "no-posting-into-closed-period", boundary: .posting, place: 9,
    statement:
      "every ledger document is in a period that accepted its kind when it was posted: open, soft-closed for "
      + "entries of the close, or reopened with a second person's approval",
    evidence: "the ERPs' ledgers against the accounting calendar",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func hear(documentPosted document: LedgerDocument, _ books: Books, at now: Instant) {
    guard let calendar = books.catalog.accountingCalendar else { return }
    let isOpen = OracleCalendar.isOpen(
      document.entry.period, of: document.entity, in: calendar, for: document.entry.key.kind, at: now)
    findings.require(isOpen, at: now) {
      Breach(
        ids: books.ids(of: document), expected: "a period that accepts it",
        actual: "\(document.entry.period), closed at \(document.entry.period.end + calendar.closeAfter)")
    }
  }
}
