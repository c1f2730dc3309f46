import CanonicalModel
import Chronology

/// Contract liabilities in the currency of the books, for entities that bill in another.
///
/// A contract liability is no money, and is carried at the rate at which it was booked (IAS 21.16, IFRIC 22): what is earned of it, given back
/// of it and paid by it for usage is taken off at what it is carried at, on average over an item's service period; prepaid credits over the
/// item. So is what was accrued, when it is invoiced or accrued again: its revenue was earned at the rate of its day. What is asked for or owed
/// back is money, at its own day's rate; the rest is an exchange difference (IAS 21.28).
struct ContractLiabilities: Sendable {
  /// An amount in both currencies.
  private struct Carried: Sendable {
    var amount = Money.zero
    var functional = Money.zero

    mutating func add(_ amount: Money, _ functional: Money) {
      self.amount += amount
      self.functional += functional
    }
  }

  private struct Key: Hashable, Sendable {
    var entity: EntityID
    var item: ItemID
    /// `nil`: prepaid credits, whatever the interval for which they were bought.
    var period: Period?
  }

  private struct Position: Sendable {
    var open = Carried()
    /// All that was ever booked.
    var booked = Carried()
  }

  private struct AccruedItem: Hashable, Sendable {
    var entity: EntityID
    var item: ItemID
  }

  /// What a late charge was accrued at, together with those of its customer: item by item.
  private struct LateCharge: Sendable {
    var rate: Price
    var carried: [ItemID: Carried]
  }

  /// Usage of a customer that prepaid credits pay for.
  private struct Paid: Hashable, Sendable {
    var subscription: SubscriptionID?
    var period: Period?
  }

  private let catalog: Catalog
  private let planted: PlantedDefects
  private var positions: [Key: Position] = [:]
  /// What was accrued at the last month's end and is not invoiced yet.
  private var accrued: [AccruedItem: Carried] = [:]
  private var late: [UInt64: LateCharge] = [:]

  init(catalog: Catalog, planted: PlantedDefects = []) {
    self.catalog = catalog
    self.planted = planted
  }

  // MARK: Documents

  /// Books the lines of an invoice or credit note, or of an accrual.
  ///
  /// - Parameter isMonthlyAccrual: whether it takes the place of what was accrued at the last month's end.
  /// - Returns: what each account of revenue and of deferred revenue is credited with.
  mutating func book(
    _ parts: [RevenuePart], of entity: EntityID, at today: Price, isMonthlyAccrual: Bool = false
  ) -> [LedgerAccount: Money] {
    precondition(catalog[entity].booksCurrency != nil, "books in the billing currency are translated")
    var sums: [LedgerAccount: Money] = [:]
    var paid: [Paid: Carried] = [:]
    for part in parts where part.kind == .drawdown {
      guard case .deferredRevenue(let item) = part.account else { continue }
      let key = key(entity, item, nil)
      if let value = accruedLate(part, item, entity) {
        // The end of its accrual, which follows, brings this back.
        positions[key, default: Position()].open.add(part.amount, value)
        sums[part.account, default: .zero] += value
      } else {
        let value = take(.zero - part.amount, off: key, at: today)
        sums[part.account, default: .zero] -= value
        paid[self.paid(part), default: Carried()].add(.zero - part.amount, value)
      }
    }
    deferred(parts, of: entity, at: today, &sums)
    var rests: [(item: ItemID, amount: Money)] = []
    for part in parts where part.kind != .drawdown {
      guard case .revenue(let item) = part.account else { continue }
      var rest = part.amount
      if let value = accruedLate(part, item, entity) {
        sums[part.account, default: .zero] += value
        continue
      }
      if part.kind == .usage, let credits = paid[self.paid(part)] {
        let (amount, value) = cover(rest, by: credits, of: entity)
        paid[self.paid(part)]?.add(.zero - amount, .zero - value)
        sums[part.account, default: .zero] += value
        rest -= amount
      }
      if part.kind != .usage, rest < .zero {
        let position = part.period == nil ? all(of: item, entity) : positions[key(entity, item, part.period)]
        sums[part.account, default: .zero] -= value(of: .zero - rest, position, entity, at: today)
      } else if let place = rests.firstIndex(where: { $0.item == item }) {
        rests[place].amount += rest
      } else {
        rests.append((item, rest))
      }
    }
    var replaced: [AccruedItem: Carried] = [:]
    for (item, amount) in rests {
      let own = earned(amount, of: item, entity, at: today)
      sums[.revenue(item), default: .zero] += own
      if amount > .zero {
        replaced[AccruedItem(entity: entity, item: item)] = Carried(amount: amount, functional: own)
      }
    }
    if isMonthlyAccrual {
      accrued = accrued.filter { $0.key.entity != entity }
      accrued.merge(replaced) { _, new in new }
    }
    for part in parts { if let charge = part.charge { late[charge] = nil } }
    return sums
  }

  /// Late charges were accrued: they are invoiced at the same rate.
  mutating func record(
    late charges: [UInt64], _ parts: [RevenuePart], _ sums: [LedgerAccount: Money], at rate: Price
  ) {
    precondition(!charges.isEmpty, "late charges are accrued, and none is named")
    var carried: [ItemID: Carried] = [:]
    for part in parts {
      let own = Carried(amount: part.amount, functional: sums[part.account] ?? .zero)
      switch part.account {
      case .revenue(let item), .deferredRevenue(let item): carried[item] = own
      default: break
      }
    }
    for charge in charges { late[charge] = LateCharge(rate: rate, carried: carried) }
  }

  /// An accrual has ended: what it had taken off a liability is there again.
  mutating func restore(_ amount: Money, _ functional: Money, of item: ItemID, _ entity: EntityID) {
    precondition(catalog[item].kind == .prepaid, "the end of an accrual restores what is no credits")
    positions[key(entity, item, nil), default: Position()].open.add(amount, functional)
  }

  /// Takes what is earned of a liability off it.
  mutating func recognise(_ part: RevenuePart, of entity: EntityID, at today: Price) -> Money {
    guard case .deferredRevenue(let item) = part.account else { return .zero }
    return take(part.amount, off: key(entity, item, part.period), at: today)
  }

  /// Takes what a credit memo gives back off the liabilities, at the rate of its invoice.
  ///
  /// - Returns: what each account is debited with.
  mutating func credit(
    _ parts: [RevenuePart], of entity: EntityID, at rate: Price
  ) -> [LedgerAccount: Money] {
    var sums: [LedgerAccount: Money] = [:]
    for (key, account, amount) in Self.byPeriod(parts, { key(entity, $0, $1) }) {
      let open = positions[key]?.open ?? Carried()
      // The last part takes what is left.
      let value = amount == open.amount ? open.functional : translated(amount, at: rate, entity)
      positions[key, default: Position()].open.add(.zero - amount, .zero - value)
      sums[account, default: .zero] += value
    }
    return sums
  }

  // MARK: Rates

  /// Lines of an invoice that are still to be earned: what is given back first, then what is asked for.
  private mutating func deferred(
    _ parts: [RevenuePart], of entity: EntityID, at today: Price, _ sums: inout [LedgerAccount: Money]
  ) {
    let own = parts.filter { if case .deferredRevenue = $0.account { $0.kind != .drawdown } else { false } }
    for (key, account, amount) in Self.byPeriod(own.filter { $0.amount < .zero }, { key(entity, $0, $1) }) {
      let back = .zero - amount
      sums[account, default: .zero] -= take(back, off: key, at: today)
    }
    let added = own.filter { $0.amount > .zero }
    for kinds in [added.filter { $0.kind != .change }, added.filter { $0.kind == .change }] {
      for (key, account, amount) in Self.byPeriod(kinds, { key(entity, $0, $1) }) {
        // What of a change was accrued was earned at the rate of that day.
        let value =
          kinds[0].kind == .change
          ? earned(amount, of: key.item, entity, at: today) : translated(amount, at: today, entity)
        positions[key, default: Position()].open.add(amount, value)
        positions[key]?.booked.add(amount, value)
        sums[account, default: .zero] += value
      }
    }
  }

  /// The sums of parts by service period, in the order in which these come first.
  private static func byPeriod(
    _ parts: [RevenuePart], _ key: (ItemID, Period?) -> Key
  ) -> [(key: Key, account: LedgerAccount, amount: Money)] {
    var sums: [(key: Key, account: LedgerAccount, amount: Money)] = []
    for part in parts {
      guard case .deferredRevenue(let item) = part.account, part.amount != .zero else { continue }
      let own = key(item, part.period)
      if let place = sums.firstIndex(where: { $0.key == own }) {
        sums[place].amount += part.amount
      } else {
        sums.append((own, part.account, part.amount))
      }
    }
    assert(Set(sums.map(\.key)).count == sums.count, "a service period of a document is summed twice")
    return sums
  }

  /// What a late charge was accrued at; `nil`: it was not accrued.
  private func accruedLate(_ part: RevenuePart, _ item: ItemID, _ entity: EntityID) -> Money? {
    guard let charge = part.charge.flatMap({ late[$0] }), !planted.contains(.accruedInvoicedAtDaysRate) else {
      return nil
    }
    guard let carried = charge.carried[item], carried.amount != .zero else {
      return translated(part.amount, at: charge.rate, entity)
    }
    return share(carried, of: part.amount, entity)
  }

  /// As much of usage as prepaid credits pay, at what they were carried at.
  private func cover(
    _ amount: Money, by credits: Carried, of entity: EntityID
  ) -> (amount: Money, value: Money) {
    guard (amount < .zero) == (credits.amount < .zero), credits.amount != .zero else { return (.zero, .zero) }
    let isAll = amount < .zero ? amount <= credits.amount : amount >= credits.amount
    return isAll ? (credits.amount, credits.functional) : (amount, share(credits, of: amount, entity))
  }

  /// What revenue is worth: as much of it as was accrued at the last month's end at the rate at which it was, the rest at the day's.
  private mutating func earned(_ amount: Money, of item: ItemID, _ entity: EntityID, at today: Price) -> Money
  {
    let key = AccruedItem(entity: entity, item: item)
    guard let before = accrued[key], amount > .zero, !planted.contains(.accruedInvoicedAtDaysRate) else {
      return translated(amount, at: today, entity)
    }
    precondition(before.amount > .zero, "what was accrued of an item comes to nothing")
    let part = min(amount, before.amount)
    let value = part == before.amount ? before.functional : share(before, of: part, entity)
    accrued[key] =
      part == before.amount
      ? nil : Carried(amount: before.amount - part, functional: before.functional - value)
    return value + translated(amount - part, at: today, entity)
  }

  /// Takes an amount off a position at what it is carried at; the last part takes what is left.
  private mutating func take(_ amount: Money, off key: Key, at today: Price) -> Money {
    let position = positions[key] ?? Position()
    let value =
      amount == position.open.amount
      ? position.open.functional : value(of: amount, position, key.entity, at: today)
    assert(
      value.isWhole(in: catalog[key.entity].booksCurrency ?? catalog[key.entity].currency),
      "a part of a liability is not whole in the currency of the books")
    positions[key, default: Position()].open.add(.zero - amount, .zero - value)
    return value
  }

  /// What a part of a position is carried at on average: of what is open, or else of all that was booked.
  private func value(
    of amount: Money, _ position: Position?, _ entity: EntityID, at today: Price
  ) -> Money {
    guard let position, !planted.contains(.givenBackAtDaysRate) else {
      return translated(amount, at: today, entity)
    }
    if position.open.amount > .zero, amount <= position.open.amount {
      return share(position.open, of: amount, entity)
    }
    return position.booked.amount > .zero
      ? share(position.booked, of: amount, entity) : translated(amount, at: today, entity)
  }

  /// All service periods of an item together.
  private func all(of item: ItemID, _ entity: EntityID) -> Position {
    positions.reduce(into: Position()) { sum, own in  // sums: the order cannot matter
      guard own.key.entity == entity, own.key.item == item else { return }
      sum.open.add(own.value.open.amount, own.value.open.functional)
      sum.booked.add(own.value.booked.amount, own.value.booked.functional)
    }
  }

  private func key(_ entity: EntityID, _ item: ItemID, _ period: Period?) -> Key {
    Key(entity: entity, item: item, period: catalog[item].kind == .prepaid ? nil : period)
  }

  private func paid(_ part: RevenuePart) -> Paid {
    Paid(subscription: part.subscription, period: part.period)
  }

  private func share(_ carried: Carried, of amount: Money, _ entity: EntityID) -> Money {
    // Each in whole minor units of its own currency, so that the product stays in range.
    let minor = Money(minorUnits: 1, of: catalog[entity].booksCurrency ?? catalog[entity].currency).units
    let billed = Money(minorUnits: 1, of: catalog[entity].currency).units
    let whole = carried.amount.units / billed
    precondition(whole != 0, "a share of nothing")
    let units = (carried.functional.units / minor * (amount.units / billed)).divided(
      by: whole < 0 ? -whole : whole, rounding: .halfAwayFromZero)
    return Money(units: (whole < 0 ? -units : units) * minor)
  }

  private func translated(_ amount: Money, at rate: Price, _ entity: EntityID) -> Money {
    Translation.translated(amount, at: rate, catalog[entity].booksCurrency ?? catalog[entity].currency)
  }
}
