import CanonicalModel
import Chronology

/// What calls, storage and workers cost: a scenario's `costs`, all in one currency.
public struct CostFile: Hashable, Sendable {
  /// What is kept of each usage event.
  public struct Storage: Hashable, Sendable {
    /// Of 10⁹ bytes for a month, a twelfth of 365 days.
    public var price: RecurringPrice
    public var bytesPerEvent: Int
    public var keptFor: Span
  }

  public var currency: Currency
  /// Of one call of any kind, by entity; zero where none was given.
  public var calls: [Money]
  public var hasCalls: Bool
  public var storage: Storage?
  /// Of one posting worker of one ERP.
  public var worker: RecurringPrice?
}

/// An amount with its currency: `0.002 USD`.
public struct AmountText: Hashable, Sendable {
  public var amount: Money
  public var currency: Currency

  /// Reads an amount of at most a thousand million with at most 12 fraction digits; `nil` on anything else.
  public init?(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard words.count == 2, let units = Unit.decimal(words[0], digits: 12),
      units <= 1_000_000_000_000_000_000_000, let currency = Currency(code: words[1])
    else { return nil }
    amount = Money(units: units * 1_000_000)
    self.currency = currency
  }
}

extension Shape {
  static let costs = Shape.record([
    Field(
      "calls", .either([.unit(.amount), .map(.unit(.amount))]),
      "what each call to an ERP costs, of whatever kind, refused ones included: 0.002 USD, or by entity or profile"
    ),
    Field(
      "storage",
      .record([
        .required("price", .unit(.recurringPrice), "what 10^9 bytes cost, such as 0.023 USD/month"),
        .required(
          "bytesPerEvent", .unit(.integer(1...1_000_000_000)), "what is kept of each usage event",
          title: "bytes kept of each usage event"),
        .required("keptFor", .unit(.duration), "for how long", title: "time for which usage events are kept"),
      ]), "what it costs to keep usage events"),
    Field(
      "workers", .unit(.recurringPrice), "what each posting worker of each ERP costs, such as 40 USD/month"),
  ])
}

extension ScenarioDecoder {
  /// Reads the `costs` section.
  func costs() throws(InvalidInput) -> CostFile? {
    guard let node = root["costs"] else { return nil }
    var first: (currency: Currency, key: String)?
    func note(_ currency: Currency?, _ key: String, _ at: LocatedNode) throws(InvalidInput) {
      guard let currency else { return }
      if let first, first.currency != currency {
        throw InvalidInput(
          "this price is in \(currency), and that of '\(first.key)' in \(first.currency): give all in one currency",
          at: at.position)
      }
      if first == nil { first = (currency, key) }
    }
    let entities = (root["entities"]?.elements ?? []).map { entity in
      (
        name: entity["name"]?.text ?? "",
        profile: entity["erp"]?["profile"]?.text ?? entity["erp"]?.text ?? ""
      )
    }
    var calls = entities.map { _ in Money.zero }
    if let prices = node["calls"] {
      if let all = prices.text.flatMap(AmountText.init) {
        try note(all.currency, "calls", prices)
        calls = entities.map { _ in all.amount }
      }
      for pair in prices.text == nil ? prices.pairs : [] {
        let name = pair.key.name
        let own = entities.indices.filter { entities[$0].name == name }
        let chosen = own.isEmpty ? entities.indices.filter { entities[$0].profile == name } : own
        guard !chosen.isEmpty, let price = pair.value.text.flatMap(AmountText.init) else {
          throw InvalidInput(
            "no entity is called '\(name)' or has an ERP of that profile"
              + "; there is " + entities.map { "\($0.name) (\($0.profile))" }.joined(separator: ", "),
            at: pair.key.position)
        }
        try note(price.currency, "calls.\(name)", pair.value)
        for index in chosen { calls[index] = price.amount }
      }
    }
    var storage: CostFile.Storage?
    if let kept = node["storage"], let price = kept["price"]?.text.flatMap(RecurringPrice.init) {
      try note(price.currency, "storage", kept["price"] ?? kept)
      storage = CostFile.Storage(
        price: price, bytesPerEvent: integer(kept["bytesPerEvent"]) ?? 1,
        keptFor: span(kept["keptFor"]) ?? .zero)
    }
    let worker = node["workers"]?.text.flatMap(RecurringPrice.init)
    if let workers = node["workers"] { try note(worker?.currency, "workers", workers) }
    for pair in root["plan"]?.pairs ?? [] {
      try note(
        pair.value["price"]?.text.flatMap(RecurringPrice.init)?.currency, "plan",
        pair.value["price"] ?? pair.value)
    }
    guard let first, node["calls"] != nil || storage != nil || worker != nil else {
      throw InvalidInput("'costs' needs at least one of calls, storage, workers", at: node.position)
    }
    return CostFile(
      currency: first.currency, calls: calls, hasCalls: node["calls"] != nil, storage: storage, worker: worker
    )
  }

  /// Refuses thresholds on costs that the scenario does not have, or has in another currency.
  func refuseOtherMoney(_ expectations: LocatedNode?, _ costs: CostFile?) throws(InvalidInput) {
    for node in expectations?.elements ?? [] {
      guard let expectation = node.text.flatMap(Expectation.init), expectation.indicator.dimension == .money
      else {
        continue
      }
      if let problem = CostFile.problem(with: expectation.indicator, in: expectation.currency, under: costs) {
        throw InvalidInput(problem, at: node.position)
      }
    }
  }
}

extension CostFile {
  /// Why a scenario with these costs cannot be asked for an indicator that is an amount, or for a threshold on it.
  ///
  /// - Parameter currency: of the threshold; `nil`: it is a share of another amount.
  /// - Returns: what would be right; `nil` where it can be asked, and for indicators that are no amounts.
  public static func problem(
    with indicator: Expectation.Indicator, in currency: Currency?, under costs: CostFile?
  ) -> String? {
    guard indicator.dimension == .money else { return nil }
    guard let costs else {
      return "'\(indicator.name)' needs prices: say what calls, storage or workers cost under 'costs'"
    }
    guard let currency, currency != costs.currency else { return nil }
    return "the scenario's costs are in \(costs.currency), and this threshold in \(currency)"
  }
}
