import CanonicalModel
import Chronology
import SimulationKernel

extension Season {
  private func daily(_ instant: Instant) -> Double {
    guard nightlyDrop > 0 else { return 1 }
    let day = Span.days(1).nanoseconds
    let since = (instant - instant.floored(to: .days(1))).nanoseconds
    var distance = abs(since - Int64(peakHour) * Span.hours(1).nanoseconds)
    distance = min(distance, day - distance)
    return 1 - nightlyDrop * Double(distance) / Double(day / 2)
  }

  private func grown(_ instant: Instant, start: Instant) -> Double {
    guard growth != 1 else { return 1 }
    let share = min(1, (instant - start).seconds / max(1, growthOver.seconds))
    return 1 + (growth - 1) * share
  }

  /// What does not change within an hour.
  private func calendar(_ instant: Instant) -> Double {
    var factor = 1.0
    // 1970-01-01 was a Thursday.
    if weekend != 1, [2, 3].contains((instant.index(of: .days(1)) % 7 + 7) % 7) { factor *= weekend }
    if monthEndDays > 0, Period(holding: instant).end - instant <= .days(Int64(monthEndDays)) {
      factor *= monthEnd
    }
    return factor
  }

  /// The rate at an instant.
  func rate(at instant: Instant, start: Instant) -> Double {
    var rate = rate * daily(instant) * grown(instant, start: start) * calendar(instant)
    for spike in spikes where spike.from <= instant && instant < spike.until { rate *= spike.factor }
    return rate
  }

  /// A rate that is not exceeded within the hour that begins at an instant.
  func greatestRate(inHourFrom hour: Instant, start: Instant) -> Double {
    let end = hour + .hours(1)
    var bound = rate * max(daily(hour), daily(end)) * calendar(hour)
    bound *= max(grown(hour, start: start), grown(end, start: start))
    for spike in spikes where spike.from < end && hour < spike.until { bound *= max(1, spike.factor) }
    return bound
  }
}

/// Draws the arrivals of a process, one after another.
struct ArrivalGenerator: Sendable {
  /// In seconds: no run is that long.
  private static let furthest = 4e8

  private let process: ArrivalProcess
  private let start: Instant
  private let exponential = QuantileTable.exponential
  private var state = 0
  private var isOn = false
  private var switchesAt: Double
  private var clock: Double

  /// Starts at an instant, given in seconds since the start of the run.
  init(_ process: ArrivalProcess, start: Instant, stream: inout RandomStream) {
    self.process = process
    self.start = start
    clock = 0
    switchesAt = .infinity
    if case .bursts(_, _, _, let off) = process { switchesAt = stream.exponential(mean: off.seconds) }
    if case .modulated(let states) = process {
      switchesAt = stream.exponential(mean: states[0].stay.seconds)
    }
  }

  /// Draws up to `count` arrivals before an end, each as a span since the start.
  ///
  /// - Returns: how many were drawn: fewer when no more will come.
  @inline(__always)
  mutating func draw(
    _ count: Int, before end: Span, from stream: inout RandomStream, _ take: (Int, Span) -> Void
  ) -> Int {
    guard case .poisson(let rate) = process else {
      for number in 0..<count {
        let span = next(&stream)
        guard span < end else { return number }
        take(number, span)
      }
      return count
    }
    // The same as what ``next(_:)`` does, without looking at the process each time.
    var (source, seconds) = (stream, clock)
    var drawn = 0
    while drawn < count {
      seconds += exponential.draw(from: &source) / rate
      let span = Span(seconds: seconds)
      guard seconds < Self.furthest, span < end else { break }
      take(drawn, span)
      drawn &+= 1
    }
    (stream, clock) = (source, seconds)
    return drawn
  }

  /// The next arrival, as a span since the start; ``Span`` of 292 years when none will come.
  mutating func next(_ stream: inout RandomStream) -> Span {
    let before = clock
    defer {
      assert(clock >= before, "arrivals do not go back in time")
    }
    switch process {
    case .constant(let rate):
      clock += 1 / rate
    case .poisson(let rate):
      clock += exponential.draw(from: &stream) / rate
    case .bursts(let base, let peak, let on, let off):
      while true {
        let rate = isOn ? peak : base
        // Memorylessness: a candidate beyond the switch is discarded and drawn again from there.
        let candidate = rate > 0 ? clock + exponential.draw(from: &stream) / rate : .infinity
        if candidate < switchesAt {
          clock = candidate
          break
        }
        clock = switchesAt
        guard clock < Self.furthest else { break }
        isOn.toggle()
        switchesAt = clock + stream.exponential(mean: (isOn ? on : off).seconds)
      }
    case .modulated(let states):
      while true {
        let rate = states[state].rate
        let candidate = rate > 0 ? clock + exponential.draw(from: &stream) / rate : .infinity
        if candidate < switchesAt {
          clock = candidate
          break
        }
        clock = switchesAt
        guard clock < Self.furthest else { break }
        state = (state + 1) % states.count
        switchesAt = clock + stream.exponential(mean: states[state].stay.seconds)
      }
    case .seasonal(let season):
      // Thinning (P. A. W. Lewis, G. S. Shedler, 1979), with a bound for each hour.
      while clock < Self.furthest {
        let now = start + Span(seconds: clock)
        let hour = now.floored(to: .hours(1))
        let end = (hour + .hours(1) - start).seconds
        let bound = season.greatestRate(inHourFrom: hour, start: start)
        let candidate = bound > 0 ? clock + exponential.draw(from: &stream) / bound : .infinity
        guard candidate < end else {
          clock = end
          continue
        }
        clock = candidate
        let instant = start + Span(seconds: clock)
        assert(
          season.rate(at: instant, start: start) <= bound * (1 + 1e-9),
          "the bound of an hour holds for each instant of it")
        if stream.uniform(0, bound) < season.rate(at: instant, start: start) { break }
      }
    }
    guard clock < Self.furthest else { return Span(nanoseconds: .max / 2) }
    return Span(seconds: clock)
  }
}

/// How much one event measures.
public struct QuantityDistribution: Sendable {
  /// The shape.
  public let shape: QuantityShape
  /// Fraction digits that quantities have, 0 to 6.
  public let decimals: Int
  /// The quantile function by table, where draws would need a logarithm or an exponential.
  private let table: QuantileTable?
  /// The last digit in millionths, how many of them a unit has, and the largest number of them.
  private let step: Int64
  private let steps: Double
  private let maximum: Double

  /// Makes a distribution; a table of some four thousand quantiles with it.
  public init(_ shape: QuantityShape, decimals: Int = 0) {
    self.shape = shape
    self.decimals = decimals
    var (step, steps) = (Int64(1_000_000), 1.0)
    for _ in 0..<decimals {
      steps *= 10
      step /= 10
    }
    (self.step, self.steps, maximum) = (step, steps, 1e12 * steps)
    table = Self.table(shape)
  }

  private static func table(_ shape: QuantityShape) -> QuantileTable? {
    switch shape {
    case .constant, .uniform, .gamma: nil
    case .exponential(let mean): QuantileTable { -mean * DeterministicMath.log($0) }
    case .lognormal(let median, let sigma):
      QuantileTable { median * DeterministicMath.exp(sigma * DeterministicMath.normalQuantile($0)) }
    case .pareto(let min, let shape):
      QuantileTable { min * DeterministicMath.exp(-DeterministicMath.log($0) / shape) }
    }
  }

  /// Draws quantities one after another, as ``draw(_:)`` does.
  @inline(__always)
  func draw(_ count: Int, from stream: inout RandomStream, _ take: (Int, Int64) -> Void) {
    var drawn = stream
    if let table {
      for index in 0..<count { take(index, millionths(table.draw(from: &drawn))) }
    } else {
      for index in 0..<count { take(index, millionths(self.drawn(&drawn))) }
    }
    stream = drawn
  }

  /// Draws a quantity in millionths: at least one step of the last digit, at most 10¹² units.
  func draw(_ stream: inout RandomStream) -> Int64 {
    millionths(table?.draw(from: &stream) ?? drawn(&stream))
  }

  @inline(__always)
  private func millionths(_ value: Double) -> Int64 {
    step * Int64(max(1, min(DeterministicMath.nearest(value * steps), maximum)))
  }

  private func drawn(_ stream: inout RandomStream) -> Double {
    switch shape {
    case .constant(let value): value
    case .uniform(let min, let max): stream.uniform(min, max)
    case .gamma(let shape, let scale): stream.gamma(shape: shape, scale: scale)
    case .exponential, .lognormal, .pareto: preconditionFailure("these are drawn by table")
    }
  }
}
