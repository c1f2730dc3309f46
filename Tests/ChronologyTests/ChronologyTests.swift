import Chronology
import Foundation
import Testing

@Suite("Instants, dates and months")
struct ChronologyTests {
  @Test("civil dates agree with Foundation's Gregorian calendar over four centuries")
  func civilDates() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
    for day in stride(from: -73_000, to: 73_000, by: 37) {
      let date = CivilDate(daysSinceEpoch: day)
      let parts = calendar.dateComponents(
        [.year, .month, .day], from: Date(timeIntervalSince1970: Double(day) * 86_400))
      #expect(date == CivilDate(year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0))
      #expect(date.daysSinceEpoch == day)
    }
  }

  @Test("a month is half-open, and the next begins where it ends")
  func months() {
    let late = Period(holding: CivilDate(year: 2026, month: 2, day: 27).start, day: 31)
    #expect(late.start == CivilDate(year: 2026, month: 1, day: 31).start)
    #expect(late.end == CivilDate(year: 2026, month: 2, day: 28).start)
    #expect(late.next.end == CivilDate(year: 2026, month: 3, day: 31).start)
    #expect(Period(holding: late.end, day: 31) == late.next)
    let leap = Period(ordinal: Int32(2024 * 12 + 1), day: 29, months: 12)
    #expect(leap.end == CivilDate(year: 2025, month: 2, day: 28).start)
    #expect("\(leap)" == "2024-02-29/P12M")
    let january = Period(holding: CivilDate(year: 2026, month: 1, day: 31).start)
    #expect(january.description == "2026-01")
    #expect(january.end == january.next.start)
    #expect(Period(holding: january.end) == january.next)
    #expect(Period(holding: Instant(nanoseconds: january.end.nanoseconds - 1)) == january)
    #expect(
      Period(holding: CivilDate(year: 2024, month: 2, day: 29).start).end
        == CivilDate(year: 2024, month: 3, day: 1).start)
  }

  @Test(
    "ISO-8601 texts are read to the nanosecond and written back",
    arguments: [
      ("2026-01-31T23:59:59.999999999Z", "2026-01-31T23:59:59.999999999Z"),
      ("2023-11-16 18:17:03.9799600", "2023-11-16T18:17:03.979960Z"), ("2026-02-01", "2026-02-01T00:00:00Z"),
      ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
    ])
  func iso(text: String, canonical: String) throws {
    let instant = try #require(Instant(iso8601: text))
    #expect("\(instant)" == canonical)
    #expect(Instant(iso8601: canonical) == instant)
  }

  @Test(
    "what is no instant is refused",
    arguments: [
      "", "2026", "2026-13-01", "2026-02-30", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "x", "20260101",
      "2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00.Z", "99999-01-01",
    ])
  func notISO(text: String) {
    #expect(Instant(iso8601: text) == nil)
  }

  @Test("windows count from the epoch, also before it")
  func windows() {
    let width = Span.hours(1)
    #expect(Instant(nanoseconds: -1).index(of: width) == -1)
    #expect(Instant(nanoseconds: 0).index(of: width) == 0)
    #expect(Instant(nanoseconds: -1).floored(to: width) == Instant(nanoseconds: -3_600_000_000_000))
  }
}
