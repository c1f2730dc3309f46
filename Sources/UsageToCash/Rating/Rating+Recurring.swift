import CanonicalModel
import Chronology

/// What recurring charges and minimum spends have been rated at, and which have to be looked at again.
struct RecurringLedger: Sendable {
  /// An item of a subscription in a service period.
  struct Key: Hashable, Sendable {
    var subscription: SubscriptionID
    var item: ItemID
    var period: Period

    func _rawHashValue(seed: Int) -> Int {
      KeyHash.of(UInt64(subscription.index) | UInt64(item.index) << 32, period.word, seed: seed)
    }
  }

  /// What was rated so far.
  struct Rated: Sendable {
    var amount = Money.zero
    var quantity = Quantity.zero
  }

  private(set) var rated: [Key: Rated] = [:]
  /// The sum of the usage charges of a subscription and service period.
  private(set) var usage: [Key: Money] = [:]
  /// The last period that was closed, per subscription.
  private var closedThrough: [SubscriptionID: Period] = [:]
  /// The first period that a change of contract or newly rated usage has touched, per subscription.
  private var dirtyFrom: [SubscriptionID: Period] = [:]

  private static func usageKey(_ subscription: SubscriptionID, _ period: Period) -> Key {
    Key(subscription: subscription, item: ItemID(index: 0), period: period)
  }

  func usage(of subscription: SubscriptionID, in period: Period) -> Money {
    usage[Self.usageKey(subscription, period)] ?? .zero
  }

  mutating func note(usage charges: [RatedCharge]) {
    for charge in charges {
      usage[Self.usageKey(charge.subscription, charge.servicePeriod), default: .zero] += charge.amount
      markDirty(charge.subscription, from: charge.servicePeriod)
    }
  }

  mutating func markDirty(_ subscription: SubscriptionID, from period: Period) {
    dirtyFrom[subscription] = min(dirtyFrom[subscription] ?? period, period)
  }

  /// The first period to look at for a subscription in a run that closes a period.
  mutating func takeFirst(_ subscription: SubscriptionID, closing period: Period) -> Period {
    min(dirtyFrom.removeValue(forKey: subscription) ?? period, period)
  }

  /// Forgets what was rated for a key.
  mutating func forget(_ key: Key) { rated[key] = nil }

  /// A run closes a period; returns the last one that is closed, which is later where late usage of an earlier one comes.
  mutating func close(_ subscription: SubscriptionID, _ period: Period) -> Period {
    let last = max(closedThrough[subscription] ?? period, period)
    precondition(
      closedThrough[subscription].map { $0 <= last } ?? true, "a period that was closed is open again")
    closedThrough[subscription] = last
    return last
  }

  /// Takes what is due for a key; returns the difference to what was rated, and whether it is the first.
  mutating func settle(_ key: Key, due: Rated) -> (difference: Rated, isFirst: Bool)? {
    let before = rated[key]
    let old = before ?? Rated()
    rated[key] = due
    guard due.amount != old.amount || due.quantity != old.quantity else { return nil }
    return (
      Rated(amount: due.amount - old.amount, quantity: due.quantity - old.quantity), before == nil
    )
  }
}

/// Recurring charges and minimum spends. What is due for a service period is derived anew from the contract as it is
/// known, and the difference to what was rated before becomes a charge: a late change needs no other path.
extension Rating {
  /// Whether any price book has charges that recur, or a minimum spend.
  static func recurs(in catalog: Catalog) -> Bool {
    catalog.priceBooks.contains { !$0.recurring.isEmpty || $0.minimumSpend != nil || $0.prepaid != nil }
  }

  /// The charges that are made in advance when contracts become active: the rest of their first period.
  mutating func activate(from first: Instant, through now: Instant) -> [RatedCharge] {
    var charges: [RatedCharge] = []
    guard !planted.contains(.feesBilledInArrears) else { return [] }
    for index in catalog.subscriptions.indices {
      let subscription = SubscriptionID(index: UInt32(index))
      let start = contracts.terms(of: subscription, index: 0).from
      guard start >= first, start <= now else { continue }
      charges += self.charges(
        of: subscription, in: catalog.billingPeriod(of: subscription, holding: start), closing: nil)
    }
    return charges
  }

  /// The charges of a run that closes a period: the period in arrears, the next one in advance, and what has changed
  /// in earlier ones.
  mutating func recurringCharges(closing period: Period) -> [RatedCharge] {
    var charges: [RatedCharge] = []
    for index in catalog.subscriptions.indices
    where catalog.subscriptions[index].billingDay == period.day {
      let subscription = SubscriptionID(index: UInt32(index))
      var service = recurring.takeFirst(subscription, closing: period)
      precondition(service <= period, "a run begins after the period that it closes")
      let last = recurring.close(subscription, period)
      while service <= last {
        charges += self.charges(of: subscription, in: service, closing: last)
        service = service.next
      }
      charges += self.charges(of: subscription, in: service, closing: nil)
    }
    return charges
  }

  /// The interval of an item that a billing period falls into: intervals are counted from the first period on.
  private func interval(of item: Item, _ subscription: SubscriptionID, holding period: Period) -> Period {
    guard item.months > 1 else { return period }
    let start = contracts.terms(of: subscription, index: 0).from
    let first = catalog.billingPeriod(of: subscription, holding: start)
    let months = Int32(item.months)
    let offset = max(0, period.ordinal - first.ordinal) / months * months
    assert(offset % months == 0, "an interval begins within another")
    return Period(ordinal: first.ordinal + offset, day: period.day, months: UInt8(item.months))
  }

  /// The charges of a period: in advance what has begun; in arrears what has ended with a period that is being closed.
  private mutating func charges(
    of subscription: SubscriptionID, in month: Period, closing: Period?
  ) -> [RatedCharge] {
    var charges: [RatedCharge] = []
    for (index, item) in catalog.items.enumerated() {
      let id = ItemID(index: UInt32(index))
      let due: RecurringLedger.Rated
      let period = interval(of: item, subscription, holding: month)
      switch item.kind {
      case .usage: continue
      case .prepaid:
        if let purchase = purchase(of: id, subscription, in: period) { charges.append(purchase) }
        continue
      case .recurring:
        let ends = min(period.end, catalog[subscription].ends)
        let isOver = closing.map { ends <= $0.end } ?? false
        guard let found = recurringDue(item.name, id, subscription, period, isOver: isOver) else { continue }
        due = found
      case .minimumSpend:
        guard closing != nil, let found = trueUpDue(subscription, period) else { continue }
        due = found
      }
      let key = RecurringLedger.Key(subscription: subscription, item: id, period: period)
      if item.kind == .minimumSpend, planted.contains(.trueUpNotRevised), recurring.rated[key] != nil {
        continue
      }
      if planted.contains(.feeChargedAgain) { recurring.forget(key) }
      guard let (difference, isFirst) = recurring.settle(key, due: due) else { continue }
      charges.append(
        RatedCharge(
          id: nextChargeID(), subscription: subscription, item: id, servicePeriod: period,
          kind: item.kind == .minimumSpend ? .trueUp : (isFirst ? .recurring : .proration), count: 0,
          quantity: difference.quantity, digest: 0, amount: difference.amount))
    }
    return charges
  }

  /// The purchase of prepaid credits for an interval, once: under the terms at its beginning, and in full.
  private mutating func purchase(
    of item: ItemID, _ subscription: SubscriptionID, in period: Period
  ) -> RatedCharge? {
    let key = RecurringLedger.Key(subscription: subscription, item: item, period: period)
    let own = catalog[subscription]
    let begins = max(period.start, contracts.terms(of: subscription, index: 0).from)
    guard recurring.rated[key] == nil, begins < min(period.end, own.ends) else { return nil }
    let terms = contracts.terms(of: subscription, index: contracts.index(of: subscription, at: begins))
    guard let credits = contracts.priceBook(of: terms).prepaid,
      credits.name == catalog[item].name,
      recurring.settle(key, due: RecurringLedger.Rated(amount: credits.amount, quantity: Quantity(1))) != nil
    else { return nil }
    let expires = Period(
      ordinal: period.ordinal, day: period.day, months: UInt8(credits.expiresAfter)
    ).end
    wallet.add(
      Wallet.Grant(item: item, period: period, expires: min(expires, own.ends), left: credits.amount),
      of: subscription)
    return RatedCharge(
      id: nextChargeID(), subscription: subscription, item: item, servicePeriod: period, kind: .recurring,
      count: 0, quantity: Quantity(1), digest: 0, amount: credits.amount)
  }

  /// What prepaid credits pay of the usage that is billed for the first time; then takes out what has expired.
  mutating func drawCredits(_ charges: [RatedCharge], closing period: Period) -> [RatedCharge] {
    guard !wallet.isEmpty else { return [] }
    var usage: [SubscriptionID: Money] = [:]
    for charge in charges where charge.kind == .usage {
      usage[charge.subscription, default: .zero] += charge.amount
    }
    var drawdowns: [RatedCharge] = []
    for subscription in usage.keys.sorted() {
      let amount = usage[subscription] ?? .zero
      for part in wallet.draw(amount, of: subscription, in: period, planted) {
        precondition(part.amount > .zero, "nothing is drawn from prepaid credits")
        drawdowns.append(
          RatedCharge(
            id: nextChargeID(), subscription: subscription, item: part.item, servicePeriod: period,
            kind: .drawdown, count: 0, quantity: .zero, digest: 0, amount: -part.amount))
      }
    }
    for index in catalog.subscriptions.indices where catalog.subscriptions[index].billingDay == period.day {
      let subscription = SubscriptionID(index: UInt32(index))
      for grant in wallet.expire(of: subscription, by: period.end, planted) {
        expired.append(
          Wallet.Expired(
            entity: catalog.entity(of: subscription), item: grant.item, period: grant.period,
            amount: grant.left))
      }
    }
    return drawdowns
  }

  /// The credits that have expired since the last time.
  mutating func takeExpired() -> [Wallet.Expired] {
    defer { expired.removeAll() }
    return expired
  }

  /// What a recurring item costs in a period: each part of it under its own terms, rounded on its own. `nil` where
  /// no terms have the item in advance or, of a period that is over, in arrears.
  private func recurringDue(
    _ name: String, _ item: ItemID, _ subscription: SubscriptionID, _ period: Period, isOver: Bool
  ) -> RecurringLedger.Rated? {
    var due = RecurringLedger.Rated()
    var isKnown = false
    let currency = catalog.currency(of: subscription)
    let segments = contracts.segments(of: subscription, in: period)
    for segment in segments {
      // Without proration, the terms at the beginning hold for the whole period.
      if catalog.priceBooks[segment.terms.priceBook].proration == .none,
        segment.index != segments.first?.index
      {
        continue
      }
      var offered = catalog.priceBooks[segment.terms.priceBook].recurring
      if planted.contains(.lostItemStillBilled), segment.index > 0,
        !offered.contains(where: { $0.name == name })
      {
        offered = contracts.priceBook(of: contracts.terms(of: subscription, index: 0)).recurring
      }
      guard
        let charge = offered.first(where: { $0.name == name && (isOver || $0.timing == .inAdvance) })
      else { continue }
      isKnown = true
      let units = charge.unit == .seat ? segment.terms.seats : 1
      let share = contracts.share(of: segment, in: period)
      due.amount += share.of(Money(units: charge.price.units * Int128(units)), in: currency)
      due.quantity += share.of(Quantity(units))
    }
    // An item that the terms have lost is due no more, and what was charged is given back.
    if !isKnown {
      let key = RecurringLedger.Key(subscription: subscription, item: item, period: period)
      guard recurring.rated[key] != nil else { return nil }
    }
    return due
  }

  /// What the usage of a period lacks to the minimum spend, which is reduced to the share of each part.
  private func trueUpDue(_ subscription: SubscriptionID, _ period: Period) -> RecurringLedger.Rated? {
    var least = Money.zero
    var isKnown = false
    let segments = contracts.segments(of: subscription, in: period)
    for segment in segments {
      let book = contracts.priceBook(of: segment.terms)
      if book.proration == .none, segment.index != segments.first?.index { continue }
      guard let minimum = book.minimumSpend else { continue }
      isKnown = true
      let share = contracts.share(of: segment, in: period)
      least += share.of(minimum, in: catalog.currency(of: subscription))
    }
    guard isKnown else { return nil }
    assert(
      least.isWhole(in: catalog.currency(of: subscription)), "a minimum spend is not whole in its currency")
    let lacking = least - recurring.usage(of: subscription, in: period)
    return RecurringLedger.Rated(amount: max(.zero, lacking), quantity: lacking > .zero ? Quantity(1) : .zero)
  }
}
