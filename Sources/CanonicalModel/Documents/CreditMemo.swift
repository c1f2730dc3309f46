import Chronology

/// What finance asks for: to credit a part of an invoice.
public struct CreditRequest: Hashable, Sendable {
  /// The request's own number: the same request may come more than once.
  public var id: UInt32
  /// The invoice.
  public var invoice: InvoiceNumber
  /// The amount without tax.
  public var net: Money
  /// The person who asks.
  public var requestedBy: UInt32
  /// The person who approves; `nil`: nobody yet.
  public var approvedBy: UInt32?
  /// Whether the whole invoice is credited and issued anew (credit and rebill), whatever ``net`` says.
  public var isRebill: Bool

  /// Makes a request.
  public init(
    id: UInt32, invoice: InvoiceNumber, net: Money, requestedBy: UInt32, approvedBy: UInt32? = nil,
    isRebill: Bool = false
  ) {
    self.id = id
    self.invoice = invoice
    self.net = net
    self.requestedBy = requestedBy
    self.approvedBy = approvedBy
    self.isRebill = isRebill
  }
}

/// A credit on an invoice, with its share of the tax.
public struct CreditMemo: Hashable, Sendable {
  /// What is credited of one line of the invoice.
  public struct Part: Hashable, Sendable {
    /// The position of the line on the invoice, from 0.
    public var line: Int
    /// The item of the line.
    public var item: ItemID
    /// The amount without tax.
    public var amount: Money
    /// How much of the amount was still to be earned at the beginning of the memo's accounting period: it lowers the contract liability, and the
    /// rest lowers revenue.
    public var unearned: Money

    /// Makes a part.
    public init(line: Int, item: ItemID, amount: Money, unearned: Money = .zero) {
      self.line = line
      self.item = item
      self.amount = amount
      self.unearned = unearned
    }
  }

  /// The posting.
  public var key: PostingKey
  /// The request that it answers.
  public var request: CreditRequest
  /// The customer.
  public var account: AccountID
  /// The currency.
  public var currency: Currency
  /// The accounting period.
  public var period: Period
  /// What is credited without tax; at most what was asked for and what is left of the invoice.
  public var net: Money
  /// The taxes that are credited, in the order of those of the invoice: each at the rate that was charged.
  public var taxes: [TaxLine]
  /// What is credited of each line, in the order of lines; empty where the whole invoice is issued anew, which earns and defers what it did.
  public var parts: [Part]

  /// With tax.
  public var total: Money { taxes.reduce(net) { $0 + $1.amount } }

  /// Makes a memo.
  public init(
    key: PostingKey, request: CreditRequest, account: AccountID, currency: Currency, period: Period,
    net: Money, taxes: [TaxLine], parts: [Part] = []
  ) {
    self.key = key
    self.request = request
    self.account = account
    self.currency = currency
    self.period = period
    self.net = net
    self.taxes = taxes
    self.parts = parts
  }
}
