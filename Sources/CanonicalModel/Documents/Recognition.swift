import Chronology

/// Deferred revenue that a legal entity has earned in a period: one document an entity and period.
public struct Recognition: Hashable, Sendable {
  /// What was earned of an item.
  public struct Line: Hashable, Sendable {
    /// The item.
    public var item: ItemID
    /// The amount.
    public var amount: Money

    /// Makes a line.
    public init(item: ItemID, amount: Money) {
      self.item = item
      self.amount = amount
    }
  }

  /// The posting.
  public var key: PostingKey
  /// The currency.
  public var currency: Currency
  /// The period in which the service was rendered.
  public var period: CalendarMonth
  /// The items in order.
  public var lines: [Line]

  /// Makes a document.
  public init(key: PostingKey, currency: Currency, period: CalendarMonth, lines: [Line]) {
    self.key = key
    self.currency = currency
    self.period = period
    self.lines = lines
  }
}
