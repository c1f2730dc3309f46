/// What a dense identifier stands for: an identifier of one table cannot be looked up in another.
///
/// Inlined, as a catalogue that is handed to a function would be copied; each traps where the table has no such index.
extension Catalog {
  /// A legal entity.
  @inlinable
  public subscript(id: EntityID) -> LegalEntity {
    @inline(__always) get { entities[Int(id.index)] }
  }

  /// A customer account.
  @inlinable
  public subscript(id: AccountID) -> Account {
    @inline(__always) get { accounts[Int(id.index)] }
  }

  /// A subscription.
  @inlinable
  public subscript(id: SubscriptionID) -> Subscription {
    @inline(__always) get { subscriptions[Int(id.index)] }
  }

  /// A meter.
  @inlinable
  public subscript(id: MeterID) -> Meter {
    @inline(__always) get { meters[Int(id.index)] }
  }

  /// An event type.
  @inlinable
  public subscript(id: EventTypeID) -> EventType {
    @inline(__always) get { eventTypes[Int(id.index)] }
  }

  /// An item.
  @inlinable
  public subscript(id: ItemID) -> Item {
    @inline(__always) get { items[Int(id.index)] }
  }

  /// A tax jurisdiction.
  @inlinable
  public subscript(id: JurisdictionID) -> TaxJurisdiction {
    @inline(__always) get { jurisdictions[Int(id.index)] }
  }

  /// The name of a producer.
  @inlinable
  public subscript(id: SourceID) -> String {
    @inline(__always) get { sources[Int(id.index)] }
  }
}
