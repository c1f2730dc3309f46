import Chronology

/// The aggregate of one subscription's usage on one meter in one window: what finance gets in place of
/// millions of raw events, with the control totals that lead back to them.
///
/// Late usage gives further summaries of the same window with rising revisions; the window's total is the
/// sum over its revisions.
@frozen
public struct UsageSummary: Hashable, Sendable, BitwiseCopyable {
  /// The sum of the quantities.
  public var quantity: Quantity
  /// The order-free hash: the wrapping sum of ``UsageEventKey/digest`` over the events.
  public var digest: UInt64
  /// The number of events.
  public var count: Int64
  /// The start of the half-open window.
  public var window: Instant
  /// The subscription.
  public var subscription: SubscriptionID
  /// The meter.
  public var meter: MeterID
  /// 0 for the summary at the window's close, then 1, 2, … for late usage.
  public var revision: UInt32

  /// Makes a summary.
  @inlinable
  public init(
    subscription: SubscriptionID, meter: MeterID, window: Instant, revision: UInt32, count: Int64,
    quantity: Quantity, digest: UInt64
  ) {
    self.quantity = quantity
    self.digest = digest
    self.count = count
    self.window = window
    self.subscription = subscription
    self.meter = meter
    self.revision = revision
  }
}
