import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// What the world has seen of invoices: when each became final, whether its customer has it, and what CRM knows of it.
struct InvoiceRegister: Sendable {
  private let catalog: Catalog
  private let measuresPeriods: Bool
  private var issuedAt: [InvoiceNumber: Instant] = [:]
  private var periodOf: [InvoiceNumber: Period] = [:]
  /// Invoices that their customers have.
  private var delivered: Set<InvoiceNumber> = []
  private var invoicedPeriods: Set<EntityPeriod> = []
  /// The newest payment status that CRM has of each invoice.
  private var statusRevisions: [InvoiceNumber: UInt32] = [:]

  init(_ world: WorldConfiguration) {
    catalog = world.catalog
    measuresPeriods = world.measuresPeriods
  }

  /// Whether an invoice is final.
  func isFinal(_ number: InvoiceNumber) -> Bool { issuedAt[number] != nil }

  /// An invoice is final.
  ///
  /// - Returns: whether it is the first of its entity and period, which is over.
  mutating func finalise(_ invoice: Invoice, _ surroundings: inout Surroundings) -> Bool {
    precondition(!isFinal(invoice.number), "an invoice was finalised twice")
    surroundings.kernel.absorb(
      UInt64(truncatingIfNeeded: invoice.total.units) ^ UInt64(invoice.number.sequence))
    issuedAt[invoice.number] = surroundings.now
    periodOf[invoice.number] = invoice.period
    assert(periodOf.count == issuedAt.count, "each invoice that is final is of a period")
    surroundings.observations.invoices[invoice.number.entity] += 1
    if invoice.rebills != nil { surroundings.count(.rebilled) }
    return surroundings.now >= invoice.period.end
      && invoicedPeriods.insert(EntityPeriod(entity: invoice.number.entity, period: invoice.period))
        .inserted
  }

  /// An invoice reaches its customer, who knows a second copy by its number.
  ///
  /// - Returns: whether it is the first copy.
  mutating func deliver(_ invoice: Invoice, _ surroundings: inout Surroundings) -> Bool {
    precondition(isFinal(invoice.number), "what a customer gets is final")
    surroundings.record(.invoiceDelivered(invoice))
    return delivered.insert(invoice.number).inserted
  }

  /// Notifies CRM of an invoice's payment status; CRM keeps the newest.
  mutating func notify(
    _ status: PaymentStatus, of invoice: InvoiceNumber, revision: UInt32, _ surroundings: inout Surroundings
  ) {
    guard revision > statusRevisions[invoice] ?? 0 else { return surroundings.count(.statusStale) }
    statusRevisions[invoice] = revision
    surroundings.count(.statusTold)
    surroundings.record(.statusTold(invoice, status))
  }

  /// Records a document that an ERP has posted.
  func recordPosted(_ document: LedgerDocument, _ surroundings: inout Surroundings) {
    let now = surroundings.now
    let entity = Int(document.entity.index)
    let key = document.entry.key
    surroundings.observations.documentsPosted += 1
    surroundings.kernel.absorb(
      UInt64(document.number) << 32 | UInt64(key.sequence) | UInt64(key.part) << 56)
    let period = EntityPeriod(entity: document.entity, period: document.entry.period)
    if key.isLast, let invoice = key.invoice, let issued = issuedAt[invoice] {
      surroundings.observations.record(latency: now - issued, of: entity)
      if measuresPeriods { surroundings.observations.record(latency: now - issued, in: period) }
    }
    if let calendar = catalog.accountingCalendar {
      if document.entry.period.end + calendar.closeAfter <= now { surroundings.count(.postedWhileReopened) }
      if let invoice = key.invoice, let own = periodOf[invoice], own != document.entry.period {
        surroundings.count(.datedToNextPeriod)
      }
    }
    assert(
      surroundings.observations.lastPosted[period].map { $0 <= now } ?? true,
      "documents are posted in the order of time")
    surroundings.observations.lastPosted[period] = now
    if key.part == 1 { surroundings.count(.documentSplit) }
    surroundings.record(.documentPosted(document))
  }

  /// How many issued invoices of each billing period are in no ledger.
  func unposted(_ ledgers: [[(document: LedgerDocument, posted: Instant)]]) -> [EntityPeriod: Int] {
    var missing = Set(issuedAt.keys)
    for (document, _) in ledgers.joined() where document.entry.key.isLast {
      if let invoice = document.entry.key.invoice { missing.remove(invoice) }
    }
    var counts: [EntityPeriod: Int] = [:]
    for number in missing {  // they are counted: the order cannot matter
      guard let period = periodOf[number] else { continue }
      counts[EntityPeriod(entity: number.entity, period: period), default: 0] += 1
    }
    return counts
  }
}
