import CanonicalModel
import Chronology
import RunRecord
import Scenario
import World

/// What a run costs by the prices of its scenario, exact to 10⁻¹² of the currency's unit.
struct RunCost {
  private(set) var parts: [(name: String, amount: Money)] = []
  private(set) var total = Money.zero
  /// `nil` without a usage event.
  private(set) var perMillionEvents: Money?

  /// The cost of a run; `nil` where the scenario names no prices, or they exceed the range of ``Money``.
  init?(_ scenario: ScenarioFile, erps: [ERPStatistics], usageEvents: Int) {
    guard let costs = scenario.costs else { return nil }
    let horizon = scenario.horizon
    if costs.hasCalls {
      var sum: Int128 = 0
      for (price, erp) in zip(costs.calls, erps) {
        let (product, overflow) = price.units.multipliedReportingOverflow(by: Int128(erp.calls))
        guard !overflow, product <= Self.most else { return nil }
        sum += product
      }
      parts.append(("cost.calls", Money(units: sum)))
    }
    if let storage = costs.storage {
      // Bytes in 10⁹, for so many months: events × bytes × price × time ÷ (10⁹ × month).
      let bytes = Int128(usageEvents) * Int128(storage.bytesPerEvent)
      guard let kept = Self.charge(storage.price, storage.keptFor, bytes, per: 1_000_000_000) else {
        return nil
      }
      parts.append(("cost.storage", kept))
    }
    if let worker = costs.worker {
      let count = Int128(scenario.design.concurrency) * Int128(scenario.entities.count)
      guard let paid = Self.charge(worker, horizon, count, per: 1) else { return nil }
      parts.append(("cost.workers", paid))
    }
    var licences = Money.zero
    for plan in scenario.plans {
      for entity in plan.entities {
        let erp = scenario.entities[entity].erp
        let own = erp.concurrency ?? ERPProfile.builtIn.first { $0.name == erp.profile }?.concurrency
        guard let places = own, places > plan.base else { continue }
        let count = (places - plan.base + plan.step - 1) / plan.step
        guard let paid = Self.charge(plan.price, horizon, Int128(count), per: 1) else { return nil }
        licences += paid
      }
    }
    if !scenario.plans.isEmpty { parts.append(("cost.licences", licences)) }
    guard parts.allSatisfy({ $0.amount.units <= Self.most }) else { return nil }
    total = parts.reduce(.zero) { $0 + $1.amount }
    guard usageEvents > 0 else { return }
    // Split, so that a million times the total need not fit.
    let (whole, rest) = total.units.quotientAndRemainder(dividingBy: Int128(usageEvents))
    let (millions, overflow) = whole.multipliedReportingOverflow(by: 1_000_000)
    if !overflow {
      perMillionEvents = Money(
        units: millions + (rest * 1_000_000).divided(by: Int128(usageEvents), rounding: .halfEven))
    }
  }

  /// A share of the range, so that sums of a few amounts stay within it.
  private static let most = Int128.max / 16

  /// A price for some time and a number of things.
  private static func charge(
    _ price: RecurringPrice, _ span: Span, _ count: Int128, per: Int128
  ) -> Money? {
    // A year of 365 days; prices have six fraction digits at most.
    let micros = price.yearly.units / 1_000_000_000_000
    let milliseconds = Int128(span.nanoseconds / 1_000_000)
    let (things, overflow0) = micros.multipliedReportingOverflow(by: count)
    let (product, overflow1) = things.multipliedReportingOverflow(by: milliseconds)
    guard !overflow0, !overflow1 else { return nil }
    let year: Int128 = 31_536_000_000 * per
    let (whole, rest) = product.quotientAndRemainder(dividingBy: year)
    let (units, overflow2) = whole.multipliedReportingOverflow(by: 1_000_000_000_000)
    guard !overflow2, units <= most else { return nil }
    let fraction = (rest * 1_000_000).divided(by: year, rounding: .halfEven) * 1_000_000
    return Money(units: units + fraction)
  }

  /// The indicators that follow from it.
  func indicators(in currency: Currency) -> [String: RunRecord.Indicator] {
    var all = parts + [("cost", total)]
    if let perMillionEvents { all.append(("costPerMillionEvents", perMillionEvents)) }
    return Dictionary(
      uniqueKeysWithValues: all.map {
        ($0.name, RunRecord.Indicator(value: $0.amount.figure, unit: currency.code))
      })
  }

  /// The same for the record, in exact decimals.
  func record(in currency: Currency) -> RunRecord.Costs {
    RunRecord.Costs(
      currency: currency.code, parts: parts.map { .init(name: $0.name, amount: "\($0.amount)") },
      total: "\(total)", perMillionEvents: perMillionEvents.map { "\($0)" })
  }
}

extension Money {
  /// The nearest binary figure.
  fileprivate var figure: Double { Double(units) / 1e18 }
}

extension Expectation.Indicator {
  /// The unit of its figures in records of a scenario: a currency for what costs money.
  func unit(_ scenario: ScenarioFile) -> String {
    dimension == .money ? scenario.costs?.currency.code ?? unit : unit
  }
}
