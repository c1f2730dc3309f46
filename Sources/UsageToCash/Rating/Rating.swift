import CanonicalModel
import Chronology

/// When an amount is rounded to the currency's minor unit.
public enum RatingRounding: String, Sendable, CaseIterable {
  /// Once, on the line: rate the period's quantity exactly, then round.
  case perLine
  /// On every event, as systems do that rate in real time: cents are lost or won by the thousand.
  case perEvent
}

/// The third stage: keeps the period-to-date usage of every subscription and meter, and prices a period when
/// Metering says that it is complete.
///
/// Late usage of a period that was rated before is priced as the difference that it makes: the rounded
/// amount of the period with it, less what was rated already. It joins the next period's charges.
public struct Rating: Sendable {
  private let catalog: Catalog
  private let rounding: RatingRounding
  private let meterCount: Int
  private let raters: [[ChargeRater?]]
  private var periods: [CalendarMonth: PeriodUsage] = [:]
  private var nextCharge: UInt64 = 1

  private struct PeriodUsage: Sendable {
    var total: ContiguousArray<WindowCell>
    /// What has been rated: the sum over the charges so far.
    var rated: ContiguousArray<WindowCell>
    var ratedAmount: ContiguousArray<Money>
    /// With rounding per event, the running amount.
    var runningAmount: ContiguousArray<Money>
    var runningQuantity: ContiguousArray<Quantity>
    var isRated = false
    var hasNews = false

    init(cells: Int, perEvent: Bool) {
      total = ContiguousArray(repeating: WindowCell(), count: cells)
      rated = ContiguousArray(repeating: WindowCell(), count: cells)
      ratedAmount = ContiguousArray(repeating: .zero, count: cells)
      runningAmount = ContiguousArray(repeating: .zero, count: perEvent ? cells : 0)
      runningQuantity = ContiguousArray(repeating: .zero, count: perEvent ? cells : 0)
    }
  }

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, rounding: RatingRounding) {
    self.catalog = catalog
    self.rounding = rounding
    meterCount = catalog.meters.count
    raters = catalog.priceBooks.map { book in
      catalog.meters.map { meter in book.charges.first { $0.meter == meter.name }.map(ChargeRater.init) }
    }
  }

  /// Whether usage waits for its period to be rated.
  public var isIdle: Bool { periods.values.allSatisfy { !$0.hasNews } }

  /// What is metered and not rated, per `entity × meters + meter`.
  func inTransit(entityOf: [Int], entities: Int) -> [ControlTotal] {
    var totals = [ControlTotal](repeating: ControlTotal(), count: entities * meterCount)
    for usage in periods.values where usage.hasNews {  // sums only: the order cannot matter
      for cell in usage.total.indices where usage.total[cell].count != usage.rated[cell].count {
        totals[entityOf[cell / meterCount] * meterCount + cell % meterCount] +=
          usage.total[cell].total - usage.rated[cell].total
      }
    }
    return totals
  }

  /// Adds closed or amended windows to their periods.
  mutating func handle(_ summaries: ArraySlice<UsageSummary>) {
    for summary in summaries {
      let period = CalendarMonth(holding: summary.window)
      let cell = Int(summary.subscription.index) * meterCount + Int(summary.meter.index)
      withUsage(of: period) { usage in
        usage.total[cell].count += summary.count
        usage.total[cell].quantity += summary.quantity.units
        usage.total[cell].digest &+= summary.digest
        usage.hasNews = true
      }
    }
  }

  /// With rounding per event, rates every event as it comes.
  mutating func handle(
    _ events: UnsafeBufferPointer<BillableEvent>, effects: inout Effects, at now: Instant
  ) {
    guard rounding == .perEvent else { return }
    for event in events {
      let period = CalendarMonth(holding: event.time)
      let type = catalog.eventTypes[Int(event.type.index)]
      for (slot, meter) in type.meters.enumerated() {
        let cell = Int(event.subscription.index) * meterCount + Int(meter.index)
        let isCount = catalog.meters[Int(meter.index)].aggregation == .count
        let quantity = Quantity(
          units: isCount ? Quantity.one : Int128(slot == 0 ? event.quantity0 : event.quantity1))
        guard let rater = rater(event.subscription, meter) else { continue }
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
  mutating func rate(_ period: CalendarMonth, at now: Instant, effects: inout Effects) -> [RatedCharge] {
    var charges: [RatedCharge] = []
    for service in periods.keys.sorted() where service <= period {
      guard var usage = periods[service], usage.hasNews else { continue }
      periods[service] = nil  // one owner, so that the arrays are changed in place
      for cell in usage.total.indices where usage.total[cell].count != usage.rated[cell].count {
        if let charge = charge(cell, service, &usage, at: now, effects: &effects) { charges.append(charge) }
      }
      usage.isRated = true
      usage.hasNews = false
      periods[service] = usage
    }
    return charges
  }

  private mutating func charge(
    _ cell: Int, _ service: CalendarMonth, _ usage: inout PeriodUsage, at now: Instant, effects: inout Effects
  ) -> RatedCharge? {
    let subscription = SubscriptionID(index: UInt32(cell / meterCount))
    let meter = MeterID(index: UInt32(cell % meterCount))
    guard let rater = rater(subscription, meter) else {
      raise(subscription, meter, "the price book has no charge for the meter", now, &effects)
      usage.rated[cell] = usage.total[cell]
      return nil
    }
    let amount: Money
    if rounding == .perEvent {
      amount = usage.runningAmount[cell]
    } else {
      do {
        let exact = try rater.rate(quantity: Quantity(units: usage.total[cell].quantity)).amount
        amount = exact.rounded(to: catalog.currency(of: subscription))
      } catch {
        raise(subscription, meter, error.description, now, &effects)
        usage.rated[cell] = usage.total[cell]
        return nil
      }
    }
    let total = usage.total[cell]
    let before = usage.rated[cell]
    let charge = RatedCharge(
      id: nextCharge, subscription: subscription, meter: meter, servicePeriod: service,
      kind: usage.isRated ? .lateUsage : .usage, count: total.count - before.count,
      quantity: Quantity(units: total.quantity - before.quantity), digest: total.digest &- before.digest,
      amount: amount - usage.ratedAmount[cell])
    nextCharge += 1
    usage.rated[cell] = total
    usage.ratedAmount[cell] = amount
    return charge
  }

  private func rater(_ subscription: SubscriptionID, _ meter: MeterID) -> ChargeRater? {
    raters[catalog.subscriptions[Int(subscription.index)].priceBook][Int(meter.index)]
  }

  private func raise(
    _ subscription: SubscriptionID, _ meter: MeterID, _ reason: String, _ now: Instant,
    _ effects: inout Effects
  ) {
    effects.outputs.append(
      .raise(
        ExceptionCase(subject: .unratable(subscription, meter, reason: reason), owner: .revOps, raised: now)))
  }

  private mutating func withUsage(of period: CalendarMonth, _ body: (inout PeriodUsage) -> Void) {
    let cells = catalog.subscriptions.count * meterCount
    body(&periods[period, default: PeriodUsage(cells: cells, perEvent: rounding == .perEvent)])
  }
}
