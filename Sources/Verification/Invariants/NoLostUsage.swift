import Chronology

/// Nothing that a source emitted is lost: it is metered, or in a visible case.
struct NoLostUsage: Invariant, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "no-lost-usage", boundary: .capture, place: 1,
    statement: "every billable event that a source emitted is metered once or waits in a visible case",
    evidence: "the sources' emissions against the usage summaries, per subscription and meter",
    property: .liveness, cost: .atRest(.window))
  var findings = Findings()

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let due = rest.due
    let now = rest.at
    for slot in due.usage.indices {
      let expected = due.usage[slot]
      let actual = books.usage.metered[slot]
      findings.require(actual.count >= expected.count, at: now, isReal: books.usage.emitted[slot].count > 0) {
        Breach(
          ids: books.usage.ids(slot: slot) + due.example(of: slot, missing: true, books),
          expected: expected.text, actual: actual.text)
      }
    }
  }
}
