import CanonicalModel

extension Shape {
  static let quantityUnit = Shape.unit(.decimal(digits: Quantity.scale))
  static let priceUnit = Shape.unit(.decimal(digits: Price.scale))
  static let moneyUnit = Shape.unit(.decimal(digits: Money.scale - 6))

  private static let firstTierFlatFee = Field(
    "firstTierFlatFee", .choice(FirstTierFlatFee.allCases.map(\.rawValue)),
    "when the flat fee of the first tier is due: whenUsed (default), or always, also without usage")

  private static func tiers(_ price: Field) -> Field {
    .required(
      "tiers",
      .list(
        .record([
          Field(
            "upTo", quantityUnit, "the last quantity of the tier, inclusive; left out on the last tier",
            title: "upper end of {}"),
          price, Field("flatFee", moneyUnit, "charged once when the tier is entered"),
        ]), minimum: 1), "the tiers, rising", title: "{}", element: "tier {#} of {}")
  }

  private static let unitPrice = Field("unitPrice", priceUnit, "the price per unit; 0 if left out")

  /// One charge of a price book.
  public static let charge = Shape.tagged(
    key: "model", help: "how the quantity is priced",
    cases: [
      ("perUnit", [.required("unitPrice", priceUnit, "the price of every unit")]),
      ("graduated", [tiers(unitPrice), firstTierFlatFee]),
      ("volume", [tiers(unitPrice), firstTierFlatFee]),
      (
        "package",
        [
          .required("packageSize", quantityUnit, "the units in a package"),
          .required("packagePrice", moneyUnit, "the price of a package"),
        ]
      ),
      (
        "percentage",
        [
          .required("rate", .unit(.percentage), "the share of each event's amount"),
          Field(
            "fixedFeePerEvent", moneyUnit, "charged for each paid event", title: "fixed fee per event of {}"),
          Field(
            "freeEvents", .unit(.integer(0...1_000_000_000)), "events that are free in a period",
            title: "free events of {}"),
          Field(
            "freeAmount", quantityUnit, "the amount that is free in a period", title: "free amount of {}"),
          Field(
            "perEventMinimum", moneyUnit, "the least fee of a paid event", title: "least fee per event of {}"),
          Field(
            "perEventMaximum", moneyUnit, "the greatest fee of a paid event",
            title: "greatest fee per event of {}"),
        ]
      ),
      (
        "graduatedPercentage",
        [tiers(Field("rate", .unit(.percentage), "the share of the part in the tier")), firstTierFlatFee]
      ),
    ],
    common: [
      .required("meter", .name, "the meter whose quantity is priced"),
      Field("where", .name, "the value of the meter's dimension that is priced; all others if left out"),
      Field("includedUnits", quantityUnit, "units that are free in a period"),
      Field("minimum", moneyUnit, "the least amount of a period"),
      Field("maximum", moneyUnit, "the greatest amount of a period"),
    ])

  /// A price book.
  public static let priceBook = Shape.record([
    .required("currency", .unit(.currency), "the currency of every amount"),
    .required(
      "charges", .list(charge, minimum: 1), "the charges, one a meter", title: "{}",
      element: "{meter} {where} in the {}"),
    Field(
      "recurring", .list(recurring, minimum: 0), "prices that recur, whatever is used", title: "{}",
      element: "{name} in the {}"),
    Field(
      "prepaid",
      .record([
        .required("name", .name, "the item, such as credits"),
        .required("amount", moneyUnit, "what is bought, and can be drawn, at the beginning of each interval"),
        Field("every", .choice(["month", "quarter", "year"]), "how often; every month if left out"),
        .required(
          "expiresAfter", .unit(.integer(1...120)), "after how many months a purchase expires",
          title: "months until expiry of {}"),
      ]), "credits that are bought in advance and pay for usage", title: "prepaid credits in the {}"),
    Field("entitlements", .list(.name, minimum: 0), "the meters that may be used; all if left out"),
    Field(
      "minimumSpend", moneyUnit, "the least that a month's usage costs in total; the rest is a true-up",
      title: "minimum spend in the {}"),
    Field(
      "proration", .choice(ProrationPolicy.allCases.map(\.rawValue)),
      "how a change within a month is charged: by days (default), seconds or none"),
    Field("name", .name, "a name"), Field("description", .text, "what the book is for"),
  ])

  private static let recurring = Shape.record([
    .required("name", .name, "the item, such as platform_fee"),
    .required("price", moneyUnit, "the price of a whole month, quarter or year, per unit"),
    Field(
      "per", .choice(RecurringCharge.Unit.allCases.map(\.rawValue)),
      "what the price is for: the subscription (default) or each seat"),
    Field(
      "timing", .choice(RecurringCharge.Timing.allCases.map(\.rawValue)),
      "when it is charged: inAdvance (default) or inArrears"),
    Field("every", .choice(["month", "quarter", "year"]), "how often; every month if left out"),
  ])

}
