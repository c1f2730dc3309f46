/// Where the terms of a price model come from, such as a price-book file. A model asks for each of its terms once, in the order in which
/// they are documented, and whatever the answers are: so to ask for nothing lists the terms that there are.
///
/// An answer is `nil` where a term is missing or wrong, which the source has put down.
public protocol PriceTermSource {
  /// A price per unit, which must be given.
  mutating func price(_ key: String, _ help: String) -> Price?
  /// A percentage as a pure number, which must be given.
  mutating func percentage(_ key: String, _ help: String) -> Price?
  /// An amount, which must be given.
  mutating func money(_ key: String, _ help: String) -> Money?
  /// An amount with a default.
  mutating func money(_ key: String, _ help: String, title: String, or amount: Money) -> Money?
  /// An amount that may be left out.
  mutating func optionalMoney(_ key: String, _ help: String, title: String) -> Money??
  /// A positive quantity that must be given.
  ///
  /// - Parameter otherwise: what is said where it is not.
  mutating func positiveQuantity(_ key: String, _ help: String, otherwise: String) -> Quantity?
  /// A quantity that may be left out.
  mutating func optionalQuantity(_ key: String, _ help: String, title: String) -> Quantity??
  /// A number of things that may be left out.
  mutating func optionalCount(_ key: String, upTo maximum: Int, _ help: String, title: String) -> Int??
  /// One of some words, with a default.
  mutating func choice<Word: CaseIterable & RawRepresentable & Sendable>(
    _ key: String, _ help: String, or word: Word
  ) -> Word? where Word.RawValue == String
  /// Tiers, rising, which must be given.
  mutating func tiers(at price: TierPrice) -> [Tier]?
  /// Puts down what is wrong with terms together.
  ///
  /// - Parameter key: where.
  mutating func refuse(_ message: String, at key: String)
}

/// What a tier has for its price.
public enum TierPrice: Hashable, Sendable {
  /// A price per unit.
  case unitPrice
  /// A share of the part in the tier.
  case rate
}
