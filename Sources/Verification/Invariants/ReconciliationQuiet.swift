import CanonicalModel
import Chronology

/// The core's own reconciliation cries only when something is wrong.
struct ReconciliationQuiet: Invariant {
  static let definition = InvariantDefinition(
    name: "reconciliation-quiet", boundary: .honesty,
    statement:
      "the core's own reconciliation raises no break unless the ledger differs at that instant from what the core calls "
      + "posted, or something else is wrong in the run",
    evidence: "the breaks that the core has raised against the ERPs' ledgers and all other invariants",
    property: .safety, cost: .atRest(.document))
  var findings = Findings()
  private var comparisons = 0
  private var reported: [(boundary: String, entity: EntityID, at: Instant)] = []
  /// Documents in an entity's ledgers less those that the core calls posted.
  private var surplus: [EntityID: Int] = [:]

  mutating func observe(_ document: LedgerDocument) { surplus[document.entity, default: 0] += 1 }
  mutating func observe(acknowledged key: PostingKey) { surplus[key.entity, default: 0] -= 1 }

  /// The reconciliation has read a ledger: it could have raised a break.
  mutating func observe(comparedLedgerOf entity: EntityID) { comparisons += 1 }

  mutating func observe(boundary: String, _ entity: EntityID, at now: Instant) {
    if boundary == "posted-ledger", surplus[entity, default: 0] != 0 { return }
    reported.append((boundary, entity, now))
  }

  mutating func conclude(_ books: Books, allElseHolds: Bool, at now: Instant) {
    if reported.isEmpty, comparisons > 0 {
      findings.require(true, at: now) { Breach(ids: [], expected: "", actual: "") }
    }
    for alarm in reported {
      findings.require(!allElseHolds, at: alarm.at) {
        Breach(
          ids: [
            "entity \(books.catalog.entities[Int(alarm.entity.index)].name)", "boundary \(alarm.boundary)",
          ],
          expected: "no break, as every other invariant holds", actual: "a break was raised")
      }
    }
  }
}
