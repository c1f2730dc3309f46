import CanonicalModel
import Chronology

/// The oracle's own calendar: the starts of all UTC months from 1970 to 2261, tabulated by counting days.
struct OracleCalendar: Sendable {
  private let starts: [Int64]

  /// The calendar, counted once for all oracles of a process.
  static let shared = OracleCalendar()

  private init() {
    var starts: [Int64] = []
    var day: Int64 = 0
    for year in 1970..<2262 {
      let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
      for length in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as [Int64] {
        starts.append(day * 86_400_000_000_000)
        day += length
      }
    }
    self.starts = starts
  }

  /// Whether a period takes a kind of document: in a soft-closed one only entries of the close, in a reopened one with a
  /// second person's approval.
  static func isOpen(
    _ period: Period, of entity: EntityID, in calendar: AccountingCalendar, for kind: DocumentKind,
    at instant: Instant
  ) -> Bool {
    let softCloses = calendar.softCloseAfter.map { period.end + $0 }
    if instant < period.end + calendar.closeAfter {
      let isSoftClosed = softCloses.map { $0 <= instant } ?? false
      return !isSoftClosed || [.recognition, .accrual, .accrualReversal, .creditMemo].contains(kind)
    }
    let again = calendar.reopenings.filter { $0.entity == entity && $0.period == period }
    return again.contains {
      ($0.from..<$0.until).contains(instant) && $0.approvedBy != nil && $0.approvedBy != $0.requestedBy
    }
  }

  /// The month in whose books an invoice stands: the last that its billing period reaches into, or that of its issue if it is earlier.
  func accountingPeriod(of invoice: Invoice) -> Period {
    guard invoice.period.day > 1 else { return invoice.period }
    return Period(
      ordinal: min(month(holding: invoice.period.end - .seconds(1)), month(holding: invoice.issued)))
  }

  /// The month in which the billing period begins that holds an instant, among those that begin on a day.
  func month(holding instant: Instant, day: UInt8) -> Int32 {
    let month = month(holding: instant)
    guard day > 1 else { return month }
    let index = Int(month) - 1970 * 12
    let length = index + 1 < starts.count ? (starts[index + 1] - starts[index]) / 86_400_000_000_000 : 31
    let begins = starts[index] + (min(Int64(day), length) - 1) * 86_400_000_000_000
    return instant.nanoseconds < begins ? month - 1 : month
  }

  /// The first nanosecond of a month, counted as `year × 12 + month − 1`.
  func start(ofMonth month: Int) -> Int64 { starts[min(month - 1970 * 12, starts.count - 1)] }

  /// The half-open month that holds an instant, as `year × 12 + month − 1`.
  func month(holding instant: Instant) -> Int32 {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= instant.nanoseconds { low = middle } else { high = middle }
    }
    return Int32(1970 * 12 + low)
  }
}
