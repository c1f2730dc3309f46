import Chronology

/// An immutable usage event, as its producer sent it: the attributes of CloudEvents plus up to two measured
/// quantities. 48 bytes.
///
/// `(source, id)` identifies the event (CloudEvents 1.0.2, section "id"): two events that agree in both are
/// copies of one. The quantities are millionths (``Quantity``); an event type says what they measure.
@frozen
public struct UsageEvent: Hashable, Sendable, BitwiseCopyable {
  /// The identifier within the source.
  public var id: UInt64
  /// When the usage happened, by the producer's clock.
  public var time: Instant
  /// The first measured quantity, in millionths.
  public var quantity0: Int64
  /// The second measured quantity, in millionths; 0 for types with one.
  public var quantity1: Int64
  /// The producer.
  public var source: SourceID
  /// The customer reference.
  public var subject: SubjectID
  /// The type of event.
  public var type: EventTypeID
  /// The version of the event's schema.
  public var schemaVersion: UInt32

  /// Makes an event.
  @inlinable
  public init(
    id: UInt64, source: SourceID, type: EventTypeID, subject: SubjectID, time: Instant, quantity0: Int64,
    quantity1: Int64 = 0, schemaVersion: UInt32 = 1
  ) {
    self.id = id
    self.time = time
    self.quantity0 = quantity0
    self.quantity1 = quantity1
    self.source = source
    self.subject = subject
    self.type = type
    self.schemaVersion = schemaVersion
  }

  /// The key of deduplication.
  @inlinable
  public var key: UsageEventKey { UsageEventKey(source: source, id: id) }
}

/// What identifies a usage event: its source and its identifier there.
@frozen
public struct UsageEventKey: Hashable, Sendable, BitwiseCopyable {
  /// The producer.
  public var source: SourceID
  /// The identifier within the source.
  public var id: UInt64

  /// Makes a key.
  @inlinable
  public init(source: SourceID, id: UInt64) {
    self.source = source
    self.id = id
  }

  /// The event's contribution to the order-free hash of a set of events: sets are compared by the wrapping
  /// sum of the digests of their members.
  ///
  /// A definition, like a checksum in a file format: `murmur3 fmix64(id ⊕ fmix64(source + 1))`
  /// (A. Appleby, MurmurHash3, public domain).
  @inlinable
  public var digest: UInt64 { Self.mix(id ^ Self.mix(UInt64(source.index) &+ 1)) }

  @inlinable
  static func mix(_ word: UInt64) -> UInt64 {
    var k = word
    k = (k ^ (k >> 33)) &* 0xff51_afd7_ed55_8ccd
    k = (k ^ (k >> 33)) &* 0xc4ce_b9fe_1a85_ec53
    return k ^ (k >> 33)
  }
}
