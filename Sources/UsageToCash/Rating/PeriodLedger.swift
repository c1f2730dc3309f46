import CanonicalModel
import Chronology
import CoreInterface

/// What a billing period's usage has come to, and what of it was rated.
struct PeriodUsage: Sendable {
  var total: ContiguousArray<WindowCell>
  /// What has been rated: the sum over the charges so far.
  var rated: ContiguousArray<WindowCell>
  var ratedAmount: ContiguousArray<Money>
  /// With rounding per event, the running amount.
  var runningAmount: ContiguousArray<Money>
  var runningQuantity: ContiguousArray<Quantity>
  /// Where contracts or rates of tax change, the parts of ``total`` by cell and window.
  var windows = WindowLedger()
  /// While the period is rated, the parts of the cells whose contracts have changed, by position of the terms.
  var parts: [Int: [Int: WindowCell]] = [:]
  /// While the period is rated, the quantities of cells on each side of a change of a rate of tax.
  var sides: [Int: [Int128]] = [:]
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

extension PeriodUsage {
  /// All of it is rated: what was divided for that is put away.
  mutating func finishRating() {
    isRated = true
    hasNews = false
    repriced.removeAll()
    parts.removeAll()
    sides.removeAll()
  }
}

/// The period-to-date usage of every subscription and meter.
struct PeriodLedger: Sendable {
  private let catalog: Catalog
  /// Whether usage is kept by window: contracts change, or rates of tax do.
  private let keepsWindows: Bool
  /// Whether each event is rated on its own: a known mistake.
  private let perEvent: Bool
  private let meterCount: Int
  private let isAdditive: DenseTable<MeterID, Bool>
  private(set) var periods: [Period: PeriodUsage] = [:]

  init(catalog: Catalog, contractsChange: Bool, perEvent: Bool) {
    self.catalog = catalog
    keepsWindows =
      contractsChange
      || catalog.taxPoint == .supply && catalog.jurisdictions.contains { $0.rates.count > 1 }
    self.perEvent = perEvent
    meterCount = catalog.meters.count
    isAdditive = DenseTable(catalog.meters.map(\.aggregation.isAdditive))
  }

  /// Whether usage waits for its period to be rated.
  @inline(__always)
  var isIdle: Bool { periods.values.allSatisfy { !$0.hasNews } }

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
  mutating func handle(_ summaries: ArraySlice<UsageSummary>, under contracts: ContractBook) {
    var index = summaries.startIndex
    while index < summaries.endIndex {
      // Those of one window and billing day follow each other: their period is looked up once.
      let (window, day) = (summaries[index].window, self.day(of: summaries[index]))
      let period = Period(holding: window, day: day)
      var usage = remove(period)
      while index < summaries.endIndex, summaries[index].window == window,
        self.day(of: summaries[index]) == day
      {
        add(summaries[index], to: &usage, contracts)
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
  private func add(_ summary: UsageSummary, to usage: inout PeriodUsage, _ contracts: ContractBook) {
    let cell = Int(summary.subscription.index) * meterCount + Int(summary.meter.index)
    assert(Int(summary.meter.index) < meterCount, "a window tells of a meter that there is not")
    let added = WindowCell(quantity: summary.quantity.units, digest: summary.digest, count: summary.count)
    usage.total[cell].add(added)
    // What a trial was used for is not owed for.
    if summary.window < usage.nextMonth, summary.window >= contracts.begins(summary.subscription) {
      usage.early[cell].add(added)
    }
    if keepsWindows, isAdditive[summary.meter] {
      usage.windows.append(cell: cell, window: summary.window, added)
    }
  }

  /// Takes a period's usage out of the dictionary, so that it has one owner and is changed in place.
  mutating func remove(_ period: Period) -> PeriodUsage {
    periods.removeValue(forKey: period)
      ?? PeriodUsage(
        cells: catalog.subscriptions.count * meterCount, of: period, perEvent: perEvent)
  }

  /// Puts a period's usage back.
  mutating func insert(_ usage: PeriodUsage, of period: Period) { periods[period] = usage }

  /// Rates every event as it comes, and rounds its amount: a known mistake.
  mutating func rate(
    _ events: UnsafeBufferPointer<BillableEvent>, by rater: (SubscriptionID, MeterID, Instant) -> ChargeRater?
  ) {
    for event in events {
      let period = catalog.billingPeriod(of: event.subscription, holding: event.time)
      let type = catalog[event.type]
      for (slot, meter) in type.meters.enumerated() {
        let meter = MeterID(index: meter.index + UInt32(event.dimension))
        let value = slot == 0 ? event.quantity0 : event.quantity1
        let added = catalog[meter].aggregation.quantity(of: value)
        let quantity = Quantity(units: Int128(event.isWithdrawn ? -added : added))
        let cell = Int(event.subscription.index) * meterCount + Int(meter.index)
        guard let rater = rater(event.subscription, meter, event.time) else { continue }
        var usage = remove(period)
        defer { insert(usage, of: period) }
        let before = usage.runningQuantity[cell]
        let step =
          (try? rater.rate(quantity: before + quantity).amount - rater.rate(quantity: before).amount)
          ?? .zero
        usage.runningQuantity[cell] += quantity
        usage.runningAmount[cell] += step.rounded(to: catalog.currency(of: event.subscription))
      }
    }
  }

  /// A period was rated, whether anything of it was due or not.
  mutating func markRated(_ period: Period) { periods[period]?.isRated = true }

  /// Has cells of a period priced again.
  mutating func reprice(_ cells: [Int], of period: Period) {
    periods[period]?.repriced.formUnion(cells)
    periods[period]?.hasNews = true
  }

  /// Usage that precedes the end of a month in a billing period that goes on beyond it.
  struct Early {
    var subscription: SubscriptionID
    var meter: MeterID
    var period: Period
    var total: WindowCell
    /// How much of it fell under each position of the terms; `nil`: the same terms hold for all of the period.
    var parts: [Int: WindowCell]?
  }

  /// Visits the usage that precedes the end of a month in billing periods that go on beyond it.
  func visitEarly(before end: Instant, under contracts: ContractBook, _ body: (Early) -> Void) {
    for period in periods.keys.sorted() where period.start < end && end < period.end {
      guard let usage = periods[period], usage.nextMonth == end else { continue }
      var isDivided = [Bool](repeating: false, count: usage.early.count)
      for cell in usage.early.indices where usage.early[cell].count != 0 {
        let subscription = SubscriptionID(index: UInt32(cell / meterCount))
        isDivided[cell] =
          keepsWindows
          && !(contracts.isSimple(subscription) && contracts.isWhole(period, of: subscription))
      }
      var parts: [Int: [Int: WindowCell]] = [:]
      if isDivided.contains(true) {
        usage.windows.visit { part in
          let subscription = SubscriptionID(index: part.cell / UInt32(meterCount))
          guard isDivided[Int(part.cell)], part.window < end, part.window >= contracts.begins(subscription)
          else { return }
          parts[Int(part.cell), default: [:]][
            contracts.index(of: subscription, at: part.window), default: WindowCell()
          ].add(WindowCell(quantity: Int128(part.quantity), count: Int64(part.count)))
        }
      }
      for cell in usage.early.indices where usage.early[cell].count != 0 {
        body(
          Early(
            subscription: SubscriptionID(index: UInt32(cell / meterCount)),
            meter: MeterID(index: UInt32(cell % meterCount)), period: period, total: usage.early[cell],
            parts: isDivided[cell] ? parts[cell] ?? [:] : nil))
      }
    }
  }

  /// What a meter's usage of a period has been charged at so far.
  func charged(_ subscription: SubscriptionID, _ meter: MeterID, _ service: Period) -> Money {
    periods[service]?.ratedAmount[Int(subscription.index) * meterCount + Int(meter.index)] ?? .zero
  }
}
