import CanonicalModel
import Chronology

/// The customers.
struct CustomersFile: Sendable {
  var count = 1
  var zipf = 0.0
  var contracts = ContractsFile()
  var identities = IdentitiesFile()
  var seats = 0
  var discounts: DiscountsFile?
  var taxExempt: TaxExemptFile?
  var cycle = Cycle.calendar
  /// `nil`: as ``cycle`` says.
  var ownBillingDay: BillingDay?
  var lifecycle = LifecycleFile()
  var signUps = Span.zero
  var amendments: [AmendmentFile] = []

  /// When billing periods begin.
  enum Cycle: String, CaseIterable, Sendable {
    case calendar
    case anniversary
  }

  /// The `customers` section.
  static let schema = Schema.changing(
    CustomersFile(), keys + LifecycleFile.keys.map { $0.inside(\.lifecycle) }, check: check)

  /// The day on which billing periods begin.
  var billingDay: BillingDay { ownBillingDay ?? (cycle == .anniversary ? .signUp : .day(1)) }

  @Sendable
  private static func check(_ place: Place, _ customers: inout CustomersFile) throws(InvalidInput) {
    if customers.cycle == .anniversary, let day = customers.ownBillingDay, day != .signUp {
      throw InvalidInput(
        "'cycle: anniversary' bills from the day of each sign-up; leave 'cycle' or 'billingDay' out",
        at: place.position("billingDay"))
    }
    let lifecycle = customers.lifecycle
    if lifecycle.term == nil, !lifecycle.renews {
      throw InvalidInput(
        "'renews: false' ends contracts when their 'term' is over: give one", at: place.position("renews"))
    }
    if lifecycle.pausesExtendTerm, lifecycle.term == nil || lifecycle.renews {
      throw InvalidInput(
        "'pausesExtendTerm' puts off the end of a 'term' that is not renewed: give 'term' and 'renews: false'",
        at: place.position("pausesExtendTerm"))
    }
  }

  private static let keys: [Key<Change<CustomersFile>>] = [
    .setRequired(
      "count", \.count,
      Schema<Int>.integer(1...1_000_000).noting { count, scene in scene.customers = count ?? 1 },
      "the number of customers, spread over the entities", title: "customers"),
    .set("skew", \.zipf, skew, "how unequal their usage is", title: ""),
    .setRequired(
      "contracts", \.contracts, ContractsFile.ofAll,
      "the price book file of all customers, or one for each entity", title: "price book"),
    .set(
      "identities", \.identities, IdentitiesFile.schema, "further identifiers of the customers",
      title: "identifiers"),
    .set(
      "seats", \.seats, .integer(0...1_000_000), "the seats of each customer; 0 if left out",
      title: "seats per customer"),
    .setOptional(
      "discounts", \.discounts, DiscountsFile.schema,
      "a discount on whole invoices, spread over their lines to the last unit", title: ""),
    .setOptional(
      "taxExempt", \.taxExempt, TaxExemptFile.schema, "customers who are exempt from tax, and why", title: ""),
    .set(
      "cycle", \.cycle, .choice(),
      "billing periods: calendar months (default), or from the day of the month of each sign-up"),
    .setOptional(
      "billingDay", \.ownBillingDay, BillingDay.schema,
      "the day of the month on which billing periods begin: first (default), signUp (that of each sign-up, or of the end of the trial), "
        + "or a day from 1 to 28"),
    .set(
      "signUps", \.signUps, signUps,
      "customers sign up evenly over this time; all at the start if left out",
      title: "time over which customers sign up"),
    .set(
      "amendments", \.amendments, .list(AmendmentFile.schema, minimum: 0), "changes of contract", title: "",
      element: "change of contract {#}"),
  ]

  private static let skew: Schema<Double> = .record(
    .required("zipf", .number(0...10), "the exponent", title: "skew of usage among customers"),
    make: { (_: Place, exponent: Double) in exponent })

  private static let signUps: Schema<Span> = Schema<Span>.duration.map { place, span throws(InvalidInput) in
    guard !place.scene.knowsSpan || span < place.scene.horizon else {
      throw InvalidInput("customers must sign up before the horizon", at: place.node.position)
    }
    return span
  }
}

/// What is taken off some customers' invoices.
package struct DiscountsFile: Hashable, Sendable {
  /// The share of the customers.
  package var customers: Double
  /// The share of the sum.
  package var rate: Price

  static let schema = Schema<DiscountsFile>.record(
    .defaulting(
      "share", .share, to: 1, "the share of the customers that have it; all if left out",
      title: "share of customers with a discount"),
    .required(
      "rate", rate, "what is taken off the sum of an invoice's lines, before tax", title: "discount"),
    make: { (_: Place, share: Double, rate: Price) in DiscountsFile(customers: share, rate: rate) })

  private static let rate: Schema<Price> = .percentage.refusing { (rate: Price, _) -> String? in
    rate > Price.zero && rate.units < 1_000_000_000_000
      ? nil : "a discount must be above 0% and below 100%"
  }
}

/// Further identifiers of customers.
package struct IdentitiesFile: Hashable, Sendable {
  package var perCustomer = 1
  package var linkedWithin = Span.zero
  package var conflictShare = 0.0
  package var conflictDelay = SpanRangeFile(min: .hours(1), max: .hours(201))

  static let schema = Schema.changing(IdentitiesFile(), keys)

  private static let keys: [Key<Change<IdentitiesFile>>] = [
    .setRequired(
      "perCustomer", \.perCustomer, .integer(1...16), "how many identifiers producers use for each",
      title: "identifiers per customer"),
    .set(
      "linkedWithin", \.linkedWithin, .duration, "from the start until CRM has notified billing of all",
      title: "time until identifiers are linked"),
    .set(
      "conflicts", \.conflictShare, .share, "the share that is later claimed for another customer",
      title: "share of conflicting identifiers"),
    .set(
      "conflictDelay", \.conflictDelay, SpanRangeFile.schema(minimum: .zero),
      "from CRM's notification of an identifier until it is claimed for another customer, in whole hours; 1h to 201h if left out",
      title: ""),
  ]
}

/// A change of contract that some customers agree on.
struct AmendmentFile: Sendable {
  /// From when on it holds.
  var at: Located<Instant>
  /// The share of the customers.
  var share: Double
  /// The price book of each entity; `nil`: as before.
  var contracts: ContractsFile?
  /// The seats; `nil`: as before.
  var seats: Int?

  static let schema = Schema<AmendmentFile>.record(
    .required("at", at.located, "from when it applies", title: "time of {}"),
    .defaulting(
      "share", .share, to: 1, "the share of the customers, evenly spread; all if left out",
      title: "share of customers with {}"),
    .optional(
      "contracts", ContractsFile.amended, "the price book from then on, or one for each entity",
      title: "price book from {}"),
    .optional(
      "seats", .integer(0...1_000_000), "the seats from then on", title: "seats per customer from {}"),
    make: amendment)

  private static let at: Schema<Instant> = Schema<Instant>.moment.map { place, at throws(InvalidInput) in
    guard at > place.scene.start else {
      throw InvalidInput("a contract must not change before it begins", at: place.node.position)
    }
    return at
  }

  @Sendable
  private static func amendment(
    _ place: Place, at: Located<Instant>, share: Double, contracts: ContractsFile?, seats: Int?
  ) throws(InvalidInput) -> AmendmentFile {
    if contracts == nil, seats == nil {
      throw InvalidInput("an amendment must change 'contracts' or 'seats'", at: place.node.position)
    }
    return AmendmentFile(at: at, share: share, contracts: contracts, seats: seats)
  }
}
