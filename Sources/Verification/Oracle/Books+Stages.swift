import CanonicalModel
import Chronology

/// The totals of the stages at rest.
extension Books {
  /// Whether any posting waits in a visible case, or any invoice still on its way: totals cannot be equal then.
  var hasExceptions: Bool { documents.contains { $0.excepted > 0 } }

  /// The true quantity of a slot: where it is no sum, its periods' aggregates. An approximation within its bound counts
  /// as right.
  private func quantity(due: UsageCell, _ slot: Int) -> Int128 {
    guard usage.aggregates.values[slot] != nil else { return due.quantity }
    let subscription = slot / meterCount
    let truth = usage.aggregates(slot: slot) { period(of: subscription, holding: $0) }
    return truth.reduce(0) { sum, entry in  // a sum: the order cannot matter
      let claim = metered(
        SubscriptionID(index: UInt32(subscription)), MeterID(index: UInt32(slot % meterCount)),
        month: entry.key
      ).quantity
      return sum + (OrderInsensitive.agrees(claim, entry.value, slot, self) ? claim : entry.value)
    }
  }

  func stages(due: ContiguousArray<UsageCell>) -> [StageTotals] {
    var stages = self.stages
    for slot in due.indices {
      let stage = entityOf[slot / meterCount] * itemCount + slot % meterCount
      stages[stage].emitted += StageTotals.Usage(
        count: due[slot].count, quantity: Quantity(units: quantity(due: due[slot], slot)),
        digest: due[slot].digest)
    }
    var lacking: [OracleKey: Money] = [:]
    for (slot, parts) in Dictionary(grouping: usage.putAside, by: \.slot).sorted(by: { $0.key < $1.key }) {
      let stage = entityOf[slot / meterCount] * itemCount + slot % meterCount
      let (quantities, amount) = putAside(parts, slot, lacking: &lacking)
      stages[stage].putAside += quantities
      stages[stage].emitted += quantities
      stages[stage].putAsideAmount += amount
    }
    // Sums: the order cannot matter.
    for (cell, amounts) in usage.unbillableUsage where cell.subscription >= 0 {
      let stage = entityOf[cell.subscription] * itemCount + cell.meter
      let aside = StageTotals.Usage(usage.unbillablePutAside[cell] ?? UsageCell())
      stages[stage].emitted += StageTotals.Usage(amounts)
      stages[stage].putAside += aside
      stages[stage].putAsideUnpriced += aside.count
    }
    return stages
  }
}

extension StageTotals {
  /// Usage of subjects that no customer answers to, by meter.
  static func unattributed(_ usage: UsageTruth, meters: Int) -> [StageTotals] {
    var stages = [StageTotals](repeating: StageTotals(), count: meters)
    for (cell, amounts) in usage.unbillableUsage where cell.subscription < 0 {  // sums likewise
      let aside = StageTotals.Usage(usage.unbillablePutAside[cell] ?? UsageCell())
      stages[cell.meter].emitted += StageTotals.Usage(amounts)
      stages[cell.meter].putAside += aside
      stages[cell.meter].putAsideUnpriced += aside.count
    }
    return stages
  }
}
