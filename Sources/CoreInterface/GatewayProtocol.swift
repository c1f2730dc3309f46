import CanonicalModel
import Chronology

/// What the core asks of the payment gateway: to collect an amount under a key. Repeating the key repeats the answer.
public struct ChargeRequest: Hashable, Sendable {
  /// The key.
  public var key: ChargeKey
  /// How often it was asked before, without an answer.
  public var repetition: UInt32
  /// The idempotency key.
  public var idempotencyKey: String
  /// The customer.
  public var account: AccountID
  /// The amount.
  public var amount: Money

  /// Makes a request.
  public init(
    key: ChargeKey, repetition: UInt32, idempotencyKey: String, account: AccountID, amount: Money
  ) {
    self.key = key
    self.repetition = repetition
    self.idempotencyKey = idempotencyKey
    self.account = account
    self.amount = amount
  }
}

/// What the gateway answers; silence is its own time-out.
public enum ChargeAnswer: Hashable, Sendable {
  /// Collected.
  case succeeded
  /// Collected in part: no more will come under this key.
  case partly(Money)
  /// Refused by the customer's bank.
  case declined
  /// Not available.
  case unavailable
}
