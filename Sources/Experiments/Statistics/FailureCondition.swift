import CanonicalModel
import Scenario

/// A condition under which a comparison fails: an indicator's mean above or below a limit, which is a figure, or one relative to the
/// first variant: `closeCycleTime > 3h`, `postingLatency.p99 > +5%`, `erpCalls > +100`, `postingThroughput < -10%`.
package struct FailureCondition: Hashable, Sendable {
  /// The limit.
  package enum Limit: Hashable, Sendable {
    /// A figure, in the indicator's unit.
    case figure(Double)
    /// The first variant's mean and this share of it more; negative: less.
    case share(Double)
    /// The first variant's mean and this much more, in the indicator's unit; negative: less.
    case difference(Double)
  }

  /// The indicator.
  package let indicator: Expectation.Indicator
  /// Whether it fails above the limit; otherwise below it.
  package let isAbove: Bool
  /// The limit.
  package let limit: Limit
  /// The currency of a limit that is an amount.
  package let currency: Currency?
  /// As written.
  package let text: String

  /// Reads a condition.
  ///
  /// - Throws: what would be right.
  package init(_ text: String) throws(InvalidCondition) {
    let wanted =
      "'\(text)' should be an indicator, < or >, and a limit, such as 'postingLatency.p99 > +5%' or 'closeCycleTime > 3h'"
    guard let sign = text.firstIndex(where: { $0 == "<" || $0 == ">" }) else {
      throw InvalidCondition(wanted)
    }
    let name = text[..<sign].split(separator: " ").joined(separator: " ")
    let limit = text[text.index(after: sign)...].filter { $0 != " " }
    guard !name.isEmpty, !limit.isEmpty, limit.first != "=" else { throw InvalidCondition(wanted) }
    guard let indicator = Expectation.indicator(name) else {
      throw InvalidCondition(
        "there is no indicator '\(name)'"
          + NearestKey.hint(for: name, among: Expectation.indicators.map(\.name)))
    }
    self.indicator = indicator
    isAbove = text[sign] == ">"
    let hasAmount = indicator.dimension == .money && !limit.hasSuffix("%")
    currency = hasAmount ? Currency(code: String(limit.suffix(3))) : nil
    self.text =
      "\(name) \(text[sign]) " + (currency == nil ? limit : "\(limit.dropLast(3)) \(limit.suffix(3))")
    guard let first = limit.first, first == "+" || first == "-" else {
      guard let plain = Expectation("\(name) \(text[sign]) \(limit)") else {
        throw InvalidCondition(Expectation.problem(with: "\(name) \(text[sign]) \(limit)"))
      }
      self.limit = .figure(plain.threshold)
      return
    }
    let factor = first == "-" ? -1.0 : 1.0
    let amount = String(limit.dropFirst())
    if indicator.dimension != .share, amount.hasSuffix("%") {
      guard let share = Unit.share(amount) ?? Self.percent(amount) else {
        throw InvalidCondition("'\(limit)' should be a share of the first variant's mean, such as +5%")
      }
      self.limit = .share(factor * share)
      return
    }
    guard let plain = Expectation("\(name) \(text[sign]) \(amount)") else {
      throw InvalidCondition(Expectation.problem(with: "\(name) \(text[sign]) \(amount)"))
    }
    self.limit = .difference(factor * plain.threshold)
  }

  /// Shares above 100 %, such as +150%.
  private static func percent(_ text: String) -> Double? {
    guard let number = Double(text.dropLast()), number.isFinite, (0...1_000_000).contains(number) else {
      return nil
    }
    return number / 100
  }

  /// Whether the first variant is held against the limit as well.
  var isAbsolute: Bool {
    if case .figure = limit { return true }
    return false
  }

  /// By how much a value lies beyond the limit, on the same seed as the first variant's value.
  func excess(_ value: Double, baseline: Double) -> Double {
    let bound =
      switch limit {
      case .figure(let figure): figure
      case .share(let share): baseline * (1 + share)
      case .difference(let difference): baseline + difference
      }
    return isAbove ? value - bound : bound - value
  }
}

/// What is wrong with a condition, and what would be right.
package struct InvalidCondition: Error {
  /// For a person.
  package let message: String

  init(_ message: String) { self.message = message }
}
