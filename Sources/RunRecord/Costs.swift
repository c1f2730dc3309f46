extension RunRecord {
  /// What a run costs by the prices of its scenario.
  package struct Costs: Codable, Equatable, Sendable {
    /// A part of it.
    package struct Part: Codable, Equatable, Sendable {
      /// The indicator: `cost.calls`.
      package var name: String
      /// A decimal.
      package var amount: String

      /// Makes a part.
      package init(name: String, amount: String) {
        self.name = name
        self.amount = amount
      }
    }

    /// Of all amounts.
    package var currency: String
    /// The parts.
    package var parts: [Part]
    /// Their sum, a decimal.
    package var total: String
    /// Per million usage events, a decimal; `nil` without any.
    package var perMillionEvents: String?

    /// Makes an entry.
    package init(currency: String, parts: [Part], total: String, perMillionEvents: String?) {
      self.currency = currency
      self.parts = parts
      self.total = total
      self.perMillionEvents = perMillionEvents
    }

    /// In one line for people.
    package var sentence: String {
      let parts = parts.map { "\($0.name.dropFirst(5)) \($0.amount)" }.joined(separator: ", ")
      return "\(total) \(currency) (\(parts))"
        + (perMillionEvents.map { "; \($0) \(currency) per million usage events" } ?? "")
    }
  }
}
