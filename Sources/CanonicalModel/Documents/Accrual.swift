import Chronology

/// Revenue that was earned in a period and is invoiced later, or the end of such a claim, when it has been invoiced.
public struct Accrual: Hashable, Sendable {
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
  /// The accrual that this one ends; `nil`: it begins one.
  public var reverses: PostingKey?
  /// The customer; `nil`: all that an entity has not billed at the end of a month.
  public var account: AccountID?
  /// The currency.
  public var currency: Currency
  /// The accounting period.
  public var period: Period
  /// The items in order.
  public var lines: [Line]
  /// The rated charges that it stands for; empty where they are still to come.
  public var charges: [UInt64]

  /// Makes a document.
  public init(
    key: PostingKey, reverses: PostingKey?, account: AccountID?, currency: Currency, period: Period,
    lines: [Line], charges: [UInt64]
  ) {
    self.key = key
    self.reverses = reverses
    self.account = account
    self.currency = currency
    self.period = period
    self.lines = lines
    self.charges = charges
  }
}
