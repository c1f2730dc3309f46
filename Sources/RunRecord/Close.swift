extension RunRecord {
  /// The three truths of an accounting period at its close, each with its own cut-off.
  package struct Close: Codable, Equatable, Sendable {
    /// What one of the three holds.
    package struct View: Codable, Equatable, Sendable {
      /// Usage events, invoices or ledger documents.
      package var count: Int64
      /// The sum of the invoices, or of the documents' debits; null: no amounts.
      package var amount: String?
      /// The cut-off.
      package var asOf: String

      /// Makes a view.
      package init(count: Int64, amount: String?, asOf: String) {
        self.count = count
        self.amount = amount
        self.asOf = asOf
      }
    }

    /// The legal entity.
    package var entity: String
    /// The currency of its books.
    package var currency: String
    /// The accounting period.
    package var period: String
    /// 1 for the first close.
    package var version: Int
    /// Usage of the period that was metered.
    package var operational: View
    /// Invoices of the period that were issued.
    package var billing: View
    /// Documents of the period in the ledgers.
    package var finance: View

    /// Makes a close.
    package init(
      entity: String, currency: String, period: String, version: Int, operational: View, billing: View,
      finance: View
    ) {
      self.entity = entity
      self.currency = currency
      self.period = period
      self.version = version
      self.operational = operational
      self.billing = billing
      self.finance = finance
    }
  }
}
