import CanonicalModel
import Chronology

/// The core's amounts are the oracle's.
struct RatingMatchesOracle: Invariant, HearsRated, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "rating-matches-oracle", boundary: .rating, place: 1,
    statement:
      "a period's charges rate the metered quantity and the contract exactly, rounded once to the minor unit",
    evidence:
      "the summaries, the price books and the contracts' history, rated by the oracle's own arithmetic, against "
      + "the rated charges",
    property: .safety, cost: .each(.charge))
  var findings = Findings()
  private var rated: [OracleKey: (usage: UsageCell, amount: Money)] = [:]

  /// Takes a charge. Usage under a contract that never changes is judged at once; anything else depends on changes
  /// that may still come, and is judged at rest.
  mutating func hear(rated charge: RatedCharge, _ books: Books, at now: Instant) {
    let key = OracleKey(charge)
    let before = rated[key] ?? (UsageCell(), .zero)
    var usage = before.usage
    usage += UsageCell(quantity: charge.quantity.units, digest: charge.digest, count: charge.count)
    rated[key] = (usage, before.amount + charge.amount)
    guard books.isUsage(charge.item), !books.contracts.hasChanged(charge.subscription) else { return }
    judgeUsage(key, books, at: now, ids: books.ids(of: charge))
  }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let now = rest.at
    let changed = rated.keys.filter { books.isUsage($0.item) && books.contracts.hasChanged($0.subscription) }
    for key in changed.sorted() {
      judgeUsage(key, books, at: now, ids: books.ids(of: key))
    }
    judgeIdle(books, at: now)
    var judged: Set<OracleKey> = []
    for (index, item) in books.catalog.items.enumerated() where item.kind == .recurring {
      for subscription in books.catalog.subscriptions.indices {
        let id = SubscriptionID(index: UInt32(subscription))
        for month in books.contracts.periods(id, every: item.months) {
          let key = OracleKey(subscription: id, item: ItemID(index: UInt32(index)), period: month)
          let due = books.credit.due(books.contracts.recurring(item, id, in: month), key)
          judge(key, due: due, books, at: now)
          judged.insert(key)
        }
      }
    }
    // What was charged for a time before or after the contract is judged as well.
    let others = rated.keys.filter {
      books.catalog[$0.item].kind == .recurring && books.contracts.life($0.subscription) != nil
        && !judged.contains($0)
    }
    for key in others.sorted() {
      let worth = books.contracts.recurring(books.catalog[key.item], key.subscription, in: key.period)
      judge(key, due: books.credit.due(worth, key), books, at: now)
    }
  }

  /// Periods without usage cost what the contract asks for all the same.
  private mutating func judgeIdle(_ books: Books, at now: Instant) {
    guard books.catalog.priceBooks.contains(where: { !$0.idleCharges.isEmpty }) else { return }
    for index in books.catalog.subscriptions.indices {
      let id = SubscriptionID(index: UInt32(index))
      for month in books.contracts.periods(id) {
        for meter in books.catalog.meters.indices {
          let meter = MeterID(index: UInt32(meter))
          let key = OracleKey(subscription: id, item: ItemID(meter), period: month)
          // What was rated is judged with its usage.
          guard rated[key] == nil, books.contracts.asksWithoutUsage(meter, id, in: month) else { continue }
          judge(key, due: books.contracts.usage([:], meter, id, in: month), books, at: now)
        }
      }
    }
  }

  private mutating func judge(_ key: OracleKey, due: Money?, _ books: Books, at now: Instant) {
    let currency = books.catalog.currency(of: key.subscription)
    let claim = rated[key]?.amount
    findings.expect(
      claim ?? .zero, equals: due, at: now, isReal: claim != nil,
      show: { $0.map { "\($0.text(in: currency)) \(currency)" } ?? "no amount" }, books.ids(of: key))
  }

  private mutating func judgeUsage(
    _ key: OracleKey, _ books: Books, at now: Instant, ids: @autoclosure () -> [String]
  ) {
    guard let claim = rated[key] else { return }
    let meter = MeterID(index: key.item.index)
    let metered = books.metered(key.subscription, meter, month: key.period)
    findings.expect(claim.usage, equals: metered, at: now, show: { $0.text }, ids())
    let currency = books.catalog.currency(of: key.subscription)
    let parts = books.meteredByTerms(key.subscription, meter, month: key.period)
    let worth = books.contracts.usage(parts, meter, key.subscription, in: key.period)
    let due = worth.map { books.credit.due($0, key) }
    findings.expect(
      claim.amount, equals: due, at: now,
      show: { $0.map { "\($0.text(in: currency)) \(currency)" } ?? "no amount" },
      ids() + ["quantity \(Quantity(units: metered.quantity))"])
  }
}
