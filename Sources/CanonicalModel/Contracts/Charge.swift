/// One tier of a tiered price: the quantities above the tier before and up to and including ``upTo``.
public struct Tier: Hashable, Sendable {
  /// The last quantity of the tier, inclusive; `nil` for the last tier.
  public var upTo: Quantity?
  /// The price per unit, or the rate of a graduated percentage.
  public var unitPrice: Price
  /// Charged once when the tier is entered.
  public var flatFee: Money

  /// Makes a tier.
  public init(upTo: Quantity?, unitPrice: Price, flatFee: Money = .zero) {
    self.upTo = upTo
    self.unitPrice = unitPrice
    self.flatFee = flatFee
  }
}

/// When the flat fee of the first tier is due.
public enum FirstTierFlatFee: String, Sendable, CaseIterable {
  /// Only when there is usage (Flexprice).
  case whenUsed
  /// Also at zero usage (Lago, OpenMeter).
  case always
}

/// The terms of a percentage price; amounts are per event.
public struct PercentageTerms: Hashable, Sendable {
  /// The share of each event's amount: 1.3 % is 0.013.
  public var rate: Price
  /// Charged for each paid event.
  public var fixedFee: Money
  /// Events that are free at the start of a period; `nil`: no such allowance.
  public var freeEvents: Int?
  /// The amount that is free at the start of a period; `nil`: no such allowance.
  public var freeAmount: Quantity?
  /// The least fee of a paid event.
  public var perEventMinimum: Money?
  /// The greatest fee of a paid event.
  public var perEventMaximum: Money?

  /// Makes percentage terms.
  public init(
    rate: Price, fixedFee: Money = .zero, freeEvents: Int? = nil, freeAmount: Quantity? = nil,
    perEventMinimum: Money? = nil, perEventMaximum: Money? = nil
  ) {
    self.rate = rate
    self.fixedFee = fixedFee
    self.freeEvents = freeEvents
    self.freeAmount = freeAmount
    self.perEventMinimum = perEventMinimum
    self.perEventMaximum = perEventMaximum
  }

  /// Whether the fee depends on single events, so that a period's sum does not suffice to rate it.
  public var needsEvents: Bool {
    fixedFee != .zero || freeEvents != nil || freeAmount != nil || perEventMinimum != nil
      || perEventMaximum != nil
  }
}

/// How a charge prices a quantity.
public enum PricingModel: Hashable, Sendable {
  /// Every unit at one price.
  case perUnit(Price)
  /// Each unit at the price of the tier that it falls in.
  case graduated([Tier], firstTierFlatFee: FirstTierFlatFee)
  /// All units at the price of the tier that the total falls in.
  case volume([Tier], firstTierFlatFee: FirstTierFlatFee)
  /// Whole packages of a size, rounded up.
  case package(size: Quantity, price: Money)
  /// A share of each event's amount.
  case percentage(PercentageTerms)
  /// A share of each part of the amount, by tier.
  case graduatedPercentage([Tier], firstTierFlatFee: FirstTierFlatFee)

  /// A model without its terms, by its name in price books.
  public enum Kind: String, Sendable, CaseIterable {
    case perUnit, graduated, volume, package, percentage, graduatedPercentage
  }

  /// The model without its terms.
  public var kind: Kind {
    switch self {
    case .perUnit: .perUnit
    case .graduated: .graduated
    case .volume: .volume
    case .package: .package
    case .percentage: .percentage
    case .graduatedPercentage: .graduatedPercentage
    }
  }

  /// The model's name in price books.
  public var name: String { kind.rawValue }
}

extension PricingModel.Kind {
  /// The model with the terms that it asks for; `nil` where one is missing or wrong.
  ///
  /// A new price model is a case of ``PricingModel`` and of this, its terms here, and its arithmetic twice: in the core's rating and in
  /// the oracle's.
  public func model(with terms: inout some PriceTermSource) -> PricingModel? {
    switch self {
    case .perUnit:
      return terms.price("unitPrice", "the price of every unit").map(PricingModel.perUnit)
    case .graduated:
      let (tiers, fee) = (terms.tiers(at: .unitPrice), Self.firstTierFlatFee(&terms))
      guard let tiers, let fee else { return nil }
      return .graduated(tiers, firstTierFlatFee: fee)
    case .volume:
      let (tiers, fee) = (terms.tiers(at: .unitPrice), Self.firstTierFlatFee(&terms))
      guard let tiers, let fee else { return nil }
      return .volume(tiers, firstTierFlatFee: fee)
    case .package:
      let size = terms.positiveQuantity(
        "packageSize", "the units in a package", otherwise: "packageSize must be positive")
      let price = terms.money("packagePrice", "the price of a package")
      guard let size, let price else { return nil }
      return .package(size: size, price: price)
    case .percentage:
      return Self.percentageTerms(&terms).map(PricingModel.percentage)
    case .graduatedPercentage:
      let (tiers, fee) = (terms.tiers(at: .rate), Self.firstTierFlatFee(&terms))
      guard let tiers, let fee else { return nil }
      return .graduatedPercentage(tiers, firstTierFlatFee: fee)
    }
  }

  private static func firstTierFlatFee(_ terms: inout some PriceTermSource) -> FirstTierFlatFee? {
    terms.choice(
      "firstTierFlatFee",
      "when the flat fee of the first tier is due: whenUsed (default), or always, also without usage",
      or: .whenUsed)
  }

  private static func percentageTerms(_ terms: inout some PriceTermSource) -> PercentageTerms? {
    let rate = terms.percentage("rate", "the share of each event's amount")
    let fee = terms.money(
      "fixedFeePerEvent", "charged for each paid event", title: "fixed fee per event of {}", or: .zero)
    let freeEvents = terms.optionalCount(
      "freeEvents", upTo: 1_000_000_000, "events that are free in a period", title: "free events of {}")
    let freeAmount = terms.optionalQuantity(
      "freeAmount", "the amount that is free in a period", title: "free amount of {}")
    let least = terms.optionalMoney(
      "perEventMinimum", "the minimum fee of a paid event", title: "least fee per event of {}")
    let greatest = terms.optionalMoney(
      "perEventMaximum", "the maximum fee of a paid event", title: "greatest fee per event of {}")
    guard let rate, let fee, let freeEvents, let freeAmount, let least, let greatest else { return nil }
    if let least, let greatest, greatest < least {
      terms.refuse("the maximum of an event's fee is below its minimum", at: "perEventMaximum")
      return nil
    }
    return PercentageTerms(
      rate: rate, fixedFee: fee, freeEvents: freeEvents, freeAmount: freeAmount, perEventMinimum: least,
      perEventMaximum: greatest)
  }
}

/// One charge of a price book: a meter and how its quantity of a period becomes an amount.
public struct Charge: Hashable, Sendable {
  /// The meter's name.
  public var meter: String
  /// The pricing.
  public var model: PricingModel
  /// Units that are free at the start of a period.
  public var includedUnits: Quantity
  /// The least amount of a period; `nil`: none.
  public var minimum: Money?
  /// The greatest amount of a period; `nil`: none.
  public var maximum: Money?

  /// Makes a charge.
  public init(
    meter: String, model: PricingModel, includedUnits: Quantity = .zero, minimum: Money? = nil,
    maximum: Money? = nil
  ) {
    self.meter = meter
    self.model = model
    self.includedUnits = includedUnits
    self.minimum = minimum
    self.maximum = maximum
  }

  /// Whether a period without usage costs something: a minimum, or the flat fee of a first tier that is always due.
  public var asksWithoutUsage: Bool {
    if let minimum, minimum > .zero { return true }
    switch model {
    case .graduated(let tiers, .always), .volume(let tiers, .always),
      .graduatedPercentage(let tiers, .always):
      return tiers.first.map { $0.flatFee != .zero } ?? false
    case .graduated, .volume, .graduatedPercentage, .perUnit, .package, .percentage: return false
    }
  }
}

extension PriceBook {
  /// The charges that a contract asks for in a period without usage.
  public var idleCharges: [Charge] {
    charges.filter { charge in charge.asksWithoutUsage && entitlements?.contains(charge.meter) != false }
  }

  /// The charge for a meter: the one for its own value of the dimension, else the one for all values.
  public func charge(for meter: Meter) -> Charge? {
    charges.first { $0.meter == meter.name } ?? charges.first { $0.meter == meter.base }
  }
}

/// The prices of a contract in one currency.
public struct PriceBook: Hashable, Sendable {
  /// The currency of every amount.
  public var currency: Currency
  /// The charges for usage, at most one a meter.
  public var charges: [Charge]
  /// The charges that recur every period.
  public var recurring: [RecurringCharge]
  /// The least that a period's usage costs in total: what is missing is charged as a true-up. `nil`: none.
  public var minimumSpend: Money?
  /// Credits that are bought in advance; `nil`: none.
  public var prepaid: PrepaidCredits?
  /// The meters that a contract includes; `nil`: all that there are charges for.
  public var entitlements: [String]?
  /// How a change within a period is charged.
  public var proration: ProrationPolicy

  /// Makes a price book.
  public init(
    currency: Currency, charges: [Charge], recurring: [RecurringCharge] = [], minimumSpend: Money? = nil,
    prepaid: PrepaidCredits? = nil, entitlements: [String]? = nil,
    proration: ProrationPolicy = .days
  ) {
    self.prepaid = prepaid
    self.entitlements = entitlements
    self.currency = currency
    self.charges = charges
    self.recurring = recurring
    self.minimumSpend = minimumSpend
    self.proration = proration
  }
}
