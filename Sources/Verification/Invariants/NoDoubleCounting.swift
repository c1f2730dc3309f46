import CanonicalModel
import Chronology

/// Each source and id counts at most once, whatever is delivered again.
struct NoDoubleCounting: Invariant, JudgesAtRest, HearsSummary {
  static let definition = InvariantDefinition(
    name: "no-double-counting", boundary: .capture, place: 2,
    statement: "each source and id counts at most once, however often it is delivered",
    evidence: "the sources' emissions against the usage summaries, per subscription and meter",
    property: .safety, cost: .each(.window))
  var findings = Findings()

  /// Called after a summary was taken: the claim so far may never exceed what was emitted so far.
  mutating func hear(summary: UsageSummary, left: UsageCell, _ books: Books, at now: Instant) {
    let slot = Int(summary.subscription.index) * books.meterCount + Int(summary.meter.index)
    let emitted = books.usage.emitted[slot]
    let metered = books.usage.metered[slot]
    findings.require(metered.count <= emitted.count, at: now) {
      var ids = books.usage.ids(slot: slot) + ["window \(summary.window)"]
      if left.count == -1, let event = books.usage.eventName(digest: 0 &- left.digest) { ids.append(event) }
      return Breach(ids: ids, expected: "at most " + emitted.text, actual: metered.text)
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let due = rest.due
    let now = rest.at
    for slot in due.usage.indices {
      let expected = due.usage[slot]
      let actual = books.usage.metered[slot]
      findings.require(actual.count <= expected.count, at: now, isReal: expected.count > 0) {
        Breach(
          ids: books.usage.ids(slot: slot) + due.example(of: slot, missing: false, books),
          expected: expected.text, actual: actual.text)
      }
    }
  }
}
