import CanonicalModel

/// Lists the terms that a price model asks for, or reads them from a mapping.
struct PriceTermReader: PriceTermSource {
  /// What has been asked for.
  private var fields: [Field] = []
  /// Where the terms stand; `nil`: they are only listed.
  private let mapping: Mapping?
  /// With what has been found to be wrong.
  private(set) var reader: Reader

  /// Reads from a mapping.
  init(_ mapping: Mapping?, _ reader: Reader) { (self.mapping, self.reader) = (mapping, reader) }

  /// The keys of a model's terms.
  static func fields(of model: PricingModel.Kind) -> [Field] {
    var terms = PriceTermReader(nil, Reader())
    let none = model.model(with: &terms)
    assert(none == nil, "a price model is made of no terms")
    return terms.fields
  }

  private mutating func ask<Value>(_ key: Key<Value>) -> Value? {
    fields += key.fields
    guard let mapping else { return nil }
    return key.read(mapping, &reader)
  }

  mutating func price(_ key: String, _ help: String) -> Price? { ask(.required(key, .price, help)) }

  mutating func percentage(_ key: String, _ help: String) -> Price? { ask(.required(key, .percentage, help)) }

  mutating func money(_ key: String, _ help: String) -> Money? { ask(.required(key, .money, help)) }

  mutating func money(_ key: String, _ help: String, title: String, or amount: Money) -> Money? {
    ask(.defaulting(key, .money, to: amount, help, title: title))
  }

  mutating func optionalMoney(_ key: String, _ help: String, title: String) -> Money?? {
    ask(.optional(key, .money, help, title: title))
  }

  mutating func positiveQuantity(_ key: String, _ help: String, otherwise: String) -> Quantity? {
    let positive: Schema<Quantity> = .quantity.refusing { (quantity: Quantity, _) -> String? in
      quantity > Quantity.zero ? nil : otherwise
    }
    return ask(.required(key, positive, help))
  }

  mutating func optionalQuantity(_ key: String, _ help: String, title: String) -> Quantity?? {
    ask(.optional(key, .quantity, help, title: title))
  }

  mutating func optionalCount(_ key: String, upTo maximum: Int, _ help: String, title: String) -> Int?? {
    ask(.optional(key, .integer(0...maximum), help, title: title))
  }

  mutating func choice<Word: CaseIterable & RawRepresentable & Sendable>(
    _ key: String, _ help: String, or word: Word
  ) -> Word? where Word.RawValue == String {
    ask(.defaulting(key, .choice(), to: word, help))
  }

  mutating func tiers(at price: TierPrice) -> [Tier]? {
    switch price {
    case .unitPrice:
      ask(Self.tiers(.defaulting("unitPrice", .price, to: .zero, "the price per unit; 0 if left out")))
    case .rate:
      ask(Self.tiers(.defaulting("rate", .percentage, to: .zero, "the share of the part in the tier")))
    }
  }

  mutating func refuse(_ message: String, at key: String) {
    assert(fields.contains { $0.key == key }, "'\(key)' has not been asked for")
    guard let mapping else { return }
    reader.refuse(InvalidInput(message, at: (mapping[key] ?? mapping.node).position))
  }

  // MARK: Tiers

  private static func tiers(_ price: Key<Price>) -> Key<[Tier]> {
    let tier = Schema<Tier>.record(
      .optional(
        "upTo", .quantity, "the last quantity of the tier, inclusive; left out on the last tier",
        title: "upper end of {}"),
      price,
      .defaulting("flatFee", .money, to: .zero, "charged once when the tier is entered")
    ) { _, upTo, price, flatFee in Tier(upTo: upTo, unitPrice: price, flatFee: flatFee) }
    return .required(
      "tiers",
      .list(tier, minimum: 1).map(refuseFalling), "the tiers, rising", title: "{}", element: "tier {#} of {}")
  }

  @Sendable
  private static func refuseFalling(_ place: Place, _ tiers: [Tier]) throws(InvalidInput) -> [Tier] {
    for (index, tier) in tiers.enumerated() {
      let position = place.position("\(index)", "upTo")
      if index < tiers.count - 1 {
        guard let upTo = tier.upTo else {
          throw InvalidInput("only the last tier may have no 'upTo'", at: position)
        }
        if upTo <= (index == 0 ? .zero : tiers[index - 1].upTo ?? .zero) {
          throw InvalidInput("the tiers must rise: \(upTo) is not above the tier before", at: position)
        }
      } else if tier.upTo != nil {
        throw InvalidInput("the last tier has no 'upTo': it takes whatever is left", at: position)
      }
    }
    return tiers
  }
}
