import Chronology

/// What becomes of cash that customers have paid and that no invoice was settled by.
public enum UnappliedCash: String, Hashable, Sendable, CaseIterable {
  /// It settles the customer's open invoices, or the next ones.
  case nextInvoice
  /// It is given back.
  case refund
  /// It waits for a person.
  case keep
}

/// When and how customers pay. The same for all of them, but for the method.
public struct PaymentTerms: Hashable, Sendable {
  /// From an invoice's issue until it is due.
  public var dueAfter: Span
  /// The pauses before further attempts after a declined charge.
  public var retries: [Span]
  /// What becomes of what customers pay too much. By default it settles their next invoice: nothing has to be paid back, and nothing
  /// has to be known of their banks.
  public var unapplied = UnappliedCash.nextInvoice
  /// From the last attempt to collect, or from a chargeback that is final, until what is open is written off; `nil`: never.
  public var writeOffAfter: Span?
  /// Whether chargebacks are disputed, and so not final before the dispute is decided.
  public var disputesChargebacks = false

  /// Makes terms.
  public init(dueAfter: Span, retries: [Span]) {
    self.dueAfter = dueAfter
    self.retries = retries
  }
}

/// How an account pays.
public enum PaymentMethod: UInt8, Hashable, Sendable {
  /// The biller charges a card or direct debit through a gateway.
  case autopay
  /// The customer sends money to the bank account.
  case transfer
}
