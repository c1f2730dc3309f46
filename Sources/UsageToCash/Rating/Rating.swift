import CanonicalModel
import Chronology
import CoreInterface

/// What a billing period's usage has come to, and what of it was rated.
private struct PeriodUsage: Sendable {
  var total: ContiguousArray<WindowCell>
  /// What has been rated: the sum over the charges so far.
  var rated: ContiguousArray<WindowCell>
  var ratedAmount: ContiguousArray<Money>
  /// With rounding per event, the running amount.
  var runningAmount: ContiguousArray<Money>
  var runningQuantity: ContiguousArray<Quantity>
  /// Where contracts change, the parts of ``total`` by cell and window.
  var windows = WindowLedger()
  /// While the period is rated, the parts of the cells whose contracts have changed, by position of the terms.
  var parts: [Int: [Int: WindowCell]] = [:]
  /// Cells whose price has to be looked at again, though their usage is the same.
  var repriced: Set<Int> = []
  var isRated = false
  var hasNews = false
  /// The beginning of the month that begins within the period, and what of ``total`` precedes it; a calendar month has none.
  var nextMonth = Instant.distantPast
  var early: ContiguousArray<WindowCell> = []

  init(cells: Int, of period: Period, perEvent: Bool) {
    if period.day != 1 {
      nextMonth = Period(holding: period.end - Span(nanoseconds: 1)).start
      early = ContiguousArray(repeating: WindowCell(), count: cells)
    }
    total = ContiguousArray(repeating: WindowCell(), count: cells)
    rated = ContiguousArray(repeating: WindowCell(), count: cells)
    ratedAmount = ContiguousArray(repeating: .zero, count: cells)
    runningAmount = ContiguousArray(repeating: .zero, count: perEvent ? cells : 0)
    runningQuantity = ContiguousArray(repeating: .zero, count: perEvent ? cells : 0)
  }
}

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
  private var periods: [Period: PeriodUsage] = [:]
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
    recurs = Self.recurs(in: catalog)
    hasPrepaid = catalog.priceBooks.contains { $0.prepaid != nil }
    asksWithoutUsage = catalog.priceBooks.contains { !$0.idleCharges.isEmpty }
    meterCount = catalog.meters.count
    isAdditive = DenseTable(catalog.meters.map(\.aggregation.isAdditive))
    raters = catalog.priceBooks.map { book in
      DenseTable(
        catalog.meters.map { meter in
          book.charge(for: meter).map { ChargeRater(Self.bounded($0, planted)) }
        })
    }
  }

  /// Whether usage waits for its period to be rated.
  @inline(__always)
  public var isIdle: Bool { periods.values.allSatisfy { !$0.hasNews } }

  /// What is metered and not rated, per `entity × meters + meter`.
  func inTransit(entityOf: DenseTable<SubscriptionID, Int>, entities: Int) -> [ControlTotal] {
    var totals = [ControlTotal](repeating: ControlTotal(), count: entities * meterCount)
    for usage in periods.values where usage.hasNews {  // sums only: the order cannot matter
      for cell in usage.total.indices where usage.total[cell] != usage.rated[cell] {
        totals[entityOf[cell / meterCount] * meterCount + cell % meterCount] +=
          usage.total[cell].total - usage.rated[cell].total
      }
    }
    return totals
  }

  /// Adds closed or amended windows to their periods.
  mutating func handle(_ summaries: ArraySlice<UsageSummary>) {
    var index = summaries.startIndex
    while index < summaries.endIndex {
      // Those of one window and billing day follow each other: their period is looked up once.
      let (window, day) = (summaries[index].window, self.day(of: summaries[index]))
      let period = Period(holding: window, day: day)
      var usage = removeUsage(of: period)
      while index < summaries.endIndex, summaries[index].window == window,
        self.day(of: summaries[index]) == day
      {
        add(summaries[index], to: &usage)
        index += 1
      }
      usage.hasNews = true
      assert(period.start <= window && window < period.end, "a window lies outside of its billing period")
      periods[period] = usage
    }
  }

  @inline(__always)
  private func day(of summary: UsageSummary) -> UInt8 {
    catalog[summary.subscription].billingDay
  }

  @inline(__always)
  private func add(_ summary: UsageSummary, to usage: inout PeriodUsage) {
    let cell = Int(summary.subscription.index) * meterCount + Int(summary.meter.index)
    assert(Int(summary.meter.index) < meterCount, "a window tells of a meter that there is not")
    let added = WindowCell(quantity: summary.quantity.units, digest: summary.digest, count: summary.count)
    usage.total[cell].add(added)
    // What a trial was used for is not owed for.
    if summary.window < usage.nextMonth, summary.window >= contracts.begins(summary.subscription) {
      usage.early[cell].add(added)
    }
    if contractsChange, isAdditive[summary.meter] {
      usage.windows.append(cell: cell, window: summary.window, added)
    }
  }

  /// Takes a period's usage out of the dictionary, so that it has one owner and is changed in place.
  private mutating func removeUsage(of period: Period) -> PeriodUsage {
    periods.removeValue(forKey: period)
      ?? PeriodUsage(
        cells: catalog.subscriptions.count * meterCount, of: period,
        perEvent: planted.contains(.roundPerEvent))
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
    for (period, usage) in periods where period >= first && period.day == first.day {  // each alone
      let cells = (start..<start + meterCount).filter {
        usage.rated[$0] != WindowCell() || usage.ratedAmount[$0] != .zero
          || usage.isRated && asksIdle($0)
      }
      guard !cells.isEmpty else { continue }
      periods[period]?.repriced.formUnion(cells)
      periods[period]?.hasNews = true
      isRepriced = true
    }
    return isRepriced
  }

  /// With rounding per event, rates every event as it comes.
  mutating func handle(
    _ events: UnsafeBufferPointer<BillableEvent>, effects: inout Effects, at now: Instant
  ) {
    guard planted.contains(.roundPerEvent) else { return }
    for event in events {
      let period = catalog.billingPeriod(of: event.subscription, holding: event.time)
      let type = catalog[event.type]
      for (slot, meter) in type.meters.enumerated() {
        let meter = MeterID(index: meter.index + UInt32(event.dimension))
        let value = slot == 0 ? event.quantity0 : event.quantity1
        let added = catalog[meter].aggregation.quantity(of: value)
        let quantity = Quantity(units: Int128(event.isWithdrawn ? -added : added))
        let cell = Int(event.subscription.index) * meterCount + Int(meter.index)
        let terms = contracts.index(of: event.subscription, at: event.time)
        guard let rater = rater(event.subscription, meter, terms: terms) else { continue }
        let currency = catalog.currency(of: event.subscription)
        withUsage(of: period) { usage in
          let before = usage.runningQuantity[cell]
          let step =
            (try? rater.rate(quantity: before + quantity).amount - rater.rate(quantity: before).amount)
            ?? .zero
          usage.runningQuantity[cell] += quantity
          usage.runningAmount[cell] += step.rounded(to: currency)
        }
      }
    }
  }

  /// Rates a complete period, and what came late for earlier ones.
  mutating func rate(_ period: Period, at now: Instant, effects: inout Effects) -> [RatedCharge] {
    var charges: [RatedCharge] = []
    if asksWithoutUsage { askIdle(period) }
    for service in periods.keys.sorted() where service <= period && service.day == period.day {
      guard periods[service]?.hasNews == true else { continue }
      var usage = removeUsage(of: service)
      precondition(
        usage.total.count == catalog.subscriptions.count * meterCount,
        "a period's usage has not a cell for each meter")
      divide(&usage, service)
      for cell in usage.total.indices
      where usage.total[cell] != usage.rated[cell] || usage.repriced.contains(cell) {
        if let charge = charge(cell, service, &usage, closing: period, at: now, effects: &effects) {
          charges.append(charge)
        }
      }
      assert(
        usage.total == usage.rated, "usage of a period is left that was not rated when the period was")
      usage.isRated = true
      usage.hasNews = false
      usage.repriced.removeAll()
      usage.parts.removeAll()
      periods[service] = usage
    }
    if recurs {
      recurring.record(usage: charges)
      charges += recurringCharges(closing: period, at: now)
      charges += drawCredits(charges, closing: period, at: now)
    }
    return charges
  }

  /// Has a period rated also for those who have not used anything: what a charge asks for then is due.
  private mutating func askIdle(_ period: Period) {
    guard period.start < catalog.horizon else { return }
    var usage = removeUsage(of: period)
    defer { periods[period] = usage }
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
    let total = usage.total[cell]
    let before = usage.rated[cell]
    let item = ItemID(meter)
    let due = credited.due(
      amount, for: RecurringLedger.Key(subscription: subscription, item: item, period: service))
    precondition(
      amount.isWhole(in: catalog.currency(of: subscription)), "a rated amount is not whole in its currency")
    guard total != before || due != usage.ratedAmount[cell] else { return nil }
    let charge = RatedCharge(
      id: nextChargeID(), subscription: subscription, item: item, servicePeriod: service,
      kind: usage.isRated || service != period ? .lateUsage : .usage, count: total.count - before.count,
      quantity: Quantity(units: total.quantity - before.quantity), digest: total.digest &- before.digest,
      amount: due - usage.ratedAmount[cell])
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

  /// Visits the usage that precedes the end of a month in billing periods that go on beyond it.
  func visitEarly(before end: Instant, _ body: (SubscriptionID, MeterID, WindowCell) -> Void) {
    for period in periods.keys.sorted() where period.start < end && end < period.end {
      guard let usage = periods[period], usage.nextMonth == end else { continue }
      for cell in usage.early.indices where usage.early[cell].count != 0 {
        body(
          SubscriptionID(index: UInt32(cell / meterCount)), MeterID(index: UInt32(cell % meterCount)),
          usage.early[cell])
      }
    }
  }

  /// What a meter's usage of a period has been charged at so far.
  func charged(_ subscription: SubscriptionID, _ meter: MeterID, _ service: Period) -> Money {
    periods[service]?.ratedAmount[Int(subscription.index) * meterCount + Int(meter.index)] ?? .zero
  }

  private func rounded(_ amount: Money, _ currency: Currency) -> Money {
    planted.contains(.amountsTruncated)
      ? amount.rounded(to: currency, .towardZero) : amount.rounded(to: currency)
  }

  static func bounded(_ charge: Charge, _ planted: PlantedDefects) -> Charge {
    guard planted.contains(.maximumIgnored) else { return charge }
    var charge = charge
    charge.maximum = nil
    return charge
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

  private mutating func withUsage(of period: Period, _ body: (inout PeriodUsage) -> Void) {
    var usage = removeUsage(of: period)
    body(&usage)
    periods[period] = usage
  }
}
