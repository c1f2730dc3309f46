import Chronology
import SimulationKernel

/// How usage arrives over time. Rates are events per second.
public enum ArrivalProcess: Sendable {
  /// Evenly spaced.
  case constant(rate: Double)
  /// A Poisson process.
  case poisson(rate: Double)
  /// A Markov-modulated Poisson process of two states, with exponential stays of the given means.
  case bursts(base: Double, peak: Double, on: Span, off: Span)
}

/// Draws the arrivals of a process, one after another.
struct ArrivalGenerator: Sendable {
  private let process: ArrivalProcess
  private var isOn = false
  private var switchesAt: Double
  private var clock: Double

  /// Starts at an instant, given in seconds since the start of the run.
  init(_ process: ArrivalProcess, stream: inout RandomStream) {
    self.process = process
    clock = 0
    switchesAt = .infinity
    if case .bursts(_, _, _, let off) = process { switchesAt = stream.exponential(mean: off.seconds) }
  }

  /// The next arrival, as a span since the start; ``Span`` of 292 years when none will come.
  mutating func next(_ stream: inout RandomStream) -> Span {
    switch process {
    case .constant(let rate):
      clock += 1 / rate
    case .poisson(let rate):
      clock += stream.exponential(mean: 1 / rate)
    case .bursts(let base, let peak, let on, let off):
      while true {
        let rate = isOn ? peak : base
        // Memorylessness: a candidate beyond the switch is discarded and drawn again from there.
        let candidate = rate > 0 ? clock + stream.exponential(mean: 1 / rate) : .infinity
        if candidate < switchesAt {
          clock = candidate
          break
        }
        clock = switchesAt
        guard clock < 9e9 else { break }
        isOn.toggle()
        switchesAt = clock + stream.exponential(mean: (isOn ? on : off).seconds)
      }
    }
    guard clock < 9e9 else { return Span(nanoseconds: .max / 2) }
    return Span(nanoseconds: Int64(clock * 1e9))
  }
}

/// How much one event measures.
public struct QuantityDistribution: Sendable {
  /// The shape.
  public enum Shape: Sendable {
    /// Always the same.
    case constant(Double)
    /// Uniform between two bounds.
    case uniform(min: Double, max: Double)
    /// Exponential.
    case exponential(mean: Double)
    /// Log-normal.
    case lognormal(median: Double, sigma: Double)
    /// Pareto.
    case pareto(min: Double, shape: Double)
    /// Gamma.
    case gamma(shape: Double, scale: Double)
  }

  /// The shape.
  public var shape: Shape
  /// Fraction digits that quantities have, 0 to 6.
  public var decimals: Int

  /// Makes a distribution.
  public init(_ shape: Shape, decimals: Int = 0) {
    self.shape = shape
    self.decimals = decimals
  }

  /// Draws a quantity in millionths: at least one step of the last digit, at most 10¹² units.
  func draw(_ stream: inout RandomStream) -> Int64 {
    let value =
      switch shape {
      case .constant(let value): value
      case .uniform(let min, let max): stream.uniform(min, max)
      case .exponential(let mean): stream.exponential(mean: mean)
      case .lognormal(let median, let sigma): stream.logNormal(median: median, sigma: sigma)
      case .pareto(let min, let shape): stream.pareto(minimum: min, shape: shape)
      case .gamma(let shape, let scale): stream.gamma(shape: shape, scale: scale)
      }
    var steps = 1.0
    var step: Int64 = 1_000_000
    for _ in 0..<decimals {
      steps *= 10
      step /= 10
    }
    let count = (value * steps).rounded()
    return step * Int64(max(1, min(count, 1e12 * steps)))
  }
}
