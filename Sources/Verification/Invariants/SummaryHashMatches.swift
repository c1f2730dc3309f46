import Chronology

/// The summaries stand for the very events that happened, not for others that add up alike.
struct SummaryHashMatches: Invariant, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "summary-hash-matches", boundary: .metering, place: 2,
    statement:
      "per subscription, meter and window, the summaries' order-free hash is that of the usage's ids",
    evidence: "the ids of the sources' emissions against the summaries' hashes",
    property: .safety, cost: .atRest(.window))
  var findings = Findings()

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let due = rest.due
    let now = rest.at
    var differing: Set<Int> = []
    for difference in due.differences where difference.cell.digest != 0 {
      differing.insert(difference.slot)
      findings.require(false, at: now) {
        Breach(
          ids: due.ids(of: difference, books), expected: "hash difference 0",
          actual: "hash difference \(String(difference.cell.digest, radix: 16))")
      }
    }
    for slot in due.usage.indices where !differing.contains(slot) {
      findings.expect(
        books.usage.metered[slot].digest, equals: due.usage[slot].digest, at: now,
        isReal: due.usage[slot].count > 0,
        show: { "hash " + String($0, radix: 16) }, books.usage.ids(slot: slot))
    }
  }
}
