import CanonicalModel

/// What an ERP's licences bring and cost: an entry of a scenario's `plan`.
public struct LicencePlan: Hashable, Sendable {
  /// The entry's name: an entity, or a profile that entities use.
  public var name: String
  /// The entities that it is for, by their place in the scenario.
  public var entities: [Int]
  /// Calls at once without any licence.
  public var base: Int
  /// What each licence adds.
  public var step: Int
  /// What one costs.
  public var price: RecurringPrice
  /// Whether posting has as many workers as there are places.
  public var workersFollow: Bool

  /// Calls at once with so many licences.
  public func places(_ licences: Int) -> Int { base + step * licences }

  /// What so many licences cost a year: for each entity its own.
  public func yearly(_ licences: Int) -> Money {
    Money(units: price.yearly.units * Int128(licences) * Int128(entities.count))
  }

  /// What is said of a name that is none.
  public static func unknown(_ name: String, _ plans: [LicencePlan]) -> String {
    plans.isEmpty
      ? "the scenario has no plan: say what licences bring, such as 'plan: { netsuite: { base: 15, step: 10, price: 12000 USD/year } }'"
      : "the scenario's plan has no '\(name)'" + NearestKey.hint(for: name, among: plans.map(\.name))
  }
}

/// A price for each year, month or day: `12000 USD/year`.
public struct RecurringPrice: Hashable, Sendable {
  /// For what time it is.
  public enum Interval: String, Hashable, Sendable, CaseIterable {
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

  public var amount: Money
  public var currency: Currency
  public var interval: Interval

  /// Of a year: 12 months or 365 days.
  public var yearly: Money { Money(units: amount.units * interval.perYear) }

  /// Reads a price of at most a thousand million; `nil` on anything else.
  public init?(_ text: String) {
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
  public struct Licences: Hashable, Sendable {
    public var plan: LicencePlan
    /// How many there are at each row.
    public var counts: [Int]
  }

  /// Asks the question for some numbers of licences: each sets the places of its ERPs, and the workers where these follow.
  public mutating func ask(of plan: LicencePlan, from: Int, to: Int) {
    licences = Licences(plan: plan, counts: Array(from...to))
    across = Across(
      paths: plan.entities.map { ["entities", "\($0)", "erp", "concurrency"] }
        + (plan.workersFollow ? [["design", "posting", "concurrency"]] : []),
      values: (from...to).map { "\(plan.places($0))" })
  }
}

extension Shape {
  static let plan = Shape.map(
    .record([
      .required(
        "base", .unit(.integer(1...100_000)), "calls at once without any licence more",
        title: "connections without {}"),
      .required(
        "step", .unit(.integer(1...100_000)), "what each licence adds",
        title: "connections added by each of the {}"),
      .required("price", .unit(.recurringPrice), "what one costs, such as 12000 USD/year"),
      Field(
        "workers", .choice(["follow", "asDesigned"]),
        "follow (default): posting has as many workers as the ERP has places; asDesigned: as many as the design says"
      ),
    ]))
}

extension ScenarioDecoder {
  /// Reads the `plan` section: each entry is for the entity of its name, or for all with the profile of its name.
  func licencePlans() throws(InvalidInput) -> [LicencePlan] {
    var plans: [LicencePlan] = []
    let entities = (root["entities"]?.elements ?? []).map { entity in
      (
        name: entity["name"]?.text ?? "",
        profile: entity["erp"]?["profile"]?.text ?? entity["erp"]?.text ?? ""
      )
    }
    for pair in root["plan"]?.pairs ?? [] {
      let name = pair.key.name
      let own = entities.indices.filter { entities[$0].name == name }
      let chosen = own.isEmpty ? entities.indices.filter { entities[$0].profile == name } : own
      guard !chosen.isEmpty else {
        let known = entities.map { $0.profile.isEmpty ? $0.name : "\($0.name) (\($0.profile))" }
        throw InvalidInput(
          "no entity is called '\(name)' or has an ERP of that profile"
            + "; there is " + known.joined(separator: ", "),
          at: pair.key.position)
      }
      guard let base = integer(pair.value["base"]), let step = integer(pair.value["step"]),
        let price = pair.value["price"]?.text.flatMap(RecurringPrice.init)
      else { throw InvalidInput("'plan.\(name)' needs base, step and price", at: pair.value.position) }
      if let other = plans.first, other.price.currency != price.currency {
        throw InvalidInput(
          "this price is in \(price.currency), and that of '\(other.name)' in \(other.price.currency): give all in one currency",
          at: pair.value["price"]?.position ?? pair.value.position)
      }
      if let other = plans.first(where: { plan in chosen.contains(where: plan.entities.contains) }) {
        throw InvalidInput(
          "'\(name)' and '\(other.name)' are for the same ERP", at: pair.key.position)
      }
      plans.append(
        LicencePlan(
          name: name, entities: Array(chosen), base: base, step: step, price: price,
          workersFollow: pair.value["workers"]?.text != "asDesigned"))
    }
    return plans
  }
}
