import CanonicalModel

/// Price books: their files, and how the parts of one are written.
package enum PriceBookFile {
  /// Reads a file that holds a price book, or a single charge (in US dollars unless it names a currency).
  package static func read(file: String) throws(InvalidInput) -> PriceBook {
    let node = try YAMLReader.read(file: file)
    try FileKind.expect(.priceBook, node, file: file)
    let isSingle = node["charges"] == nil && node["model"] != nil
    return try (isSingle ? single : schema).value(of: node)
  }

  /// A price book.
  static let schema = Schema<PriceBook>.record(
    .required("currency", .currency, "the currency of every amount"),
    .required(
      "charges", .list(charge, minimum: 1), "the charges, one per meter", title: "{}",
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
      "minimumSpend", .money, "the minimum that a month's usage costs in total; the shortfall is a true-up",
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
    var items = PrintedNames(of: "item")
    func add(_ name: String, _ path: String...) {
      let problem = PrintedNames.problem(ofItem: name) ?? items.problem(adding: name)
      if let problem { problems.append(Diagnostic(problem, at: place.position(of: path))) }
    }
    for (index, charge) in charges.enumerated() { add(charge.meter, "charges", "\(index)", "meter") }
    for (index, item) in recurring.enumerated() { add(item.name, "recurring", "\(index)", "name") }
    if let prepaid { add(prepaid.name, "prepaid", "name") }
    guard problems.isEmpty else { throw InvalidInput(problems) }
    return PriceBook(
      currency: currency, charges: charges, recurring: recurring, minimumSpend: minimumSpend,
      prepaid: prepaid, entitlements: entitlements, proration: proration)
  }

  // MARK: Items

  /// How often an item comes, in months.
  private static let interval = Schema<Int>.choice([("month", 1), ("quarter", 3), ("year", 12)])

  private static let price: Schema<Money> = .money.refusing { (price: Money, _) -> String? in
    price.units <= 1_000_000 * Money.one ? nil : "a recurring price must not exceed 1000000"
  }

  private static let purchase: Schema<Money> = .money.refusing { (amount: Money, _) -> String? in
    amount > Money.zero && amount.units <= 1_000_000 * Money.one
      ? nil : "a purchase of credits must be positive and at most 1000000"
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
      title: "months until expiry of {}"),
    .defaulting(
      "covers", .choice(), to: Covered.spend,
      "what they pay: spend (default), usage and its shortfall against the minimum spend; or usage alone")
  ) { (_: Place, name: String, amount: Money, months: Int, expiresAfter: Int, covered: Covered) in
    PrepaidCredits(
      name: name, amount: amount, months: months, expiresAfter: expiresAfter, coversMinimum: covered == .spend
    )
  }

  /// What prepaid credits pay.
  private enum Covered: String, CaseIterable, Sendable {
    case spend
    case usage
  }
}
