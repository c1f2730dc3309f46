import CanonicalModel
import Chronology

/// Per subscription, meter and window, the summaries hold what happened in the window.
struct MeteringBalances: Invariant, JudgesUsage, HearsSummary {
  static let definition = InvariantDefinition(
    name: "metering-balances", boundary: .metering, place: 1,
    statement:
      "per subscription, meter and half-open window, the summaries' count and summed quantity are the usage's",
    evidence: "the sources' emissions, attributed to windows by their own time, against the summaries",
    property: .safety, cost: .each(.window))
  var findings = Findings()
  private var reported: Set<WindowDifference> = []

  /// Called after a summary was taken: a window can never hold more than was emitted for it.
  mutating func hear(summary: UsageSummary, left: UsageCell, _ books: Books, at now: Instant) {
    let kind = books.catalog[summary.meter].aggregation
    let isSum = kind == .sum || kind == .count
    // Between a correction and its amendment, quantities may be ahead; counts never are.
    let holds = left.count >= 0 && (!isSum || left.quantity >= 0 || books.usage.hasCorrections)
    findings.require(holds, at: now) {
      let slot = Int(summary.subscription.index) * books.meterCount + Int(summary.meter.index)
      reported.insert(WindowDifference(window: summary.window.index(of: books.usage.window), slot: slot))
      return Breach(
        ids: books.usage.ids(slot: slot) + ["window \(summary.window)"],
        expected: "\(summary.count + left.count) events, quantity "
          + "\(Quantity(units: summary.quantity.units + left.quantity)) left in the window",
        actual: "\(summary.count) events, quantity \(summary.quantity) summarised")
    }
  }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let due = rest.due
    let now = rest.at
    for difference in due.differences {
      let key = WindowDifference(window: difference.window, slot: difference.slot)
      guard !reported.contains(key) else { continue }
      let holds = difference.cell.count == 0 && difference.cell.quantity == 0
      findings.require(holds, at: now) {
        Breach(
          ids: due.ids(of: difference, books), expected: "no difference between usage and summaries",
          actual: "\(difference.cell.text) not in the summaries")
      }
    }
  }
}
