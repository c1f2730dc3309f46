/// A half-open run of civil months in UTC, `[start, end)`: a calendar month, unless it begins on another day of the
/// month or takes more months than one.
public struct Period: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The month in which it begins, as `year × 12 + month − 1`: dense, so that it can index arrays.
  public var ordinal: Int32
  /// The day on which it begins, 1 to 31; in a shorter month, that month's last.
  public var day: UInt8
  /// How many months it takes, at least 1.
  public var months: UInt8

  /// Makes a period from the month in which it begins.
  public init(ordinal: Int32, day: UInt8 = 1, months: UInt8 = 1) {
    self.ordinal = ordinal
    self.day = day
    self.months = months
  }

  /// The period of one month that holds an instant, among those that begin on a day of the month.
  public init(holding instant: Instant, day: UInt8 = 1) {
    let date = instant.date
    var ordinal = Int32(date.year * 12 + date.month - 1)
    if date.day < min(Int(day), CivilDate.daysInMonth(date.month, year: date.year)) { ordinal -= 1 }
    self.init(ordinal: ordinal, day: day)
  }

  /// The calendar year in which it begins.
  public var year: Int { Int(ordinal) / 12 }
  /// The month of the year in which it begins, 1 to 12.
  public var month: Int { Int(ordinal) % 12 + 1 }
  /// The first instant.
  public var start: Instant {
    let place = Int(ordinal) - Self.firstTabulated
    if day == 1, Self.starts.indices.contains(place) { return Self.starts[place] }
    let last = CivilDate.daysInMonth(month, year: year)
    return CivilDate(year: year, month: month, day: min(Int(day), last)).start
  }
  /// Calendar months are asked for their beginnings a hundred times per invoice: those of 1970 to 2261 are known.
  private static let firstTabulated = 1970 * 12
  private static let starts: [Instant] = (firstTabulated..<2262 * 12).map {
    CivilDate(year: $0 / 12, month: $0 % 12 + 1, day: 1).start
  }

  /// The first instant after it.
  public var end: Instant { next.start }
  /// The period that follows, as long as this one.
  public var next: Period { Period(ordinal: ordinal + Int32(months), day: day, months: months) }

  /// All of it in one word, for hashes.
  @inlinable
  public var word: UInt64 {
    UInt64(UInt32(bitPattern: ordinal)) | UInt64(day) << 32 | UInt64(months) << 40
  }

  /// Orders by beginning, then by length.
  public static func < (a: Period, b: Period) -> Bool {
    (a.ordinal, a.day, a.months) < (b.ordinal, b.day, b.months)
  }
}

extension Period: CustomStringConvertible {
  /// ISO-8601 form, such as `2026-01`; with the day where it is not the first, `2026-01-15`, and the length where it is
  /// more than a month, `2026-01/P12M`.
  public var description: String {
    "\(padded(year, 4))-\(padded(month, 2))" + (day == 1 ? "" : "-\(padded(Int(day), 2))")
      + (months == 1 ? "" : "/P\(months)M")
  }
}

/// A non-negative integer in decimal digits, with leading zeros up to a width.
func padded(_ value: Int, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
