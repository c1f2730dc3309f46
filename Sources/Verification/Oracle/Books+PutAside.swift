import CanonicalModel
import Chronology

extension Books {
  /// How much usage of a slot was put aside, and what the contract would charge for it beside what was metered.
  func putAside(
    _ parts: [UsageTruth.Held], _ slot: Int
  ) -> (usage: StageTotals.Usage, amount: Money) {
    let subscription = slot / meterCount
    let id = SubscriptionID(index: UInt32(subscription))
    let meter = MeterID(index: UInt32(slot % meterCount))
    var byPeriod: [Period: [Int: UsageCell]] = [:]
    var whole = UsageCell()
    for part in parts {
      let start = Instant(nanoseconds: part.window * usage.window.nanoseconds)
      let period = period(of: subscription, holding: start)
      byPeriod[period, default: [:]][contracts.terms(id, at: start), default: UsageCell()] += part.amounts
      whole += part.amounts
    }
    guard catalog.meters[Int(meter.index)].aggregation.isAdditive else {
      return aggregated(whole, slot, periods: byPeriod.keys.sorted())
    }
    var amount = Money.zero
    for period in byPeriod.keys.sorted() {
      let metered = meteredByTerms(id, meter, month: period)
      var all = metered
      for (terms, cell) in byPeriod[period] ?? [:] {  // sums: the order cannot matter
        all[contracts.hasChanged(id) ? terms : 0, default: UsageCell()] += cell
      }
      amount += worth(of: all, meter, id, period) - worth(of: metered, meter, id, period)
    }
    return (StageTotals.Usage(whole), amount)
  }

  /// The same where a meter's aggregate is no sum: how much the aggregate of each period would have been more.
  private func aggregated(
    _ whole: UsageCell, _ slot: Int, periods: [Period]
  ) -> (usage: StageTotals.Usage, amount: Money) {
    let subscription = slot / meterCount
    let id = SubscriptionID(index: UInt32(subscription))
    let meter = MeterID(index: UInt32(slot % meterCount))
    func aggregates(_ includesPutAside: Bool) -> [Period: Int128] {
      usage.aggregates(slot: slot, includesPutAside: includesPutAside) {
        period(of: subscription, holding: $0)
      }
    }
    let (all, counted) = (aggregates(true), aggregates(false))
    var more = StageTotals.Usage(count: whole.count, digest: whole.digest)
    var amount = Money.zero
    for period in periods {
      let (most, part) = (all[period] ?? 0, counted[period] ?? 0)
      more.quantity += Quantity(units: most - part)
      let terms = contracts.hasChanged(id) ? contracts.terms(id, at: period.end - .seconds(1)) : 0
      func worth(_ quantity: Int128, _ count: Int64) -> Money {
        self.worth(of: [terms: UsageCell(quantity: quantity, count: count)], meter, id, period)
      }
      amount += worth(most, 1) - worth(part, counted[period] == nil ? 0 : 1)
    }
    return (more, amount)
  }

  private func worth(
    of parts: [Int: UsageCell], _ meter: MeterID, _ subscription: SubscriptionID, _ period: Period
  ) -> Money {
    contracts.usage(parts, meter, subscription, in: period) ?? .zero
  }
}

extension StageTotals.Usage {
  init(_ cell: UsageCell) {
    self.init(count: cell.count, quantity: Quantity(units: cell.quantity), digest: cell.digest)
  }
}
