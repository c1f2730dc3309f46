import Chronology

/// What an entity's books said of an accounting period when it closed: the three truths side by side, each with its own
/// cut-off. Immutable: a period that is reopened and closes again has a further version.
public struct CloseSnapshot: Hashable, Sendable {
  /// The legal entity.
  public var entity: EntityID
  /// The accounting period.
  public var period: Period
  /// 1 for the first close.
  public var version: Int
  /// Operational view: usage events of the period that were metered by ``taken``.
  public var usageEvents: Int64
  /// Billing view: invoices of the period that were issued by ``taken``.
  public var invoices: Int64
  /// Their sum.
  public var invoiced: Money
  /// Finance: documents of the period in the ERPs' ledgers at ``ledgerAsOf``.
  public var documents: Int64
  /// The sum of their debits.
  public var debits: Money
  /// When the core took the snapshot.
  public var taken: Instant
  /// When the ERP summed its ledger.
  public var ledgerAsOf: Instant

  /// Makes a snapshot.
  public init(
    entity: EntityID, period: Period, version: Int, usageEvents: Int64, invoices: Int64, invoiced: Money,
    documents: Int64, debits: Money, taken: Instant, ledgerAsOf: Instant
  ) {
    self.entity = entity
    self.period = period
    self.version = version
    self.usageEvents = usageEvents
    self.invoices = invoices
    self.invoiced = invoiced
    self.documents = documents
    self.debits = debits
    self.taken = taken
    self.ledgerAsOf = ledgerAsOf
  }
}
