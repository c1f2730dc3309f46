import CanonicalModel
import Chronology

/// Every issued invoice is in the ERP, or in a visible queue or case.
struct NoLostPosting: Invariant, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "no-lost-posting", boundary: .posting, place: 2,
    statement:
      "every issued invoice and other document is in its ERP's ledger or in a visible queue or case",
    evidence: "the issued invoices against the ERPs' ledgers and the depth of the queues",
    property: .liveness, cost: .atRest(.document))
  var findings = Findings()

  mutating func judge(_ rest: Rest, _ books: Books) {
    let stuck = rest.stuck
    let now = rest.at
    for entity in books.catalog.entities.indices {
      let queue = WorkQueue.outbox(books.catalog.entities[entity].name)
      let waiting = stuck.first { $0.queue == queue }?.depth ?? 0
      var missing: [PostingKey] = []
      var hasAny = false
      for key in books.postingOrder where Int(key.entity.index) == entity {
        hasAny = true
        if let due = books.obligations[key], !due.isPosted, !due.isExcepted { missing.append(key) }
      }
      findings.require(missing.count <= waiting, at: now, isReal: hasAny) {
        Breach(
          ids: missing.first.map { books.ids(of: $0) } ?? [],
          expected: "\(waiting) documents not in the ledger, as many as wait in \(queue)",
          actual: "\(missing.count)")
      }
    }
  }
}
