/// A price per unit, or a rate as a pure number (1.3 % is 0.013): fixed-point with 12 fraction digits.
public struct Price: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// Fraction digits.
  public static let scale = 12

  /// The price in units of 10⁻¹².
  public var units: Int128

  /// Makes a price from units of 10⁻¹².
  public init(units: Int128) { self.units = units }

  /// Reads a decimal such as `0.0000035`; `nil` on another form or more than 12 fraction digits.
  public init?(_ text: some StringProtocol) {
    guard let units = DecimalDigits.parse(text, scale: Self.scale) else { return nil }
    self.units = units
  }

  /// Free of charge.
  public static let zero = Price(units: 0)

  /// The exact amount for a quantity; `nil` where it exceeds the range of ``Money``.
  public func times(_ quantity: Quantity) -> Money? {
    let (product, overflow) = units.multipliedReportingOverflow(by: quantity.units)
    return overflow ? nil : Money(units: product)
  }

  public static func < (a: Price, b: Price) -> Bool { a.units < b.units }
}

extension Price: CustomStringConvertible {
  /// The exact decimal without needless zeros.
  public var description: String { DecimalDigits.format(units, scale: Self.scale) }
}
