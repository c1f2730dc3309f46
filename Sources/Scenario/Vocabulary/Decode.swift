import CanonicalModel

/// Reads scalars that the validator has passed; a value that it should not have passed is still an error and
/// never a crash.
enum Decode {
  static func optional<T>(
    _ node: LocatedNode, _ key: String, _ read: (LocatedNode, String) throws(InvalidInput) -> T
  ) throws(InvalidInput) -> T? {
    node[key] == nil ? nil : try read(node, key)
  }

  /// The largest amount in major units, and the largest quantity, that a file may name: 10¹². A million customers' charges of
  /// ten years add up within the range of ``Money``.
  static let largest: Int128 = 1_000_000_000_000

  /// The largest price of one unit, in major units.
  static let largestPrice: Int128 = 1_000_000_000

  private static func require(
    _ holds: Bool, _ node: LocatedNode, _ what: String, _ most: Int128 = largest
  ) throws(InvalidInput) {
    guard holds else {
      throw InvalidInput("\(node.kind) is too large: \(what) must not exceed \(most)", at: node.position)
    }
  }

  private static func invalid(_ node: LocatedNode, _ unit: Unit) -> InvalidInput {
    InvalidInput("\(node.kind) should be \(unit.wanted)", at: node.position)
  }

  /// A decimal; zero where the key is missing.
  static func quantity(_ node: LocatedNode, _ key: String) throws(InvalidInput) -> Quantity {
    guard let value = node[key] else { return .zero }
    guard let text = value.text, let quantity = Quantity(text) else {
      throw invalid(value, .decimal(digits: Quantity.scale))
    }
    try require(quantity.units.magnitude <= UInt128(largest * Quantity.one), value, "a quantity")
    return quantity
  }

  /// A decimal or a percentage; zero where the key is missing.
  static func price(_ node: LocatedNode, _ key: String) throws(InvalidInput) -> Price {
    guard let value = node[key] else { return .zero }
    guard let text = value.text, let price = Unit.percentage(text) ?? Price(text) else {
      throw invalid(value, .decimal(digits: Price.scale))
    }
    try require(
      price.units.magnitude <= UInt128(largestPrice * 1_000_000_000_000), value, "a price", largestPrice)
    return price
  }

  /// A decimal; zero where the key is missing.
  static func money(_ node: LocatedNode, _ key: String) throws(InvalidInput) -> Money {
    guard let value = node[key] else { return .zero }
    guard let text = value.text, let money = Money(text) else {
      throw invalid(value, .decimal(digits: Money.scale - 6))
    }
    try require(money.units.magnitude <= UInt128(largest * Money.one), value, "an amount")
    return money
  }

  static func currency(_ value: LocatedNode?, in node: LocatedNode) throws(InvalidInput) -> Currency {
    guard let text = value?.text, let currency = Currency(code: text) else {
      throw invalid(value ?? node, .currency)
    }
    return currency
  }
}
