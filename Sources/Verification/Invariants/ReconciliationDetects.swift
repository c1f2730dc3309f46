import CanonicalModel
import Chronology

/// The core's own reconciliation sees what is broken.
struct ReconciliationDetects: Invariant, HearsLedgersCompared, HearsBreakReported, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "reconciliation-detects", boundary: .honesty, place: 1,
    statement:
      "where an entity's ledger holds other documents at rest than were issued, and no queue or case accounts for it, the "
      + "core's own reconciliation has raised a break of that entity; and what it has read of the ledgers last is what they hold",
    evidence: "the issued documents against the ERPs' ledgers, and the breaks that the core has raised",
    property: .liveness, cost: .atRest(.document))
  var findings = Findings()
  private var broken: Set<EntityID> = []
  private var read: [EntityID: (documents: Int64, receivable: Money)] = [:]

  mutating func hear(breakReported _: ReconciliationBoundary, _ entity: EntityID, _: Books, at _: Instant) {
    broken.insert(entity)
  }

  mutating func hear(
    ledgersCompared entity: EntityID, _ documents: Int64, _ receivable: Money, _: Books, at _: Instant
  ) {
    read[entity] = (documents, receivable)
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let stuck = rest.stuck
    let now = rest.at
    for index in books.catalog.entities.indices {
      let entity = EntityID(index: UInt32(index))
      let name = books.catalog.entities[index].name
      if let queue = stuck.first(where: { $0.queue == .outbox(name) || $0.queue == .translation(name) }) {
        findings.leaveOut("entity \(name): \(queue.depth) documents wait in \(queue.queue)")
        continue
      }
      let held = books.ledgerDocuments[index]
      let receivable = books.ledgers[index][.receivable] ?? .zero
      let last = read[entity] ?? (0, .zero)
      findings.require(last == (held, receivable), at: now, isReal: held > 0 || read[entity] != nil) {
        Breach(
          ids: ["entity \(name)", "the ledger as the reconciliation has read it last"],
          expected: "\(held) documents, receivables of \(receivable)",
          actual: "\(last.documents) documents, receivables of \(last.receivable)")
      }
      var wrong: PostingKey?
      var hasAny = false
      for key in books.postingOrder where key.entity == entity && wrong == nil {
        hasAny = true
        guard let due = books.obligations[key], !due.isExcepted else { continue }
        if !due.isPostedOnce { wrong = key }
      }
      findings.require(wrong == nil || broken.contains(entity), at: now, isReal: hasAny) {
        Breach(
          ids: ["entity \(name)"] + (wrong.map { books.ids(of: $0) } ?? []),
          expected: "a break between documents and ledger",
          actual:
            "none, though the ledger holds \(wrong.flatMap { books.obligations[$0]?.documentCount } ?? 0)")
      }
    }
  }
}
