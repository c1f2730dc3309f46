import Foundation

/// A rated quantity with its working: what `quote` prints. Amounts are exact decimal texts.
package struct QuoteRecord: Codable, Equatable, Sendable {
  /// One step of the working.
  package struct Line: Codable, Equatable, Sendable {
    package var meter: String
    /// What is priced: `tier 1`, `package`, `event 3`, `minimum`.
    package var label: String
    package var quantity: String
    /// The price per unit or the rate; left out for flat amounts.
    package var unitPrice: String?
    package var flatFee: String
    package var amount: String

    /// Makes a line.
    package init(
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

  package var currency: String
  /// Before rounding.
  package var amount: String
  /// To the currency's minor unit, half away from zero, each charge on its own.
  package var rounded: String
  package var lines: [Line]

  /// Makes a quote.
  package init(currency: String, amount: String, rounded: String, lines: [Line]) {
    self.currency = currency
    self.amount = amount
    self.rounded = rounded
    self.lines = lines
  }

  /// The quote as JSON, with sorted keys and a newline at the end.
  package func json() throws -> Data { try RecordJSON.encode(self) }
}
