import CanonicalModel

/// Price books: their files, and how the parts of one are written.
public enum PriceBookFile {
  /// Reads a file that holds a price book, or a single charge (in US dollars unless it names a currency).
  public static func read(file: String) throws(InvalidInput) -> PriceBook {
    let node = try YAMLReader.read(file: file)
    let isSingle = node["charges"] == nil && node["model"] != nil
    return try (isSingle ? single : schema).value(of: node)
  }

  /// A price book.
  static let schema = Schema<PriceBook>.record(
    .required("currency", .currency, "the currency of every amount"),
    .required(
      "charges", .list(charge, minimum: 1).map(refuseTwins), "the charges, one a meter", title: "{}",
      element: "{meter} {where} in the {}"),
    .defaulting(
      "recurring", .list(recurring, minimum: 0), to: [], "prices that recur, whatever is used", title: "{}",
      element: "{name} in the {}"),
    .optional(
      "prepaid", prepaid, "credits that are bought in advance and pay for usage",
      title: "prepaid credits in the {}"),
    .optional(
      "entitlements", .list(.name, minimum: 0), "the meters that may be used; all if left out"),
    .optional(
      "minimumSpend", .money, "the least that a month's usage costs in total; the rest is a true-up",
      title: "minimum spend in the {}"),
    .defaulting(
      "proration", .choice(), to: .days,
      "how a change within a month is charged: by days (default), seconds or none"),
    .unread("name", .name, "a name"),
    .unread("description", .text, "what the book is for"),
    make: book)

  @Sendable
  private static func book(
    _ place: Place, currency: Currency, charges: [Charge], recurring: [RecurringCharge],
    prepaid: PrepaidCredits?, entitlements: [String]?, minimumSpend: Money?, proration: ProrationPolicy,
    name: Void, description: Void
  ) throws(InvalidInput) -> PriceBook {
    var problems: [Diagnostic] = []
    for (index, item) in recurring.enumerated() {
      let position = place.position("recurring", "\(index)", "name")
      if recurring[..<index].contains(where: { $0.name == item.name })
        || charges.contains(where: { $0.meter == item.name })
      {
        problems.append(Diagnostic("there are two charges named '\(item.name)'", at: position))
      }
      if item.name == "minimum_spend" {
        problems.append(
          Diagnostic("'minimum_spend' is the item of the true-up: choose another name", at: position))
      }
    }
    let names = charges.map(\.meter) + recurring.map(\.name) + ["minimum_spend"]
    if let name = prepaid?.name, names.contains(name) {
      problems.append(
        Diagnostic("there are two items named '\(name)'", at: place.position("prepaid", "name")))
    }
    guard problems.isEmpty else { throw InvalidInput(problems) }
    return PriceBook(
      currency: currency, charges: charges, recurring: recurring, minimumSpend: minimumSpend,
      prepaid: prepaid, entitlements: entitlements, proration: proration)
  }

  @Sendable
  private static func refuseTwins(_ place: Place, _ charges: [Charge]) throws(InvalidInput) -> [Charge] {
    var problems: [Diagnostic] = []
    for (index, charge) in charges.enumerated()
    where charges[..<index].contains(where: { $0.meter == charge.meter }) {
      problems.append(
        Diagnostic(
          "there are two charges for the meter '\(charge.meter)'", at: place.position("\(index)", "meter")))
    }
    guard problems.isEmpty else { throw InvalidInput(problems) }
    return charges
  }

  // MARK: Items

  /// How often an item comes, in months.
  private static let interval = Schema<Int>.choice([("month", 1), ("quarter", 3), ("year", 12)])

  private static let price: Schema<Money> = .money.refusing { (price: Money, _) -> String? in
    price.units <= 1_000_000 * Money.one ? nil : "a recurring price is at most 1000000"
  }

  private static let purchase: Schema<Money> = .money.refusing { (amount: Money, _) -> String? in
    amount > Money.zero && amount.units <= 1_000_000 * Money.one
      ? nil : "credits are bought for more than nothing and at most 1000000"
  }

  private static let recurring = Schema<RecurringCharge>.record(
    .required("name", .name, "the item, such as platform_fee"),
    .required("price", price, "the price of a whole month, quarter or year, per unit"),
    .defaulting(
      "per", .choice(), to: .subscription, "what the price is for: the subscription (default) or each seat"),
    .defaulting(
      "timing", .choice(), to: .inAdvance, "when it is charged: inAdvance (default) or inArrears"),
    .defaulting("every", interval, to: 1, "how often; every month if left out")
  ) { _, name, price, unit, timing, months in
    RecurringCharge(name: name, price: price, unit: unit, timing: timing, months: months)
  }

  private static let prepaid = Schema<PrepaidCredits>.record(
    .required("name", .name, "the item, such as credits"),
    .required("amount", purchase, "what is bought, and can be drawn, at the beginning of each interval"),
    .defaulting("every", interval, to: 1, "how often; every month if left out"),
    .required(
      "expiresAfter", .integer(1...120), "after how many months a purchase expires",
      title: "months until expiry of {}")
  ) { _, name, amount, months, expiresAfter in
    PrepaidCredits(name: name, amount: amount, months: months, expiresAfter: expiresAfter)
  }
}
