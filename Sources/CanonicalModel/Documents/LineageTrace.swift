import Chronology

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
  /// The invoices that these are on, in the order of the charges, each once.
  public var invoices: [InvoiceNumber]
  /// The postings of these invoices, with the ERP's document.
  public var documents: [PostingKey: UInt32]
  /// Credits, payments and whatever else settles these invoices, in order.
  public var settlements: [PostingKey]

  /// Makes a trace.
  public init(
    event: UsageEvent, subscription: SubscriptionID, meter: MeterID, window: Instant, charges: [UInt64],
    invoices: [InvoiceNumber], documents: [PostingKey: UInt32], settlements: [PostingKey]
  ) {
    self.event = event
    self.subscription = subscription
    self.meter = meter
    self.window = window
    self.charges = charges
    self.invoices = invoices
    self.documents = documents
    self.settlements = settlements
  }
}
