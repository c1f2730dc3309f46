import CanonicalModel
import Chronology
import Scenario
import Synchronization

/// What a run will have to do, estimated before it starts: events, samples, fault windows and invoices, and the memory for them.
///
/// The estimate is an expectation, not a bound: it exists to stop a typo (`1000000/s` for `1000000/d`) before it eats the
/// machine. `--allow-large` lifts the limits.
package struct WorkEstimate: Sendable {
  /// The limits above which a run does not start by itself.
  package enum Limit {
    /// Usage events, their copies included.
    package static let events = 2e9
    /// Days from the start to the last deadline: a horizon of ten years and what follows it.
    package static let days = 8000.0
    /// Rows of the time series: every `sampleEvery` until the last deadline.
    package static let samples = 2e6
    /// Windows of declared and random faults, one for each target.
    package static let faultWindows = 1e5
    /// Invoices: customers by billing periods.
    package static let invoices = 2e7
    /// Bytes.
    package static let memory = 8e9
  }

  private static let lifted = Atomic<Bool>(false)

  /// Whether the user has lifted the limits for this process (`--allow-large`).
  package static var isLifted: Bool {
    get { lifted.load(ordering: .relaxed) }
    set { lifted.store(newValue, ordering: .relaxed) }
  }

  /// Expected usage events of each load entry, without copies.
  package let eventsByLoad: [Double]
  /// Expected usage events with their copies.
  package let events: Double
  /// Days from the start to the last deadline.
  package let days: Double
  /// Rows of the time series.
  package let samples: Double
  /// Windows of faults.
  package let faultWindows: Double
  /// Invoices.
  package let invoices: Double
  /// The end of the last declared fault, where it lies after the horizon.
  package let lastFault: Instant?
  /// The end of the last reopening of a period, where it lies after both.
  package let lastReopening: Instant?

  /// Bytes of the aggregates of windows that are open at a time, of all customers and meters: in the core, and half a gibibyte at
  /// most with the oracle.
  let windows: Double

  /// Bytes of an invoice with its lines, postings and payments, and of what the oracle keeps of them: measured 9 to 20 kB.
  private static let invoiceMemory = 10_000.0

  /// Bytes, roughly: what was measured for rows of a series, invoices with their lines and postings, fault windows, and aggregates.
  package var memory: Double {
    events * 5 + samples * 120 + invoices * Self.invoiceMemory + faultWindows * 400 + windows
  }

  /// Estimates a scenario.
  package init(_ scenario: ScenarioFile) {
    let horizon = scenario.horizon.seconds
    eventsByLoad = scenario.load.map { load in
      switch load.pattern {
      case .trace(let records): Double(records.count)
      case .synthetic(let arrivals, _): Self.events(arrivals, over: horizon)
      }
    }
    let copies = 1 / (1 - min(0.9, scenario.delivery.duplicateShare))
    events = eventsByLoad.reduce(0, +) * copies
    let end = scenario.start + scenario.horizon
    let faultEnd = scenario.faults.compactMap { fault -> Instant? in
      guard case .at(let moments) = fault.timing, let last = moments.max() else { return nil }
      return last + (fault.duration ?? .zero)
    }.max()
    lastFault = faultEnd.flatMap { $0 > end ? $0 : nil }
    let waits = scenario.payments.map { payments in
      payments.retries.reduce(payments.dueAfter.seconds) { $0 + $1.seconds }
    }
    let closes = scenario.periods?.closeAfter.seconds ?? 0
    let reopened = scenario.periods?.reopenings.map(\.until).max()
    let last = max(end, faultEnd ?? end, reopened ?? end)
    lastReopening = reopened.flatMap { $0 == last && $0 > end ? $0 : nil }
    let span =
      Double(last.nanoseconds) / 1e9 - scenario.start.nanosecondsAsSeconds
      + scenario.drainWithin.seconds + (waits ?? 0) + closes + 32 * 86_400
    days = span / 86_400
    samples = span / max(1, scenario.sampleInterval.seconds)
    faultWindows = scenario.faults.reduce(0) { sum, fault in
      switch fault.timing {
      case .at(let moments): sum + Double(moments.count * fault.targets.count)
      case .random(let every): sum + horizon / max(1, every.seconds)
      case .when(_, _, let times): sum + Double(times * fault.targets.count)
      }
    }
    var meters: [String: Int] = [:]
    for load in scenario.load {
      for use in load.meters { meters[use.meter] = max(1, load.dimension.count) }
    }
    let page = Double(scenario.customers) * Double(meters.values.reduce(0, +)) * 32
    let open = (scenario.design.grace.seconds / max(1, scenario.design.window.seconds)).rounded(.up) + 2
    // The oracle keeps eight at least.
    windows = min(open, events) * page + min(min(open, events) * page, max(512e6, 8 * page))
    invoices = Double(scenario.customers) * (horizon / (30 * 86_400) + 1).rounded(.up)
  }

  private static func events(_ arrivals: ArrivalProcess, over seconds: Double) -> Double {
    switch arrivals {
    case .constant(let rate), .poisson(let rate): return rate * seconds
    case .bursts(let base, let peak, let on, let off):
      return (base * off.seconds + peak * on.seconds) / (on.seconds + off.seconds) * seconds
    case .modulated(let states):
      let all = states.reduce(0) { $0 + $1.stay.seconds }
      return states.reduce(0) { $0 + $1.rate * $1.stay.seconds } / max(1, all) * seconds
    case .seasonal(let season):
      // The mean of each factor over the run, but for the daily cycle, which only lessens it.
      let ramp = min(1, season.growthOver.seconds / max(1, seconds))
      let growth = season.growth * (1 - ramp) + (1 + season.growth) / 2 * ramp
      let weekend = (5 + 2 * season.weekend) / 7
      let monthEnd =
        (Double(30 - min(30, season.monthEndDays)) + Double(season.monthEndDays) * season.monthEnd) / 30
      let spikes = season.spikes.reduce(0) {
        $0 + max(0, $1.factor - 1) * min(($1.until - $1.from).seconds, seconds)
      }
      return season.rate * (growth * weekend * monthEnd * seconds + spikes)
    }
  }

  /// Throws what is over a limit, at the place of the scenario that makes it so.
  package func check(_ scenario: ScenarioFile) throws(InvalidInput) {
    guard !Self.isLifted else { return }
    func refuse(_ what: String, _ figure: Double, _ limit: Double, _ key: String) -> InvalidInput {
      InvalidInput(
        "\(what): about \(Self.text(figure)); the limit is \(Self.text(limit)): "
          + "change it, or give --allow-large to run it anyway",
        at: scenario.places[key] ?? Position(file: scenario.file, line: 1, column: 1))
    }
    if events > Limit.events {
      let index = eventsByLoad.indices.max { eventsByLoad[$0] < eventsByLoad[$1] } ?? 0
      throw refuse(
        "usage events of the run, most of them of '\(scenario.load[index].event)'", events, Limit.events,
        "load.\(index)")
    }
    let why =
      lastReopening.map { ", as a period is open again until \($0)" }
      ?? lastFault.map { ", as the last fault ends at \($0), after the horizon" } ?? ""
    if days > Limit.days {
      let key = lastReopening != nil ? "periods" : lastFault != nil ? "faults" : "horizon"
      throw refuse("days to simulate\(why)", days, Limit.days, key)
    }
    if samples > Limit.samples {
      throw refuse(
        "rows of the time series, one every \(scenario.sampleInterval)\(why)", samples, Limit.samples,
        scenario.places["sampleEvery"] == nil ? "faults" : "sampleEvery")
    }
    if faultWindows > Limit.faultWindows {
      throw refuse("windows of faults", faultWindows, Limit.faultWindows, "faults")
    }
    if invoices > Limit.invoices {
      throw refuse("invoices, customers by billing periods", invoices, Limit.invoices, "customers")
    }
    if memory > Limit.memory {
      let parts = [
        (windows, ", most of them for usage windows that are open at a time"),
        (invoices * Self.invoiceMemory, ", most of them for invoices"),
      ]
      let most = parts.first { $0.0 > memory / 2 }?.1
      throw refuse(
        "bytes of memory" + (most ?? ""), memory, Limit.memory, most == nil ? "horizon" : "customers")
    }
  }

  /// A figure with thousands separated, without Foundation.
  static func text(_ figure: Double) -> String {
    guard figure < 9e18 else { return "more than 9000000000000000000" }
    var digits = String(UInt64(max(0, figure)))
    var at = digits.count - 3
    while at > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: at))
      at -= 3
    }
    return digits
  }
}

extension Instant {
  fileprivate var nanosecondsAsSeconds: Double { Double(nanoseconds) / 1e9 }
}
