import CanonicalModel
import RunRecord
import Scenario
import World

/// Compares expectations with what a run has measured. What could not be measured is not met, and says why.
struct ExpectationJudge {
  let indicators: [String: RunRecord.Indicator]
  let months: [Replication.Month]
  let observations: Observations
  let entities: DenseTable<EntityID, String>
  let hasCosts: Bool

  func judge(_ expectations: [Expectation]) -> [RunRecord.Expectation] {
    expectations.map { expectation in
      let name = expectation.indicator.name
      let measured = value(name)
      guard let portion = expectation.portion else {
        return RunRecord.Expectation(
          expectation: expectation.text, indicator: name,
          verdict: measured.map(expectation.isMet) ?? false ? .pass : .fail, measured: measured,
          threshold: expectation.threshold, reason: measured == nil ? reason(expectation.indicator) : nil)
      }
      let met =
        portion.unit == .months
        ? months.compactMap(expectation.isMet(in:)) : measured.map { [expectation.isMet(by: $0)] } ?? []
      let share = met.isEmpty ? nil : Double(met.count { $0 }) / Double(met.count)
      return RunRecord.Expectation(
        expectation: expectation.text, indicator: "share of \(portion.unit.rawValue)",
        verdict: share.map { $0 >= portion.share } ?? false ? .pass : .fail, measured: share,
        threshold: portion.share, reason: share == nil ? reason(expectation.indicator) : nil)
    }
  }

  /// The figure of an indicator; of the only entity, the one of the run.
  private func value(_ name: String) -> Double? {
    if let value = indicators[name]?.value { return value }
    guard entities.count == 1, let first = entities.first, name == "closeCycleTime(erp/\(first))" else {
      return nil
    }
    return indicators["closeCycleTime"]?.value
  }

  // MARK: Reasons

  /// Why an indicator has no figure.
  func reason(_ indicator: Expectation.Indicator) -> String {
    let name = indicator.name
    if indicator.isMonthly { return ofPosting(indicator) }
    if indicator.dimension == .money {
      return hasCosts ? "no usage event was emitted" : "the scenario has no 'costs'"
    }
    switch name {
    case "drainTime" where !observations.undrained.isEmpty:
      return "an outbox was not empty at the end of the run"
    case "drainTime": return "no fault of an ERP has ended"
    case "postingThroughput": return "no document waited for an ERP"
    case "reconciliationBreaks": return "no totals were compared"
    case "ingestionCompleteness": return "no billable usage event was emitted"
    default: break
    }
    let own = observations.undrained.contains {
      name == Expectation.drainAfter(entity: entities[$0.entity], fault: $0.fault)
    }
    return own ? "the outbox was not empty at the end of the run" : "no such fault of this ERP has ended"
  }

  /// Of closing, and of what documents took.
  private func ofPosting(_ indicator: Expectation.Indicator) -> String {
    let only = indicator.name.firstRange(of: "(erp/").map { indicator.name[$0.upperBound...].dropLast() }
    let place = only.map { name in entities.indices.first { entities[$0] == name } }
    if let only, place == .some(nil) {
      return "there is no entity '\(only)'"
        + NearestKey.hint(for: String(only), among: entities.map(\.self))
    }
    let asked = place.flatMap(\.self).map { [$0] } ?? Array(entities.indices)
    let issued = asked.reduce(0) { $0 + observations.invoices[$1] }
    let unposted = observations.unposted.reduce(0) {
      $0 + (asked.contains(Int($1.key.entity.index)) ? $1.value : 0)
    }
    let whose = only.map { " of \($0)" } ?? ""
    if issued == 0 { return "no invoice\(whose) was issued" }
    if unposted == issued {
      return "none of the \(issued) issued invoices\(whose) is in a ledger"
    }
    if unposted > 0 {
      return "\(unposted) of \(issued) issued invoices\(whose) \(unposted == 1 ? "is" : "are") in no ledger"
    }
    return indicator.isLatency && only != nil
      ? "of one ERP it is measured by month: say '\(indicator.name) < … in 100% of months'"
      : "no document\(whose) was posted"
  }
}
