import CanonicalModel
import Chronology

/// What was bought in advance was used or has expired.
struct GrantsConserved: Invariant, HearsRated, HearsRecognised, HearsAccrued, HearsCredited,
  JudgesUsage
{
  static let definition = InvariantDefinition(
    name: "grants-conserved", boundary: .billing, place: 13,
    statement:
      "prepaid credits: bought = drawn by usage in force with them, less what was taken back + credited + earned as breakage, as they have expired or the contract has ended, + left; "
      + "what has lapsed is earned in the month in which it did, as far as that was told by then, and what is expected never to be drawn in proportion "
      + "to what is; "
      + "a period never draws more than it costs, and less only where credits are lacking; an accrual of usage that is billed later takes what credits "
      + "will pay of it off what is deferred",
    evidence:
      "the contracts and the rated usage against the rated drawdowns, the recognitions and the ledgers",
    property: .safety, cost: .atRest(.charge))
  var findings = Findings()
  private var changes: [SubscriptionID: [OracleWallet.Change]] = [:]
  private var drawn: [SubscriptionID: [Period: Money]] = [:]
  private var bought: [SubscriptionID: Money] = [:]
  private var expired: [RevenueKey: Money] = [:]
  /// What was earned of credits, and is to be judged once all is told that was rated with it.
  private var breakages: [Breakage] = []
  private struct Breakage {
    var key: RevenueKey
    var document: Recognition
    var at: Instant
    /// What each customer had used by the end of the document's month that is billed later.
    var used: [SubscriptionID: Money]
  }
  /// What was earned of credits in each month, not counting what was taken back.
  private var earned: [RevenueKey: [Period: Money]] = [:]
  /// What was credited of each purchase.
  private var credited: [Purchase: Money] = [:]
  /// What credits will pay of usage that is billed later, as it was accrued last.
  private var paying: [UnbilledTruth.LateUser: [ItemID: Range]] = [:]
  /// What was bought so far: whoever is told of credits later buys them with the next bill, and they pay nothing before.
  private var purchases: Set<Purchase> = []
  private typealias Range = (least: Money, most: Money)
  private struct Purchase: Hashable {
    var subscription: SubscriptionID
    var item: ItemID
    var period: Period
  }

  mutating func hear(rated charge: RatedCharge, _ books: Books, at now: Instant) {
    guard books.wallet.isUsed else { return }
    checkProportions(books, before: now)
    note(charge, books, at: now)
    guard books.catalog[charge.item].kind == .prepaid else { return }
    if charge.kind == .drawdown {
      drawn[charge.subscription, default: [:]][charge.servicePeriod, default: .zero] -= charge.amount
    } else {
      bought[charge.subscription, default: .zero] += charge.amount
      purchases.insert(
        Purchase(subscription: charge.subscription, item: charge.item, period: charge.servicePeriod))
    }
  }

  /// Notes what a charge changes of its period's cost: what is rated at one instant changes it at once.
  private mutating func note(_ charge: RatedCharge, _ books: Books, at now: Instant) {
    let isOfUsage = charge.kind == .usage || charge.kind == .lateUsage
    let isOfMinimum =
      charge.kind == .trueUp && books.wallet.coversMinimum(charge.subscription, in: charge.servicePeriod)
    guard isOfUsage || isOfMinimum else { return }
    var own = changes[charge.subscription] ?? []
    if let same = own.lastIndex(where: {
      $0.period == charge.servicePeriod && $0.at == now && $0.credits == nil
    }) {
      own[same].amount += charge.amount
    } else {
      let change = OracleWallet.Change(
        at: now, period: charge.servicePeriod, amount: charge.amount)
      // Those of one instant are drawn in the order of their periods.
      let place =
        own.firstIndex { $0.at == now && $0.period > change.period && $0.credits == nil }
        ?? own.endIndex
      own.insert(change, at: place)
    }
    changes[charge.subscription] = own
  }

  mutating func hear(credited _: CreditMemo, _ books: Books, at now: Instant) {
    guard books.wallet.isUsed else { return }
    checkProportions(books, before: now)
    for credited in books.latestCredit {
      let charge = credited.line.charge
      let isPurchase = books.catalog[charge.item].kind == .prepaid
      let isOfMinimum =
        charge.kind == .trueUp && books.wallet.coversMinimum(charge.subscription, in: charge.servicePeriod)
      guard isPurchase || isOfMinimum || books.isUsage(charge.item) else { continue }
      if isPurchase {
        let purchase = Purchase(
          subscription: charge.subscription, item: charge.item, period: charge.servicePeriod)
        self.credited[purchase, default: .zero] += credited.gross
      }
      changes[charge.subscription, default: []].append(
        OracleWallet.Change(
          at: now, period: charge.servicePeriod, amount: .zero - credited.gross,
          credits: charge.item))
    }
  }

  mutating func hear(recognised document: Recognition, _ books: Books, at now: Instant) {
    checkProportions(books, before: now)
    for line in document.lines where books.catalog[line.item].kind == .prepaid {
      let key = RevenueKey(entity: document.key.entity, item: line.item, period: line.servicePeriod)
      expired[key, default: .zero] += line.amount
      if line.amount > .zero { earned[key, default: [:]][document.period, default: .zero] += line.amount }
      breakages.append(
        Breakage(
          key: key, document: document, at: now, used: used(key, by: document.period.end, books, at: now)))
    }
  }

  /// What credits will pay of usage that is billed later is accrued with it.
  mutating func hear(accrued document: Accrual, _ books: Books, at now: Instant) {
    guard books.wallet.isUsed, document.account == nil, document.reverses == nil else { return }
    let (entity, end) = (Int(document.key.entity.index), document.period.end)
    var due: [ItemID: Range] = [:]
    func add(_ range: Range, _ item: ItemID) {
      let before = due[item] ?? (.zero, .zero)
      due[item] = (before.least + range.least, before.most + range.most)
    }
    for index in books.catalog.subscriptions.indices where books.entityOf[index] == entity {
      let subscription = SubscriptionID(index: UInt32(index))
      let isCertain = document.isSupplement ? books.unbilled.supplemented[subscription] : true
      guard let isCertain else { continue }
      let user = UnbilledTruth.LateUser(end: end, subscription: subscription)
      let before = document.isSupplement ? paying[user] ?? [:] : [:]
      let draws = draws(subscription, at: end, books, by: now)
      if !draws.isEmpty || !before.isEmpty { paying[user] = draws }
      for item in Set(before.keys).union(draws.keys) {  // sums: the order cannot matter
        let (old, new) = (before[item] ?? (.zero, .zero), draws[item] ?? (.zero, .zero))
        let (least, most) = (new.least - old.most, new.most - old.least)
        add((isCertain ? least : min(least, .zero), isCertain ? most : max(most, .zero)), item)
      }
    }
    let said = Dictionary(document.lines.map { ($0.item, .zero - $0.amount) }, uniquingKeysWith: +)
    let currency = books.catalog[document.key.entity].currency
    for (index, item) in books.catalog.items.enumerated() where item.kind == .prepaid {
      let id = ItemID(index: UInt32(index))
      let (least, most) = due[id] ?? (.zero, .zero)
      let amount = said[id] ?? .zero
      findings.require(least <= amount && amount <= most, at: now) {
        Breach(
          ids: books.ids(of: document.key) + ["item \(item.name)", "accrued"],
          expected: least == most
            ? least.text(in: currency) : "from \(least.text(in: currency)) to \(most.text(in: currency))",
          actual: amount.text(in: currency))
      }
    }
  }

  /// What credits will pay of a customer's usage that is earned by the end of a month and billed later, item by item.
  private func draws(
    _ subscription: SubscriptionID, at end: Instant, _ books: Books, by now: Instant
  ) -> [ItemID: Range] {
    var due: [ItemID: Range] = [:]
    let day = books.catalog[subscription].billingDay
    let month = OracleCalendar.shared.month(holding: end - Span(nanoseconds: 1), day: day)
    let period = Period(ordinal: month, day: day)
    var used = books.unbilled.usage(of: subscription, at: end, by: now)
    if books.wallet.coversMinimum(subscription, in: period),
      let lacking = books.unbilled.minimum(of: subscription, at: end, by: now)
    {
      used = (used.least + lacking.least, used.most + lacking.most)
    }
    guard used.most > .zero else { return [:] }
    // Whoever was not told of a change may have sold other credits.
    guard books.unbilled.isToldOfAll(subscription, by: now) else {
      for (index, item) in books.catalog.items.enumerated() where item.kind == .prepaid {
        due[ItemID(index: UInt32(index))] = (.zero, used.most)
      }
      return due
    }
    let grants = books.wallet.drawn(by: changes[subscription] ?? [], subscription, books.credit).grants
      .filter {
        purchases.contains(Purchase(subscription: subscription, item: $0.item, period: $0.period))
      }
    let least = OracleWallet.draws(used.least, on: grants, in: period)
    let most = OracleWallet.draws(used.most, on: grants, in: period)
    for (item, amount) in most {  // each on its own
      due[item] = (
        books.unbilled.net(least[item] ?? .zero, item, subscription, at: end),
        books.unbilled.net(amount, item, subscription, at: end)
      )
    }
    return due
  }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let now = rest.at
    guard books.wallet.isUsed else { return }
    checkProportions(books, before: now)
    var due: [RevenueKey: Money] = [:]
    var left: [EntityID: [ItemID: Money]] = [:]
    var lapsed: [RevenueKey: [Lapse]] = [:]
    for index in books.catalog.subscriptions.indices {
      let subscription = SubscriptionID(index: UInt32(index))
      let entity = EntityID(index: UInt32(books.entityOf[index]))
      let currency = books.catalog.currency(of: subscription)
      let ids = ["account \(books.accountName(of: subscription))"]
      let (expected, grants) = books.wallet.drawn(by: changes[subscription] ?? [], subscription, books.credit)
      // Of a purchase that was made as nobody had told yet that the contract was over, what was credited is not taken back again.
      let void = credited.filter { purchase, _ in
        purchase.subscription == subscription
          && !grants.contains { $0.item == purchase.item && $0.period == purchase.period }
      }
      findings.expect(
        bought[subscription] ?? .zero,
        equals: void.values.reduce(grants.reduce(.zero) { $0 + $1.amount }) { $0 + $1 }, at: now,
        isReal: !grants.isEmpty, show: { $0.text(in: currency) }, ids + ["bought"])
      for period in Set(expected.keys).union((drawn[subscription] ?? [:]).keys).sorted() {
        findings.expect(
          drawn[subscription]?[period] ?? .zero, equals: expected[period] ?? .zero, at: now,
          isReal: drawn[subscription]?[period] != nil, show: { $0.text(in: currency) },
          ids + ["drawn", "period \(period)"])
      }
      for grant in grants {
        let key = RevenueKey(entity: entity, item: grant.item, period: grant.period)
        if grant.lapses <= min(now, books.contracts.closedBy(subscription)) {
          due[key, default: .zero] += grant.left
          lapsed[key, default: []].append(lapse(of: grant, subscription, books))
        } else {
          let breakage = grant.breakage(drawn: grant.drawn, left: grant.left, in: currency)
          due[key, default: .zero] += breakage
          left[entity, default: [:]][grant.item, default: .zero] += grant.left - breakage
        }
      }
    }
    for key in Set(due.keys).union(expired.keys).sorted() {
      findings.expect(
        expired[key] ?? .zero, equals: due[key] ?? .zero, at: now, books.ids(of: key) + ["expired"])
    }
    for key in lapsed.keys.sorted() { judgeMonths(of: lapsed[key] ?? [], key, books, at: now) }
    for (entity, ledger) in books.ledgers.enumerated() {
      if let reason = books.unfinished[entity] {
        findings.leaveOut(reason)
        continue
      }
      for (index, item) in books.catalog.items.enumerated() where item.kind == .prepaid {
        let id = ItemID(index: UInt32(index))
        findings.expect(
          .zero - (ledger[.deferredRevenue(id)] ?? .zero),
          equals: left[EntityID(index: UInt32(entity))]?[id] ?? .zero, at: now,
          isReal: ledger[.deferredRevenue(id)] != nil,
          ["entity \(books.catalog.entities[entity].name)", "item \(item.name)", "left in the ledger"])
      }
    }
  }

  /// The month in which a grant has lapsed, and what was left of it for certain when that month was closed.
  private struct Lapse {
    var month: Period
    var least: Money
  }

  private func lapse(of grant: OracleWallet.Grant, _ subscription: SubscriptionID, _ books: Books) -> Lapse {
    let last = grant.lapses - Span(nanoseconds: 1)
    let month = Period(ordinal: books.calendar.month(holding: last, day: 1), day: 1)
    // What is earned in proportion may be earned before it lapses.
    if grant.unused != nil { return Lapse(month: Period(ordinal: 0), least: .zero) }
    // Whoever is told later that a contract has ended, or of other credits, catches up with it then.
    let told = books.unbilled.told[subscription] ?? [:]
    // Where a contract ends within a billing period that goes on, what was used until then is known for certain once that is billed.
    let isCertain = grant.lapses == grant.expires || books.catalog[subscription].billingDay == 1
    guard told.allSatisfy({ $0.value + .hours(1) < month.end && $0.value < $0.key + .hours(6) }) else {
      return Lapse(month: Period(ordinal: 0), least: .zero)
    }
    return Lapse(month: month, least: isCertain ? grant.least ?? .zero : .zero)
  }

  /// What was earned before an instant is judged: what is rated at the same one is told after it.
  private mutating func checkProportions(_ books: Books, before now: Instant) {
    guard let first = breakages.first, first.at < now else { return }
    let all = breakages
    breakages.removeAll()
    guard books.catalog.priceBooks.contains(where: { $0.prepaid?.expectedBreakage != nil }) else { return }
    for breakage in all { check(breakage, books) }
  }

  /// What customers have used by the end of a month that is billed later, where credits of their billing day are expected not to be used in full.
  private func used(
    _ key: RevenueKey, by end: Instant, _ books: Books, at now: Instant
  ) -> [SubscriptionID: Money] {
    guard books.catalog.priceBooks.contains(where: { $0.prepaid?.expectedBreakage != nil }) else {
      return [:]
    }
    var all: [SubscriptionID: Money] = [:]
    for index in books.catalog.subscriptions.indices where books.entityOf[index] == Int(key.entity.index) {
      let subscription = SubscriptionID(index: UInt32(index))
      let day = books.catalog[subscription].billingDay
      guard day == key.period.day else { continue }
      var used = books.unbilled.usage(of: subscription, at: end, by: now).most
      let month = OracleCalendar.shared.month(holding: end - Span(nanoseconds: 1), day: day)
      if books.wallet.coversMinimum(subscription, in: Period(ordinal: month, day: day)) {
        used += books.unbilled.minimum(of: subscription, at: end, by: now)?.most ?? .zero
      }
      all[subscription] = used
    }
    return all
  }

  /// Of credits that are earned in proportion, what is earned by a document is what is drawn by then, or will be by usage that is accrued.
  private mutating func check(_ breakage: Breakage, _ books: Books) {
    let (key, document, now) = (breakage.key, breakage.document, breakage.at)
    var (least, most): Range = (.zero, .zero)
    for index in books.catalog.subscriptions.indices where books.entityOf[index] == Int(key.entity.index) {
      let subscription = SubscriptionID(index: UInt32(index))
      guard books.catalog[subscription].billingDay == key.period.day else { continue }
      let (_, grants) = books.wallet.drawn(by: changes[subscription] ?? [], subscription, books.credit)
      guard grants.contains(where: { $0.item == key.item && $0.period == key.period }) else { continue }
      let used = breakage.used[subscription] ?? .zero
      let range = self.breakage(of: grants, subscription, key, used, at: document.period.end, books, by: now)
      (least, most) = (least + range.least, most + range.most)
    }
    let currency = books.catalog[key.entity].currency
    let actual = expired[key] ?? .zero
    findings.require(least <= actual && actual <= most, at: now) {
      Breach(
        ids: books.ids(of: document.key) + books.ids(of: key) + ["breakage by \(document.period.end)"],
        expected: least == most
          ? least.text(in: currency) : "from \(least.text(in: currency)) to \(most.text(in: currency))",
        actual: actual.text(in: currency))
    }
  }

  /// What may be earned of a customer's grant that is not drawn, with and without usage that is accrued at the end of a month.
  private func breakage(
    of grants: [OracleWallet.Grant], _ subscription: SubscriptionID, _ key: RevenueKey, _ used: Money,
    at end: Instant, _ books: Books, by now: Instant
  ) -> Range {
    let currency = books.catalog.currency(of: subscription)
    let day = books.catalog[subscription].billingDay
    let month = OracleCalendar.shared.month(holding: end - Span(nanoseconds: 1), day: day)
    let period = Period(ordinal: month, day: day)
    var used = used
    // What was told since the last bill is taken up with the next one.
    let latest = books.unbilled.told[subscription]?.values.max() ?? .distantPast
    let isTold = books.unbilled.isToldOfAll(subscription, by: now) && latest + .hours(1) < period.start
    var range: Range = (.zero, .zero)
    for grant in grants {
      let isInForce = grant.period.start < period.end && period.start < grant.expires
      let pending = isInForce ? max(.zero, min(used, grant.left)) : .zero
      used -= pending
      guard grant.item == key.item, grant.period == key.period else { continue }
      var all = [Money.zero, pending].map { drawn in
        grant.breakage(drawn: grant.drawn + drawn, left: grant.left - drawn, in: currency)
      }
      // Between nothing and all of what is accrued, breakage is greatest where as much is drawn as is expected.
      if let unused = grant.unused {
        let most = OracleWallet.Grant.share(unused, of: grant.amount, in: currency)
        if pending > .zero, grant.left >= most, grant.left - pending <= most { all.append(most) }
      }
      if grant.lapses <= now { all += [grant.left, grant.left - pending] }
      if !isTold { all += [.zero, grant.amount] }
      range = (range.least + (all.min() ?? .zero), range.most + (all.max() ?? .zero))
    }
    return range
  }

  /// What has lapsed by the end of a month is earned by then, and nothing before the first grant has.
  private mutating func judgeMonths(
    of lapses: [Lapse], _ key: RevenueKey, _ books: Books, at now: Instant
  ) {
    let months = earned[key] ?? [:]
    let currency = books.catalog[key.entity].currency
    let first = lapses.map(\.month).min()
    for month in months.keys.sorted() where first.map({ month < $0 }) ?? false {
      findings.require(false, at: now) {
        Breach(
          ids: books.ids(of: key) + ["breakage of \(month)"], expected: "none before it lapses",
          actual: (months[month] ?? .zero).text(in: currency))
      }
    }
    for month in Set(lapses.map(\.month)).sorted() {
      let least = lapses.reduce(Money.zero) { $1.month <= month ? $0 + $1.least : $0 }
      let own = months.reduce(Money.zero) { $1.key <= month ? $0 + $1.value : $0 }  // a sum
      findings.require(own >= least, at: now, isReal: least > .zero) {
        Breach(
          ids: books.ids(of: key) + ["breakage by the end of \(month)"],
          expected: "at least \(least.text(in: currency))", actual: own.text(in: currency))
      }
    }
  }

  func isConcerned(_ books: Books) -> Bool { books.wallet.isUsed }
}
