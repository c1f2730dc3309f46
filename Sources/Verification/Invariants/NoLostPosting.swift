import CanonicalModel
import Chronology

/// Every issued invoice is in the ERP, or in a visible queue or case; what is called posted is there.
struct NoLostPosting: Invariant {
  static let definition = InvariantDefinition(
    name: "no-lost-posting", boundary: .posting,
    statement:
      "every issued invoice and other document is in its ERP's ledger or in a visible queue or case, and none is called "
      + "posted that is not there",
    evidence: "the issued invoices and the ERPs' ledgers against the core's acknowledgements")
  var findings = Findings()

  mutating func observe(acknowledged key: PostingKey, document: UInt32, _ books: Books, at now: Instant) {
    let numbers = books.obligations[key]?.documents ?? []
    findings.require(numbers.contains(document), at: now) {
      Breach(
        ids: books.ids(of: key), expected: "document \(document) in the ledger",
        actual: numbers.isEmpty ? "none" : numbers.map(String.init).joined(separator: ", "))
    }
  }

  mutating func conclude(_ books: Books, stuck: [StuckWork], at now: Instant) {
    for entity in books.catalog.entities.indices {
      let queue = "outbox/\(books.catalog.entities[entity].name)"
      let waiting = stuck.first { $0.queue == queue }?.depth ?? 0
      var missing: [PostingKey] = []
      for key in books.postingOrder where Int(key.entity.index) == entity {
        if let due = books.obligations[key], due.documents.isEmpty, !due.isExcepted { missing.append(key) }
      }
      findings.require(missing.count <= waiting, at: now) {
        Breach(
          ids: missing.first.map { books.ids(of: $0) } ?? [],
          expected: "\(waiting) documents not in the ledger, as many as wait in \(queue)",
          actual: "\(missing.count)")
      }
    }
  }
}
