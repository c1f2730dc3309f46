import Chronology

/// Deferred revenue that a legal entity has earned in a period: one document an entity and period.
public struct Recognition: Hashable, Sendable {
  /// What was earned of an item.
  public struct Line: Hashable, Sendable {
    /// The item.
    public var item: ItemID
    /// The period in which the service is rendered: what was invoiced for it is earned a part at a time.
    public var servicePeriod: Period
    /// The amount.
    public var amount: Money

    /// Makes a line.
    public init(item: ItemID, servicePeriod: Period, amount: Money) {
      self.item = item
      self.servicePeriod = servicePeriod
      self.amount = amount
    }
  }

  /// The posting.
  public var key: PostingKey
  /// The currency.
  public var currency: Currency
  /// The month in which it was earned.
  public var period: Period
  /// The items in order.
  public var lines: [Line]

  /// Makes a document.
  public init(key: PostingKey, currency: Currency, period: Period, lines: [Line]) {
    self.key = key
    self.currency = currency
    self.period = period
    self.lines = lines
  }
}
