import CanonicalModel
import Chronology

/// An accepted usage event, enriched with its subscription: what Metering aggregates. 48 bytes.
@frozen
public struct BillableEvent: Sendable, BitwiseCopyable {
  /// When the usage happened.
  public var time: Instant
  /// The event's contribution to order-free hashes.
  public var digest: UInt64
  /// The first quantity in millionths.
  public var quantity0: Int64
  /// The second quantity in millionths.
  public var quantity1: Int64
  /// The subscription that pays.
  public var subscription: SubscriptionID
  /// The type, which says what the quantities feed.
  public var type: EventTypeID
  /// The position of its value in the type's dimension.
  public var dimension: UInt16
  /// Whether the event is taken back rather than added.
  public var isWithdrawn = false

  init(_ event: UsageEvent, digest: UInt64, subscription: SubscriptionID) {
    time = event.time
    self.digest = digest
    quantity0 = event.quantity0
    quantity1 = event.quantity1
    self.subscription = subscription
    type = event.type
    dimension = event.dimension
  }
}
