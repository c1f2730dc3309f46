import CanonicalModel
import Chronology

/// Keeps documents out of periods that are closed for them.
struct PeriodGate: Sendable {
  private let calendar: AccountingCalendar?
  private let planted: PlantedDefects

  init(catalog: Catalog, planted: PlantedDefects = []) {
    calendar = catalog.accountingCalendar
    self.planted = planted
  }

  private func accepts(_ kind: DocumentKind, _ period: Period, of entity: EntityID, at instant: Instant)
    -> Bool
  {
    guard let calendar else { return true }
    switch calendar.state(of: period, for: entity, at: instant) {
    case .open: return true
    case .softClosed: return kind.isClosingEntry
    case .closed: return false
    case .reopened(let isApproved): return isApproved || planted.contains(.reopenedWithoutApproval)
    }
  }

  /// The document in its own period, or in the first later one that takes it now and will when the call is over.
  func dated(_ entry: JournalEntry, from now: Instant, to latest: Instant) -> JournalEntry {
    guard calendar != nil else { return entry }
    var dated = entry
    while !accepts(entry.key.kind, dated.period, of: entry.key.entity, at: now)
      || !accepts(entry.key.kind, dated.period, of: entry.key.entity, at: latest)
    { dated.period = dated.period.next }
    precondition(dated.period >= entry.period, "a document is dated back")
    return dated
  }
}
