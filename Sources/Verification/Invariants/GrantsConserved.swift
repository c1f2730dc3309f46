import CanonicalModel
import Chronology

/// What was bought in advance was used or has expired.
struct GrantsConserved: Invariant, HearsRated, HearsRecognised, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "grants-conserved", boundary: .billing, place: 13,
    statement:
      "prepaid credits: bought = drawn by usage in force with them + expired and earned as breakage + left",
    evidence:
      "the contracts and the rated usage against the rated drawdowns, the recognitions and the ledgers",
    property: .safety, cost: .atRest(.charge))
  var findings = Findings()
  private var usage: [SubscriptionID: [Period: Money]] = [:]
  private var drawn: [SubscriptionID: [Period: Money]] = [:]
  private var bought: [SubscriptionID: Money] = [:]
  private var expired: [RevenueKey: Money] = [:]

  mutating func hear(rated charge: RatedCharge, _ books: Books, at _: Instant) {
    guard books.wallet.isUsed else { return }
    if charge.kind == .usage {
      usage[charge.subscription, default: [:]][charge.servicePeriod, default: .zero] += charge.amount
    }
    guard books.catalog.items[Int(charge.item.index)].kind == .prepaid else { return }
    if charge.amount < .zero {
      drawn[charge.subscription, default: [:]][charge.servicePeriod, default: .zero] -= charge.amount
    } else {
      bought[charge.subscription, default: .zero] += charge.amount
    }
  }

  mutating func hear(recognised document: Recognition, _ books: Books, at _: Instant) {
    for line in document.lines where books.catalog.items[Int(line.item.index)].kind == .prepaid {
      let key = RevenueKey(entity: document.key.entity, item: line.item, period: line.servicePeriod)
      expired[key, default: .zero] += line.amount
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
      let (expected, grants) = books.wallet.drawn(by: usage[subscription] ?? [:], subscription)
      findings.expect(
        bought[subscription] ?? .zero, equals: grants.reduce(.zero) { $0 + $1.amount }, at: now,
        isReal: !grants.isEmpty, show: { $0.text(in: currency) }, ids + ["bought"])
      for period in Set(expected.keys).union((drawn[subscription] ?? [:]).keys).sorted() {
        findings.expect(
          drawn[subscription]?[period] ?? .zero, equals: expected[period] ?? .zero, at: now,
          isReal: drawn[subscription]?[period] != nil, show: { $0.text(in: currency) },
          ids + ["drawn", "period \(period)"])
      }
      for grant in grants {
        let key = RevenueKey(entity: entity, item: grant.item, period: grant.period)
        if grant.expires <= now {
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
