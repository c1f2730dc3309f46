/// A dense, interned identifier: an index into a table of the ``Catalog``, of type `UInt32` so that hot
/// structures stay small.
public protocol DenseIdentifier: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The index.
  var index: UInt32 { get }
  /// Makes the identifier of an index.
  init(index: UInt32)
}

extension DenseIdentifier {
  public static func < (a: Self, b: Self) -> Bool { a.index < b.index }

  /// See ``KeyHash``.
  @inlinable
  public func _rawHashValue(seed: Int) -> Int { KeyHash.of(UInt64(index), seed: seed) }
}

/// A legal entity.
@frozen
public struct EntityID: DenseIdentifier {
  /// The index.
  public var index: UInt32
  /// Makes the identifier of an index.
  @inlinable
  public init(index: UInt32) { self.index = index }
}

/// A customer account.
@frozen
public struct AccountID: DenseIdentifier {
  /// The index.
  public var index: UInt32
  /// Makes the identifier of an index.
  @inlinable
  public init(index: UInt32) { self.index = index }
}

/// A subscription: one account's contract for one price book.
@frozen
public struct SubscriptionID: DenseIdentifier {
  /// The index.
  public var index: UInt32
  /// Makes the identifier of an index.
  @inlinable
  public init(index: UInt32) { self.index = index }
}

/// An item: what an invoice line is about. The first items are the meters, in their order.
@frozen
public struct ItemID: DenseIdentifier {
  /// The index.
  public var index: UInt32
  /// Makes the identifier of an index.
  @inlinable
  public init(index: UInt32) { self.index = index }
  /// The item that stands for a meter's usage.
  @inlinable
  public init(_ meter: MeterID) { index = meter.index }
}

/// A tax jurisdiction.
@frozen
public struct JurisdictionID: DenseIdentifier {
  /// The index.
  public var index: UInt32
  /// Makes the identifier of an index.
  @inlinable
  public init(index: UInt32) { self.index = index }
}

/// A meter.
@frozen
public struct MeterID: DenseIdentifier {
  /// The index.
  public var index: UInt32
  /// Makes the identifier of an index.
  @inlinable
  public init(index: UInt32) { self.index = index }
}

/// A type of usage event.
@frozen
public struct EventTypeID: DenseIdentifier {
  /// The index.
  public var index: UInt32
  /// Makes the identifier of an index.
  @inlinable
  public init(index: UInt32) { self.index = index }
}

/// A producer of usage events: the `source` attribute of CloudEvents.
@frozen
public struct SourceID: DenseIdentifier {
  /// The index.
  public var index: UInt32
  /// Makes the identifier of an index.
  @inlinable
  public init(index: UInt32) { self.index = index }
}

/// The customer reference that a producer writes on an event: the `subject` attribute of CloudEvents.
/// Resolved to a subscription by the ``Catalog``, or unknown there.
@frozen
public struct SubjectID: DenseIdentifier {
  /// The index.
  public var index: UInt32
  /// Makes the identifier of an index.
  @inlinable
  public init(index: UInt32) { self.index = index }
}
