import CanonicalModel
import Chronology

/// Divides what is charged by the day of supply, where a rate of tax changes in the meantime: usage by what was used on each side of the change,
/// all else by time.
struct SupplyDates: Sendable {
  /// A charge's key: what is due for it in all is divided, so that what is given back goes back to the side on which it was charged.
  private struct Key: Hashable, Sendable {
    var cell: Int
    var period: Period
  }

  /// The instants at which a rate of an account changes, rising.
  private let changes: [AccountID: [Instant]]
  private let accountOf: [AccountID]
  private let catalog: Catalog
  private let planted: PlantedDefects
  /// What was charged on each side so far, of usage.
  private var charged: [Key: [Instant: Money]] = [:]

  init(catalog: Catalog, planted: PlantedDefects) {
    self.catalog = catalog
    self.planted = planted
    accountOf = catalog.subscriptions.map(\.account)
    guard catalog.taxPoint == .supply, !planted.contains(.rateOfFirstDay) else {
      changes = [:]
      return
    }
    var changes: [AccountID: [Instant]] = [:]
    for (index, account) in catalog.accounts.enumerated() where account.taxExemption == nil {
      let all = Set(account.jurisdictions.flatMap { catalog[$0].rates.dropFirst().map(\.from) })
      if !all.isEmpty { changes[AccountID(index: UInt32(index))] = all.sorted() }
    }
    self.changes = changes
  }

  /// Whether there is nothing to divide in the run.
  var isIdle: Bool { changes.isEmpty }

  /// The first instants of the parts of a time, if a rate changes within it, or between the beginning of its period and its own; empty otherwise.
  private func sides(
    _ subscription: SubscriptionID, of period: Instant, from: Instant, until: Instant
  ) -> [Instant] {
    guard let all = changes[accountOf[Int(subscription.index)]] else { return [] }
    let within = all.filter { from < $0 && $0 < until }
    let isLater = all.contains { period < $0 && $0 <= from }
    return within.isEmpty && !isLater ? [] : [from] + within
  }

  /// Divides an amount by time.
  private static func byTime(
    _ amount: Money, _ sides: [Instant], until: Instant, in currency: Currency
  ) -> [SupplyPart] {
    let ends = sides.dropFirst() + [until]
    return divide(amount, sides, zip(sides, ends).map { Int128(($1 - $0).nanoseconds) }, in: currency)
  }

  /// Divides what is due for usage in all by what was used on each side, and returns what each side is charged in addition.
  private mutating func byUsage(
    _ due: Money, _ key: Key, _ sides: [Instant], _ quantities: [Int128], in currency: Currency
  ) -> [SupplyPart] {
    let all = Self.divide(due, sides, quantities, in: currency)
    guard !all.isEmpty else { return [] }
    let before = charged[key] ?? [:]
    charged[key] = Dictionary(uniqueKeysWithValues: all.map { ($0.from, $0.amount) })
    // A contract that is heard of late may begin on another side.
    let gone = before.keys.filter { !sides.contains($0) }.sorted()
    return all.map { SupplyPart(from: $0.from, amount: $0.amount - (before[$0.from] ?? .zero)) }
      + gone.map { SupplyPart(from: $0, amount: .zero - (before[$0] ?? .zero)) }
  }

  /// Divides an amount in proportion to weights: the sum up to each side is rounded, so that the parts come to the whole.
  private static func divide(
    _ amount: Money, _ sides: [Instant], _ weights: [Int128], in currency: Currency
  ) -> [SupplyPart] {
    let all = weights.reduce(0, +)
    guard !sides.isEmpty, all > 0 else { return [] }
    let minor = Money(minorUnits: 1, of: currency).units
    // Large weights are halved together, so that the product stays in range.
    var shift: Int128 = 0
    while all >> shift > 1 << 80 { shift += 1 }
    var (parts, sum, before): ([SupplyPart], Int128, Int128) = ([], 0, 0)
    for (side, weight) in zip(sides, weights) {
      sum += weight
      let upTo =
        sum == all
        ? amount.units / minor
        : (amount.units / minor * (sum >> shift)).divided(by: all >> shift, rounding: .halfAwayFromZero)
      parts.append(SupplyPart(from: side, amount: Money(units: (upTo - before) * minor)))
      before = upTo
    }
    precondition(
      parts.reduce(Money.zero) { $0 + $1.amount } == amount, "the parts of a supply do not come to its charge"
    )
    return parts
  }
}

extension SupplyDates {
  /// Divides the usage of cells that are to be rated by the sides of a change of a rate of tax.
  func divide(_ usage: inout PeriodUsage, of service: Period, under contracts: ContractBook) {
    guard !isIdle else { return }
    let meters = catalog.meters
    var sides: [Int: [Instant]] = [:]
    for cell in usage.total.indices
    where meters[cell % meters.count].aggregation.isAdditive
      && (usage.total[cell] != usage.rated[cell] || usage.repriced.contains(cell))
    {
      let own = self.sides(ofCell: cell, service, under: contracts)
      if !own.isEmpty { sides[cell] = own }
    }
    guard !sides.isEmpty else { return }
    var quantities: [Int: [Int128]] = [:]
    usage.windows.visit { part in
      let cell = Int(part.cell)
      guard let own = sides[cell], let side = own.lastIndex(where: { $0 <= part.window }) else { return }
      quantities[cell, default: Array(repeating: 0, count: own.count)][side] += Int128(part.quantity)
    }
    usage.sides = quantities
  }

  /// The sides on which a period's usage of a cell may lie: also after the end of a contract that was told of late, as what was used then was
  /// supplied then.
  private func sides(ofCell cell: Int, _ service: Period, under contracts: ContractBook) -> [Instant] {
    let subscription = SubscriptionID(index: UInt32(cell / catalog.meters.count))
    return sides(
      subscription, of: service.start, from: max(service.start, contracts.begins(subscription)),
      until: service.end)
  }

  /// What is charged of a period's usage on each side of a change of a rate of tax; by time where nothing was used, or what was used is no sum.
  mutating func supply(
    of due: Money, _ cell: Int, _ service: Period, _ usage: PeriodUsage, under contracts: ContractBook
  ) -> [SupplyPart] {
    guard !isIdle else { return [] }
    var sides = self.sides(ofCell: cell, service, under: contracts)
    guard !sides.isEmpty else { return [] }
    let subscription = SubscriptionID(index: UInt32(cell / catalog.meters.count))
    var weights = usage.sides[cell] ?? []
    if weights.reduce(0, +) <= 0 || planted.contains(.usageTaxedByDays) {
      let until = max(min(service.end, contracts.ends(subscription)), sides[0] + Span(nanoseconds: 1))
      sides.removeAll { $0 >= until }
      weights = zip(sides, sides.dropFirst() + [until]).map { Int128(($1 - $0).nanoseconds) }
    }
    return byUsage(
      due, Key(cell: cell, period: service), sides, weights, in: catalog.currency(of: subscription))
  }

  /// Divides charges that are no usage, which was divided when it was rated. What prepaid credits pay is divided as what they pay for.
  func divide(
    _ charges: inout [RatedCharge], under contracts: ContractBook, paidByCredits: (RatedCharge) -> Bool
  ) {
    guard !isIdle else { return }
    for index in charges.indices where charges[index].supply.isEmpty {
      let charge = charges[index]
      let currency = catalog.currency(of: charge.subscription)
      let begins = max(charge.servicePeriod.start, contracts.begins(charge.subscription))
      let from = charge.served?.from ?? begins
      var until = charge.served?.until ?? min(charge.servicePeriod.end, contracts.ends(charge.subscription))
      // Prepaid credits are supplied when they are bought.
      if catalog[charge.item].kind == .prepaid, charge.kind != .drawdown { until = from }
      until = max(until, from + Span(nanoseconds: 1))
      let sides = self.sides(
        charge.subscription, of: charge.served?.from ?? charge.servicePeriod.start, from: from, until: until)
      guard !sides.isEmpty else { continue }
      let byTime = SupplyDates.byTime(charge.amount, sides, until: until, in: currency)
      guard charge.kind == .drawdown else {
        charges[index].supply = byTime
        continue
      }
      let paid = charges.filter {
        paidByCredits($0) && $0.subscription == charge.subscription
          && $0.servicePeriod == charge.servicePeriod
      }
      let minor = Money(minorUnits: 1, of: currency).units
      let weights = sides.indices.map { side in
        paid.reduce(Int128(0)) { sum, own in
          let parts = own.supply.filter { part in
            part.from >= sides[side] && (side + 1 == sides.count || part.from < sides[side + 1])
          }
          return sum + parts.reduce(0) { $0 + $1.amount.units / minor }
        }
      }
      let parts = SupplyDates.divide(charge.amount, sides, weights, in: currency)
      charges[index].supply = parts.isEmpty ? byTime : parts
    }
  }
}
