/// A measured quantity: fixed-point with 6 fraction digits ("millionths"). Arithmetic traps on overflow.
public struct Quantity: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// Fraction digits.
  public static let scale = 6
  /// Millionths in one.
  public static let one: Int128 = 1_000_000

  /// The quantity in millionths.
  public var units: Int128

  /// Makes a quantity from millionths.
  @inlinable
  public init(units: Int128) { self.units = units }

  /// Makes a whole quantity.
  public init(_ whole: Int) { units = Int128(whole) * Self.one }

  /// Reads a decimal such as `12.5`; `nil` on another form or more than 6 fraction digits.
  public init?(_ text: some StringProtocol) {
    guard let units = DecimalDigits.parse(text, scale: Self.scale) else { return nil }
    self.units = units
  }

  /// None.
  public static let zero = Quantity(units: 0)

  /// This quantity read as an amount of money in major units (for percentage prices).
  public var asMoney: Money? {
    let (units, overflow) = self.units.multipliedReportingOverflow(by: 1_000_000_000_000)
    return overflow ? nil : Money(units: units)
  }

  public static func < (a: Quantity, b: Quantity) -> Bool { a.units < b.units }
  public static func + (a: Quantity, b: Quantity) -> Quantity { Quantity(units: a.units + b.units) }
  public static func - (a: Quantity, b: Quantity) -> Quantity { Quantity(units: a.units - b.units) }
  public static func += (a: inout Quantity, b: Quantity) { a.units += b.units }
}

extension Quantity: CustomStringConvertible {
  /// The exact decimal without needless zeros.
  public var description: String { DecimalDigits.format(units, scale: Self.scale) }
}
