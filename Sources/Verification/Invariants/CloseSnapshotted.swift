import CanonicalModel
import Chronology

/// Each close is reported, and each one after a reopening.
struct CloseSnapshotted: Invariant, HearsSnapshotTaken, HearsDocumentPosted, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "close-snapshotted", boundary: .ledger, place: 7,
    statement:
      "after each close of an accounting period that has documents, the first one and those after reopenings, a snapshot of "
      + "it is taken, and there are no more snapshots than closes",
    evidence: "the accounting calendar and the ERPs' ledgers against the times of the snapshots",
    property: .liveness, cost: .atRest(.document))
  var findings = Findings()

  private struct Key: Hashable, Comparable, Sendable {
    var entity: EntityID
    var period: Period
    static func < (a: Key, b: Key) -> Bool { (a.entity, a.period) < (b.entity, b.period) }
  }
  private var posted: [Key: Instant] = [:]
  private var snapshots: [Key: [Instant]] = [:]

  mutating func hear(documentPosted document: LedgerDocument, _: Books, at now: Instant) {
    let key = Key(entity: document.entity, period: document.entry.period)
    if posted[key] == nil { posted[key] = now }
  }

  mutating func hear(snapshotTaken snapshot: CloseSnapshot, _: Books, at _: Instant) {
    snapshots[Key(entity: snapshot.entity, period: snapshot.period), default: []].append(snapshot.ledgerAsOf)
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let stuck = rest.stuck
    let now = rest.at
    // What still waits at an ERP is not lost: `drains` speaks for it.
    guard let calendar = books.catalog.accountingCalendar else { return }
    if let queue = stuck.first(where: \.queue.isOutbox) {
      return findings.leaveOut("\(queue.depth) documents still wait in \(queue.queue)")
    }
    for key in Set(posted.keys).union(snapshots.keys).sorted() {
      let again = calendar.reopenings.filter { $0.entity == key.entity && $0.period == key.period }
      let closes = ([key.period.end + calendar.closeAfter] + again.map(\.until)).filter { $0 <= now }.sorted()
      let taken = snapshots[key] ?? []
      let due = closes.filter { close in posted[key].map { $0 <= close } ?? false }
      let isLate = due.contains { close in !taken.contains { $0 >= close } }
      // Where an ERP is down from one close to the next, one reading after both has to do.
      findings.require(
        !isLate && taken.count <= closes.count, at: now, isReal: !due.isEmpty || !taken.isEmpty
      ) {
        Breach(
          ids: [
            "entity \(books.catalog[key.entity].name)", "period \(key.period)",
          ],
          expected: "a snapshot of each close: \(Self.list(due))", actual: Self.list(taken))
      }
    }
  }

  private static func list(_ instants: [Instant]) -> String {
    instants.isEmpty ? "none" : instants.map { "\($0)" }.joined(separator: ", ")
  }
}
