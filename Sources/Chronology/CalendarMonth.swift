/// A calendar month in UTC: the half-open billing period `[start, end)`.
///
/// Numbered densely (`year × 12 + month − 1`) so that it can index arrays.
public struct CalendarMonth: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// `year × 12 + month − 1`.
  public var ordinal: Int32

  /// Makes a month from its ordinal.
  public init(ordinal: Int32) { self.ordinal = ordinal }

  /// The month that holds an instant.
  public init(holding instant: Instant) {
    let date = instant.date
    ordinal = Int32(date.year * 12 + date.month - 1)
  }

  /// The calendar year.
  public var year: Int { Int(ordinal) / 12 }
  /// The month of the year, 1 to 12.
  public var month: Int { Int(ordinal) % 12 + 1 }
  /// The first instant of the month.
  public var start: Instant { CivilDate(year: year, month: month, day: 1).start }
  /// The first instant after the month.
  public var end: Instant { next.start }
  /// The month that follows.
  public var next: CalendarMonth { CalendarMonth(ordinal: ordinal + 1) }

  public static func < (a: CalendarMonth, b: CalendarMonth) -> Bool { a.ordinal < b.ordinal }
}

extension CalendarMonth: CustomStringConvertible {
  /// ISO-8601 form, such as `2026-01`.
  public var description: String { "\(padded(year, 4))-\(padded(month, 2))" }
}

/// A non-negative integer in decimal digits, with leading zeros up to a width.
func padded(_ value: Int, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
