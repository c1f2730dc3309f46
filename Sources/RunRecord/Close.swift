extension RunRecord {
  /// The three truths of an accounting period at its close, each with its own cut-off.
  public struct Close: Codable, Equatable, Sendable {
    /// What one of the three holds.
    public struct View: Codable, Equatable, Sendable {
      /// Usage events, invoices or ledger documents.
      public var count: Int64
      /// The sum of the invoices, or of the documents' debits; null: no amounts.
      public var amount: String?
      /// The cut-off.
      public var asOf: String

      /// Makes a view.
      public init(count: Int64, amount: String?, asOf: String) {
        self.count = count
        self.amount = amount
        self.asOf = asOf
      }
    }

    /// The legal entity.
    public var entity: String
    /// The currency of its books.
    public var currency: String
    /// The accounting period.
    public var period: String
    /// 1 for the first close.
    public var version: Int
    /// Usage of the period that was metered.
    public var operational: View
    /// Invoices of the period that were issued.
    public var billing: View
    /// Documents of the period in the ledgers.
    public var finance: View

    /// Makes a close.
    public init(
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
