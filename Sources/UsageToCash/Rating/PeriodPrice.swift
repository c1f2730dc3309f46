import CanonicalModel
import Chronology

/// What a billing period costs under the contracts as they are known, beside usage that adds up: prices of levels, recurring items and minimum
/// spends. Nothing is kept here.
enum PeriodPrice {
  /// The amount of a meter that is no sum, which cannot be split: what it costs under each terms, in proportion to the time for which they
  /// hold, rounded once. Allowances and bounds are those of the part of the period in which the contract is in force.
  static func level(
    _ total: WindowCell, _ subscription: SubscriptionID, _ meter: MeterID, _ service: Period,
    of contracts: ContractBook, _ catalog: Catalog, _ planted: PlantedDefects, isSoFar: Bool = false
  ) throws(RatingError) -> Money {
    let currency = catalog.currency(of: subscription)
    let parts = contracts.parts(of: subscription, pricing: catalog[meter], in: service)
    guard !parts.isEmpty else { return .zero }
    let time = parts.reduce(Span.zero) { $0 + $1.time }
    let seconds = Int128(time.nanoseconds / 1_000_000_000)
    var weighted: Int128 = 0
    for (place, part) in parts.enumerated() {
      guard var charge = part.charge else {
        if total.count == 0 { continue }
        throw .noCharge
      }
      if isSoFar { charge.minimum = nil }
      let share = contracts.share(of: subscription, in: service, by: part.policy)
      let amount = try ChargeRater(share.of(ChargeRater.bounded(charge, planted))).rate(total)
      let own =
        planted.contains(.levelAtLastTerms) ? (place == parts.count - 1 ? time : .zero) : part.time
      let (product, overflow) = amount.units.multipliedReportingOverflow(
        by: Int128(own.nanoseconds / 1_000_000_000))
      guard !overflow else { throw .amountTooLarge }
      weighted += product
    }
    let minor = Money(minorUnits: 1, of: currency).units
    return Money(units: weighted.divided(by: seconds * minor, rounding: .halfAwayFromZero) * minor)
  }

  /// The amount of a meter that is a sum, given how much of it fell under each position of the terms: each part of the period under its own
  /// charge, rounded on its own. What was used in a trial, in a pause or after the end costs nothing.
  ///
  /// - Parameter soFar: until when, of a period that goes on.
  static func additive(
    _ used: [Int: WindowCell], _ subscription: SubscriptionID, _ meter: MeterID, _ service: Period,
    of contracts: ContractBook, _ catalog: Catalog, _ planted: PlantedDefects, soFar: Instant? = nil,
    rounded: (Money) -> Money, rater: (Int) -> ChargeRater?
  ) throws(RatingError) -> Money {
    var sum = Money.zero
    var priced: Set<Int> = []
    // In order: the first of several errors is the one that is told.
    for part in contracts.parts(of: subscription, pricing: catalog[meter], in: service) {
      var own = WindowCell()
      for index in part.terms {
        if let used = used[index] { own.add(used) }
        priced.insert(index)
      }
      guard var charge = part.charge else {
        if own.count == 0 { continue }
        throw .noCharge
      }
      // A part that goes on may not have begun where it has no usage, and may still reach its minimum.
      if let soFar, part.end > soFar {
        if own.count == 0 { continue }
        charge.minimum = nil
      }
      if own.count == 0, planted.contains(.idlePartNotRated) { continue }
      sum += rounded(try ChargeRater(part.share.of(ChargeRater.bounded(charge, planted))).rate(own))
    }
    // Usage outside of all terms, which is priced by those that it was metered under.
    for index in used.keys.sorted() where !priced.contains(index) {
      guard let own = used[index], own.count > 0 else { continue }
      let isCharged =
        contracts.terms(of: subscription, index: index).status == .active
        || planted.contains(.lapsedUsageBilled)
      guard isCharged else { continue }
      guard let rater = rater(index) else { throw .noCharge }
      sum += rounded(try rater.rate(own))
    }
    return sum
  }

  /// What a recurring item costs in a period: each part of it under its own terms, rounded on its own. `nil` where
  /// no terms have the item in advance or, of a period that is over, in arrears.
  static func recurring(
    _ item: Item, _ id: ItemID, _ subscription: SubscriptionID, _ period: Period, isOver: Bool,
    known ledger: RecurringLedger, of contracts: ContractBook, _ catalog: Catalog, _ planted: PlantedDefects
  ) -> RecurringLedger.Rated? {
    var due = RecurringLedger.Rated()
    var isKnown = false
    let currency = catalog.currency(of: subscription)
    let inForce = contracts.segments(of: subscription, in: period)
    let paidAhead = contracts.segments(of: subscription, in: period, isPaidAhead: true)
    func offers(_ book: PriceBook) -> Bool {
      book.recurring.contains { $0.name == item.charge && $0.months == item.months }
    }
    let segments = contracts.feeSegments(inForce, offers: offers)
    for (place, ahead) in contracts.feeSegments(paidAhead, offers: offers).enumerated() {
      var segment = ahead
      var offered = catalog.priceBooks[segment.terms.priceBook].recurring
      if planted.contains(.lostItemStillBilled), segment.index > 0,
        !offered.contains(where: { $0.name == item.charge })
      {
        offered = contracts.priceBook(of: contracts.terms(of: subscription, index: 0)).recurring
      }
      guard
        let charge = offered.first(where: {
          $0.name == item.charge && $0.months == item.months && (isOver || $0.timing == .inAdvance)
        })
      else { continue }
      if charge.timing == .inArrears {
        guard segments.indices.contains(place) else { continue }
        segment = segments[place]
      }
      isKnown = true
      let units = charge.unit == .seat ? segment.terms.seats : 1
      let share = contracts.share(of: segment, in: period)
      let rate = Money(units: charge.price.units * Int128(units))
      // Without proration it is all of the period, whatever follows.
      let until =
        contracts.priceBook(of: segment.terms).proration == .none
        ? (charge.timing == .inAdvance ? paidAhead : inForce).last?.end ?? segment.end : segment.end
      let stretch = RecurringLedger.Stretch(
        served: ServiceDates(from: segment.start, until: until), amount: share.of(rate, in: currency),
        quantity: share.of(Quantity(units)), rate: rate)
      due.amount += stretch.amount
      due.quantity += stretch.quantity
      if let last = due.stretches.last, last.rate == rate, last.served.until == segment.start {
        due.stretches[due.stretches.count - 1].served.until = until
        due.stretches[due.stretches.count - 1].amount += stretch.amount
        due.stretches[due.stretches.count - 1].quantity += stretch.quantity
      } else {
        due.stretches.append(stretch)
      }
    }
    // An item that the terms have lost is due no more, and what was charged is given back.
    if !isKnown {
      let key = RecurringLedger.Key(subscription: subscription, item: id, period: period)
      guard ledger.rated[key] != nil else { return nil }
    }
    return due
  }

  /// What the usage of a period lacks to the minimum spend, which is reduced to the share of each part.
  static func trueUp(
    _ subscription: SubscriptionID, _ period: Period, usage: Money, of contracts: ContractBook,
    _ catalog: Catalog
  ) -> RecurringLedger.Rated? {
    var least = Money.zero
    var isKnown = false
    let segments = contracts.segments(of: subscription, in: period)
    for segment in contracts.feeSegments(segments, offers: { $0.minimumSpend != nil }) {
      guard let minimum = contracts.priceBook(of: segment.terms).minimumSpend else { continue }
      isKnown = true
      let share = contracts.share(of: segment, in: period)
      least += share.of(minimum, in: catalog.currency(of: subscription))
    }
    guard isKnown else { return nil }
    assert(
      least.isWhole(in: catalog.currency(of: subscription)), "a minimum spend is not whole in its currency")
    let lacking = least - usage
    return RecurringLedger.Rated(amount: max(.zero, lacking), quantity: lacking > .zero ? Quantity(1) : .zero)
  }
}
