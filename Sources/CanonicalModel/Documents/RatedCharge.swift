import Chronology

/// A period's usage on one charge, priced: what Rating hands to Billing.
public struct RatedCharge: Hashable, Sendable {
  /// Why the charge exists.
  public enum Kind: String, Sendable {
    /// The usage of the period that is being billed.
    case usage
    /// Usage of an earlier period that arrived after its rating, billed by the policy `next-invoice`.
    case lateUsage
  }

  /// A running number, unique within a run.
  public var id: UInt64
  /// The subscription.
  public var subscription: SubscriptionID
  /// The meter.
  public var meter: MeterID
  /// The period in which the usage happened.
  public var servicePeriod: CalendarMonth
  /// Usage or late usage.
  public var kind: Kind
  /// The number of usage events.
  public var count: Int64
  /// The quantity.
  public var quantity: Quantity
  /// The order-free hash of the events.
  public var digest: UInt64
  /// The amount, rounded once to the currency's minor unit (policy: rate exactly, then round the line).
  public var amount: Money

  /// Makes a rated charge.
  public init(
    id: UInt64, subscription: SubscriptionID, meter: MeterID, servicePeriod: CalendarMonth, kind: Kind,
    count: Int64, quantity: Quantity, digest: UInt64, amount: Money
  ) {
    self.id = id
    self.subscription = subscription
    self.meter = meter
    self.servicePeriod = servicePeriod
    self.kind = kind
    self.count = count
    self.quantity = quantity
    self.digest = digest
    self.amount = amount
  }
}
