extension RunRecord {
  /// What a run costs by the prices of its scenario.
  public struct Costs: Codable, Equatable, Sendable {
    /// A part of it.
    public struct Part: Codable, Equatable, Sendable {
      /// The indicator: `cost.calls`.
      public var name: String
      /// A decimal.
      public var amount: String

      /// Makes a part.
      public init(name: String, amount: String) {
        self.name = name
        self.amount = amount
      }
    }

    /// Of all amounts.
    public var currency: String
    /// The parts.
    public var parts: [Part]
    /// Their sum, a decimal.
    public var total: String
    /// Per million usage events, a decimal; `nil` without any.
    public var perMillionEvents: String?

    /// Makes an entry.
    public init(currency: String, parts: [Part], total: String, perMillionEvents: String?) {
      self.currency = currency
      self.parts = parts
      self.total = total
      self.perMillionEvents = perMillionEvents
    }

    /// In one line for people.
    public var sentence: String {
      let parts = parts.map { "\($0.name.dropFirst(5)) \($0.amount)" }.joined(separator: ", ")
      return "\(total) \(currency) (\(parts))"
        + (perMillionEvents.map { "; \($0) \(currency) per million usage events" } ?? "")
    }
  }
}
