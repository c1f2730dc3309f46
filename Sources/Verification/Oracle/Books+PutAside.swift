import CanonicalModel
import Chronology

extension Books {
  /// How much usage of a slot was put aside, and by how much the bill would have been more with it: what the contract charges for
  /// it beside what was metered, less what fills up the period's minimum spend.
  ///
  /// - Parameter lacking: what each subscription's period still lacks to its minimum spend; what is filled up is taken off.
  func putAside(
    _ parts: [UsageTruth.Held], _ slot: Int, lacking: inout [OracleKey: Money]
  ) -> (usage: StageTotals.Usage, amount: Money) {
    let (usage, charged) = charges(ofPutAside: parts, slot)
    let id = SubscriptionID(index: UInt32(slot / meterCount))
    var amount = Money.zero
    for (period, more) in charged {
      let key = OracleKey(subscription: id, item: ItemID(index: 0), period: period)
      let gap = lacking[key] ?? self.lacking(id, in: period)
      let filled = min(gap, max(.zero, more))
      lacking[key] = gap - filled
      amount += more - filled
    }
    return (usage, amount)
  }

  /// What the usage that was metered lacks to the minimum spend of a period.
  private func lacking(_ subscription: SubscriptionID, in period: Period) -> Money {
    guard let least = contracts.minimum(subscription, in: period) else { return .zero }
    var spent = Money.zero
    for index in 0..<meterCount {
      let meter = MeterID(index: UInt32(index))
      spent += worth(of: meteredByTerms(subscription, meter, month: period), meter, subscription, period)
    }
    return max(.zero, least - spent)
  }

  /// How much usage of a slot was put aside, and what the contract charges for it beside what was metered, by period.
  private func charges(
    ofPutAside parts: [UsageTruth.Held], _ slot: Int
  ) -> (usage: StageTotals.Usage, amounts: [(Period, Money)]) {
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
    guard catalog[meter].aggregation.isAdditive else {
      return aggregated(whole, slot, periods: byPeriod.keys.sorted())
    }
    var amounts: [(Period, Money)] = []
    for period in byPeriod.keys.sorted() {
      let metered = meteredByTerms(id, meter, month: period)
      var all = metered
      for (terms, cell) in byPeriod[period] ?? [:] {  // sums: the order cannot matter
        all[contracts.hasChanged(id) ? terms : 0, default: UsageCell()] += cell
      }
      amounts.append((period, worth(of: all, meter, id, period) - worth(of: metered, meter, id, period)))
    }
    return (StageTotals.Usage(whole), amounts)
  }

  /// The same where a meter's aggregate is no sum: how much the aggregate of each period would have been more.
  private func aggregated(
    _ whole: UsageCell, _ slot: Int, periods: [Period]
  ) -> (usage: StageTotals.Usage, amounts: [(Period, Money)]) {
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
    var amounts: [(Period, Money)] = []
    for period in periods {
      let (most, part) = (all[period] ?? 0, counted[period] ?? 0)
      more.quantity += Quantity(units: most - part)
      let terms = contracts.hasChanged(id) ? contracts.terms(id, at: period.end - .seconds(1)) : 0
      func worth(_ quantity: Int128, _ count: Int64) -> Money {
        self.worth(of: [terms: UsageCell(quantity: quantity, count: count)], meter, id, period)
      }
      amounts.append((period, worth(most, 1) - worth(part, counted[period] == nil ? 0 : 1)))
    }
    return (more, amounts)
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
