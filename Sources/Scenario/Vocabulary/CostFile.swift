import CanonicalModel
import Chronology

/// What calls, storage and workers cost: a scenario's `costs`, all in one currency.
package struct CostFile: Hashable, Sendable {
  /// What is kept of each usage event.
  package struct Storage: Hashable, Sendable {
    /// Of 10⁹ bytes for a month, a twelfth of 365 days.
    package var price: RecurringPrice
    package var bytesPerEvent: Int
    package var keptFor: Span
  }

  package var currency: Currency
  /// Of one call of any kind, by entity; zero where none was given.
  package var calls: [Money]
  package var hasCalls: Bool
  package var storage: Storage?
  /// Of one posting worker of one ERP.
  package var worker: RecurringPrice?
  /// The key of the first price, whose currency is that of all.
  var firstKey = ""
}

/// An amount with its currency: `0.002 USD`.
package struct AmountText: Hashable, Sendable {
  package var amount: Money
  package var currency: Currency

  /// Reads an amount of at most a thousand million with at most 12 fraction digits; `nil` on anything else.
  package init?(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard words.count == 2, let units = Unit.decimal(words[0], digits: 12),
      units <= 1_000_000_000_000_000_000_000, let currency = Currency(code: words[1])
    else { return nil }
    amount = Money(units: units * 1_000_000)
    self.currency = currency
  }
}

/// How costs are written.
extension CostFile {
  private typealias Amount = Located<AmountText>

  /// Of calls: one of all, or by entity or profile.
  private enum Calls: Sendable {
    case all(Amount)
    case each([(name: Located<String>, value: Amount)])
  }

  /// The `costs` section.
  static let schema = Schema<CostFile>.record(
    .optional(
      "calls", .either(all, each),
      "what each call to an ERP costs, of whatever kind, refused ones included: 0.002 USD, or by entity or profile"
    ),
    .optional("storage", storage, "what it costs to keep usage events"),
    .optional(
      "workers", .recurringPrice, "what each posting worker of each ERP costs, such as 40 USD/month"),
    make: costs)

  private static let all: Schema<Calls> = Schema<AmountText>.amount.located.map { _, amount in .all(amount) }
  private static let each: Schema<Calls> = Schema<[(name: Located<String>, value: Amount)]>
    .map(Schema<AmountText>.amount.located).map { _, amounts in .each(amounts) }

  private static let storage = Schema<Storage>.record(
    .required("price", .recurringPrice, "what 10^9 bytes cost, such as 0.023 USD/month"),
    .required(
      "bytesPerEvent", .integer(1...1_000_000_000), "what is kept of each usage event",
      title: "bytes kept of each usage event"),
    .required("keptFor", .duration, "for how long", title: "time for which usage events are kept"),
    make: { (_: Place, price: RecurringPrice, bytes: Int, keptFor: Span) in
      Storage(price: price, bytesPerEvent: bytes, keptFor: keptFor)
    })

  @Sendable
  private static func costs(
    _ place: Place, calls: Calls?, storage: Storage?, worker: RecurringPrice?
  ) throws(InvalidInput) -> CostFile {
    guard place.scene.knowsEntities else { throw .reported }
    let entities = place.scene.entities
    var costs: CostFile?
    func record(_ currency: Currency, _ key: String, _ position: Position) throws(InvalidInput) {
      if let problem = costs?.problem(with: currency) { throw InvalidInput(problem, at: position) }
      if costs == nil {
        costs = CostFile(currency: currency, calls: entities.map { _ in .zero }, hasCalls: calls != nil)
        costs?.firstKey = key
      }
    }
    switch calls {
    case .all(let all):
      try record(all.value.currency, "calls", all.position)
      costs?.calls = entities.map { _ in all.value.amount }
    case .each(let prices):
      for (name, price) in prices {
        let chosen = place.scene.entities(named: name.value)
        guard !chosen.isEmpty else {
          throw InvalidInput(place.scene.unknown(name.value), at: name.position)
        }
        try record(price.value.currency, "calls.\(name.value)", price.position)
        for index in chosen { costs?.calls[index] = price.value.amount }
      }
    case nil: break
    }
    if let storage { try record(storage.price.currency, "storage", place.position("storage", "price")) }
    if let worker { try record(worker.currency, "workers", place.position("workers")) }
    guard var costs else {
      throw InvalidInput("'costs' needs at least one of calls, storage, workers", at: place.node.position)
    }
    (costs.storage, costs.worker) = (storage, worker)
    return costs
  }

  /// What is wrong with a price in a currency; `nil`: nothing.
  func problem(with currency: Currency) -> String? {
    currency == self.currency
      ? nil
      : "this price is in \(currency), and that of '\(firstKey)' in \(self.currency): give all in one currency"
  }
}

extension CostFile {
  /// Why a scenario with these costs cannot be asked for an indicator that is an amount, or for a threshold on it.
  ///
  /// - Parameter currency: of the threshold; `nil`: it is a share of another amount.
  /// - Returns: what would be right; `nil` where it can be asked, and for indicators that are no amounts.
  package static func problem(
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
