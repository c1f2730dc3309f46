import CanonicalModel

/// Reads price books.
public enum PriceBookFile {
  /// Reads a file that holds a price book, or a single charge (in US dollars unless it names a currency).
  public static func read(file: String) throws(InvalidInput) -> PriceBook {
    try decode(YAMLReader.read(file: file))
  }

  static func decode(_ node: LocatedNode) throws(InvalidInput) -> PriceBook {
    if node["charges"] == nil, node["model"] != nil { return try decodeSingle(node) }
    try Validator.validate(node, .priceBook, what: "")
    let currency = try Decode.currency(node["currency"], in: node)
    var charges: [Charge] = []
    for element in node["charges"]?.elements ?? [] {
      let charge = try decodeCharge(element)
      if charges.contains(where: { $0.meter == charge.meter }) {
        throw InvalidInput(
          "there are two charges for the meter '\(charge.meter)'",
          at: element["meter"]?.position ?? element.position)
      }
      charges.append(charge)
    }
    let recurring = try recurring(node, besides: charges)
    let minimumSpend = try Decode.optional(node, "minimumSpend", Decode.money)
    return PriceBook(
      currency: currency, charges: charges, recurring: recurring,
      minimumSpend: minimumSpend, prepaid: try prepaid(node, besides: charges, recurring: recurring),
      entitlements: node["entitlements"].map { $0.elements.compactMap(\.text) },
      proration: node["proration"]?.text.flatMap(ProrationPolicy.init(rawValue:)) ?? .days)
  }

  private static func prepaid(
    _ node: LocatedNode, besides charges: [Charge], recurring: [RecurringCharge]
  ) throws(InvalidInput) -> PrepaidCredits? {
    guard let prepaid = node["prepaid"] else { return nil }
    let name = prepaid["name"]?.text ?? ""
    let names = charges.map(\.meter) + recurring.map(\.name) + ["minimum_spend"]
    guard !names.contains(name) else {
      throw InvalidInput(
        "there are two items named '\(name)'", at: prepaid["name"]?.position ?? prepaid.position)
    }
    let amount = try Decode.money(prepaid, "amount")
    guard amount > .zero, amount.units <= 1_000_000 * Money.one else {
      throw InvalidInput(
        "credits are bought for more than nothing and at most 1000000",
        at: prepaid["amount"]?.position ?? prepaid.position)
    }
    return PrepaidCredits(
      name: name, amount: amount, months: intervals[prepaid["every"]?.text ?? ""] ?? 1,
      expiresAfter: prepaid["expiresAfter"]?.text.flatMap(Unit.integer) ?? 1)
  }

  /// The months of each interval that has a name of its own.
  private static let intervals = ["quarter": 3, "year": 12]

  private static func recurring(
    _ node: LocatedNode, besides charges: [Charge]
  ) throws(InvalidInput) -> [RecurringCharge] {
    var recurring: [RecurringCharge] = []
    for element in node["recurring"]?.elements ?? [] {
      let name = element["name"]?.text ?? ""
      let position = element["name"]?.position ?? element.position
      if recurring.contains(where: { $0.name == name }) || charges.contains(where: { $0.meter == name }) {
        throw InvalidInput("there are two charges named '\(name)'", at: position)
      }
      if name == "minimum_spend" {
        throw InvalidInput("'minimum_spend' is the item of the true-up: choose another name", at: position)
      }
      let price = try Decode.money(element, "price")
      guard price.units <= 1_000_000 * Money.one else {
        throw InvalidInput(
          "a recurring price is at most 1000000", at: element["price"]?.position ?? element.position)
      }
      recurring.append(
        RecurringCharge(
          name: name, price: price,
          unit: element["per"]?.text.flatMap(RecurringCharge.Unit.init(rawValue:)) ?? .subscription,
          timing: element["timing"]?.text.flatMap(RecurringCharge.Timing.init(rawValue:)) ?? .inAdvance,
          months: intervals[element["every"]?.text ?? ""] ?? 1))
    }
    return recurring
  }

  private static func decodeSingle(_ node: LocatedNode) throws(InvalidInput) -> PriceBook {
    // A charge of its own may name its currency, and need not name a meter.
    guard case .tagged(let key, let help, let cases, let common) = Shape.charge else {
      fatalError("unreachable")
    }
    var fields = common.filter { $0.key != "meter" }
    fields.append(Field("meter", .name, "the meter"))
    fields.append(Field("currency", .unit(.currency), "the currency"))
    try Validator.validate(node, .tagged(key: key, help: help, cases: cases, common: fields), what: "")
    let currency = try node["currency"].map { (c) throws(InvalidInput) in try Decode.currency(c, in: node) }
    guard let fallback = Currency(code: "USD") else { fatalError("USD is a currency") }
    return PriceBook(currency: currency ?? fallback, charges: [try decodeCharge(node)])
  }

  private static func decodeCharge(_ node: LocatedNode) throws(InvalidInput) -> Charge {
    let model: PricingModel
    switch node["model"]?.text {
    case "perUnit": model = .perUnit(try Decode.price(node, "unitPrice"))
    case "graduated": model = .graduated(try tiers(node, "unitPrice"), firstTierFlatFee: try first(node))
    case "volume": model = .volume(try tiers(node, "unitPrice"), firstTierFlatFee: try first(node))
    case "graduatedPercentage":
      model = .graduatedPercentage(try tiers(node, "rate"), firstTierFlatFee: try first(node))
    case "package":
      let size = try Decode.quantity(node, "packageSize")
      guard size > .zero else {
        throw InvalidInput(
          "a package must hold more than nothing", at: node["packageSize"]?.position ?? node.position)
      }
      model = .package(size: size, price: try Decode.money(node, "packagePrice"))
    default:
      let terms = PercentageTerms(
        rate: try Decode.price(node, "rate"), fixedFee: try Decode.money(node, "fixedFeePerEvent"),
        freeEvents: node["freeEvents"]?.text.flatMap(Unit.integer),
        freeAmount: try Decode.optional(node, "freeAmount", Decode.quantity),
        perEventMinimum: try Decode.optional(node, "perEventMinimum", Decode.money),
        perEventMaximum: try Decode.optional(node, "perEventMaximum", Decode.money))
      if let low = terms.perEventMinimum, let high = terms.perEventMaximum, high < low {
        throw InvalidInput(
          "the maximum of an event's fee is below its minimum",
          at: node["perEventMaximum"]?.position ?? node.position)
      }
      model = .percentage(terms)
    }
    let minimum = try Decode.optional(node, "minimum", Decode.money)
    let maximum = try Decode.optional(node, "maximum", Decode.money)
    if let minimum, let maximum, maximum < minimum {
      throw InvalidInput("the maximum is below the minimum", at: node["maximum"]?.position ?? node.position)
    }
    return Charge(
      meter: (node["meter"]?.text ?? "usage") + (node["where"]?.text.map { "[\($0)]" } ?? ""), model: model,
      includedUnits: try Decode.quantity(node, "includedUnits"), minimum: minimum, maximum: maximum)
  }

  private static func first(_ node: LocatedNode) throws(InvalidInput) -> FirstTierFlatFee {
    node["firstTierFlatFee"]?.text.flatMap(FirstTierFlatFee.init(rawValue:)) ?? .whenUsed
  }

  private static func tiers(_ node: LocatedNode, _ price: String) throws(InvalidInput) -> [Tier] {
    var tiers: [Tier] = []
    let elements = node["tiers"]?.elements ?? []
    for (index, element) in elements.enumerated() {
      let upTo = try Decode.optional(element, "upTo", Decode.quantity)
      let position = element["upTo"]?.position ?? element.position
      if index < elements.count - 1 {
        guard let upTo else { throw InvalidInput("only the last tier may have no 'upTo'", at: position) }
        if upTo <= (tiers.last?.upTo ?? .zero) {
          throw InvalidInput("the tiers must rise: \(upTo) is not above the tier before", at: position)
        }
      } else if upTo != nil {
        throw InvalidInput("the last tier has no 'upTo': it takes whatever is left", at: position)
      }
      tiers.append(
        Tier(
          upTo: upTo, unitPrice: try Decode.price(element, price),
          flatFee: try Decode.money(element, "flatFee")))
    }
    return tiers
  }
}

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
