import CanonicalModel

/// Charges: a model with its terms, and what all models have.
extension PriceBookFile {
  /// One charge of a price book.
  static let charge = Schema<Charge>.tagged(
    "model", PricingModel.Kind.self, "how the quantity is priced", keys: terms,
    common: .required("meter", .name, "the meter whose quantity is priced"), bounds
  ) { _, model, meter, bounds in
    bounds.charge(meter: meter, model: model)
  }

  /// A charge of its own, which may name its currency, and need not name a meter.
  static let single = Schema<PriceBook>.tagged(
    "model", PricingModel.Kind.self, "how the quantity is priced", keys: terms, common: bounds,
    .defaulting("meter", .name, to: "usage", "the meter"),
    .optional("currency", .currency, "the currency")
  ) { _, model, bounds, meter, currency in
    guard let dollar = Currency(code: "USD") else { preconditionFailure("USD is a currency") }
    return PriceBook(currency: currency ?? dollar, charges: [bounds.charge(meter: meter, model: model)])
  }

  /// The terms of a model, as it declares them.
  @Sendable
  private static func terms(of model: PricingModel.Kind) -> Key<PricingModel> {
    Key(fields: PriceTermReader.fields(of: model)) { mapping, reader in
      var terms = PriceTermReader(mapping, reader)
      defer { reader = terms.reader }
      return model.model(with: &terms)
    }
  }

  // MARK: What all models have

  /// What bounds a charge, whatever its model.
  private struct Bounds: Sendable {
    var value: String?
    var includedUnits: Quantity
    var minimum: Money?
    var maximum: Money?

    func charge(meter: String, model: PricingModel) -> Charge {
      Charge(
        meter: meter + (value.map { "[\($0)]" } ?? ""), model: model, includedUnits: includedUnits,
        minimum: minimum, maximum: maximum)
    }
  }

  private static let bounds = Key<Bounds>.group(
    .optional(
      "where", .name, "the value of the meter's dimension that is priced; all others if left out"),
    .defaulting("includedUnits", .quantity, to: .zero, "units that are free in a period"),
    .optional("minimum", .money, "the minimum charge for a period"),
    .optional("maximum", .money, "the maximum charge for a period"),
    make: bounds)

  @Sendable
  private static func bounds(
    _ place: Place, value: String?, includedUnits: Quantity, minimum: Money?, maximum: Money?
  ) throws(InvalidInput) -> Bounds {
    if let minimum, let maximum, maximum < minimum {
      throw InvalidInput("the maximum is below the minimum", at: place.position("maximum"))
    }
    return Bounds(value: value, includedUnits: includedUnits, minimum: minimum, maximum: maximum)
  }
}
