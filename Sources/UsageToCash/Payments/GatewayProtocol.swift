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
}

/// What the gateway answers; silence is its own time-out.
public enum ChargeAnswer: Hashable, Sendable {
  /// Collected.
  case succeeded
  /// Refused by the customer's bank.
  case declined
  /// Not available.
  case unavailable
}

/// What identifies a charge at the gateway when it is asked again.
public enum ChargeKeying: String, Sendable, CaseIterable {
  /// Invoice and attempt: asking again finds the first charge.
  case perAttempt
  /// Every call is another charge: a real failure, never a choice.
  case perCall
}

/// The rules of payments.
public struct PaymentPolicy: Sendable {
  /// The key of a charge.
  public var keying: ChargeKeying
  /// Whether what a customer paid too much is kept apart as unapplied cash.
  public var keepsUnapplied: Bool
  /// Whether chargebacks are booked.
  public var booksChargebacks: Bool
  /// Whether what the gateway keeps of a payout is booked as its fee.
  public var booksFees = true
  /// Whether CRM is told of an invoice's status.
  public var tellsStatus: Bool
  /// Whether a notice that comes again is known for the same movement of money.
  public var recognisesRepeats: Bool
  /// Whether a charge without an answer is asked for again, until there is one.
  public var resolvesUnknown = true
  /// Whether a declined charge is tried again as often as the payment terms allow.
  public var keepsDunning = true

  /// Makes rules.
  public init(
    keying: ChargeKeying = .perAttempt, keepsUnapplied: Bool = true, booksChargebacks: Bool = true,
    tellsStatus: Bool = true, recognisesRepeats: Bool = true
  ) {
    self.recognisesRepeats = recognisesRepeats
    self.keying = keying
    self.keepsUnapplied = keepsUnapplied
    self.booksChargebacks = booksChargebacks
    self.tellsStatus = tellsStatus
  }
}
