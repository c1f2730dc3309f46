import CanonicalModel
import Chronology

/// Revenue of an item that is earned and not billed.
struct Unbilled: Sendable {
  var entity: EntityID
  var item: ItemID
  var amount: Money
}

/// What customers owe at the end of a month for what is billed later: usage of billing periods that go on, fees in arrears whose interval does,
/// changes of fees, and minimum spends of contracts that are over.
struct UnbilledRevenue {
  let catalog: Catalog
  let contracts: ContractBook
  let planted: PlantedDefects

  /// What is earned by the end of a month, as far as it is known, and billed after it, in the order of entities and items; and what of it prepaid credits
  /// may pay, before discounts and taxes.
  ///
  /// Usage so far is priced as if the period held no more of it, each part of it on its own terms, whether these are still in force or not:
  /// without a minimum where that part goes on, as the rest of it may still reach it, and with the tiers and allowances of the period. Fees in arrears are
  /// earned by days, and so are changes of fees that have been charged: what they give back is negative. So is what prepaid credits will pay of usage.
  func earned(
    by end: Instant, usage: PeriodLedger, fees: RecurringLedger, credited: CreditedCharges, wallet: Wallet
  ) -> (unbilled: [Unbilled], pending: [SubscriptionID: Money]) {
    var sums: [EntityID: [ItemID: Money]] = [:]
    let included = IncludedTaxes(catalog: catalog)
    func add(_ amount: Money, _ item: ItemID, _ subscription: SubscriptionID) {
      let own = catalog[subscription]
      let currency = catalog.currency(of: subscription)
      var net = amount.rounded(to: currency)
      if let discount = catalog[own.account].discount {
        net -= Money(units: net.units / 1_000_000_000_000 * discount.units).rounded(to: currency)
      }
      net -= included.taxes(
        in: net, of: item, for: catalog[own.account], at: end - Span(nanoseconds: 1), in: currency)
      guard net != .zero else { return }
      sums[catalog.entity(of: subscription), default: [:]][item, default: .zero] += net
    }
    var soFar: [SubscriptionID: Money] = [:]
    usage.visitEarly(before: end, under: contracts) { early in
      guard let amount = price(early, by: end) else { return }
      add(amount, ItemID(early.meter), early.subscription)
      soFar[early.subscription, default: .zero] += amount.rounded(
        to: catalog.currency(of: early.subscription))
    }
    if !planted.contains(.lastMinimumNotAccrued) { minimums(by: end, &soFar, add) }
    for subscription in soFar.keys.sorted() where !planted.contains(.creditsBesideUnbilled) {
      let service = Wallet.Service(subscription: subscription, period: lastPeriod(subscription, end))
      for part in wallet.draws(soFar[subscription] ?? .zero, of: service) {
        add(.zero - part.amount, part.item, subscription)
      }
    }
    changes(by: end, fees, credited, add)
    guard catalog.priceBooks.contains(where: { $0.recurring.contains { $0.timing == .inArrears } }) else {
      return (Self.sorted(sums), soFar)
    }
    for index in catalog.subscriptions.indices {
      let subscription = SubscriptionID(index: UInt32(index))
      for (position, item) in catalog.items.enumerated() where item.kind == .recurring {
        let amount = earnedInArrears(item, subscription, by: end)
        if amount != .zero { add(amount, ItemID(index: UInt32(position)), subscription) }
      }
    }
    return (Self.sorted(sums), soFar)
  }

  /// The billing period that a subscription is in just before an instant.
  private func lastPeriod(_ subscription: SubscriptionID, _ end: Instant) -> Period {
    Period(holding: end - Span(nanoseconds: 1), day: catalog[subscription].billingDay)
  }

  /// What usage so far costs; `nil` where it has no price.
  private func price(_ early: PeriodLedger.Early, by end: Instant) -> Money? {
    let subscription = early.subscription
    guard let parts = early.parts, !planted.contains(.unbilledAtLastTerms) else {
      let terms = contracts.terms(of: subscription, at: end - .seconds(1))
      guard terms.status == .active,
        var charge = contracts.priceBook(of: terms).charge(for: catalog[early.meter])
      else { return nil }
      charge.minimum = nil
      // Of the first period a contract may have a part only, and of its allowance.
      let share = contracts.share(
        of: subscription, in: early.period, by: contracts.priceBook(of: terms).proration)
      return try? ChargeRater(share.of(ChargeRater.bounded(charge, planted))).rate(early.total)
    }
    guard catalog[early.meter].aggregation.isAdditive else {
      return try? PeriodPrice.level(
        early.total, subscription, early.meter, early.period, of: contracts, catalog, planted, isSoFar: true)
    }
    let currency = catalog.currency(of: subscription)
    return try? PeriodPrice.additive(
      parts, subscription, early.meter, early.period, of: contracts, catalog, planted, soFar: end,
      rounded: { $0.rounded(to: currency) },
      rater: { index in
        let terms = contracts.terms(of: subscription, index: index)
        guard var charge = contracts.priceBook(of: terms).charge(for: catalog[early.meter]) else {
          return nil
        }
        charge.minimum = nil
        return ChargeRater(charge)
      })
  }

  /// What is earned of a fee in arrears whose interval goes on, or is billed later though its contract has ended.
  private func earnedInArrears(_ item: Item, _ subscription: SubscriptionID, by end: Instant) -> Money {
    let own = catalog[subscription]
    guard contracts.begins(subscription) < end else { return .zero }
    let last = Period(holding: end - Span(nanoseconds: 1), day: own.billingDay)
    let period = contracts.interval(of: item, subscription, holding: last)
    // A fee whose contract ends is billed with the billing period that it ends in.
    let over = min(period.end, contracts.ends(subscription))
    let billed = catalog.billingPeriod(of: subscription, holding: over - Span(nanoseconds: 1)).end
    guard period.start < over, billed > end, period.start < catalog.horizon else { return .zero }
    var sum = Money.zero
    let segments = contracts.feeSegments(contracts.segments(of: subscription, in: period)) {
      $0.recurring.contains { $0.name == item.charge && $0.months == item.months }
    }
    for segment in segments where segment.start < end {
      let book = contracts.priceBook(of: segment.terms)
      let isBound = book.proration == .none
      guard
        let charge = book.recurring.first(where: {
          $0.name == item.charge && $0.months == item.months && $0.timing == .inArrears
        })
      else { continue }
      let units = charge.unit == .seat ? segment.terms.seats : 1
      let share = Proration(.days, from: segment.start, to: isBound ? end : min(segment.end, end), of: period)
      sum += share.of(
        Money(units: charge.price.units * Int128(units)), in: catalog.currency(of: subscription))
    }
    return sum
  }

  /// What the usage of contracts that are over lacks to their minimum spend, where their billing period goes on.
  private func minimums(
    by end: Instant, _ usage: inout [SubscriptionID: Money], _ add: (Money, ItemID, SubscriptionID) -> Void
  ) {
    guard let item = catalog.items.firstIndex(where: { $0.kind == .minimumSpend }) else { return }
    for (index, own) in catalog.subscriptions.enumerated() where own.billingDay != 1 {
      let subscription = SubscriptionID(index: UInt32(index))
      let (last, over) = (lastPeriod(subscription, end), contracts.ends(subscription))
      guard last.start < over, over <= end, last.start < catalog.horizon,
        let lacking = PeriodPrice.trueUp(
          subscription, last, usage: usage[subscription] ?? .zero, of: contracts, catalog)
      else { continue }
      add(lacking.amount, ItemID(index: UInt32(item)), subscription)
      guard contracts.coversMinimum(subscription, in: last) else { continue }
      usage[subscription, default: .zero] += lacking.amount
    }
  }

  /// What is earned of changes of fees that no run has charged for yet.
  private func changes(
    by end: Instant, _ fees: RecurringLedger, _ credited: CreditedCharges,
    _ add: (Money, ItemID, SubscriptionID) -> Void
  ) {
    guard !planted.contains(.changesNotAccrued) else { return }
    // On the first of a month all has been charged for.
    for (index, own) in catalog.subscriptions.enumerated() where own.billingDay != 1 {
      let subscription = SubscriptionID(index: UInt32(index))
      guard var month = fees.firstChanged(subscription) else { continue }
      let last = Period(holding: end - Span(nanoseconds: 1), day: own.billingDay)
      var seen: Set<RecurringLedger.Key> = []
      while month <= last, month.start < catalog.horizon {
        for (position, item) in catalog.items.enumerated() where item.kind == .recurring {
          let id = ItemID(index: UInt32(position))
          let key = RecurringLedger.Key(
            subscription: subscription, item: id,
            period: contracts.interval(of: item, subscription, holding: month))
          guard contracts.begins(subscription) < month.end, seen.insert(key).inserted else { continue }
          let amount = change(of: item, key, by: end, fees, credited)
          if amount != .zero { add(amount, id, subscription) }
        }
        month = month.next
      }
    }
  }

  private func change(
    of item: Item, _ key: RecurringLedger.Key, by end: Instant, _ fees: RecurringLedger,
    _ credited: CreditedCharges
  ) -> Money {
    let currency = catalog.currency(of: key.subscription)
    let over = min(key.period.end, contracts.ends(key.subscription))
    guard
      let due = PeriodPrice.recurring(
        item, key.item, key.subscription, key.period,
        isOver: fees.closed(key.subscription).map { over <= $0.end } ?? false, known: fees, of: contracts,
        catalog, planted)
    else { return .zero }
    let charged = credited[key]?.charged ?? fees.rated[key]?.amount ?? .zero
    let differences = RecurringLedger.bounded(
      fees.differences(key, due: due, in: currency), to: credited.asked(due.amount, for: key) - charged)
    let last = contracts.endOfLastDay(key.subscription)
    return differences.reduce(Money.zero) {
      var days = catalog.proratesBySeconds(key.subscription) ? $1.served : $1.served.wholeDays
      // Of a contract that is over nothing is left to be served.
      if let last { days = days.ended(with: last, in: key.period) }
      return $0 + days.earned(of: $1.amount, by: end, in: currency)
    }
  }

  private static func sorted(_ sums: [EntityID: [ItemID: Money]]) -> [Unbilled] {
    sums.keys.sorted().flatMap { entity in
      let own = sums[entity] ?? [:]
      return own.keys.sorted().map { Unbilled(entity: entity, item: $0, amount: own[$0] ?? .zero) }
    }
  }
}
