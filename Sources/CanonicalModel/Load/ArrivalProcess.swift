import Chronology

/// How usage arrives over time. Rates are events per second.
public enum ArrivalProcess: Hashable, Sendable {
  /// Evenly spaced.
  case constant(rate: Double)
  /// A Poisson process.
  case poisson(rate: Double)
  /// A Markov-modulated Poisson process of two states, with exponential stays of the given means.
  case bursts(base: Double, peak: Double, on: Span, off: Span)
  /// A Markov-modulated Poisson process: in each state for an exponential time of its mean, one after another.
  case modulated([State])
  /// A Poisson process whose rate follows days, weeks and months.
  case seasonal(Season)

  /// A state of a modulated process.
  public struct State: Hashable, Sendable {
    /// Events a second in this state.
    public var rate: Double
    /// The mean time in it.
    public var stay: Span

    /// Makes a state.
    public init(rate: Double, stay: Span) {
      self.rate = rate
      self.stay = stay
    }
  }
}

/// How the rate of arrivals changes over time: every factor multiplies the rate.
public struct Season: Hashable, Sendable {
  /// A time with another rate.
  public struct Spike: Hashable, Sendable {
    public var from: Instant
    public var until: Instant
    public var factor: Double

    /// Makes a spike.
    public init(from: Instant, until: Instant, factor: Double) {
      self.from = from
      self.until = until
      self.factor = factor
    }
  }

  /// The rate at its daily peak, on a weekday, before any growth: events a second.
  public var rate: Double
  /// The hour of the day, in UTC, with the peak; twelve hours later the rate is least, and in between it is linear.
  public var peakHour = 0
  /// How much of the rate is missing when it is least; 0: no daily cycle.
  public var nightlyDrop = 0.0
  /// The factor on Saturdays and Sundays.
  public var weekend = 1.0
  /// The factor at the end of the growth, which is linear.
  public var growth = 1.0
  /// From the start until the growth ends.
  public var growthOver = Span.days(1)
  /// The factor on the last days of a month.
  public var monthEnd = 1.0
  /// How many days those are.
  public var monthEndDays = 0
  /// Spikes.
  public var spikes: [Spike] = []

  /// Makes a season without changes.
  public init(rate: Double) { self.rate = rate }
}
