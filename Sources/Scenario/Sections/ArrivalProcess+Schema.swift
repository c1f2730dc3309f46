import CanonicalModel
import Chronology

/// How arrivals are written.
extension ArrivalProcess {
  /// Arrivals of all customers together.
  struct Total: Sendable {
    var arrivals: ArrivalProcess
    /// Whether they were given per customer.
    var isPerCustomer: Bool
  }

  /// The same process with rates so many times as high.
  func scaled(by factor: Double) -> Self {
    switch self {
    case .constant(let rate): return .constant(rate: rate * factor)
    case .poisson(let rate): return .poisson(rate: rate * factor)
    case .bursts(let base, let peak, let on, let off):
      return .bursts(base: base * factor, peak: peak * factor, on: on, off: off)
    case .modulated(let states):
      return .modulated(states.map { State(rate: $0.rate * factor, stay: $0.stay) })
    case .seasonal(var season):
      season.rate *= factor
      return .seasonal(season)
    }
  }

  /// The greatest of its rates, before seasonal factors.
  private var greatestRate: Double {
    switch self {
    case .constant(let rate), .poisson(let rate): rate
    case .bursts(let base, let peak, _, _): max(base, peak)
    case .modulated(let states): states.map(\.rate).max() ?? 0
    case .seasonal(let season): season.rate
    }
  }

  /// Arrivals: a rate, or a process.
  static let schema: Schema<Total> = .either(
    positive.map { _, rate in Total(arrivals: .poisson(rate: rate), isPerCustomer: false) }, processes)

  /// The processes, by their keys.
  static let processes = Schema<Total>.variant(
    [constant, poisson, bursts, modulated, seasonal],
    common: .defaulting(
      "perCustomer", .flag, to: false,
      "whether the rates are those of one customer on average, so that usage grows with customers.count; otherwise they are totals, "
        + "shared by all customers (default)"), make: total)

  /// The arrivals of all customers: as they are written, or so many times as many where they are those of one.
  @Sendable
  private static func total(
    _ place: Place, arrivals: ArrivalProcess, isPerCustomer: Bool
  ) throws(InvalidInput) -> Total {
    if case .bursts(_, _, let on, let off) = arrivals, on < .seconds(1) || off < .seconds(1) {
      throw InvalidInput("bursts and the time between them must last at least 1s", at: place.node.position)
    }
    guard isPerCustomer else { return Total(arrivals: arrivals, isPerCustomer: false) }
    let customers = place.scene.customers
    let total = arrivals.scaled(by: Double(customers))
    guard total.greatestRate <= 1e7 else {
      throw InvalidInput(
        "\(customers) customers with this rate each are more than 10000000/s; use fewer, or a lower rate",
        at: place.position("perCustomer"))
    }
    return Total(arrivals: total, isPerCustomer: true)
  }

  private static let positive: Schema<Double> = .rate.refusing { (rate: Double, _) -> String? in
    rate > 0 && rate <= 1e7 ? nil : "a rate must be positive and at most 10000000/s"
  }

  private static let constant: Key<ArrivalProcess> = .when(
    "constant", positive, "evenly spaced", title: "{}"
  ) { (rate: Double) in .constant(rate: rate) }

  private static let poisson: Key<ArrivalProcess> = .when(
    "poisson", positive, "a Poisson process", title: "{}"
  ) { (rate: Double) in .poisson(rate: rate) }

  private static let bursts: Key<ArrivalProcess> = .when(
    "bursts",
    .record(
      .required("base", .rate, "the rate between bursts", title: "{} between bursts"),
      .required("peak", positive, "the rate in a burst", title: "{} in a burst"),
      .required("on", .duration, "the mean length of a burst", title: "mean length of a burst of {}"),
      .required(
        "off", .duration, "the mean time between bursts", title: "mean time between bursts of {}"),
      make: { (_: Place, base: Double, peak: Double, on: Span, off: Span) in
        .bursts(base: base, peak: peak, on: on, off: off)
      }), "a Markov-modulated Poisson process of two states", title: "{}"
  ) { (arrivals: ArrivalProcess) in arrivals }

  private static let modulated: Key<ArrivalProcess> = .when(
    "modulated", Schema<[State]>.list(state, minimum: 2).map(refuseSilence),
    "a Markov-modulated Poisson process: its states, one after another", title: "{}",
    element: "state {#} of {}"
  ) { (states: [State]) in .modulated(states) }

  private static let state = Schema<State>.record(
    .required("rate", .rate, "the rate in this state"),
    .required("stay", .duration, "the mean time in it", title: "mean time in {}"), make: state)

  @Sendable
  private static func state(_ place: Place, rate: Double, stay: Span) throws(InvalidInput) -> State {
    guard stay >= .seconds(1) else {
      throw InvalidInput("a state must last at least 1s", at: place.node.position)
    }
    return State(rate: min(rate, 1e7), stay: stay)
  }

  @Sendable
  private static func refuseSilence(_ place: Place, _ states: [State]) throws(InvalidInput) -> [State] {
    guard states.contains(where: { $0.rate > 0 }) else {
      throw InvalidInput("one of the states must have a rate", at: place.node.position)
    }
    return states
  }

  // MARK: Seasons

  private static let seasonal: Key<ArrivalProcess> = .when(
    "seasonal", .changing(Season(rate: 0), season),
    "a Poisson process whose rate follows days, weeks and months", title: "{}"
  ) { (season: Season) in .seasonal(season) }

  private static let season: [Key<Change<Season>>] = [
    .setRequired(
      "rate", \.rate, positive, "the rate at the daily peak of a weekday, before any growth",
      title: "{} at the daily peak"),
    .within("daily", daily, "a daily cycle, linear between peak and low", title: "{}"),
    .set(
      "weekend", \.weekend, .number(0...1000), "the factor on Saturdays and Sundays",
      title: "weekend factor of {}"),
    .within("growth", growth, "a ramp", title: "growth of {}"),
    .within("monthEnd", monthEnd, "more usage at the end of months", title: "{}"),
    .set(
      "spikes", \.spikes, .list(spike, minimum: 0), "spikes", title: "{}", element: "spike {#} of {}"),
  ]

  private static let daily: [Key<Change<Season>>] = [
    .setRequired(
      "peakHour", \.peakHour, .integer(0...23), "the hour of the peak, in UTC",
      title: "hour of the daily peak of {}"),
    .setRequired(
      "drop", \.nightlyDrop, .share, "how much of the rate is missing twelve hours later",
      title: "fall of {} from the daily peak to the low"),
  ]

  private static let growth: [Key<Change<Season>>] = [
    .setRequired("to", \.growth, .number(0...1000), "the factor at the end", title: "{}"),
    .setRequired(
      "over", \.growthOver, .duration, "from the start until then", title: "time taken by the {}"),
  ]

  private static let monthEnd: [Key<Change<Season>>] = [
    .setRequired("factor", \.monthEnd, .number(0...1000), "the factor", title: "month-end factor of {}"),
    .setRequired(
      "days", \.monthEndDays, .integer(1...31), "on how many last days of a month",
      title: "days of the month-end peak of {}"),
  ]

  private static let spike = Schema<Season.Spike>.record(
    .required("at", .moment, "when it begins", title: "start of {}"),
    .required("for", .duration, "how long it lasts", title: "length of {}"),
    .required("factor", .number(0...1000), "the factor", title: "factor of {}"), make: spike)

  @Sendable
  private static func spike(
    _ place: Place, at: Instant, length: Span, factor: Double
  ) throws(InvalidInput) -> Season.Spike {
    guard at <= .distantFuture - length else {
      throw InvalidInput("a spike needs both a time and a length", at: place.node.position)
    }
    return Season.Spike(from: at, until: at + length, factor: factor)
  }
}
