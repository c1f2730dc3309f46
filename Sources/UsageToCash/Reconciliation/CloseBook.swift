import CanonicalModel
import Chronology

/// Takes an immutable snapshot of an entity's accounting period when it closes: what operations, billing and finance each
/// hold for true at that moment.
public struct CloseBook: Sendable {
  private struct Key: Hashable, Sendable {
    var entity: EntityID
    var period: Period
  }

  private let planted: PlantedDefects
  private let isKept: Bool
  private let entityOf: DenseTable<SubscriptionID, EntityID>
  private let entityCount: Int
  /// By month and entity.
  private var usageEvents: [Period: DenseTable<EntityID, Int64>] = [:]
  private var invoices: [Key: (count: Int64, amount: Money)] = [:]
  /// The snapshots, in the order in which they were taken.
  public private(set) var snapshots: [CloseSnapshot] = []

  init(catalog: Catalog, planted: PlantedDefects = []) {
    self.planted = planted
    isKept = catalog.accountingCalendar != nil
    entityCount = catalog.entities.count
    entityOf = DenseTable(catalog.subscriptions.map { catalog[$0.account].entity })
  }

  mutating func record(_ summaries: ArraySlice<UsageSummary>) {
    guard isKept else { return }
    var index = summaries.startIndex
    while index < summaries.endIndex {
      // Those of one window follow each other: its month takes a calendar to find.
      let window = summaries[index].window
      let month = Period(holding: window)
      var events = usageEvents.removeValue(forKey: month) ?? DenseTable(repeating: 0, count: entityCount)
      while index < summaries.endIndex, summaries[index].window == window {
        events[entityOf[summaries[index].subscription]] += summaries[index].count
        index += 1
      }
      precondition(events.count == entityCount, "usage is not counted for every entity")
      usageEvents[month] = events
    }
  }

  mutating func record(issued invoice: Invoice, in month: Period) {
    guard isKept else { return }
    let key = Key(entity: invoice.number.entity, period: month)
    let before = invoices[key] ?? (0, .zero)
    invoices[key] = (before.count + 1, before.amount + invoice.total)
  }

  /// Takes what the ERPs say of a period that has closed.
  ///
  /// - Returns: the snapshot.
  mutating func close(_ closed: ClosedPeriod, at now: Instant) -> CloseSnapshot {
    let key = Key(entity: closed.entity, period: closed.period)
    let version = snapshots.count { $0.entity == closed.entity && $0.period == closed.period } + 1
    let invoiced = invoices[key] ?? (0, .zero)
    precondition(isKept, "a period closes in a run without an accounting calendar")
    precondition(
      version == 1 || planted.contains(.snapshotUpdatedAfterReopen)
        || snapshots.last { $0.entity == closed.entity && $0.period == closed.period }?.version == version
          - 1,
      "the versions of a period's snapshots have a gap")
    var snapshot = CloseSnapshot(
      entity: closed.entity, period: closed.period, version: version,
      usageEvents: usageEvents[closed.period]?[closed.entity] ?? 0,
      invoices: invoiced.count, invoiced: invoiced.amount,
      documents: Int64(closed.documents), debits: closed.debits, taken: now, ledgerAsOf: closed.asOf)
    if planted.contains(.snapshotUpdatedAfterReopen),
      let index = snapshots.firstIndex(where: { $0.entity == closed.entity && $0.period == closed.period })
    {
      snapshot.version = 1
      snapshots[index] = snapshot
    } else {
      precondition(
        snapshots.last.map { $0.taken <= now } ?? true, "a snapshot is taken before the one before it")
      snapshots.append(snapshot)
    }
    return snapshot
  }
}
