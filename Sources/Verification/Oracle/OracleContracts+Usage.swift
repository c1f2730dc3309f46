import CanonicalModel
import Chronology

/// What usage costs, and what is due where there was none.
extension OracleContracts {
  /// A stretch of a billing period over which a meter has one charge.
  private struct Stretch {
    var terms: [Int]
    var charge: Charge?
    var part: Int128
    var of: Int128
    var seconds: Int128
    var policy: ProrationPolicy
    var until: Instant
  }

  /// What a billing period's usage of a meter costs, given how much of it fell under each set of terms; without any usage, what the terms
  /// ask for all the same. `nil` where it cannot be told.
  ///
  /// Terms that leave the charge as it is go on with it: neither its tiers nor its allowance begin anew. A meter that is a sum is priced
  /// stretch by stretch, each rounded on its own; of any other the whole is priced under each charge, in proportion to time.
  ///
  /// - Parameter soFar: until when, of a period that goes on: minimums of what goes on may still be reached, and parts of it without usage ask for
  ///   nothing.
  func usage(
    _ parts: [Int: UsageCell], _ meter: MeterID, _ subscription: SubscriptionID, in month: Period,
    soFar: Instant? = nil
  ) -> Money? {
    let currency = catalog.currency(of: subscription)
    var stretches = stretches(meter, subscription, in: month)
    let minor = OracleRating.minor(of: currency)
    let isSum = [.sum, .count].contains(catalog[meter].aggregation)
    for index in stretches.indices where soFar.map({ !isSum || stretches[index].until > $0 }) ?? false {
      stretches[index].charge?.minimum = nil
    }
    guard isSum else {
      return level(parts, stretches, subscription, in: month, minor)
    }
    var sum: Int128 = 0
    var known: Set<Int> = []
    for stretch in stretches {
      known.formUnion(stretch.terms)
      let cells = stretch.terms.compactMap { parts[$0] }
      let goesOn = soFar.map { stretch.until > $0 } ?? false
      if goesOn, cells.allSatisfy({ $0.count == 0 }) { continue }
      guard let amount = price(cells, stretch.charge, stretch.part, stretch.of) else { return nil }
      sum += round(amount, minor)
    }
    // What was metered under terms that hold in no part of the period.
    for (terms, cell) in parts where !known.contains(terms) {  // a sum: the order cannot matter
      // In a trial or a pause, and after the end, usage costs nothing.
      guard history(subscription)[terms].status == .active else { continue }
      var charge = charge(subscription, meter, terms: terms)
      if soFar != nil { charge?.minimum = nil }
      guard let amount = price([cell], charge, 1, 1) else { return nil }
      sum += round(amount, minor)
    }
    return Money(units: sum)
  }

  /// Whether the terms of any part of a billing period ask for something without usage of a meter.
  func asksWithoutUsage(_ meter: MeterID, _ subscription: SubscriptionID, in month: Period) -> Bool {
    stretches(meter, subscription, in: month).contains { stretch in
      price([], stretch.charge, stretch.part, stretch.of).map { $0 > 0 } ?? false
    }
  }

  private func stretches(
    _ meter: MeterID, _ subscription: SubscriptionID, in month: Period
  ) -> [Stretch] {
    var stretches: [Stretch] = []
    for share in shares(subscription, in: month) {
      let seconds = Int128((share.until.nanoseconds - share.from.nanoseconds) / 1_000_000_000)
      let charge = charge(subscription, meter, terms: share.terms)
      let policy = book(subscription, share.terms).proration
      if let last = stretches.last, last.charge == charge, let before = last.terms.last,
        book(subscription, before).proration == policy
      {
        stretches[stretches.count - 1].terms.append(share.terms)
        stretches[stretches.count - 1].seconds += seconds
        stretches[stretches.count - 1].until = share.until
        // All of it is all of it, however often it is said.
        if policy != .none { stretches[stretches.count - 1].part += share.part }
      } else {
        stretches.append(
          Stretch(
            terms: [share.terms], charge: charge, part: share.part, of: share.of, seconds: seconds,
            policy: policy, until: share.until))
      }
    }
    return stretches
  }

  /// The exact price of usage under a charge of which a part of the period has a part; `nil` where there is none.
  private func price(_ cells: [UsageCell], _ charge: Charge?, _ part: Int128, _ of: Int128) -> Int128? {
    let count = cells.reduce(Int64(0)) { $0 + $1.count }
    guard var charge else { return count == 0 ? 0 : nil }
    if part != of {
      charge.includedUnits = Quantity(units: charge.includedUnits.units * part / of)
      charge.minimum = charge.minimum.map { Money(units: $0.units * part / of) }
      charge.maximum = charge.maximum.map { Money(units: $0.units * part / of) }
    }
    let used = cells.reduce(Int128(0)) { $0 + $1.quantity }
    if count == 0 { return OracleRating.amount(ofEvents: [], under: charge)?.units }
    return OracleRating.amount(of: Quantity(units: used), under: charge)?.units
  }

  /// What a meter that is no sum costs: each charge's price of it, weighted with the seconds for which the charge holds, rounded once.
  private func level(
    _ parts: [Int: UsageCell], _ stretches: [Stretch], _ subscription: SubscriptionID, in month: Period,
    _ minor: Int128
  ) -> Money? {
    let cells = Array(parts.values)
    guard !stretches.isEmpty else { return .zero }
    let seconds = stretches.reduce(Int128(0)) { $0 + $1.seconds }
    var weighted: Int128 = 0
    for stretch in stretches {
      // Allowances and bounds are those of all of the time for which there is a contract.
      let (part, of) = inForce(subscription, in: month, by: stretch.policy)
      guard let amount = price(cells, stretch.charge, part, of) else { return nil }
      let (product, overflow) = amount.multipliedReportingOverflow(by: stretch.seconds)
      if overflow { return nil }
      weighted += product
    }
    return Money(units: (weighted * 2 + seconds * minor) / (seconds * minor * 2) * minor)
  }

  /// How much of a billing period a contract is in force, under whatever terms: in days that end within it, or in seconds.
  private func inForce(
    _ subscription: SubscriptionID, in month: Period, by policy: ProrationPolicy
  ) -> (part: Int128, of: Int128) {
    let active = shares(subscription, in: month)
    switch policy {
    case .none: return (1, 1)
    case .seconds:
      let seconds = active.reduce(Int64(0)) {
        $0 + ($1.until.nanoseconds - $1.from.nanoseconds) / 1_000_000_000
      }
      return (
        Int128(seconds), Int128((month.end.nanoseconds - month.start.nanoseconds) / 1_000_000_000)
      )
    case .days:
      var (part, of): (Int128, Int128) = (0, 0)
      var day = month.start
      while day < month.end {
        let next = day + .days(1)
        of += 1
        if active.contains(where: { $0.from < next && next <= $0.until }) { part += 1 }
        day = next
      }
      return (part, of)
    }
  }

  private func round(_ units: Int128, _ minor: Int128) -> Int128 {
    if rules.truncates { return units / minor * minor }
    let magnitude = (abs(units) + minor / 2) / minor * minor
    return units < 0 ? -magnitude : magnitude
  }

  /// Whether all terms of a subscription are prorated by seconds.
  func goesBySeconds(_ subscription: SubscriptionID) -> Bool {
    history(subscription).indices.allSatisfy { book(subscription, $0).proration == .seconds }
  }
}
