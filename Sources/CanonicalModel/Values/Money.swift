/// An exact amount of money in major units, fixed-point with 18 fraction digits.
///
/// Range: ±1.7 × 10²⁰ major units. A ``Price`` times a ``Quantity`` is exact. The currency stands on the
/// document that holds the amount. Arithmetic traps on overflow; multiplication of foreign data goes
/// through ``Price/times(_:)``, which reports it.
public struct Money: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// Fraction digits.
  public static let scale = 18
  /// Units of 10⁻¹⁸ in one major unit.
  public static let one: Int128 = 1_000_000_000_000_000_000

  /// The amount in units of 10⁻¹⁸.
  public var units: Int128

  /// Makes an amount from units of 10⁻¹⁸.
  public init(units: Int128) { self.units = units }

  /// Reads a decimal such as `12.50`; `nil` on another form or more than 18 fraction digits.
  public init?(_ text: String) {
    guard let units = DecimalDigits.parse(text, scale: Self.scale) else { return nil }
    self.units = units
  }

  /// Reads a decimal such as `12.50`; `nil` on another form or more than 18 fraction digits.
  public init?(_ text: some StringProtocol) {
    guard let units = DecimalDigits.parse(text, scale: Self.scale) else { return nil }
    self.units = units
  }

  /// Makes an amount from whole minor units of a currency.
  public init(minorUnits: Int128, of currency: Currency) { units = minorUnits * currency.minorUnit }

  /// Nothing.
  public static let zero = Money(units: 0)

  /// This amount rounded to the minor unit of a currency.
  public func rounded(to currency: Currency, _ rounding: Rounding = .halfAwayFromZero) -> Money {
    Money(units: units.divided(by: currency.minorUnit, rounding: rounding) * currency.minorUnit)
  }

  /// Whether the amount is a whole number of minor units.
  public func isWhole(in currency: Currency) -> Bool { units % currency.minorUnit == 0 }

  /// The decimal with exactly the currency's digits, such as `12.50`; more where the amount has more.
  public func text(in currency: Currency) -> String {
    DecimalDigits.format(units, scale: Self.scale, minimumFraction: currency.digits)
  }

  public static func < (a: Money, b: Money) -> Bool { a.units < b.units }
  public static func + (a: Money, b: Money) -> Money { Money(units: a.units + b.units) }
  public static func - (a: Money, b: Money) -> Money { Money(units: a.units - b.units) }
  public static func += (a: inout Money, b: Money) { a.units += b.units }
  public static func -= (a: inout Money, b: Money) { a.units -= b.units }
  public static prefix func - (a: Money) -> Money { Money(units: -a.units) }
}

extension Money: CustomStringConvertible {
  /// The exact decimal without needless zeros.
  public var description: String { DecimalDigits.format(units, scale: Self.scale) }
}
