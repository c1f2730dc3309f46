import CanonicalModel
import Chronology

/// When a document's accounting period is looked at.
public enum PeriodCheck: String, Sendable, CaseIterable {
  /// Whenever it is sent: what waited past the close is dated to the next open period.
  case atPosting
  /// When it is put into the outbox, and then no more: a real failure, never a choice.
  case atEnqueue
}

/// Keeps documents out of closed periods.
struct PeriodGate: Sendable {
  private let calendar: AccountingCalendar?

  init(catalog: Catalog) { calendar = catalog.accountingCalendar }

  private func isOpen(_ period: Period, of entity: EntityID, at instant: Instant) -> Bool {
    guard let calendar else { return true }
    if instant < period.end + calendar.closeAfter { return true }
    return calendar.reopenings.contains {
      $0.entity == entity && $0.period == period && $0.from <= instant && instant < $0.until
    }
  }

  /// The document in its own period, or in the first later one that is open now and will be when the call is over.
  func dated(_ entry: JournalEntry, from now: Instant, to latest: Instant) -> JournalEntry {
    guard calendar != nil else { return entry }
    var dated = entry
    while !isOpen(dated.period, of: entry.key.entity, at: now)
      || !isOpen(dated.period, of: entry.key.entity, at: latest)
    { dated.period = dated.period.next }
    return dated
  }
}
