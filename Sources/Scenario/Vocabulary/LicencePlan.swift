import CanonicalModel

/// What an ERP's licences bring and cost: an entry of a scenario's `plan`.
package struct LicencePlan: Hashable, Sendable {
  /// The entry's name: an entity, or a profile that entities use.
  package var name: String
  /// The entities that it is for, by their place in the scenario.
  package var entities: [Int]
  /// Calls at once without any licence.
  package var base: Int
  /// What each licence adds.
  package var step: Int
  /// What one costs.
  package var price: RecurringPrice
  /// Whether posting has as many workers as there are places.
  package var workersFollow: Bool

  /// Calls at once with so many licences.
  package func places(_ licences: Int) -> Int { base + step * licences }

  /// What so many licences cost a year: for each entity its own.
  package func yearly(_ licences: Int) -> Money {
    Money(units: price.yearly.units * Int128(licences) * Int128(entities.count))
  }

  /// What is said of a name that is none.
  package static func unknown(_ name: String, _ plans: [LicencePlan]) -> String {
    plans.isEmpty
      ? "the scenario has no plan: define what licences add, such as 'plan: { netsuite: { base: 15, step: 10, price: 12000 USD/year } }'"
      : "the scenario's plan has no '\(name)'" + NearestKey.hint(for: name, among: plans.map(\.name))
  }
}

/// A price for each year, month or day: `12000 USD/year`.
package struct RecurringPrice: Hashable, Sendable {
  /// For what time it is.
  package enum Interval: String, Hashable, Sendable, CaseIterable {
    case year
    case month
    case day

    /// How many of them are a year.
    var perYear: Int128 {
      switch self {
      case .year: 1
      case .month: 12
      case .day: 365
      }
    }
  }

  package var amount: Money
  package var currency: Currency
  package var interval: Interval

  /// Of a year: 12 months or 365 days.
  package var yearly: Money { Money(units: amount.units * interval.perYear) }

  /// Reads a price of at most a thousand million; `nil` on anything else.
  package init?(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 2, let units = Unit.decimal(String(words[0]), digits: 6),
      units <= 1_000_000_000_000_000
    else { return nil }
    let parts = words[1].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let currency = Currency(code: parts[0]),
      let interval = Interval(rawValue: parts[1])
    else { return nil }
    amount = Money(units: units * 1_000_000_000_000)
    self.currency = currency
    self.interval = interval
  }
}

extension CapacityQuestion {
  /// Asking the same with some licences more.
  package struct Licences: Hashable, Sendable {
    package var plan: LicencePlan
    /// How many there are at each row.
    package var counts: [Int]
  }

  /// Asks the question for some numbers of licences: each sets the places of its ERPs, and the workers where these follow.
  package mutating func ask(of plan: LicencePlan, from: Int, to: Int) {
    licences = Licences(plan: plan, counts: Array(from...to))
    across = Across(
      paths: plan.entities.map { ["entities", "\($0)", "erp", "concurrency"] }
        + (plan.workersFollow ? [["design", "posting", "concurrency"]] : []),
      values: (from...to).map { "\(plan.places($0))" })
  }
}

/// How plans are written.
extension LicencePlan {
  /// How many workers posting has.
  private enum Workers: String, CaseIterable, Sendable {
    case follow
    case asDesigned
  }

  /// The `plan` section: each entry is for the entity of its name, or for all with the profile of its name.
  static let list: Schema<[LicencePlan]> = Schema<[(name: Located<String>, value: Located<LicencePlan>)]>
    .map(entry.located).map(plans)

  /// An entry, which does not know its name yet.
  private static let entry = Schema<LicencePlan>.record(
    .required(
      "base", .integer(1...100_000), "concurrent calls without any additional licence",
      title: "connections without {}"),
    .required(
      "step", .integer(1...100_000), "what each licence adds",
      title: "connections added by each of the {}"),
    .required("price", .recurringPrice, "what one costs, such as 12000 USD/year"),
    .defaulting(
      "workers", .choice(), to: Workers.follow,
      "follow (default): posting has as many workers as the ERP has places; asDesigned: as many as the design says"
    ), make: plan)

  @Sendable
  private static func plan(
    _ place: Place, base: Int, step: Int, price: RecurringPrice, workers: Workers
  ) -> LicencePlan {
    LicencePlan(
      name: "", entities: [], base: base, step: step, price: price, workersFollow: workers == .follow)
  }

  @Sendable
  private static func plans(
    _ place: Place, _ entries: [(name: Located<String>, value: Located<LicencePlan>)]
  ) throws(InvalidInput) -> [LicencePlan] {
    guard place.scene.knowsEntities else { throw .reported }
    var plans: [LicencePlan] = []
    for (name, entry) in entries {
      var plan = entry.value
      plan.name = name.value
      plan.entities = place.scene.entities(named: name.value)
      guard !plan.entities.isEmpty else {
        throw InvalidInput(place.scene.unknown(name.value), at: name.position)
      }
      if let other = plans.first, other.price.currency != plan.price.currency {
        throw InvalidInput(
          "this price is in \(plan.price.currency), and that of '\(other.name)' in \(other.price.currency): give all in one currency",
          at: place.position(name.value, "price"))
      }
      if let other = plans.first(where: { $0.entities.contains(where: plan.entities.contains) }) {
        throw InvalidInput("'\(name.value)' and '\(other.name)' are for the same ERP", at: name.position)
      }
      plans.append(plan)
    }
    return plans
  }
}
