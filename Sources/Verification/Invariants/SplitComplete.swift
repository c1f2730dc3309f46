import CanonicalModel
import Chronology

/// A document in parts is the whole document.
struct SplitComplete: Invariant, HearsDocumentPosted, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "split-complete", boundary: .posting, place: 5,
    statement:
      "a document that was split is in the ledger with all its parts, which agree in customer, currency and number of "
      + "parts; each balances and has no more lines than the ERP takes, and together they hold the document's amounts",
    evidence: "the ERPs' ledgers against the issued documents and the ERPs' limits",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func hear(documentPosted document: LedgerDocument, _ books: Books, at now: Instant) {
    let entry = document.entry
    if let maximum = books.catalog[document.entity].linesPerDocument {
      findings.require(entry.lines.count <= maximum, at: now) {
        Breach(
          ids: books.ids(of: document), expected: "at most \(maximum) lines", actual: "\(entry.lines.count)")
      }
    }
    guard entry.key.parts > 0, let due = books.obligations[entry.key.whole] else { return }
    let sum = entry.lines.reduce(Money.zero) { $0 + $1.amount }
    let functional = entry.lines.reduce(Money.zero) { $0 + ($1.functional ?? $1.amount) }
    findings.expect(sum, equals: .zero, at: now, books.ids(of: document))
    findings.expect(functional, equals: .zero, at: now, books.ids(of: document) + ["in the books' currency"])
    let isAlike = due.parts.values.allSatisfy {
      $0.key.parts == entry.key.parts && $0.account == entry.account && $0.currency == entry.currency
    }
    findings.require(isAlike && (1...entry.key.parts).contains(entry.key.part), at: now) {
      Breach(ids: books.ids(of: document), expected: "a part like the others", actual: "another one")
    }
    guard let whole = books.assembled(document) else { return }
    if let maximum = books.catalog[document.entity].linesPerDocument {
      // Each part has its own line of what all others stand against; a recognition has none.
      let lines = whole.entry.lines.count - (entry.key.kind == .recognition ? 0 : due.parts.count - 1)
      findings.require(lines > maximum, at: now) {
        Breach(
          ids: books.ids(of: document), expected: "one document of \(lines) lines",
          actual: "\(due.parts.count) parts")
      }
    }
    let held = Sums(whole.entry.lines)
    guard let amounts = books.amounts(of: entry.key.whole) else { return }
    let isWhole = (held.entries + amounts.entries).allSatisfy {
      held[$0.key] ?? .zero == amounts[$0.key] ?? .zero
    }
    findings.require(isWhole, at: now) {
      Breach(
        ids: books.ids(of: document), expected: "\(amounts.debits) in \(due.parts.count) parts",
        actual: "\(held.debits), or on other accounts")
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let stuck = rest.stuck
    let now = rest.at
    let waiting = stuck.first(where: \.queue.isOutbox)
    for key in books.postingOrder {
      guard let due = books.obligations[key], !due.parts.isEmpty else { continue }
      if let waiting {
        return findings.leaveOut("\(waiting.depth) documents or parts still wait in \(waiting.queue)")
      }
      guard !due.isExcepted else {
        findings.leaveOut("\(key.text(in: books.catalog)) was rejected by its ERP")
        continue
      }
      findings.require(due.isPosted, at: now) {
        Breach(
          ids: books.ids(of: key), expected: "all \(due.partCount) parts",
          actual: "\(due.parts.count)")
      }
    }
  }
}
