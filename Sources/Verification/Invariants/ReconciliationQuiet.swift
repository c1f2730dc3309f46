import CanonicalModel
import Chronology

/// The core's own reconciliation cries only when something is wrong.
struct ReconciliationQuiet: Invariant, HearsDocumentPosted, HearsPostingAcknowledged,
  HearsLedgersCompared, HearsBreakReported, JudgesLast
{
  static let definition = InvariantDefinition(
    name: "reconciliation-quiet", boundary: .controls, place: 2,
    statement:
      "the core's own reconciliation raises no break unless the ledger differs at that instant from what the core calls "
      + "posted, or something else is wrong in the run",
    evidence: "the breaks that the core has raised against the ERPs' ledgers and all other invariants",
    property: .safety, cost: .atRest(.document))
  var findings = Findings()
  private var comparisons = 0
  private var reported: [(boundary: ReconciliationBoundary, entity: EntityID, at: Instant)] = []
  /// Documents in an entity's ledgers less those that the core calls posted.
  private var surplus: [EntityID: Int] = [:]

  mutating func hear(documentPosted document: LedgerDocument, _: Books, at _: Instant) {
    surplus[document.entity, default: 0] += 1
  }
  mutating func hear(postingAcknowledged key: PostingKey, _: UInt32, _: Books, at _: Instant) {
    surplus[key.entity, default: 0] -= 1
  }

  /// The reconciliation has read a ledger: it could have raised a break.
  mutating func hear(ledgersCompared entity: EntityID, _: Int64, _: Money, _: Books, at _: Instant) {
    comparisons += 1
  }

  mutating func hear(
    breakReported boundary: ReconciliationBoundary, _ entity: EntityID, _: Books, at now: Instant
  ) {
    if boundary == .postedLedger, surplus[entity, default: 0] != 0 { return }
    reported.append((boundary, entity, now))
  }

  mutating func judgeLast(_ rest: Rest, allElseHolds: Bool, _ books: Books) {
    let now = rest.at
    if reported.isEmpty, comparisons > 0 {
      findings.require(true, at: now) { Breach(ids: [], expected: "", actual: "") }
    }
    for alarm in reported {
      findings.require(!allElseHolds, at: alarm.at) {
        Breach(
          ids: [
            "entity \(books.catalog[alarm.entity].name)", "boundary \(alarm.boundary)",
          ],
          expected: "no break, as every other invariant holds", actual: "a break was raised")
      }
    }
  }
}
