import CanonicalModel
import Chronology

extension Catalog {
  /// Whether any price book has charges that recur, or a minimum spend.
  var hasRecurringCharges: Bool {
    priceBooks.contains { !$0.recurring.isEmpty || $0.minimumSpend != nil || $0.prepaid != nil }
  }

  /// Whether a period is to be closed though nobody has used anything.
  var expectsPeriods: Bool { hasRecurringCharges || priceBooks.contains { !$0.idleCharges.isEmpty } }
}

/// Recurring charges and minimum spends. What is due for a service period is derived anew from the contract as it is
/// known, and the difference to what was rated before becomes a charge: a late change needs no other path.
extension Rating {
  /// The charges that are made in advance when contracts become active: the rest of their first period.
  mutating func activate(from first: Instant, through now: Instant) -> [RatedCharge] {
    var charges: [RatedCharge] = []
    guard !planted.contains(.feesBilledInArrears) else { return [] }
    for index in catalog.subscriptions.indices {
      let subscription = SubscriptionID(index: UInt32(index))
      let start = contracts.begins(subscription)
      guard start >= first, start <= now else { continue }
      charges += self.charges(
        of: subscription, in: catalog.billingPeriod(of: subscription, holding: start), closed: nil)
    }
    supplies.divide(&charges, under: contracts, paidByCredits: { drawsCredits($0) })
    return charges
  }

  /// The charges of a run that closes a period: the period in arrears, the next one in advance, and what has changed
  /// in earlier ones.
  mutating func recurringCharges(closing period: Period, at now: Instant) -> [RatedCharge] {
    var charges: [RatedCharge] = []
    for index in catalog.subscriptions.indices
    where catalog.subscriptions[index].billingDay == period.day {
      let subscription = SubscriptionID(index: UInt32(index))
      var service = recurring.dequeueFirst(subscription, closing: period)
      precondition(service <= period, "a run begins after the period that it closes")
      var last = recurring.close(subscription, period)
      if let end = contracts.lastPeriod(of: subscription) { last = min(last, end) }
      while service <= last {
        charges += self.charges(of: subscription, in: service, closed: last)
        service = service.next
      }
      // What a trial puts off is charged for when it is over.
      let isTried = catalog[subscription].trial > .zero && contracts.begins(subscription) > now
      if !isTried { charges += self.charges(of: subscription, in: service, closed: last) }
    }
    return charges
  }

  /// The charges of a period: in advance what has begun; in arrears what has ended with the last period that is closed.
  private mutating func charges(
    of subscription: SubscriptionID, in month: Period, closed: Period?
  ) -> [RatedCharge] {
    var charges: [RatedCharge] = []
    guard month.start < catalog.horizon else { return [] }
    // An interval is not looked at in a month before its contract begins.
    if month.end <= contracts.begins(subscription) { return [] }
    for (index, item) in catalog.items.enumerated() {
      let id = ItemID(index: UInt32(index))
      let due: RecurringLedger.Rated
      let period = contracts.interval(of: item, subscription, holding: month)
      switch item.kind {
      case .usage: continue
      case .prepaid:
        if let purchase = purchase(of: id, subscription, in: period) { charges.append(purchase) }
        continue
      case .recurring:
        let ends = min(period.end, contracts.ends(subscription))
        let isOver = closed.map { ends <= $0.end } ?? false
        guard
          let found = PeriodPrice.recurring(
            item, id, subscription, period, isOver: isOver, known: recurring, of: contracts, catalog, planted)
        else { continue }
        due = found
      case .minimumSpend:
        guard let closed, month <= closed,
          let found = PeriodPrice.trueUp(
            subscription, period, usage: recurring.usage(of: subscription, in: period), of: contracts, catalog
          )
        else { continue }
        due = found
      }
      let key = RecurringLedger.Key(subscription: subscription, item: id, period: period)
      if item.kind == .minimumSpend, planted.contains(.trueUpNotRevised), recurring.rated[key] != nil {
        continue
      }
      if planted.contains(.feeChargedAgain) { recurring.forget(key) }
      if item.kind == .minimumSpend {
        let before = charged(key)
        guard let (difference, _) = recurring.adjust(key, due: due) else { continue }
        let amount = credited.due(due.amount, for: key) - before
        guard amount != .zero else { continue }
        charges.append(
          RatedCharge(
            id: nextChargeID(), subscription: subscription, item: id, servicePeriod: period, kind: .trueUp,
            count: 0, quantity: difference.quantity, digest: 0, amount: amount))
        continue
      }
      let currency = catalog.currency(of: subscription)
      let before = charged(key)
      guard let (all, isFirst) = recurring.adjust(key, due: due, in: currency) else { continue }
      let differences =
        planted.contains(.feeChargedAgain)
        ? all : RecurringLedger.bounded(all, to: credited.due(due.amount, for: key) - before)
      for difference in differences {
        charges.append(
          RatedCharge(
            id: nextChargeID(), subscription: subscription, item: id, servicePeriod: period,
            kind: isFirst ? .recurring : .proration, count: 0, quantity: difference.quantity, digest: 0,
            amount: difference.amount,
            served: planted.contains(.changeServedFromTheStart) ? nil : difference.served))
      }
    }
    return charges
  }

  /// The purchase of prepaid credits for an interval, once: under the terms at its beginning, and in full.
  private mutating func purchase(
    of item: ItemID, _ subscription: SubscriptionID, in period: Period
  ) -> RatedCharge? {
    let key = RecurringLedger.Key(subscription: subscription, item: item, period: period)
    let begins = max(period.start, contracts.begins(subscription))
    let terms = contracts.terms(of: subscription, index: contracts.index(of: subscription, at: begins))
    var offered = terms.status == .active ? contracts.priceBook(of: terms).prepaid : nil
    if offered?.name != catalog[item].charge || offered?.months != catalog[item].months { offered = nil }
    if let known = recurring.rated[key] {
      // Billing hears late that the contract was over, that it rested, or that it had no such credits: what was bought is given back.
      guard offered == nil, let left = wallet.takeBack(item, period, of: subscription) else {
        return offered.flatMap { change(of: key, from: known.amount, to: $0.amount) }
      }
      recurring.forget(key)
      return RatedCharge(
        id: nextChargeID(), subscription: subscription, item: item, servicePeriod: period, kind: .proration,
        count: 0, quantity: Quantity(-1), digest: 0, amount: -left)
    }
    guard begins < min(period.end, contracts.agreedEnd(subscription)) else { return nil }
    guard let credits = offered,
      recurring.adjust(key, due: RecurringLedger.Rated(amount: credits.amount, quantity: Quantity(1))) != nil
    else { return nil }
    // They last as long as was agreed, whole billing periods: from the next one on if bought within one.
    let isWithin = begins.floored(to: .days(1)) > period.start
    let expires = Period(
      ordinal: period.ordinal, day: period.day, months: UInt8(credits.expiresAfter + (isWithin ? 1 : 0))
    ).end
    wallet.add(
      Wallet.Grant(item: item, period: period, expires: expires, left: credits.amount),
      of: subscription)
    return RatedCharge(
      id: nextChargeID(), subscription: subscription, item: item, servicePeriod: period, kind: .recurring,
      count: 0, quantity: Quantity(1), digest: 0, amount: credits.amount)
  }

  /// What a purchase of credits differs by from the terms that are told of later; of what was spent nothing is given back.
  private mutating func change(
    of key: RecurringLedger.Key, from before: Money, to amount: Money
  ) -> RatedCharge? {
    guard amount != before else { return nil }
    let change = wallet.change(by: amount - before, key.subscription, key.item, key.period)
    guard change != .zero else { return nil }
    _ = recurring.adjust(key, due: RecurringLedger.Rated(amount: before + change, quantity: Quantity(1)))
    return RatedCharge(
      id: nextChargeID(), subscription: key.subscription, item: key.item, servicePeriod: key.period,
      kind: .proration, count: 0, quantity: .zero, digest: 0, amount: change)
  }

  /// What prepaid credits pay of what is rated, and what they have back; then takes out what has expired.
  mutating func drawCredits(
    _ charges: [RatedCharge], closing period: Period
  ) -> [RatedCharge] {
    guard hasPrepaid else { return [] }
    var changes: [Wallet.Service: (amount: Money, isFirst: Bool)] = [:]
    for charge in charges {
      let service = Wallet.Service(subscription: charge.subscription, period: charge.servicePeriod)
      guard drawsCredits(charge) else { continue }
      var change = changes[service] ?? (.zero, false)
      change.amount += charge.amount
      if charge.kind == .usage || charge.kind == .trueUp && !wallet.hasSettled(service) {
        change.isFirst = true
      }
      changes[service] = change
    }
    var drawdowns: [RatedCharge] = []
    for service in changes.keys.sorted() {
      guard let change = changes[service] else { continue }
      for part in wallet.settle(change.amount, of: service, isLate: !change.isFirst, planted) {
        drawdowns.append(
          RatedCharge(
            id: nextChargeID(), subscription: service.subscription, item: part.item,
            servicePeriod: service.period,
            kind: .drawdown, count: 0, quantity: .zero, digest: 0, amount: -part.amount))
      }
    }
    for index in catalog.subscriptions.indices where catalog.subscriptions[index].billingDay == period.day {
      let subscription = SubscriptionID(index: UInt32(index))
      let closed = max(period, recurring.closed(subscription) ?? period)
      let over = contracts.lastPeriod(of: subscription).map { min($0.end, closed.end) } ?? closed.end
      expire(of: subscription, by: over)
    }
    return drawdowns
  }

  private mutating func expire(
    of subscription: SubscriptionID, by instant: Instant, pending: (cost: Money, period: Period)? = nil
  ) {
    expired += wallet.expire(
      of: subscription, catalog.entity(of: subscription), by: instant, ends: contracts.ends(subscription),
      pending: pending, planted)
  }

  /// What is earned by the end of a month and billed after it. What is left of the credits of contracts that are over by then, less what usage that is
  /// not billed yet will draw, expires with it.
  mutating func closeMonth(at end: Instant) -> (unbilled: [Unbilled], expired: [Wallet.Expired]) {
    let (unbilled, pending) = UnbilledRevenue(catalog: catalog, contracts: contracts, planted: planted)
      .earned(by: end, usage: ledger, fees: recurring, credited: credited, wallet: wallet)
    guard hasPrepaid else { return (unbilled, []) }
    for (index, own) in catalog.subscriptions.enumerated() where own.billingDay != 1 {
      let subscription = SubscriptionID(index: UInt32(index))
      guard contracts.ends(subscription) <= end else { continue }
      let last = Period(holding: end - Span(nanoseconds: 1), day: own.billingDay)
      expire(of: subscription, by: end, pending: (pending[subscription] ?? .zero, last))
    }
    return (unbilled, dequeueExpired())
  }

  /// Whether prepaid credits pay for a charge, as far as there are any.
  func drawsCredits(_ charge: RatedCharge) -> Bool {
    switch charge.kind {
    case .usage, .lateUsage: return true
    case .trueUp: return contracts.coversMinimum(charge.subscription, in: charge.servicePeriod)
    case .recurring, .proration, .drawdown: return false
    }
  }

  /// The credits that have expired since the last time.
  mutating func dequeueExpired() -> [Wallet.Expired] {
    defer { expired.removeAll() }
    return expired
  }
}
