import Chronology

/// The time over which a recurring charge is served: of a change of contract, from the change on.
public struct ServiceDates: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The first instant.
  public var from: Instant
  /// The first instant after it.
  public var until: Instant

  /// Makes dates.
  public init(from: Instant, until: Instant) {
    self.from = from
    self.until = until
  }

  /// Orders by beginning, then by end.
  public static func < (a: ServiceDates, b: ServiceDates) -> Bool { (a.from, a.until) < (b.from, b.until) }
}

/// A period's usage on one charge, priced: what Rating hands to Billing.
public struct RatedCharge: Hashable, Sendable {
  /// Why the charge exists.
  public enum Kind: String, Sendable {
    /// The usage of the period that is being billed.
    case usage
    /// Usage of an earlier period that arrived after its rating, billed by the policy `next-invoice`.
    case lateUsage
    /// A recurring charge of a period, the first time that it is charged.
    case recurring
    /// A recurring charge again: what a change of contract makes of it, up or down.
    case proration
    /// What a period's usage lacks to the minimum spend, or too much of it, once late usage has come.
    case trueUp
    /// Prepaid credits that pay for usage: a negative amount.
    case drawdown
  }

  /// A running number, unique within a run.
  public var id: UInt64
  /// The subscription.
  public var subscription: SubscriptionID
  /// The item; a meter's usage, or something else.
  public var item: ItemID
  /// The period in which the service was rendered.
  public var servicePeriod: Period
  /// Why it exists.
  public var kind: Kind
  /// The number of usage events.
  public var count: Int64
  /// The quantity: of usage, or units of a recurring charge times the share of the period.
  public var quantity: Quantity
  /// The order-free hash of the events.
  public var digest: UInt64
  /// When a recurring charge is served; `nil`: over the service period, as far as the contract is in force.
  public var served: ServiceDates?
  /// What of the amount was supplied when, where a rate of tax changes in the meantime; empty: all of it under the same rates.
  public var supply: [SupplyPart] = []
  /// The amount, rounded once to the currency's minor unit (policy: rate exactly, then round the line).
  public var amount: Money

  /// Makes a rated charge.
  public init(
    id: UInt64, subscription: SubscriptionID, item: ItemID, servicePeriod: Period, kind: Kind,
    count: Int64, quantity: Quantity, digest: UInt64, amount: Money, served: ServiceDates? = nil
  ) {
    self.served = served
    self.id = id
    self.subscription = subscription
    self.item = item
    self.servicePeriod = servicePeriod
    self.kind = kind
    self.count = count
    self.quantity = quantity
    self.digest = digest
    self.amount = amount
  }
}

/// A charge's running number as a key of tables: see ``KeyHash``.
@frozen
public struct ChargeNumber: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The number.
  public var value: UInt64
  /// Makes the key of a number.
  @inlinable
  public init(_ value: UInt64) { self.value = value }

  @inlinable
  public static func < (a: ChargeNumber, b: ChargeNumber) -> Bool { a.value < b.value }

  /// See ``KeyHash``.
  @inlinable
  public func _rawHashValue(seed: Int) -> Int { KeyHash.of(value, seed: seed) }
}
