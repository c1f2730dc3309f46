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

  /// The terms of each model.
  @Sendable
  private static func terms(of model: PricingModel.Kind) -> Key<PricingModel> {
    switch model {
    case .perUnit:
      .group(.required("unitPrice", .price, "the price of every unit")) { _, price in .perUnit(price) }
    case .graduated:
      .group(tiers(unitPrice), firstTierFlatFee) { _, tiers, fee in .graduated(tiers, firstTierFlatFee: fee) }
    case .volume:
      .group(tiers(unitPrice), firstTierFlatFee) { _, tiers, fee in .volume(tiers, firstTierFlatFee: fee) }
    case .package:
      .group(
        .required("packageSize", packageSize, "the units in a package"),
        .required("packagePrice", .money, "the price of a package")
      ) { _, size, price in .package(size: size, price: price) }
    case .percentage: percentageTerms
    case .graduatedPercentage:
      .group(
        tiers(.defaulting("rate", .percentage, to: .zero, "the share of the part in the tier")),
        firstTierFlatFee
      ) { _, tiers, fee in .graduatedPercentage(tiers, firstTierFlatFee: fee) }
    }
  }

  private static let percentageTerms = Key<PricingModel>.group(
    .required("rate", .percentage, "the share of each event's amount"),
    .defaulting(
      "fixedFeePerEvent", .money, to: .zero, "charged for each paid event", title: "fixed fee per event of {}"
    ),
    .optional(
      "freeEvents", .integer(0...1_000_000_000), "events that are free in a period",
      title: "free events of {}"),
    .optional(
      "freeAmount", .quantity, "the amount that is free in a period", title: "free amount of {}"),
    .optional(
      "perEventMinimum", .money, "the least fee of a paid event", title: "least fee per event of {}"),
    .optional(
      "perEventMaximum", .money, "the greatest fee of a paid event", title: "greatest fee per event of {}"),
    make: percentage)

  @Sendable
  private static func percentage(
    _ place: Place, rate: Price, fixedFee: Money, freeEvents: Int?, freeAmount: Quantity?, least: Money?,
    greatest: Money?
  ) throws(InvalidInput) -> PricingModel {
    if let least, let greatest, greatest < least {
      throw InvalidInput(
        "the maximum of an event's fee is below its minimum", at: place.position("perEventMaximum"))
    }
    return .percentage(
      PercentageTerms(
        rate: rate, fixedFee: fixedFee, freeEvents: freeEvents, freeAmount: freeAmount,
        perEventMinimum: least, perEventMaximum: greatest))
  }

  private static let packageSize: Schema<Quantity> = .quantity.refusing { (size: Quantity, _) -> String? in
    size > Quantity.zero ? nil : "a package must hold more than nothing"
  }

  // MARK: Tiers

  private static let unitPrice = Key<Price>.defaulting(
    "unitPrice", .price, to: .zero, "the price per unit; 0 if left out")

  private static let firstTierFlatFee = Key<FirstTierFlatFee>.defaulting(
    "firstTierFlatFee", .choice(), to: .whenUsed,
    "when the flat fee of the first tier is due: whenUsed (default), or always, also without usage")

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
    .optional("minimum", .money, "the least amount of a period"),
    .optional("maximum", .money, "the greatest amount of a period"),
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
