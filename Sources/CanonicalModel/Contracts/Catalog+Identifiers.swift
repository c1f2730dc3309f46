/// What a dense identifier stands for: an identifier of one table cannot be looked up in another.
///
/// Read in place: a catalogue that is handed to a function would be copied, and so would a row of which one field is asked. Each
/// traps where its table has no such index.
extension Catalog {
  /// A legal entity.
  @inlinable
  public subscript(id: EntityID) -> LegalEntity {
    @inline(__always) _read { yield entities[Int(id.index)] }
  }

  /// A customer account.
  @inlinable
  public subscript(id: AccountID) -> Account {
    @inline(__always) _read { yield accounts[Int(id.index)] }
  }

  /// A subscription.
  @inlinable
  public subscript(id: SubscriptionID) -> Subscription {
    @inline(__always) _read { yield subscriptions[Int(id.index)] }
  }

  /// A meter.
  @inlinable
  public subscript(id: MeterID) -> Meter {
    @inline(__always) _read { yield meters[Int(id.index)] }
  }

  /// An event type.
  @inlinable
  public subscript(id: EventTypeID) -> EventType {
    @inline(__always) _read { yield eventTypes[Int(id.index)] }
  }

  /// An item.
  @inlinable
  public subscript(id: ItemID) -> Item {
    @inline(__always) _read { yield items[Int(id.index)] }
  }

  /// A tax jurisdiction.
  @inlinable
  public subscript(id: JurisdictionID) -> TaxJurisdiction {
    @inline(__always) _read { yield jurisdictions[Int(id.index)] }
  }

  /// The name of a producer.
  @inlinable
  public subscript(id: SourceID) -> String {
    @inline(__always) _read { yield sources[Int(id.index)] }
  }
}
