import Foundation

/// A rated quantity with its working: what `quote` prints. Amounts are exact decimal texts.
public struct QuoteRecord: Codable, Equatable, Sendable {
  /// One step of the working.
  public struct Line: Codable, Equatable, Sendable {
    public var meter: String
    /// What is priced: `tier 1`, `package`, `event 3`, `minimum`.
    public var label: String
    public var quantity: String
    /// The price per unit or the rate; left out for flat amounts.
    public var unitPrice: String?
    public var flatFee: String
    public var amount: String

    /// Makes a line.
    public init(
      meter: String, label: String, quantity: String, unitPrice: String?, flatFee: String, amount: String
    ) {
      self.meter = meter
      self.label = label
      self.quantity = quantity
      self.unitPrice = unitPrice
      self.flatFee = flatFee
      self.amount = amount
    }
  }

  public var currency: String
  /// Before rounding.
  public var amount: String
  /// To the currency's minor unit, half away from zero, each charge on its own.
  public var rounded: String
  public var lines: [Line]

  /// Makes a quote.
  public init(currency: String, amount: String, rounded: String, lines: [Line]) {
    self.currency = currency
    self.amount = amount
    self.rounded = rounded
    self.lines = lines
  }

  /// The quote as JSON, with sorted keys and a newline at the end.
  public func json() throws -> Data { try RecordJSON.encode(self) }
}
