import CanonicalModel
import Chronology

/// What a billing period costs under the contracts as they are known, beside usage that adds up: prices of levels, recurring items and minimum
/// spends. Nothing is kept here.
enum PeriodPrice {
  /// The amount of a meter that is no sum, which cannot be split: what it costs under each terms, in proportion to the time for which they
  /// hold, rounded once. Allowances and bounds are those of the part of the period in which the contract is in force.
  static func level(
    _ total: WindowCell, _ subscription: SubscriptionID, _ meter: MeterID, _ service: Period,
    of contracts: ContractBook, _ catalog: Catalog, _ planted: PlantedDefects
  ) throws(RatingError) -> Money {
    let currency = catalog.currency(of: subscription)
    let parts = contracts.parts(of: subscription, pricing: catalog[meter], in: service)
    guard let first = parts.first, let last = parts.last else {
      if total.count == 0 { return .zero }
      throw .noCharge
    }
    let seconds = Int128((last.end - first.start).nanoseconds / 1_000_000_000)
    var weighted: Int128 = 0
    for part in parts {
      guard let charge = part.charge else {
        if total.count == 0 { continue }
        throw .noCharge
      }
      let policy = contracts.priceBook(of: contracts.terms(of: subscription, index: part.terms.lowerBound))
        .proration
      let share = Proration(policy, from: first.start, to: last.end, of: service)
      let amount = try ChargeRater(share.of(Rating.bounded(charge, planted))).rate(total)
      let own =
        planted.contains(.levelAtLastTerms)
        ? (part.terms == last.terms ? last.end - first.start : .zero) : part.end - part.start
      let (product, overflow) = amount.units.multipliedReportingOverflow(
        by: Int128(own.nanoseconds / 1_000_000_000))
      guard !overflow else { throw .amountTooLarge }
      weighted += product
    }
    let minor = Money(minorUnits: 1, of: currency).units
    return Money(units: weighted.divided(by: seconds * minor, rounding: .halfAwayFromZero) * minor)
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
    let segments = contracts.segments(of: subscription, in: period)
    for segment in segments {
      // Without proration, the terms at the beginning hold for the whole period.
      if catalog.priceBooks[segment.terms.priceBook].proration == .none,
        segment.index != segments.first?.index
      {
        continue
      }
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
      isKnown = true
      let units = charge.unit == .seat ? segment.terms.seats : 1
      let share = contracts.share(of: segment, in: period)
      let rate = Money(units: charge.price.units * Int128(units))
      // Without proration it is all of the period, whatever follows.
      let until =
        contracts.priceBook(of: segment.terms).proration == .none
        ? segments[segments.count - 1].end : segment.end
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
    _ subscription: SubscriptionID, _ period: Period, known ledger: RecurringLedger,
    of contracts: ContractBook,
    _ catalog: Catalog
  ) -> RecurringLedger.Rated? {
    var least = Money.zero
    var isKnown = false
    let segments = contracts.segments(of: subscription, in: period)
    for segment in segments {
      let book = contracts.priceBook(of: segment.terms)
      if book.proration == .none, segment.index != segments.first?.index { continue }
      guard let minimum = book.minimumSpend else { continue }
      isKnown = true
      let share = contracts.share(of: segment, in: period)
      least += share.of(minimum, in: catalog.currency(of: subscription))
    }
    guard isKnown else { return nil }
    assert(
      least.isWhole(in: catalog.currency(of: subscription)), "a minimum spend is not whole in its currency")
    let lacking = least - ledger.usage(of: subscription, in: period)
    return RecurringLedger.Rated(amount: max(.zero, lacking), quantity: lacking > .zero ? Quantity(1) : .zero)
  }
}
