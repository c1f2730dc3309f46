import CanonicalModel
import Chronology

/// Where a rate of tax changes while something is supplied, each side is charged apart.
struct TaxedBySupply: Invariant, HearsSummary, HearsRated, HearsInvoiceIssued, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "taxed-by-supply", boundary: .billing, place: 20,
    statement:
      "where the day of supply decides the tax and a rate changes in the meantime, what is charged is divided: usage by what was used on each side, "
      + "all else by time; an invoice's lines are divided as their charges are",
    evidence:
      "the rated charges and issued invoices against the rates' history, the contracts' days and the metered usage",
    property: .safety, cost: .each(.charge))
  var findings = Findings()
  /// What was used and what was charged on each side, by the number of changes that lie before it.
  private var used: [OracleKey: [Int: Int128]] = [:]
  private var charged: [OracleKey: [Int: Money]] = [:]
  private var rated: [OracleKey: Int128] = [:]

  /// The instants at which a rate of a customer changes.
  private static func changes(_ subscription: SubscriptionID, _ catalog: Catalog) -> [Instant] {
    guard catalog.taxPoint == .supply else { return [] }
    let account = catalog[catalog[subscription].account]
    guard account.taxExemption == nil else { return [] }
    var found: [Instant] = []
    for id in account.jurisdictions {
      for rate in catalog[id].rates.dropFirst() where !found.contains(rate.from) { found.append(rate.from) }
    }
    return found.sorted()
  }

  private static func side(_ instant: Instant, _ changes: [Instant]) -> Int {
    changes.count { $0 <= instant }
  }

  mutating func hear(summary: UsageSummary, left _: UsageCell, _ books: Books, at _: Instant) {
    guard books.catalog.taxPoint == .supply,
      [.sum, .count].contains(books.catalog[summary.meter].aggregation),
      summary.window >= books.contracts.charged(summary.subscription)
    else { return }
    let changes = Self.changes(summary.subscription, books.catalog)
    guard !changes.isEmpty else { return }
    let key = OracleKey(
      subscription: summary.subscription, item: ItemID(summary.meter),
      period: books.period(of: Int(summary.subscription.index), holding: summary.window))
    used[key, default: [:]][Self.side(summary.window, changes), default: 0] += summary.quantity.units
  }

  mutating func hear(rated charge: RatedCharge, _ books: Books, at now: Instant) {
    guard books.catalog.taxPoint == .supply else { return }
    let changes = Self.changes(charge.subscription, books.catalog)
    let currency = books.catalog.currency(of: charge.subscription)
    let ids = ["charge \(charge.id)", "account \(books.accountName(of: charge.subscription))"]
    let isUsage = books.isUsage(charge.item) && [.usage, .lateUsage].contains(charge.kind)
    if !charge.supply.isEmpty || isUsage {
      let sum = charge.supply.reduce(Money.zero) { $0 + $1.amount }
      findings.expect(
        charge.supply.isEmpty ? charge.amount : sum, equals: charge.amount, at: now,
        isReal: !charge.supply.isEmpty, show: { $0.text(in: currency) }, ids + ["parts of its supply"])
    }
    if isUsage {
      guard !changes.isEmpty else { return }
      let parts =
        charge.supply.isEmpty
        ? [SupplyPart(from: charge.servicePeriod.start, amount: charge.amount)] : charge.supply
      for part in parts {
        charged[OracleKey(charge), default: [:]][Self.side(part.from, changes), default: .zero] += part.amount
      }
      rated[OracleKey(charge), default: 0] += charge.quantity.units
      return
    }
    let isPurchase = books.catalog[charge.item].kind == .prepaid && charge.kind != .drawdown
    guard charge.kind != .drawdown, !isPurchase, charge.amount != .zero, !changes.isEmpty else { return }
    let expected = byTime(charge, changes, books, currency)
    let first = charge.served?.from ?? charge.servicePeriod.start
    let actual = charge.supply.isEmpty ? [SupplyPart(from: first, amount: charge.amount)] : charge.supply
    let amounts = actual.reduce(into: [Int: Money]()) {
      $0[Self.side($1.from, changes), default: .zero] += $1.amount
    }
    findings.require(
      expected.contains { $0 == amounts }, at: now, isReal: expected.contains { $0.count > 1 }
    ) {
      Breach(
        ids: ids + ["item \(books.catalog[charge.item].name)"],
        expected: Self.text(expected[0], currency), actual: Self.text(amounts, currency))
    }
  }

  /// What of a charge falls on each side by time. A contract that ends or begins within the period may not have been told to billing yet.
  private func byTime(
    _ charge: RatedCharge, _ changes: [Instant], _ books: Books, _ currency: Currency
  ) -> [[Int: Money]] {
    if let served = charge.served {
      return [Self.divided(charge.amount, from: served.from, until: served.until, changes, currency)]
    }
    return byTime(charge.amount, of: charge.subscription, in: charge.servicePeriod, changes, books, currency)
  }

  private func byTime(
    _ amount: Money, of subscription: SubscriptionID, in period: Period, _ changes: [Instant],
    _ books: Books, _ currency: Currency
  ) -> [[Int: Money]] {
    let (begins, ends) = (books.contracts.charged(subscription), books.contracts.ends(subscription))
    var all: [[Int: Money]] = []
    for from in [max(begins, period.start), period.start] {
      for until in [min(ends, period.end), period.end] where from < until {
        all.append(Self.divided(amount, from: from, until: until, changes, currency))
      }
    }
    return all
  }

  private static func divided(
    _ amount: Money, from: Instant, until: Instant, _ changes: [Instant], _ currency: Currency
  ) -> [Int: Money] {
    var weights: [Int: Int128] = [:]
    var start = from
    for change in changes where change > from && change < until {
      weights[side(start, changes)] = Int128(change.nanoseconds) - Int128(start.nanoseconds)
      start = change
    }
    weights[side(start, changes)] = Int128(until.nanoseconds) - Int128(start.nanoseconds)
    return divided(amount, by: weights, currency)
  }

  /// Each side has what is due up to its end, rounded, less what is due up to its beginning.
  private static func divided(_ amount: Money, by weights: [Int: Int128], _ currency: Currency) -> [Int:
    Money]
  {
    let minor = OracleRating.minor(of: currency)
    let units = amount.units / minor
    let all = weights.values.reduce(0, +)
    guard all > 0 else { return [:] }
    var (found, upTo, before): ([Int: Money], Int128, Int128) = ([:], 0, 0)
    for side in weights.keys.sorted() {
      upTo += weights[side] ?? 0
      let twice = 2 * abs(units) * upTo
      let magnitude = (twice + (twice < 0 ? -all : all)) / (2 * all)
      let sum = units < 0 ? -magnitude : magnitude
      found[side] = Money(units: (sum - before) * minor)
      before = sum
    }
    return found
  }

  private static func text(_ sides: [Int: Money], _ currency: Currency) -> String {
    sides.keys.sorted().map {
      "\((sides[$0] ?? .zero).text(in: currency)) after \($0) change\($0 == 1 ? "" : "s") of rates"
    }.joined(separator: ", ")
  }

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    guard books.catalog.taxPoint == .supply else { return }
    for line in invoice.lines where !line.supply.isEmpty || !line.charge.supply.isEmpty {
      let sum = line.supply.reduce(Money.zero) { $0 + $1.amount }
      let isSame = line.supply.map(\.from) == line.charge.supply.map(\.from)
      findings.require(isSame && sum == line.charge.amount - line.discount, at: now) {
        Breach(
          ids: books.ids(of: invoice.number) + ["item \(books.catalog[line.charge.item].name)"],
          expected:
            "\((line.charge.amount - line.discount).text(in: invoice.currency)) divided as its charge",
          actual: sum.text(in: invoice.currency))
      }
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    for (key, sides) in charged.sorted(by: { $0.key < $1.key }) {
      let changes = Self.changes(key.subscription, books.catalog)
      guard let period = changes.first(where: { key.period.start < $0 && $0 < key.period.end }) else {
        continue
      }
      let isSum = [.sum, .count].contains(books.catalog[MeterID(index: key.item.index)].aggregation)
      let own = used[key] ?? [:]
      let quantity = own.values.reduce(0, +)
      guard !isSum || quantity == rated[key] ?? 0 else {
        findings.leaveOut("usage of \(books.accountName(of: key.subscription)) is not rated yet")
        continue
      }
      let currency = books.catalog.currency(of: key.subscription)
      let due = sides.values.reduce(Money.zero) { $0 + $1 }
      let all =
        isSum && quantity > 0
        ? [Self.divided(due, by: own, currency)]
        : byTime(due, of: key.subscription, in: key.period, changes, books, currency)
      let expected = all.first ?? [:]
      // A side without anything is the same as no side.
      let actual = sides.filter { $0.value != .zero }
      findings.require(
        all.contains { $0.filter { $0.value != .zero } == actual }, at: rest.at, isReal: due != .zero
      ) {
        Breach(
          ids: [
            "account \(books.accountName(of: key.subscription))", "item \(books.catalog[key.item].name)",
            "change of rate at \(period)",
          ], expected: Self.text(expected, currency), actual: Self.text(sides, currency))
      }
    }
  }
}
