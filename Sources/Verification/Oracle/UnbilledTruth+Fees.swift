import CanonicalModel
import Chronology

/// Changes of fees that are earned in a month and billed later.
extension UnbilledTruth {
  /// What was charged of a fee, over the time that it serves.
  struct ServedFee: Sendable {
    var amount: Money
    var served: ServiceDates
  }

  mutating func add(rated charge: RatedCharge) {
    guard catalog[charge.item].kind == .recurring, catalog[charge.subscription].billingDay != 1,
      contracts.hasChanged(charge.subscription)
    else { return }
    let (from, until) = contracts.service(charge.subscription, in: charge.servicePeriod)
    fees[charge.subscription, default: [:]][OracleKey(charge), default: []].append(
      ServedFee(amount: charge.amount, served: charge.served ?? ServiceDates(from: from, until: until)))
  }

  /// What changes of a customer's fees have earned by the end of a month that was not charged yet: what the terms ask for by then, as far as these
  /// were told, less what the charges serve by then. By item, the least and the most: charges are rounded, and a day on which terms change belongs
  /// to either side.
  func visitChanges(
    of subscription: SubscriptionID, at end: Instant, _ told: [Instant: Instant], by now: Instant,
    credited: (OracleKey) -> Money, _ body: (ItemID, (least: Money, most: Money)) -> Void
  ) {
    let day = catalog[subscription].billingDay
    guard day != 1, let last = told.values.max() else { return }
    // What was told before the billing period that goes on is charged for, however late the run was.
    let begun = Period(
      ordinal: OracleCalendar.shared.month(holding: end - Span(nanoseconds: 1), day: day), day: day
    ).start
    guard last >= begun - .days(40) else { return }
    let views = known(subscription) { Self.knowledge(of: $0, told, by: now) }
      .map { contracts.knowing($0, of: subscription) }
    for (position, item) in catalog.items.enumerated() where item.kind == .recurring {
      let id = ItemID(index: UInt32(position))
      var keys = Set((fees[subscription] ?? [:]).keys.filter { $0.item == id })
      let timings = timings(of: item, subscription)
      for view in [contracts] + views {
        for period in view.periods(subscription, every: item.months) {
          // What is asked for in arrears is no change until it was charged, or has missed its run as its end was told too late.
          let isOver = min(period.end, view.ends(subscription)) <= begun
          guard timings != [.inArrears] || isOver else { continue }
          keys.insert(OracleKey(subscription: subscription, item: id, period: period))
        }
      }
      for key in keys.sorted() where key.period.start < end {
        let (due, slack) = change(
          of: item, key, by: ends(of: subscription, key.period, by: end, told, at: now), views, credited(key))
        let isNew = last >= begun - .days(1)
        let isCharged = due.most <= slack && due.least >= .zero - slack
        guard isNew || !isCharged else { continue }
        guard timings.count == 1 else {
          // What is charged for in advance and then in arrears is told by both.
          let most = contracts.dearest(item, subscription, in: key.period)
          body(id, (.zero - most, most))
          continue
        }
        body(id, (due.least - slack, due.most + slack))
      }
    }
  }

  /// By when what is asked for is earned: by the end of a month, or, of a contract that is over, all of it.
  private func ends(
    of subscription: SubscriptionID, _ period: Period, by end: Instant, _ told: [Instant: Instant],
    at now: Instant
  ) -> [Instant] {
    let over = contracts.ends(subscription)
    guard over <= end, contracts.history(subscription).last?.status == .ended, period.start < over else {
      return [end]
    }
    switch Self.knowledge(of: over, told, by: now) {
    case .known: return [period.end]
    case .perhapsKnown: return [end, period.end]
    case .unknown: return [end]
    }
  }

  /// When the terms that a customer ever has ask for an item.
  private func timings(of item: Item, _ subscription: SubscriptionID) -> Set<RecurringCharge.Timing> {
    Set(
      contracts.history(subscription).indices.flatMap { index in
        contracts.recurring(subscription, index)
          .filter { $0.name == item.charge && $0.months == item.months }.map(\.timing)
      })
  }

  /// What the terms ask for by an instant, less what the charges serve by then, as somebody knows the terms; and how far that may be off.
  private func change(
    of item: Item, _ key: OracleKey, by ends: [Instant], _ views: [OracleContracts], _ credited: Money
  ) -> (due: (least: Money, most: Money), slack: Money) {
    let charged = fees[key.subscription]?[key] ?? []
    let due = ends.flatMap { end in
      let said = charged.reduce(Int128(0)) { sum, fee in  // a sum: the order cannot matter
        let all = Int128(fee.served.until.nanoseconds - fee.served.from.nanoseconds)
        let done = Int128(min(end, fee.served.until).nanoseconds - fee.served.from.nanoseconds)
        guard all > 0, done > 0 else { return sum }
        return sum + fee.amount.units / 1_000_000_000 * (done / 1_000_000) / (all / 1_000_000) * 1_000_000_000
      }
      return views.map {
        Money(units: $0.served(item, key.subscription, in: key.period, by: end) - said)
      }
    }
    let day: Int64 = 86_400_000_000_000
    let edges =
      charged.flatMap { [$0.served.from, $0.served.until] }
      + contracts.history(key.subscription).map(\.from) + [contracts.ends(key.subscription)]
    let broken = Set(edges).count {
      key.period.start < $0 && $0 < key.period.end && $0.nanoseconds % day != 0
    }
    let days = Int128((key.period.end.nanoseconds - key.period.start.nanoseconds) / day)
    let perDay = contracts.dearest(item, key.subscription, in: key.period).units / days
    let parts = Int128(charged.count + contracts.history(key.subscription).count + 1)
    let rounding = Money(minorUnits: parts, of: catalog.currency(of: key.subscription))
    return (
      (due.min() ?? .zero, due.max() ?? .zero),
      rounding + Money(units: perDay * Int128(2 * broken)) + credited
    )
  }
}
