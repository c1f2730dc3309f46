import CanonicalModel
import Chronology

/// What becomes of a close snapshot when its period closes again.
public enum SnapshotStrategy: String, Sendable, CaseIterable {
  /// It stays, and there is a further version.
  case versioned
  /// It is brought up to date: a real failure, never a choice.
  case updated
}

/// Takes an immutable snapshot of an entity's accounting period when it closes: what operations, billing and finance each
/// hold for true at that moment.
public struct CloseBook: Sendable {
  private struct Key: Hashable, Sendable {
    var entity: EntityID
    var period: Period
  }

  private let strategy: SnapshotStrategy
  private let isKept: Bool
  private let entityOf: [EntityID]
  private var usageEvents: [Key: Int64] = [:]
  private var invoices: [Key: (count: Int64, amount: Money)] = [:]
  /// The snapshots, in the order in which they were taken.
  public private(set) var snapshots: [CloseSnapshot] = []

  init(catalog: Catalog, strategy: SnapshotStrategy) {
    self.strategy = strategy
    isKept = catalog.accountingCalendar != nil
    entityOf = catalog.subscriptions.map { catalog.accounts[Int($0.account.index)].entity }
  }

  mutating func note(_ summaries: ArraySlice<UsageSummary>) {
    guard isKept else { return }
    var sum: (window: Instant, key: Key, count: Int64)?
    for summary in summaries {
      let entity = entityOf[Int(summary.subscription.index)]
      // Those of one window follow each other: its month takes a calendar to find.
      if let same = sum, same.window == summary.window, same.key.entity == entity {
        sum?.count += summary.count
      } else {
        if let sum { usageEvents[sum.key, default: 0] += sum.count }
        let month = sum?.window == summary.window ? sum?.key.period : nil
        let key = Key(entity: entity, period: month ?? Period(holding: summary.window))
        sum = (summary.window, key, summary.count)
      }
    }
    if let sum { usageEvents[sum.key, default: 0] += sum.count }
  }

  mutating func note(issued invoice: Invoice, in month: Period) {
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
    var snapshot = CloseSnapshot(
      entity: closed.entity, period: closed.period, version: version, usageEvents: usageEvents[key] ?? 0,
      invoices: invoiced.count, invoiced: invoiced.amount,
      documents: Int64(closed.documents), debits: closed.debits, taken: now, ledgerAsOf: closed.asOf)
    if strategy == .updated,
      let index = snapshots.firstIndex(where: { $0.entity == closed.entity && $0.period == closed.period })
    {
      snapshot.version = 1
      snapshots[index] = snapshot
    } else {
      snapshots.append(snapshot)
    }
    return snapshot
  }
}
