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
        let service = Wallet.Service(subscription: subscription, period: period)
        if let covered = wallet.coversMinimum(of: service),
          covered != contracts.coversMinimum(subscription, in: period)
        {
          reconsidered.append(service)
        }
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
    let offered = offered(item, subscription, in: period)
    if let known = recurring.rated[key] {
      // Billing hears late that the contract was over, that it rested, or that it had no such credits: what was bought is given back.
      if let offered {
        wallet.revise(Wallet.Grant(offered, item, period, from: begins), of: subscription)
        // What was credited of it is not given back again.
        return change(
          of: key, from: known.amount, to: creditedPurchases.asked(offered.amount, for: key))
      }
      let (left, breakage) = wallet.takeBack(item, period, of: subscription)
      if breakage != .zero {
        let entity = catalog.entity(of: subscription)
        expired.append(Wallet.Expired(entity: entity, item: item, period: period, amount: -breakage))
      }
      guard left > .zero else { return nil }
      recurring.forget(key)
      creditedPurchases.forget(key)
      return RatedCharge(
        id: nextChargeID(), subscription: subscription, item: item, servicePeriod: period, kind: .proration,
        count: 0, quantity: Quantity(-1), digest: 0, amount: -left)
    }
    guard begins < min(period.end, contracts.agreedEnd(subscription)) else { return nil }
    guard let credits = offered,
      recurring.adjust(key, due: RecurringLedger.Rated(amount: credits.amount, quantity: Quantity(1))) != nil
    else { return nil }
    wallet.add(Wallet.Grant(credits, item, period, from: begins), of: subscription)
    return RatedCharge(
      id: nextChargeID(), subscription: subscription, item: item, servicePeriod: period, kind: .recurring,
      count: 0, quantity: Quantity(1), digest: 0, amount: credits.amount)
  }

  /// The prepaid credits that the terms at the beginning of an interval have; `nil`: they have none of that item.
  private func offered(
    _ item: ItemID, _ subscription: SubscriptionID, in period: Period
  ) -> PrepaidCredits? {
    let begins = max(period.start, contracts.begins(subscription))
    let terms = contracts.terms(of: subscription, index: contracts.index(of: subscription, at: begins))
    guard terms.status == .active, let credits = contracts.priceBook(of: terms).prepaid,
      credits.name == catalog[item].charge, credits.months == catalog[item].months
    else { return nil }
    return credits
  }

  /// Prepaid credits as they will be once what was told since the last run is taken up: purchases that should not have been made are given back.
  func walletAsTold() -> Wallet {
    guard hasPrepaid, !planted.contains(.creditsBesideUnbilled) else { return wallet }
    var told = wallet
    for (index, own) in catalog.subscriptions.enumerated() where own.billingDay != 1 {
      let subscription = SubscriptionID(index: UInt32(index))
      guard let first = recurring.firstChanged(subscription) else { continue }
      for (item, period) in wallet.purchases(of: subscription) where period.end > first.start {
        let key = RecurringLedger.Key(subscription: subscription, item: item, period: period)
        guard let known = recurring.rated[key] else { continue }
        guard let offered = offered(item, subscription, in: period) else {
          _ = told.takeBack(item, period, of: subscription)
          continue
        }
        let begins = max(period.start, contracts.begins(subscription))
        told.revise(Wallet.Grant(offered, item, period, from: begins), of: subscription)
        let amount = creditedPurchases.asked(offered.amount, for: key)
        _ = told.change(by: amount - known.amount, subscription, item, period)
      }
    }
    return told
  }

  /// What a purchase of credits differs by from the terms that are told of later; of what was spent nothing is given back.
  private mutating func change(
    of key: RecurringLedger.Key, from before: Money, to amount: Money
  ) -> RatedCharge? {
    guard amount != before else { return nil }
    let change = wallet.change(by: amount - before, key.subscription, key.item, key.period)
    guard change != .zero else { return nil }
    _ = recurring.adjust(key, due: RecurringLedger.Rated(amount: before + change, quantity: Quantity(1)))
    creditedPurchases.revise(charged: before + change, for: key)
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
    for charge in charges where charge.kind == .trueUp || drawsCredits(charge) {
      let service = Wallet.Service(subscription: charge.subscription, period: charge.servicePeriod)
      let isFirst =
        charge.kind == .usage || charge.kind == .trueUp && drawsCredits(charge) && !wallet.hasSettled(service)
      var amount = charge.amount
      if charge.kind == .trueUp {
        amount = wallet.take(lacking: amount, of: service, isCovered: drawsCredits(charge))
        guard amount != .zero else { continue }
      }
      changes[service, default: (.zero, false)].amount += amount
      if isFirst { changes[service]?.isFirst = true }
    }
    // What was told of later may say otherwise whether credits pay the minimum spend.
    for service in reconsidered {
      let covers = contracts.coversMinimum(service.subscription, in: service.period)
      let amount = wallet.take(lacking: .zero, of: service, isCovered: covers)
      if amount != .zero { changes[service, default: (.zero, false)].amount += amount }
    }
    reconsidered.removeAll()
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

  mutating func expire(
    of subscription: SubscriptionID, by instant: Instant, pending: (cost: Money, period: Period)? = nil
  ) {
    var pending = pending
    // What was accrued of a billing period that goes on will be drawn.
    if pending == nil, let cost = accrued.pending[subscription] {
      let last = ledger.accruedBy - Span(nanoseconds: 1)
      let period = catalog.billingPeriod(of: subscription, holding: last)
      if period.end > instant { pending = (cost, period) }
    }
    expired += wallet.expire(
      of: subscription, catalog.entity(of: subscription), in: catalog.currency(of: subscription), by: instant,
      ends: contracts.ends(subscription), pending: pending, planted)
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
