import CanonicalModel
import Chronology

/// After the last fault, every queue is empty within the stated time.
struct Drains: Invariant, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "drains", boundary: .liveness, place: 1,
    statement:
      "every queue is empty within the scenario's time after the last usage, fault and billing period",
    evidence: "the queues of broker and core when the run ends",
    property: .liveness, cost: .atRest(.queue))
  var findings = Findings()

  mutating func judge(_ rest: Rest, _ books: Books) {
    let stuck = rest.stuck
    let hadWork = rest.hadWork
    let mayLeaveWork = books.promises.mayLeaveWork
    let now = rest.at
    if mayLeaveWork, !stuck.isEmpty {
      let left = stuck.map { "\($0.depth) in \($0.queue)" }.joined(separator: ", ")
      return findings.leaveOut("work was left (\(left)), which the scenario allows by mayLeaveWork")
    }
    findings.require(stuck.isEmpty, at: now, isReal: hadWork) {
      Breach(
        ids: stuck.map { "queue \($0.queue)" }, expected: "every queue empty",
        actual: stuck.map { "\($0.depth) in \($0.queue), waiting for \($0.waitsFor)" }.joined(separator: "; ")
      )
    }
  }
}
