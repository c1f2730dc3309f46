import CanonicalModel
import Chronology

/// How a scalar of a scenario file is written: read from its digits, never through a `Double` first.
package enum Unit: Hashable, Sendable {
  /// `250ms 30s 15m 6h 30d`, also joined: `1h30m`.
  case duration
  /// A duration, or a word for one that has no end.
  case durationOr(String)
  /// `1200/s`, `60/min`, `5/h`, `10/d`.
  case rate
  /// `0.5%`, from 0 to 100.
  case share
  /// ISO-8601 in UTC.
  case instant
  /// A moment of a run: a duration since its start, an instant, or `month-end`, `month-end+6h`, `month-end-2d`.
  case moment
  /// How much faster than recorded a trace is replayed: `1x`, `2.5x`.
  case speed
  /// A whole number within bounds.
  case integer(ClosedRange<Int>)
  /// A decimal of at least zero with at most so many fraction digits.
  case decimal(digits: Int)
  /// A percentage as a rate of prices: `1.3%`.
  case percentage
  /// An ISO 4217 code.
  case currency
  /// A threshold on an indicator: `postingLatency.p99 < 24h`.
  case expectation
  /// The name of a design, with an asterisk where values of it were changed.
  case designName
  /// A price for each year, month or day: `12000 USD/year`.
  case recurringPrice
  /// An amount with its currency: `0.002 USD`.
  case amount

  /// What is wanted, for messages and schemas.
  package var wanted: String {
    switch self {
    case .duration: "a duration such as 250ms, 30s, 15m, 6h or 30d, at most 3650d"
    case .durationOr(let word): "\(Self.duration.wanted), or '\(word)'"
    case .rate: "a rate such as 1200/s, 60/min or 5/h"
    case .share: "a share from 0% to 100%, such as 0.5%"
    case .instant: "an instant in UTC such as 2026-01-31 or 2026-01-31T18:00:00Z"
    case .moment: "a moment such as 3d, month-end, month-end+6h or 2026-01-31T18:00:00Z"
    case .speed: "a speed such as 1x or 2.5x"
    case .integer(let range):
      range.upperBound == .max
        ? "a whole number of at least \(range.lowerBound)"
        : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .decimal(let digits):
      "a decimal of at least 0 with at most \(digits) fraction digits, such as 0.0000035"
    case .percentage: "a percentage such as 1.3%"
    case .currency: "an ISO 4217 currency code such as USD"
    case .expectation: "a threshold such as 'postingLatency.p99 < 24h'"
    case .amount: "an amount such as 0.002 USD"
    case .recurringPrice: "a price such as 12000 USD/year, 99.50 EUR/month or 3 USD/day"
    case .designName: "a name of letters, digits, '_', '-' and '.'"
    }
  }

  private static let durationUnits: [(name: String, nanoseconds: Int128)] = [
    ("ms", 1_000_000), ("us", 1_000), ("ns", 1), ("s", 1_000_000_000), ("m", 60_000_000_000),
    ("h", 3_600_000_000_000), ("d", 86_400_000_000_000), ("w", 604_800_000_000_000),
  ]

  /// Reads a duration of at most ten years of 365 days.
  package static func duration(_ text: String) -> Span? {
    var total: Int128 = 0
    var rest = Substring(text)
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(number.count)
      let name = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest.dropFirst(name.count)
      guard let value = fraction(number, digits: 9),
        let unit = durationUnits.first(where: { $0.name == name })
      else { return nil }
      let (scaled, overflow) = value.multipliedReportingOverflow(by: unit.nanoseconds)
      guard !overflow, scaled % 1_000_000_000 == 0 else { return nil }
      total += scaled / 1_000_000_000
      guard total <= 315_360_000_000_000_000 else { return nil }
    }
    return Span(nanoseconds: Int64(total))
  }

  /// Reads a rate as events per second.
  package static func rate(_ text: String) -> Double? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let value = fraction(parts[0], digits: 9) else { return nil }
    let seconds: [Substring: Double] = ["s": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = seconds[parts[1]], value <= 1_000_000_000_000_000_000 else { return nil }
    return Double(value) / 1e9 / unit
  }

  /// Reads a share as a fraction of one.
  package static func share(_ text: String) -> Double? {
    guard text.last == "%", let value = fraction(text.dropLast(), digits: 9), value <= 100_000_000_000 else {
      return nil
    }
    return Double(value) / 1e11
  }

  /// Reads a percentage as a pure number.
  package static func percentage(_ text: String) -> Price? {
    guard text.last == "%", let value = fraction(text.dropLast(), digits: 10), value < 1_000_000_000_000_000
    else { return nil }
    return Price(units: value)
  }

  /// Reads a speed; at most a million.
  package static func speed(_ text: String) -> Double? {
    guard text.last == "x", let value = fraction(text.dropLast(), digits: 6), value > 0,
      value <= 1_000_000_000_000
    else { return nil }
    return Double(value) / 1e6
  }

  /// Reads a whole number in plain digits.
  package static func integer(_ text: String) -> Int? {
    let digits = text.hasPrefix("-") ? text.dropFirst() : Substring(text)
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      digits.count == 1 || digits.first != "0"
    else { return nil }
    return Int(text)
  }

  /// Reads a decimal as a count of `10^-digits`.
  package static func decimal(_ text: String, digits: Int) -> Int128? {
    fraction(Substring(text), digits: digits)
  }

  /// Reads an unsigned decimal as a count of `10^-digits`; at most 10²⁰ before the point.
  private static func fraction(_ text: some StringProtocol, digits: Int) -> Int128? {
    guard let first = text.utf8.first, (48...57).contains(first) else { return nil }
    switch digits {
    case Quantity.scale: return Quantity(text).flatMap { bounded($0.units, digits) }
    case Price.scale: return Price(text).flatMap { bounded($0.units, digits) }
    default:
      guard let units = Money(text)?.units else { return nil }
      var divisor: Int128 = 1
      for _ in digits..<Money.scale { divisor *= 10 }
      return units % divisor == 0 ? bounded(units / divisor, digits) : nil
    }
  }

  private static func bounded(_ units: Int128, _ digits: Int) -> Int128? {
    var limit: Int128 = 100_000_000_000_000_000_000
    for _ in 0..<digits where limit < Int128.max / 10 { limit *= 10 }
    return units <= limit ? units : nil
  }
}

/// A moment of a run, as written in a scenario.
package enum PointInTime: Hashable, Sendable {
  /// So long after the start.
  case afterStart(Span)
  /// At an instant.
  case at(Instant)
  /// So long after (or before) the end of the first calendar month of the run.
  case monthEnd(offset: Span)

  /// Reads a moment.
  package init?(_ text: String) {
    if text.hasPrefix("month-end") {
      let rest = text.dropFirst(9)
      if rest.isEmpty {
        self = .monthEnd(offset: .zero)
      } else if rest.first == "+", let span = Unit.duration(String(rest.dropFirst())) {
        self = .monthEnd(offset: span)
      } else if rest.first == "-", let span = Unit.duration(String(rest.dropFirst())) {
        self = .monthEnd(offset: .zero - span)
      } else {
        return nil
      }
    } else if let span = Unit.duration(text) {
      self = .afterStart(span)
    } else if let instant = Instant(iso8601: text) {
      self = .at(instant)
    } else {
      return nil
    }
  }

  /// The instant, for a run that starts at an instant.
  package func instant(start: Instant) -> Instant {
    switch self {
    case .afterStart(let span): start + span
    case .at(let instant): instant
    case .monthEnd(let offset): Period(holding: start).end + offset
    }
  }
}
