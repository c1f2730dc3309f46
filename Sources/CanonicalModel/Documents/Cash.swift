import Chronology

/// A charge at the payment gateway: one attempt to collect an invoice.
public struct ChargeKey: Hashable, Comparable, Sendable {
  /// The invoice.
  public var invoice: InvoiceNumber
  /// The attempt, from 1: a further one follows only when one was declined.
  public var attempt: UInt32

  /// Makes a key.
  public init(invoice: InvoiceNumber, attempt: UInt32) {
    self.invoice = invoice
    self.attempt = attempt
  }

  /// Orders by invoice, then by attempt.
  public static func < (a: ChargeKey, b: ChargeKey) -> Bool {
    (a.invoice, a.attempt) < (b.invoice, b.attempt)
  }

  /// The printed form, which is the idempotency key.
  public func text(in catalog: Catalog) -> String { "charge/\(invoice.text(in: catalog))/\(attempt)" }
}

/// Money that moves outside of billing and that it is told of.
public enum CashEvent: Hashable, Sendable {
  /// The gateway pays collected charges out, less its fees.
  case payout(entity: EntityID, number: UInt32, gross: Money, fees: Money)
  /// A customer took a charge back, and the gateway asks a fee for it.
  case chargeback(invoice: InvoiceNumber, amount: Money, fee: Money)
  /// Money was given back to a customer, for an invoice that was credited after it was paid.
  case refund(invoice: InvoiceNumber, amount: Money)
  /// A customer's transfer has reached the bank account; it names an invoice.
  case transfer(account: AccountID, amount: Money, reference: InvoiceNumber)
}

/// How billing is told of a movement of money: by a notice that may come late, twice, or after later ones.
public struct CashNotice: Hashable, Sendable {
  /// The number of the movement, the same on every copy of the notice.
  public var id: UInt32
  /// The movement.
  public var event: CashEvent

  /// Makes a notice.
  public init(id: UInt32, event: CashEvent) {
    self.id = id
    self.event = event
  }
}

/// What a cash document does to the ledger: a payment with its application, a payout, a chargeback.
public struct CashDocument: Hashable, Sendable {
  /// A part of a payment that settles an invoice.
  public struct Application: Hashable, Sendable {
    /// The invoice.
    public var invoice: InvoiceNumber
    /// The part.
    public var amount: Money

    /// Makes an application.
    public init(invoice: InvoiceNumber, amount: Money) {
      self.invoice = invoice
      self.amount = amount
    }
  }

  /// The posting.
  public var key: PostingKey
  /// The customer; `nil` for payouts.
  public var account: AccountID?
  /// The currency.
  public var currency: Currency
  /// The accounting period.
  public var period: Period
  /// What was collected, paid out or taken back.
  public var gross: Money
  /// What the gateway keeps.
  public var fees: Money
  /// What a payment settles, or a chargeback opens again.
  public var applications: [Application]
  /// Whether the money is at the gateway, not yet at the bank.
  public var isAtGateway: Bool

  /// What no invoice is settled by.
  public var unapplied: Money { applications.reduce(gross) { $0 - $1.amount } }

  /// Makes a document.
  public init(
    key: PostingKey, account: AccountID?, currency: Currency, period: Period, gross: Money,
    fees: Money = .zero, applications: [Application] = [], isAtGateway: Bool = false
  ) {
    self.key = key
    self.account = account
    self.currency = currency
    self.period = period
    self.gross = gross
    self.fees = fees
    self.applications = applications
    self.isAtGateway = isAtGateway
  }
}
