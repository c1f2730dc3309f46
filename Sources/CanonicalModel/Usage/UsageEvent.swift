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
  public var schemaVersion: UInt16
  /// The position of the event's value among those of its type's dimension; 0 for types without one.
  public var dimension: UInt16

  /// Makes an event.
  @inlinable
  public init(
    id: UInt64, source: SourceID, type: EventTypeID, subject: SubjectID, time: Instant, quantity0: Int64,
    quantity1: Int64 = 0, schemaVersion: UInt16 = 1, dimension: UInt16 = 0
  ) {
    self.id = id
    self.time = time
    self.quantity0 = quantity0
    self.quantity1 = quantity1
    self.source = source
    self.subject = subject
    self.type = type
    self.schemaVersion = schemaVersion
    self.dimension = dimension
  }

  /// The key of deduplication.
  @inlinable
  public var key: UsageEventKey { UsageEventKey(source: source, id: id) }
}

/// An event that takes back an earlier one: its producer had sent what did not happen, or not so.
public struct UsageCorrection: Hashable, Sendable {
  /// The event as it was sent.
  public var original: UsageEvent
  /// What takes its place, under an identifier of its own; `nil`: nothing (a void).
  public var replacement: UsageEvent?

  /// Makes a correction.
  public init(original: UsageEvent, replacement: UsageEvent?) {
    self.original = original
    self.replacement = replacement
  }
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
