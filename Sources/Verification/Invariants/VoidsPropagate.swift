import CanonicalModel
import Chronology

/// What billing takes back is taken back in the ledger.
struct VoidsPropagate: Invariant, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "voids-propagate", boundary: .posting, place: 8,
    statement: "every credit, refund and chargeback is in its ERP's ledger, or in a visible queue or case",
    evidence: "the credits and movements of money against the ERPs' ledgers",
    property: .liveness, cost: .atRest(.document))
  var findings = Findings()

  mutating func judge(_ rest: Rest, _ books: Books) {
    let stuck = rest.stuck
    let now = rest.at
    let waiting = Set(stuck.map(\.queue))
    for key in books.postingOrder where [.creditMemo, .refund, .chargeback].contains(key.kind) {
      let name = books.catalog[key.entity].name
      guard let due = books.obligations[key], !due.isExcepted else { continue }
      guard waiting.isDisjoint(with: [.outbox(name), .translation(name)]) else {
        findings.leaveOut("entity \(name): documents wait on their way to its ERP")
        continue
      }
      findings.require(due.isPosted, at: now) {
        Breach(ids: books.ids(of: key), expected: "a document in the ledger", actual: "none")
      }
    }
  }
}
