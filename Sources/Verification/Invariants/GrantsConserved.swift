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
  /// What was credited of each purchase.
  private var credited: [Purchase: Money] = [:]
  private struct Purchase: Hashable {
    var subscription: SubscriptionID
    var item: ItemID
    var period: Period
  }

  mutating func hear(rated charge: RatedCharge, _ books: Books, at now: Instant) {
    guard books.wallet.isUsed else { return }
    note(charge, books, at: now)
    guard books.catalog[charge.item].kind == .prepaid else { return }
    if charge.kind == .drawdown {
      drawn[charge.subscription, default: [:]][charge.servicePeriod, default: .zero] -= charge.amount
    } else {
      bought[charge.subscription, default: .zero] += charge.amount
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

  mutating func hear(recognised document: Recognition, _ books: Books, at _: Instant) {
    for line in document.lines where books.catalog[line.item].kind == .prepaid {
      let key = RevenueKey(entity: document.key.entity, item: line.item, period: line.servicePeriod)
      expired[key, default: .zero] += line.amount
    }
  }

  /// What credits will pay of usage that is billed later is accrued with it.
  mutating func hear(accrued document: Accrual, _ books: Books, at now: Instant) {
    guard books.wallet.isUsed, document.account == nil, document.reverses == nil else { return }
    let (entity, end) = (Int(document.key.entity.index), document.period.end)
    var due: [ItemID: (least: Money, most: Money)] = [:]
    for index in books.catalog.subscriptions.indices where books.entityOf[index] == entity {
      let subscription = SubscriptionID(index: UInt32(index))
      let day = books.catalog[subscription].billingDay
      let month = OracleCalendar.shared.month(holding: end - Span(nanoseconds: 1), day: day)
      let period = Period(ordinal: month, day: day)
      var used = books.unbilled.usage(of: subscription, at: end, by: now)
      if books.wallet.coversMinimum(subscription, in: period),
        let lacking = books.unbilled.minimum(of: subscription, at: end, by: now)
      {
        used = (used.least + lacking.least, used.most + lacking.most)
      }
      guard used.most > .zero else { continue }
      // Whoever was not told of a change may have sold other credits.
      guard books.unbilled.isToldOfAll(subscription, by: now) else {
        for (index, item) in books.catalog.items.enumerated() where item.kind == .prepaid {
          due[ItemID(index: UInt32(index)), default: (.zero, .zero)].most += used.most
        }
        continue
      }
      let (_, grants) = books.wallet.drawn(by: changes[subscription] ?? [], subscription)
      let least = OracleWallet.draws(used.least, on: grants, in: period)
      let most = OracleWallet.draws(used.most, on: grants, in: period)
      for (item, amount) in most {  // sums: the order cannot matter
        let before = due[item] ?? (.zero, .zero)
        due[item] = (
          before.least + books.unbilled.net(least[item] ?? .zero, item, subscription, at: end),
          before.most + books.unbilled.net(amount, item, subscription, at: end)
        )
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

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let now = rest.at
    guard books.wallet.isUsed else { return }
    var due: [RevenueKey: Money] = [:]
    var left: [EntityID: [ItemID: Money]] = [:]
    for index in books.catalog.subscriptions.indices {
      let subscription = SubscriptionID(index: UInt32(index))
      let entity = EntityID(index: UInt32(books.entityOf[index]))
      let currency = books.catalog.currency(of: subscription)
      let ids = ["account \(books.accountName(of: subscription))"]
      let (expected, grants) = books.wallet.drawn(by: changes[subscription] ?? [], subscription)
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
        } else {
          left[entity, default: [:]][grant.item, default: .zero] += grant.left
        }
      }
    }
    for key in Set(due.keys).union(expired.keys).sorted() {
      findings.expect(
        expired[key] ?? .zero, equals: due[key] ?? .zero, at: now, books.ids(of: key) + ["expired"])
    }
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

  func isConcerned(_ books: Books) -> Bool { books.wallet.isUsed }
}
