import CanonicalModel
import Chronology

/// The share of a billing period that a part of it makes up: an exact fraction.
struct Proration: Hashable, Sendable {
  var numerator: Int128
  var denominator: Int128

  /// All of it.
  static let whole = Proration(numerator: 1, denominator: 1)

  /// The share of a part by a policy.
  ///
  /// Days are UTC calendar days, the end excluded: a change at any hour of a day gives that day to the new terms.
  init(
    _ policy: ProrationPolicy, from start: Instant, to end: Instant, of period: Period,
    countsLastDay: Bool = false
  ) {
    precondition(start < end, "a part of a period ends before it begins")
    precondition(period.start < period.end, "a period ends before it begins")
    switch policy {
    case .none:
      self = .whole
    case .seconds:
      numerator = Int128((end - start).nanoseconds / 1_000_000_000)
      denominator = Int128((period.end - period.start).nanoseconds / 1_000_000_000)
    case .days:
      numerator = Int128(end.index(of: .days(1)) - start.index(of: .days(1)))
      if countsLastDay, end < period.end { numerator += 1 }
      denominator = Int128(period.end.index(of: .days(1)) - period.start.index(of: .days(1)))
    }
    precondition(denominator > 0 && numerator >= 0, "a share is no fraction: \(numerator)/\(denominator)")
    precondition(numerator <= denominator || countsLastDay, "a part of a period is more than all of it")
  }

  init(numerator: Int128, denominator: Int128) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// The share of two parts of the same period, by the same policy.
  func joined(with other: Proration) -> Proration {
    if self == .whole || other == .whole { return .whole }
    precondition(denominator == other.denominator, "shares of different periods are joined")
    return Proration(numerator: numerator + other.numerator, denominator: denominator)
  }

  /// The share of an amount, rounded once to the minor unit, ties away from zero.
  ///
  /// - Precondition: the amount is at most 10²⁰ times the minor unit, as prices in files are.
  func of(_ amount: Money, in currency: Currency) -> Money {
    let minor = Money(minorUnits: 1, of: currency).units
    let units = (amount.units * numerator).divided(by: denominator * minor, rounding: .halfAwayFromZero)
    assert(
      amount < .zero || numerator > denominator || units * minor <= amount.units + minor,
      "a share of an amount is more than all of it")
    return Money(units: units * minor)
  }

  /// The share of an allowance, cut off at a millionth.
  func of(_ quantity: Quantity) -> Quantity {
    Quantity(units: (quantity.units * numerator).divided(by: denominator, rounding: .towardZero))
  }

  /// The share of a bound, cut off at 10⁻¹⁸.
  func of(_ bound: Money) -> Money {
    Money(units: (bound.units * numerator).divided(by: denominator, rounding: .towardZero))
  }

  /// A charge with its allowance and bounds reduced to the share.
  func of(_ charge: Charge) -> Charge {
    guard numerator != denominator else { return charge }
    var reduced = charge
    reduced.includedUnits = of(charge.includedUnits)
    reduced.minimum = charge.minimum.map { of($0) }
    reduced.maximum = charge.maximum.map { of($0) }
    return reduced
  }
}
