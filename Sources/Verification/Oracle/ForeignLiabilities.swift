import CanonicalModel
import Chronology

/// What contract liabilities and accrued revenue are carried at where the books are in another currency, by the oracle's own arithmetic.
///
/// A liability is carried at the rate of the invoice that asked for it (IAS 21.16): of a recurring item by service period, of prepaid credits as one.
/// Whatever leaves it leaves at the average of what is there. Revenue that was accrued stays at the rate at which it was accrued.
struct ForeignLiabilities: Sendable {
  /// An amount, and what it is carried at.
  struct Holding: Sendable {
    var amount: Int128 = 0
    var carried: Int128 = 0

    fileprivate static func + (a: Holding, b: Holding) -> Holding {
      Holding(amount: a.amount + b.amount, carried: a.carried + b.carried)
    }
    fileprivate static prefix func - (a: Holding) -> Holding {
      Holding(amount: -a.amount, carried: -a.carried)
    }
  }

  /// What is still to be earned of an item.
  struct Promise: Hashable, Sendable {
    var entity: EntityID
    var item: ItemID
    /// Of prepaid credits there is none.
    var months: Period?
  }

  private struct Usage: Hashable {
    var subscription: SubscriptionID
    var period: Period
  }

  private let catalog: Catalog
  private(set) var owed: [Promise: Holding] = [:]
  private var booked: [Promise: Holding] = [:]
  /// Of the last accrual of each entity: what was accrued of each item, less what was invoiced since.
  private var lastAccrual: [EntityID: [ItemID: Holding]] = [:]
  /// The accruals of late charges, and which charge is in which.
  private var lateAccruals: [PostingKey: (rate: Int128, items: [ItemID: Holding])] = [:]
  private var accruedIn: [UInt64: PostingKey] = [:]
  /// What accruals that have not ended have credited, item by item, and what they asked for at the day's rate.
  private var begun: [PostingKey: (credits: [LedgerAccount: Int128], asked: Int128)] = [:]

  init(catalog: Catalog) { self.catalog = catalog }

  // MARK: What documents come to

  /// What each account of revenue and deferred revenue is credited with by an invoice.
  mutating func credits(
    of invoice: Invoice, at rate: Int128, account: (InvoiceLine) -> LedgerAccount
  ) -> [LedgerAccount: Int128] {
    let entity = invoice.number.entity
    var credits: [LedgerAccount: Int128] = [:]
    var asked: [Usage: Holding] = [:]
    var plain: [ItemID: Int128] = [:]
    // Credits that pay.
    for line in invoice.lines where line.charge.kind == .drawdown {
      let item = line.charge.item
      let promise = promise(entity, item, nil)
      let value: Int128
      if let late = accruedLate(line.charge, line.amount.units, entity) {
        value = late
        owed[promise, default: Holding()] =
          (owed[promise] ?? Holding()) + Holding(amount: line.amount.units, carried: late)
      } else {
        value = -leave(-line.amount.units, promise, rate)
        let usage = Usage(subscription: line.charge.subscription, period: line.charge.servicePeriod)
        asked[usage] = (asked[usage] ?? Holding()) + Holding(amount: -line.amount.units, carried: -value)
      }
      credits[account(line), default: 0] += value
    }
    deferred(invoice, at: rate, account, &credits)
    for line in invoice.lines where line.charge.kind != .drawdown {
      let item = line.charge.item
      guard case .revenue = account(line) else { continue }
      if let late = accruedLate(line.charge, line.amount.units, entity) {
        credits[account(line), default: 0] += late
        continue
      }
      var rest = line.amount.units
      switch line.charge.kind {
      case .usage, .lateUsage, .trueUp:
        let usage = Usage(subscription: line.charge.subscription, period: line.charge.servicePeriod)
        if let paid = asked[usage], paid.amount != 0, (paid.amount > 0) == (rest > 0), rest != 0 {
          let part =
            abs(rest) < abs(paid.amount)
            ? Holding(amount: rest, carried: proportion(paid.carried, rest, paid.amount, entity)) : paid
          asked[usage] = paid + -part
          credits[account(line), default: 0] += part.carried
          rest -= part.amount
        }
        plain[item, default: 0] += rest
      case .recurring, .proration, .drawdown:
        if rest < 0 {
          let promise = promise(entity, item, line.charge.servicePeriod)
          credits[account(line), default: 0] -= average(
            -rest, owed[promise] ?? Holding(), booked[promise] ?? Holding(), entity, rate)
        } else {
          plain[item, default: 0] += rest
        }
      }
    }
    for (item, amount) in plain.sorted(by: { $0.key < $1.key }) {
      credits[.revenue(item), default: 0] += earned(amount, item, entity, at: rate)
    }
    for line in invoice.lines { accruedIn[line.charge.id] = nil }
    return credits
  }

  /// Lines that are still to be earned: all that is given back before anything that is added.
  private mutating func deferred(
    _ invoice: Invoice, at rate: Int128, _ account: (InvoiceLine) -> LedgerAccount,
    _ credits: inout [LedgerAccount: Int128]
  ) {
    let entity = invoice.number.entity
    var back: [(promise: Promise, amount: Int128)] = []
    var fees = back
    var changes = back
    func add(_ amount: Int128, _ promise: Promise, to sums: inout [(promise: Promise, amount: Int128)]) {
      if let same = sums.firstIndex(where: { $0.promise == promise }) {
        sums[same].amount += amount
      } else {
        sums.append((promise, amount))
      }
    }
    for line in invoice.lines where line.charge.kind != .drawdown {
      guard case .deferredRevenue(let item) = account(line) else { continue }
      let promise = promise(entity, item, line.charge.servicePeriod)
      if line.amount.units < 0 {
        add(-line.amount.units, promise, to: &back)
      } else if line.charge.kind == .proration {
        add(line.amount.units, promise, to: &changes)
      } else {
        add(line.amount.units, promise, to: &fees)
      }
    }
    for (promise, amount) in back {
      credits[.deferredRevenue(promise.item), default: 0] -= leave(amount, promise, rate)
    }
    for (promise, amount) in fees { enter(amount, at(rate, amount, entity), promise, &credits) }
    for (promise, amount) in changes {
      enter(amount, earned(amount, promise.item, entity, at: rate), promise, &credits)
    }
  }

  private mutating func enter(
    _ amount: Int128, _ carried: Int128, _ promise: Promise, _ credits: inout [LedgerAccount: Int128]
  ) {
    let added = Holding(amount: amount, carried: carried)
    owed[promise] = (owed[promise] ?? Holding()) + added
    booked[promise] = (booked[promise] ?? Holding()) + added
    credits[.deferredRevenue(promise.item), default: 0] += carried
  }

  /// What each account of deferred revenue is debited with by a credit at the rate of its invoice.
  mutating func debits(
    of parts: [CreditedPart], _ entity: EntityID, at rate: Int128
  ) -> [LedgerAccount: Int128] {
    var sums: [Promise: Int128] = [:]
    for own in parts where own.unearned != .zero {
      sums[promise(entity, own.part.item, own.line.charge.servicePeriod), default: 0] += own.unearned.units
    }
    var debits: [LedgerAccount: Int128] = [:]
    for (promise, amount) in sums {  // each its own position
      let there = owed[promise] ?? Holding()
      let gone = amount == there.amount ? there.carried : at(rate, amount, entity)
      owed[promise] = there + Holding(amount: -amount, carried: -gone)
      debits[.deferredRevenue(promise.item), default: 0] += gone
    }
    return debits
  }

  /// What is earned of an item's service period, at what it is carried at.
  mutating func earn(_ line: Recognition.Line, _ entity: EntityID, at rate: Int128) -> Int128 {
    leave(line.amount.units, promise(entity, line.item, line.servicePeriod), rate)
  }

  /// What an accrual credits, and what is unbilled by it.
  mutating func begin(_ accrual: Accrual, at rate: Int128) -> (
    credits: [LedgerAccount: Int128], unbilled: Int128
  ) {
    let entity = accrual.key.entity
    var credits: [LedgerAccount: Int128] = [:]
    var paid = Holding()
    var unbilled: Int128 = 0
    var items: [ItemID: Holding] = [:]
    for line in accrual.lines {
      unbilled += at(rate, line.amount.units, entity)
      guard catalog[line.item].kind == .prepaid else { continue }
      let gone = leave(-line.amount.units, promise(entity, line.item, nil), rate)
      paid = paid + Holding(amount: -line.amount.units, carried: gone)
      credits[.deferredRevenue(line.item)] = -gone
      items[line.item] = Holding(amount: line.amount.units, carried: -gone)
    }
    var next: [ItemID: Holding] = [:]
    for line in accrual.lines where catalog[line.item].kind != .prepaid {
      var rest = line.amount.units
      var own: Int128 = 0
      if catalog[line.item].kind == .recurring {
        if rest < 0 {
          let (open, all) = holdings(of: line.item, entity)
          own -= average(-rest, open, all, entity, rate)
          rest = 0
        }
      } else if paid.amount != 0, rest != 0, (paid.amount > 0) == (rest > 0) {
        let part =
          abs(rest) < abs(paid.amount)
          ? Holding(amount: rest, carried: proportion(paid.carried, rest, paid.amount, entity)) : paid
        paid = paid + -part
        own += part.carried
        rest -= part.amount
      }
      let earned = earned(rest, line.item, entity, at: rate)
      if rest > 0 { next[line.item] = Holding(amount: rest, carried: earned) }
      credits[.revenue(line.item)] = own + earned
      items[line.item] = Holding(amount: line.amount.units, carried: own + earned)
    }
    if accrual.account == nil {
      lastAccrual[entity] = next
    } else {
      lateAccruals[accrual.key] = (rate, items)
      for charge in accrual.charges { accruedIn[charge] = accrual.key }
    }
    begun[accrual.key] = (credits, unbilled)
    return (credits, unbilled)
  }

  /// The end of an accrual takes off what it has put on.
  mutating func end(_ accrual: Accrual, of beginning: PostingKey) -> (
    credits: [LedgerAccount: Int128], unbilled: Int128
  ) {
    guard let own = begun.removeValue(forKey: beginning) else { return ([:], 0) }
    for line in accrual.lines where catalog[line.item].kind == .prepaid {
      let promise = promise(accrual.key.entity, line.item, nil)
      owed[promise] =
        (owed[promise] ?? Holding())
        + Holding(amount: -line.amount.units, carried: -(own.credits[.deferredRevenue(line.item)] ?? 0))
    }
    return (own.credits.mapValues { -$0 }, -own.asked)
  }

  // MARK: Rates

  private func promise(_ entity: EntityID, _ item: ItemID, _ period: Period?) -> Promise {
    Promise(entity: entity, item: item, months: catalog[item].kind == .recurring ? period : nil)
  }

  /// An amount leaves a position: all of it with all that it is carried at.
  private mutating func leave(_ amount: Int128, _ promise: Promise, _ rate: Int128) -> Int128 {
    let there = owed[promise] ?? Holding()
    let gone =
      amount == there.amount
      ? there.carried : average(amount, there, booked[promise] ?? Holding(), promise.entity, rate)
    owed[promise] = there + Holding(amount: -amount, carried: -gone)
    return gone
  }

  /// On average of what is there, where that is enough; else of all that ever was.
  private func average(
    _ amount: Int128, _ there: Holding, _ all: Holding, _ entity: EntityID, _ rate: Int128
  ) -> Int128 {
    if there.amount > 0, amount <= there.amount {
      return proportion(there.carried, amount, there.amount, entity)
    }
    if all.amount > 0 { return proportion(all.carried, amount, all.amount, entity) }
    return at(rate, amount, entity)
  }

  private func holdings(of item: ItemID, _ entity: EntityID) -> (open: Holding, all: Holding) {
    func sum(_ own: [Promise: Holding]) -> Holding {
      own.reduce(Holding()) {  // a sum: the order cannot matter
        $1.key.entity == entity && $1.key.item == item ? $0 + $1.value : $0
      }
    }
    return (sum(owed), sum(booked))
  }

  /// Revenue of the day, as much of it as was not accrued before.
  private mutating func earned(_ amount: Int128, _ item: ItemID, _ entity: EntityID, at rate: Int128)
    -> Int128
  {
    guard amount > 0, let before = lastAccrual[entity]?[item] else { return at(rate, amount, entity) }
    guard amount < before.amount else {
      lastAccrual[entity]?[item] = nil
      return before.carried + at(rate, amount - before.amount, entity)
    }
    let own = proportion(before.carried, amount, before.amount, entity)
    lastAccrual[entity]?[item] = before + Holding(amount: -amount, carried: -own)
    return own
  }

  private func accruedLate(_ charge: RatedCharge, _ amount: Int128, _ entity: EntityID) -> Int128? {
    guard let key = accruedIn[charge.id], let accrual = lateAccruals[key] else { return nil }
    guard let own = accrual.items[charge.item], own.amount != 0 else {
      return at(accrual.rate, amount, entity)
    }
    return proportion(own.carried, amount, own.amount, entity)
  }

  /// An amount at a rate in whole minor units of the books, ties away from zero.
  private func at(_ rate: Int128, _ amount: Int128, _ entity: EntityID) -> Int128 {
    OracleRating.rounded(
      Money(units: amount / 1_000_000_000_000 * rate),
      to: catalog[entity].booksCurrency ?? catalog[entity].currency
    ).units
  }

  /// A part of what a position is carried at, in whole minor units, ties away from zero.
  private func proportion(_ carried: Int128, _ part: Int128, _ all: Int128, _ entity: EntityID) -> Int128 {
    let own = catalog[entity]
    let (books, billed) = (
      OracleRating.minor(of: own.booksCurrency ?? own.currency), OracleRating.minor(of: own.currency)
    )
    let (product, divisor) = ((carried / books) * (part / billed), all / billed)
    let magnitude = (abs(product) * 2 + abs(divisor)) / (abs(divisor) * 2)
    return ((product < 0) == (divisor < 0) ? magnitude : -magnitude) * books
  }
}
