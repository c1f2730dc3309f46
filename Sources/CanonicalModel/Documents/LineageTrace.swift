import Chronology

/// Where the usage of a charge is summarised: the windows of this subscription and item in this period.
public struct ChargeOrigin: Hashable, Sendable {
  /// The subscription that pays.
  public var subscription: SubscriptionID
  /// The meter or recurring item.
  public var item: ItemID
  /// The service period.
  public var period: Period

  /// Makes an origin.
  public init(subscription: SubscriptionID, item: ItemID, period: Period) {
    self.subscription = subscription
    self.item = item
    self.period = period
  }

  /// See ``KeyHash``.
  @inlinable
  public func _rawHashValue(seed: Int) -> Int {
    KeyHash.of(UInt64(subscription.index) | UInt64(item.index) << 32, period.word, seed: seed)
  }
}

/// The way of one usage event to the ledger and the bank: everything that holds a part of it, stage by stage.
public struct LineageTrace: Hashable, Sendable {
  /// The event.
  public var event: UsageEvent
  /// The subscription that pays for it.
  public var subscription: SubscriptionID
  /// The meter that counts it.
  public var meter: MeterID
  /// The start of the window that it falls into.
  public var window: Instant
  /// The rated charges of its period and meter: the first, and those of late usage.
  public var charges: [UInt64]
  /// The way back from each of these charges to its usage, where it is known.
  public var origins: [ChargeOrigin?]
  /// The invoices that these are on, in the order of the charges, each once.
  public var invoices: [InvoiceNumber]
  /// The postings of these invoices, with the ERP's document.
  public var documents: [PostingKey: UInt32]
  /// Credits, payments and whatever else settles these invoices, in order.
  public var settlements: [PostingKey]

  /// Makes a trace.
  public init(
    event: UsageEvent, subscription: SubscriptionID, meter: MeterID, window: Instant, charges: [UInt64],
    origins: [ChargeOrigin?], invoices: [InvoiceNumber], documents: [PostingKey: UInt32],
    settlements: [PostingKey]
  ) {
    self.event = event
    self.subscription = subscription
    self.meter = meter
    self.window = window
    self.charges = charges
    self.origins = origins
    self.invoices = invoices
    self.documents = documents
    self.settlements = settlements
  }
}
