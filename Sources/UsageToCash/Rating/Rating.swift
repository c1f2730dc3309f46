import CanonicalModel
import Chronology
import CoreInterface

/// The third stage: keeps the period-to-date usage of every subscription and meter, and prices a period when
/// Metering says that it is complete.
///
/// Late usage of a period that was rated before is priced as the difference that it makes: the rounded
/// amount of the period with it, less what was rated already. It joins the next period's charges.
public struct Rating: Sendable {
  let catalog: Catalog
  private let contractsChange: Bool
  let planted: PlantedDefects
  private let meterCount: Int
  private let isAdditive: DenseTable<MeterID, Bool>
  private let raters: [DenseTable<MeterID, ChargeRater?>]
  var ledger: PeriodLedger
  private var nextCharge: UInt64 = 1
  /// The contracts, as far as CRM has told them.
  var contracts: ContractBook
  private let recurs: Bool
  /// Whether any price book has prepaid credits.
  let hasPrepaid: Bool
  /// Whether any price book asks for something without usage, so that a period is rated for every customer.
  private let asksWithoutUsage: Bool
  /// What recurring charges and minimum spends have been rated at so far.
  var recurring = RecurringLedger()
  /// What finance has credited of charges.
  var credited: CreditedCharges
  /// When what is charged was supplied, where that decides its tax.
  var supplies: SupplyDates
  /// Prepaid credits.
  var wallet = Wallet()
  /// What has expired and is not recognised yet.
  var expired: [Wallet.Expired] = []

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, contractsChange: Bool = true, planted: PlantedDefects = []) {
    self.catalog = catalog
    self.planted = planted
    self.contractsChange = contractsChange
    contracts = ContractBook(catalog: catalog, planted: planted)
    credited = CreditedCharges(planted: planted)
    supplies = SupplyDates(catalog: catalog, planted: planted)
    recurs = catalog.hasRecurringCharges
    hasPrepaid = catalog.priceBooks.contains { $0.prepaid != nil }
    asksWithoutUsage = catalog.priceBooks.contains { !$0.idleCharges.isEmpty }
    ledger = PeriodLedger(
      catalog: catalog, contractsChange: contractsChange, perEvent: planted.contains(.roundPerEvent))
    meterCount = catalog.meters.count
    isAdditive = DenseTable(catalog.meters.map(\.aggregation.isAdditive))
    raters = catalog.priceBooks.map { book in
      DenseTable(
        catalog.meters.map { meter in
          book.charge(for: meter).map { ChargeRater(ChargeRater.bounded($0, planted)) }
        })
    }
  }

  /// Whether usage waits for its period to be rated.
  @inline(__always)
  public var isIdle: Bool { ledger.isIdle }

  /// What is metered and not rated, per `entity × meters + meter`.
  func inTransit(entityOf: DenseTable<SubscriptionID, Int>, entities: Int) -> [ControlTotal] {
    ledger.inTransit(entityOf: entityOf, entities: entities)
  }

  /// Adds closed or amended windows to their periods.
  mutating func handle(_ summaries: ArraySlice<UsageSummary>) { ledger.handle(summaries, under: contracts) }

  /// The end of the last day of a contract that was ended.
  func endOfLastDay(_ subscription: SubscriptionID) -> Instant? { contracts.endOfLastDay(subscription) }

  /// What a meter's usage of a period has been charged at so far.
  func charged(_ subscription: SubscriptionID, _ meter: MeterID, _ service: Period) -> Money {
    ledger.charged(subscription, meter, service)
  }

  /// Takes a change of contract. Usage that was metered under the terms before is priced again: if it was rated, the
  /// difference becomes a charge.
  ///
  /// - Returns: whether usage of a rated period is priced again.
  mutating func handle(_ event: ContractEvent, at now: Instant) -> Bool {
    contracts.apply(event, at: now)
    let first = catalog.billingPeriod(of: event.subscription, holding: event.terms.from)
    recurring.markDirty(event.subscription, from: first)
    let start = Int(event.subscription.index) * meterCount
    var isRepriced = false
    for (period, usage) in ledger.periods where period >= first && period.day == first.day {  // each alone
      let cells = (start..<start + meterCount).filter {
        usage.rated[$0] != WindowCell() || usage.ratedAmount[$0] != .zero
          || usage.isRated && asksIdle($0)
      }
      guard !cells.isEmpty else { continue }
      ledger.reprice(cells, of: period)
      isRepriced = true
    }
    return isRepriced
  }

  /// With rounding per event, rates every event as it comes.
  mutating func handle(
    _ events: UnsafeBufferPointer<BillableEvent>, effects: inout Effects, at now: Instant
  ) {
    guard planted.contains(.roundPerEvent) else { return }
    let (contracts, raters) = (contracts, raters)
    ledger.rate(events) { raters[contracts.terms(of: $0, at: $2).priceBook][$1] }
  }

  /// Rates a complete period, and what came late for earlier ones.
  mutating func rate(_ period: Period, at now: Instant, effects: inout Effects) -> [RatedCharge] {
    var charges: [RatedCharge] = []
    if asksWithoutUsage { askIdle(period) }
    for service in ledger.periods.keys.sorted() where service <= period && service.day == period.day {
      guard ledger.periods[service]?.hasNews == true else { continue }
      var usage = ledger.remove(service)
      precondition(
        usage.total.count == catalog.subscriptions.count * meterCount,
        "a period's usage has not a cell for each meter")
      divide(&usage, service)
      supplies.divide(&usage, of: service, under: contracts)
      for cell in usage.total.indices
      where usage.total[cell] != usage.rated[cell] || usage.repriced.contains(cell) {
        if let charge = charge(cell, service, &usage, closing: period, at: now, effects: &effects) {
          charges.append(charge)
        }
      }
      assert(
        usage.total == usage.rated, "usage of a period is left that was not rated when the period was")
      usage.finishRating()
      ledger.insert(usage, of: service)
    }
    // Also where nothing was due by what is known: a change that is told later may ask for something.
    if asksWithoutUsage { ledger.markRated(period) }
    if recurs {
      recurring.record(usage: charges)
      charges += recurringCharges(closing: period, at: now)
      charges += drawCredits(charges, closing: period)
    }
    supplies.divide(&charges, under: contracts, paidByCredits: { drawsCredits($0) })
    return charges
  }

  /// Has a period rated also for those who have not used anything: what a charge asks for then is due.
  private mutating func askIdle(_ period: Period) {
    guard period.start < catalog.horizon else { return }
    var usage = ledger.remove(period)
    defer { ledger.insert(usage, of: period) }
    guard !usage.isRated else { return }
    for cell in usage.total.indices where usage.total[cell].count == 0 && asksIdle(cell) {
      guard catalog.subscriptions[cell / meterCount].billingDay == period.day else { continue }
      usage.repriced.insert(cell)
      usage.hasNews = true
    }
  }

  private func asksIdle(_ cell: Int) -> Bool {
    !planted.contains(.idlePeriodNotRated)
      && contracts.asksWithoutUsage(
        SubscriptionID(index: UInt32(cell / meterCount)), MeterID(index: UInt32(cell % meterCount)))
  }

  /// Divides the usage of cells that are to be rated among the terms of their contracts, where these have changed.
  private func divide(_ usage: inout PeriodUsage, _ service: Period) {
    guard contractsChange else { return }
    var isDivided = [Bool](repeating: false, count: usage.total.count)
    for cell in usage.total.indices
    where usage.total[cell] != usage.rated[cell] || usage.repriced.contains(cell) {
      let subscription = SubscriptionID(index: UInt32(cell / meterCount))
      isDivided[cell] =
        !contracts.isSimple(subscription) || !contracts.isWhole(service, of: subscription)
    }
    guard isDivided.contains(true) else { return }
    precondition(usage.parts.isEmpty, "usage is divided among contracts that was divided before")
    usage.windows.visit { part in
      guard isDivided[Int(part.cell)] else { return }
      let subscription = SubscriptionID(index: part.cell / UInt32(meterCount))
      let terms = contracts.index(of: subscription, at: part.window)
      usage.parts[Int(part.cell), default: [:]][terms, default: WindowCell()].add(
        WindowCell(quantity: Int128(part.quantity), count: Int64(part.count)))
    }
    // Each cell alone: the order cannot matter.
    for (cell, parts) in usage.parts where isAdditive[cell % meterCount] {
      precondition(
        parts.values.reduce(0) { $0 + $1.quantity } == usage.total[cell].quantity
          && parts.values.reduce(0) { $0 + $1.count } == usage.total[cell].count,
        "the parts of a period's usage do not sum to it")
    }
  }

  /// The next running number of a charge.
  mutating func nextChargeID() -> UInt64 {
    defer { nextCharge += 1 }
    return nextCharge
  }

  private mutating func charge(
    _ cell: Int, _ service: Period, _ usage: inout PeriodUsage, closing period: Period, at now: Instant,
    effects: inout Effects
  ) -> RatedCharge? {
    let subscription = SubscriptionID(index: UInt32(cell / meterCount))
    let meter = MeterID(index: UInt32(cell % meterCount))
    if usage.isRated, planted.contains(.lateUsageNeverRated) {
      usage.rated[cell] = usage.total[cell]
      return nil
    }
    let amount: Money
    do {
      if planted.contains(.roundPerEvent) {
        amount = usage.runningAmount[cell]
      } else if usage.isRated, planted.contains(.lateUsageRatedAlone) {
        amount = try amountAlone(of: cell, subscription, meter, service, usage)
      } else {
        amount = try self.amount(of: cell, subscription, meter, service, usage)
      }
    } catch {
      raise(subscription, meter, error.description, now, &effects)
      usage.rated[cell] = usage.total[cell]
      return nil
    }
    let (total, before) = (usage.total[cell], usage.rated[cell])
    let item = ItemID(meter)
    let due = credited.due(
      amount, for: RecurringLedger.Key(subscription: subscription, item: item, period: service))
    precondition(
      amount.isWhole(in: catalog.currency(of: subscription)), "a rated amount is not whole in its currency")
    guard total != before || due != usage.ratedAmount[cell] else { return nil }
    var charge = RatedCharge(
      id: nextChargeID(), subscription: subscription, item: item, servicePeriod: service,
      kind: usage.isRated || service != period ? .lateUsage : .usage, count: total.count - before.count,
      quantity: Quantity(units: total.quantity - before.quantity), digest: total.digest &- before.digest,
      amount: due - usage.ratedAmount[cell])
    charge.supply = supplies.supply(of: due, cell, service, usage, under: contracts)
    usage.rated[cell] = total
    usage.ratedAmount[cell] = due
    return charge
  }

  /// The amount of a period's usage: each part of the period under its own terms, rounded on its own.
  private func amount(
    of cell: Int, _ subscription: SubscriptionID, _ meter: MeterID, _ service: Period,
    _ usage: PeriodUsage
  ) throws(RatingError) -> Money {
    let currency = catalog.currency(of: subscription)
    if usage.total[cell].count == 0, planted.contains(.idlePeriodNotRated) { return .zero }
    if contracts.isSimple(subscription), contracts.isWhole(service, of: subscription) {
      guard let rater = rater(subscription, meter, terms: 0) else {
        // Usage that was taken back altogether is no usage.
        if usage.total[cell].count == 0 { return .zero }
        throw .noCharge
      }
      return rounded(try rater.rate(usage.total[cell]), currency)
    }
    if !isAdditive[meter] {
      return try PeriodPrice.level(
        usage.total[cell], subscription, meter, service, of: contracts, catalog, planted)
    }
    assert(
      service.day == catalog[subscription].billingDay,
      "usage is rated in a period of another billing day")
    let parts =
      contractsChange
      ? usage.parts[cell] ?? [:] : [contracts.index(of: subscription, at: service.start): usage.total[cell]]
    return try PeriodPrice.additive(
      parts, subscription, meter, service, of: contracts, catalog, planted,
      rounded: { rounded($0, currency) }, rater: { rater(subscription, meter, terms: $0) })
  }

  private func rounded(_ amount: Money, _ currency: Currency) -> Money {
    planted.contains(.amountsTruncated)
      ? amount.rounded(to: currency, .towardZero) : amount.rounded(to: currency)
  }

  /// What the usage that has come since a period was rated costs if it is rated on its own.
  private func amountAlone(
    of cell: Int, _ subscription: SubscriptionID, _ meter: MeterID, _ service: Period, _ usage: PeriodUsage
  ) throws(RatingError) -> Money {
    let terms = contracts.index(of: subscription, at: service.start)
    guard let rater = rater(subscription, meter, terms: terms) else { throw .noCharge }
    let added = Quantity(units: usage.total[cell].quantity - usage.rated[cell].quantity)
    let amount = try rater.rate(quantity: added).amount
    return usage.ratedAmount[cell] + amount.rounded(to: catalog.currency(of: subscription))
  }

  private func rater(_ subscription: SubscriptionID, _ meter: MeterID, terms: Int) -> ChargeRater? {
    raters[contracts.terms(of: subscription, index: terms).priceBook][meter]
  }

  private func raise(
    _ subscription: SubscriptionID, _ meter: MeterID, _ reason: String, _ now: Instant,
    _ effects: inout Effects
  ) {
    effects.outputs.append(
      .raise(
        ExceptionCase(subject: .unratable(subscription, meter, reason: reason), owner: .revOps, raised: now)))
  }
}
