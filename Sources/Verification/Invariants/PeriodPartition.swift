import CanonicalModel
import Chronology

/// Every event is in exactly one billing period.
struct PeriodPartition: Invariant, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "period-partition", boundary: .metering, place: 3,
    statement:
      "each event counts in exactly one half-open billing period: that which holds its time, whatever window it is in",
    evidence: "the sources' emissions against the summaries, by the oracle's own calendar",
    property: .safety, cost: .atRest(.window))
  var findings = Findings()

  private struct Part: Hashable, Comparable {
    var slot: Int
    var period: Period

    static func < (a: Part, b: Part) -> Bool { (a.slot, a.period) < (b.slot, b.period) }
  }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let due = rest.due
    let now = rest.at
    var wrong: [Part: UsageCell] = [:]
    for difference in due.differences {
      let window = Instant(nanoseconds: difference.window * books.usage.window.nanoseconds)
      let period = books.period(of: difference.slot / books.meterCount, holding: window)
      wrong[Part(slot: difference.slot, period: period), default: UsageCell()] += difference.cell
    }
    let parts = wrong.filter { $0.value != UsageCell() }
    for slot in due.usage.indices where due.usage[slot].count > 0 {
      let first = parts.keys.filter { $0.slot == slot }.min()
      findings.require(first == nil, at: now) {
        Breach(
          ids: books.usage.ids(slot: slot) + [first.map { "period \($0.period)" } ?? ""],
          expected: "every event in its own period",
          actual: "\(first.flatMap { parts[$0]?.text } ?? "") missing from it")
      }
    }
  }
}
