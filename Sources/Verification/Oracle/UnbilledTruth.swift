import CanonicalModel
import Chronology

/// What is earned at the end of a month and billed later, by the oracle's own reading of usage and contracts.
struct UnbilledTruth: Sendable {
  /// Usage of a billing period that precedes the beginning of the month within it.
  struct EarlyUsage: Sendable {
    /// By the position of the terms that it fell under.
    var parts: [Int: UsageCell] = [:]
    var cell: UsageCell {
      var all = UsageCell()
      for part in parts.values { all += part }  // a sum: the order cannot matter
      return all
    }
    /// Whether a part of it was metered before that month began.
    var isInTime = false
  }

  let catalog: Catalog
  let contracts: OracleContracts
  private let entityOf: DenseTable<SubscriptionID, Int>
  private var early: [OracleKey: EarlyUsage] = [:]
  /// What was told of contracts' changes.
  private(set) var told: Told = [:]
  /// What was charged of fees of contracts that change, over the time that it serves.
  var fees: [SubscriptionID: [OracleKey: [ServedFee]]] = [:]

  init(catalog: Catalog, contracts: OracleContracts, entityOf: DenseTable<SubscriptionID, Int>) {
    self.catalog = catalog
    self.contracts = contracts
    self.entityOf = entityOf
  }

  mutating func add(_ summary: UsageSummary, _ amounts: UsageCell, in period: Period, at now: Instant) {
    let next = Period(holding: period.end - .seconds(1)).start
    guard summary.window < next, summary.window >= contracts.charged(summary.subscription) else { return }
    let key = OracleKey(subscription: summary.subscription, item: ItemID(summary.meter), period: period)
    let terms = contracts.terms(summary.subscription, at: summary.window)
    early[key, default: EarlyUsage()].parts[terms, default: UsageCell()] += amounts
    if now < next, amounts.count > 0 { early[key]?.isInTime = true }
  }

  /// What was told of a contract's changes, by the instant at which each begins: when it was heard first.
  typealias Told = [SubscriptionID: [Instant: Instant]]

  mutating func hear(_ event: ContractEvent, at now: Instant) {
    let first = told[event.subscription]?[event.terms.from] ?? now
    told[event.subscription, default: [:]][event.terms.from] = first
  }

  /// By item, the least and the most that an entity has earned and not billed at the end of a month, for whoever accrues it at an instant, prepaid
  /// credits aside. They differ where a change of a contract was told in the hour before: it may have got lost with the process that heard it.
  func due(
    of entity: EntityID, at end: Instant, by now: Instant, credited: (OracleKey) -> Money
  ) -> [ItemID: (least: Money, most: Money)] {
    var due: [ItemID: (least: Money, most: Money)] = [:]
    func add(_ range: (least: Money, most: Money), _ item: ItemID, _ subscription: SubscriptionID) {
      let before = due[item] ?? (.zero, .zero)
      due[item] = (
        before.least + net(range.least, item, subscription, at: end),
        before.most + net(range.most, item, subscription, at: end)
      )
    }
    for (key, usage) in early where usage.cell.count != 0 {  // sums: the order cannot matter
      guard entityOf[key.subscription] == Int(entity.index), key.period.start < end, end < key.period.end
      else { continue }
      let own = told[key.subscription] ?? [:]
      add(
        soFar(usage.parts, key, by: end) { Self.knowledge(of: $0, own, by: now) }, key.item, key.subscription)
    }
    for index in catalog.subscriptions.indices where entityOf[index] == Int(entity.index) {
      let subscription = SubscriptionID(index: UInt32(index))
      visitChanges(of: subscription, at: end, told[subscription] ?? [:], by: now, credited: credited) {
        add($1, $0, subscription)
      }
      if let item = catalog.items.firstIndex(where: { $0.kind == .minimumSpend }),
        let lacking = minimum(of: subscription, at: end, by: now)
      {
        add(lacking, ItemID(index: UInt32(item)), subscription)
      }
      for (position, item) in catalog.items.enumerated() where item.kind == .recurring {
        let isToldOfEnd =
          told[subscription]?[contracts.ends(subscription)].map { $0 + .hours(1) < now } ?? false
        let earned = earnedInArrears(item, subscription, by: end, isToldOfEnd: isToldOfEnd)
        if earned.most != .zero { add(earned, ItemID(index: UInt32(position)), subscription) }
      }
    }
    return due
  }

  /// The months at whose end usage was metered for certain that is billed later, and comes to something.
  func months() -> [(entity: EntityID, period: Period)] {
    var found: [Period: Set<EntityID>] = [:]
    for (key, usage) in early where usage.isInTime && usage.cell.count > 0 {  // sets: the order cannot matter
      let next = Period(holding: key.period.end - .seconds(1))
      let least = soFar(usage.parts, key, by: next.start) { _ in .perhapsKnown }.least
      guard net(least, key.item, key.subscription, at: next.start) > .zero else { continue }
      found[Period(holding: next.start - .seconds(1)), default: []].insert(
        EntityID(index: UInt32(entityOf[key.subscription])))
    }
    return found.keys.sorted().flatMap { period in
      (found[period] ?? []).sorted().map { ($0, period) }
    }
  }

  /// An amount less the customer's discount and the taxes that it includes just before an instant.
  func net(
    _ amount: Money, _ item: ItemID, _ subscription: SubscriptionID, at end: Instant
  ) -> Money {
    let account = catalog[subscription].account
    let currency = catalog.currency(of: subscription)
    var price = amount
    if let discount = catalog[account].discount {
      price -= OracleRating.tax(on: [amount], at: discount, .perInvoice, in: currency)
    }
    return price
      - OracleTaxes(catalog: catalog).included(
        in: price, of: item, for: account, at: end - Span(nanoseconds: 1), in: currency)
  }

  /// Whether somebody has been told of everything that becomes of a contract.
  func isToldOfAll(_ subscription: SubscriptionID, by now: Instant) -> Bool {
    let history = contracts.history(subscription)
    // The first terms, and the end of a trial, are known from onboarding.
    return history.dropFirst(history[0].status == .trial ? 2 : 1).allSatisfy {
      Self.knowledge(of: $0.from, told[subscription] ?? [:], by: now) == .known
    }
  }

  /// Whether somebody knows of a change.
  enum Knowledge { case known, perhapsKnown, unknown }

  static func knowledge(of change: Instant, _ told: [Instant: Instant], by now: Instant) -> Knowledge {
    told[change].map { $0 + .hours(1) < now ? .known : .perhapsKnown } ?? .unknown
  }

  /// Which changes of a contract, by their positions, may be all that somebody knows.
  func known(_ subscription: SubscriptionID, _ knowledge: (Instant) -> Knowledge) -> [[Int]] {
    let history = contracts.history(subscription)
    // The first terms, and the end of a trial, are known from onboarding.
    let onboarded = history[0].status == .trial ? min(2, history.count) : 1
    let certain =
      (0..<onboarded) + (onboarded..<history.count).filter { knowledge(history[$0].from) == .known }
    let open = (onboarded..<history.count).filter { knowledge(history[$0].from) == .perhapsKnown }.suffix(5)
    return (0..<(1 << open.count)).map { subset in
      (certain + open.enumerated().filter { subset >> $0.offset & 1 == 1 }.map(\.element)).sorted()
    }
  }

  /// What a subscription's usage of the billing period that holds the end of a month costs so far, before discounts and taxes.
  func usage(of subscription: SubscriptionID, at end: Instant, by now: Instant) -> (least: Money, most: Money)
  {
    let day = catalog[subscription].billingDay
    let month = OracleCalendar.shared.month(holding: end - Span(nanoseconds: 1), day: day)
    let period = Period(ordinal: month, day: day)
    var sum: (least: Money, most: Money) = (.zero, .zero)
    for meter in catalog.meters.indices {
      let item = ItemID(MeterID(index: UInt32(meter)))
      let key = OracleKey(subscription: subscription, item: item, period: period)
      guard end < period.end, let usage = early[key], usage.cell.count != 0 else { continue }
      let own = soFar(usage.parts, key, by: end) {
        Self.knowledge(of: $0, told[subscription] ?? [:], by: now)
      }
      sum = (sum.least + own.least, sum.most + own.most)
    }
    return sum
  }

  /// What usage so far costs if no more comes, each part of it on its own terms, without the minimum of what goes on: for whoever knows of changes of the contract.
  ///
  /// - Parameter knowledge: of the change that begins at an instant.
  private func soFar(
    _ parts: [Int: UsageCell], _ key: OracleKey, by end: Instant, _ knowledge: (Instant) -> Knowledge
  ) -> (least: Money, most: Money) {
    let (subscription, meter) = (key.subscription, MeterID(index: key.item.index))
    let history = contracts.history(subscription)
    func price(_ contracts: OracleContracts, _ parts: [Int: UsageCell]) -> Money {
      let exact = contracts.usage(parts, meter, subscription, in: key.period, soFar: end) ?? .zero
      return OracleRating.rounded(exact, to: catalog.currency(of: subscription))
    }
    guard history.count > 1 else {
      let all = price(contracts, parts)
      return (all, all)
    }
    var range: (least: Money, most: Money)?
    for positions in known(subscription, knowledge) {
      var moved: [Int: UsageCell] = [:]
      for (index, part) in parts {  // sums: the order cannot matter
        moved[positions.lastIndex { $0 <= index } ?? 0, default: UsageCell()] += part
      }
      let amount = price(contracts.knowing(positions, of: subscription), moved)
      range = (min(range?.least ?? amount, amount), max(range?.most ?? amount, amount))
    }
    return range ?? (.zero, .zero)
  }

  /// What the usage of a contract that is over by the end of a month lacks to its minimum spend, for whoever was told of some of its changes; `nil`:
  /// it goes on, or its billing period ends with the month.
  func minimum(of subscription: SubscriptionID, at end: Instant, by now: Instant) -> (
    least: Money, most: Money
  )? {
    let day = catalog[subscription].billingDay
    let month = OracleCalendar.shared.month(holding: end - Span(nanoseconds: 1), day: day)
    let period = Period(ordinal: month, day: day)
    guard day != 1, contracts.ends(subscription) <= end, period.start < contracts.ends(subscription),
      period.start < catalog.horizon
    else { return nil }
    let knowledge = { Self.knowledge(of: $0, told[subscription] ?? [:], by: now) }
    let used = usage(of: subscription, at: end, by: now)
    let lacking = known(subscription, knowledge).flatMap { positions -> [Money] in
      let view =
        contracts.history(subscription).count > 1
        ? contracts.knowing(positions, of: subscription) : contracts
      guard view.ends(subscription) <= end, let least = view.minimum(subscription, in: period) else {
        return [.zero]
      }
      return [max(.zero, least - used.most), max(.zero, least - used.least)]
    }
    guard let least = lacking.min(), let most = lacking.max(), most > .zero else { return nil }
    return (least, most)
  }

  /// The end of the billing period that a contract is in just before an instant.
  private func billed(_ subscription: SubscriptionID, _ instant: Instant) -> Instant {
    let day = catalog[subscription].billingDay
    let month = OracleCalendar.shared.month(holding: instant - Span(nanoseconds: 1), day: day)
    return Period(ordinal: month, day: day).end
  }

  /// What is earned by an instant of a fee in arrears whose interval ends after it: days that end by then, of all days.
  private func earnedInArrears(
    _ item: Item, _ subscription: SubscriptionID, by end: Instant, isToldOfEnd: Bool
  ) -> (least: Money, most: Money) {
    let (history, begins) = (contracts.history(subscription), contracts.charged(subscription))
    for period in contracts.periods(subscription, every: item.months) {
      // A fee whose contract ends is billed with the billing period that it ends in.
      let ends = isToldOfEnd ? contracts.ends(subscription) : contracts.agreedEnd(subscription)
      let over = min(period.end, ends)
      guard period.start < end, period.start < over, begins < end, billed(subscription, over) > end else {
        continue
      }
      var all: Int128 = 0
      var done: Int128 = 0
      var day = period.start
      while day < period.end {
        let next = day + .days(1)
        all += 1
        if begins < next, next <= end { done += 1 }
        day = next
      }
      let currency = catalog.currency(of: subscription)
      let amounts = history.indices.map { index -> Money in
        contracts.recurring(subscription, index).reduce(Money.zero) { sum, charge in
          guard history[index].status == .active, charge.name == item.charge, charge.months == item.months,
            charge.timing == .inArrears
          else {
            return sum
          }
          let units = charge.unit == .seat ? Int128(history[index].seats) : 1
          return sum + Money(units: OracleContracts.part(charge.price.units * units, done, all, currency))
        }
      }
      let most = amounts.max() ?? .zero
      // A pause or an end that the core was not told of yet counts as served.
      guard history.count > 1 || contracts.life(subscription) != nil else { return (most, most) }
      let slack = Money(minorUnits: Int128(history.count), of: currency)
      return (
        contracts.life(subscription) == nil ? max(.zero, (amounts.min() ?? .zero) - slack) : .zero,
        most + slack
      )
    }
    return (.zero, .zero)
  }
}
