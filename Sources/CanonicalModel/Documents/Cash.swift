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

/// Where money that a customer has paid came from: what is given back goes back the same way.
public enum PaymentSource: Hashable, Sendable {
  /// A charge at the gateway.
  case charge(ChargeKey)
  /// Transfers to the bank account.
  case bank

  /// The charge; `nil` for transfers.
  public var charge: ChargeKey? { if case .charge(let key) = self { key } else { nil } }
}

/// What the core orders to be given back to a customer: of an invoice that was credited after it was paid, or of unapplied cash.
public struct RefundOrder: Hashable, Sendable {
  /// The legal entity.
  public var entity: EntityID
  /// The number within the entity: an order that comes again is known by it.
  public var number: UInt32
  /// The customer.
  public var account: AccountID
  /// The invoice; `nil`: what no invoice was settled by.
  public var invoice: InvoiceNumber?
  /// Where the money came from.
  public var source: PaymentSource
  /// How much.
  public var amount: Money

  /// Makes an order.
  public init(
    entity: EntityID, number: UInt32, account: AccountID, invoice: InvoiceNumber?, source: PaymentSource,
    amount: Money
  ) {
    self.entity = entity
    self.number = number
    self.account = account
    self.invoice = invoice
    self.source = source
    self.amount = amount
  }
}

/// Money that moves outside of billing and that it is told of, and what is decided about such money.
public enum CashEvent: Hashable, Sendable {
  /// The gateway pays collected charges out, less its fees.
  case payout(entity: EntityID, number: UInt32, gross: Money, fees: Money)
  /// A customer took back what was left of a charge of so much, and the gateway asks a fee for it.
  case chargeback(charge: ChargeKey, collected: Money, amount: Money, fee: Money)
  /// The dispute about a charge that was taken back was won: the money comes back, the fee does not.
  case disputeWon(charge: ChargeKey, amount: Money)
  /// The dispute about a charge that was taken back was lost; no money moves.
  case disputeLost(charge: ChargeKey)
  /// Money was given back to a customer.
  case refund(RefundOrder)
  /// The gateway refuses to give money back, as the customer has taken the charge back before; no money moves.
  case refundRefused(RefundOrder)
  /// A customer's transfer has reached the bank account; it names an invoice.
  case transfer(account: AccountID, amount: Money, reference: InvoiceNumber)

  /// The legal entity whose money it is.
  ///
  /// - Parameter catalog: which knows whose customer an account is.
  public func entity(in catalog: Catalog) -> EntityID {
    switch self {
    case .payout(let entity, _, _, _): entity
    case .chargeback(let charge, _, _, _), .disputeWon(let charge, _), .disputeLost(let charge):
      charge.invoice.entity
    case .refund(let order), .refundRefused(let order): order.entity
    case .transfer(let account, _, _): catalog[account].entity
    }
  }

  /// The invoice that it names.
  public var invoice: InvoiceNumber? {
    switch self {
    case .payout: nil
    case .chargeback(let charge, _, _, _), .disputeWon(let charge, _), .disputeLost(let charge):
      charge.invoice
    case .refund(let order), .refundRefused(let order): order.invoice
    case .transfer(_, _, let reference): reference
    }
  }
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

/// What made a cash document necessary; applications of unapplied cash and write-offs have nothing of the kind.
public enum CashOrigin: Hashable, Sendable {
  /// The gateway has collected under a key.
  case charge(ChargeKey)
  /// Money has moved; the number is that of the notice of it.
  case movement(UInt32)
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
  /// What made it necessary.
  public var origin: CashOrigin?
  /// Whether a refund gives a charge of the gateway back.
  public var isOfCharge = false

  /// What no invoice is settled by.
  public var unapplied: Money { applications.reduce(gross) { $0 - $1.amount } }

  /// Makes a document.
  public init(
    key: PostingKey, account: AccountID?, currency: Currency, period: Period, gross: Money,
    fees: Money = .zero, applications: [Application] = [], isAtGateway: Bool = false,
    origin: CashOrigin? = nil
  ) {
    self.key = key
    self.account = account
    self.currency = currency
    self.period = period
    self.gross = gross
    self.fees = fees
    self.applications = applications
    self.isAtGateway = isAtGateway
    self.origin = origin
  }
}
