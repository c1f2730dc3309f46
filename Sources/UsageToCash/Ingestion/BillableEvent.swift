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

  /// No event: what room for events is filled with.
  static let none = BillableEvent(
    UsageEvent(
      id: 0, source: SourceID(index: 0), type: EventTypeID(index: 0), subject: SubjectID(index: 0),
      time: .distantPast, quantity0: 0), digest: 0, subscription: SubscriptionID(index: 0))
}
