import Chronology

/// When and how customers pay. The same for all of them, but for the method.
public struct PaymentTerms: Hashable, Sendable {
  /// From an invoice's issue until it is due.
  public var dueAfter: Span
  /// The pauses before further attempts after a declined charge.
  public var retries: [Span]

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
