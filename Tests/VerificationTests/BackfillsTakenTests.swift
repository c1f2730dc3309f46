import CanonicalModel
import Chronology
import Testing

@testable import Verification

@Suite("What the oracle expects of backfills")
struct BackfillsTakenTests {
  private static let day = PlantedFacts.start.floored(to: .days(1))

  private static func event(at time: Instant, source: UInt32 = 0) -> UsageEvent {
    UsageEvent(
      id: 1, source: SourceID(index: source), type: EventTypeID(index: 0), subject: SubjectID(index: 0),
      time: time, quantity0: 1)
  }

  /// Whether an event of a gap that is put aside breaks the promise, given when its producers had delivered before.
  private static func mustBeTaken(
    gap: Range<Int64>, deliveredAt delivered: [Span], source: UInt32 = 0
  ) -> Bool {
    var invariant = BackfillsTaken()
    var catalog = PlantedFacts.catalog
    catalog.hasBackfills = true
    let books = Books(
      catalog: catalog, window: .hours(1), rules: OracleRules(), promises: OraclePromises())
    let events = delivered.map { event(at: day + $0, source: source) }
    events.withUnsafeBufferPointer {
      invariant.hear(captured: $0, claim: CaptureClaim(), books, at: day)
    }
    invariant.hear(
      backfillDeclared: Backfill(
        source: SourceID(index: 0), from: day + .hours(gap.lowerBound), until: day + .hours(gap.upperBound),
        events: []), books, at: day)
    let late = event(at: day + .hours(gap.lowerBound) + .minutes(30))
    invariant.hear(quarantined: late, .beyondHorizon, books, at: day + .days(9))
    return invariant.findings.violationCount > 0
  }

  @Test("a gap of hours in which its producer had delivered nothing must be taken, and no other")
  func gaps() {
    #expect(Self.mustBeTaken(gap: 10..<14, deliveredAt: []))
    #expect(
      Self.mustBeTaken(gap: 10..<14, deliveredAt: [.hours(9), .hours(14), .hours(34), .zero - .hours(14)]))
    for hour in 10..<14 as Range<Int64> {
      #expect(
        !Self.mustBeTaken(gap: 10..<14, deliveredAt: [.hours(3), .hours(hour) + .minutes(59), .days(2)]))
      #expect(Self.mustBeTaken(gap: 10..<14, deliveredAt: [.hours(hour)], source: 1))
    }
    // Over the end of a day, and before 1970 as after it.
    #expect(!Self.mustBeTaken(gap: 22..<26, deliveredAt: [.hours(25)]))
    #expect(!Self.mustBeTaken(gap: -500_006 ..< -500_000, deliveredAt: [.hours(-500_001)]))
    #expect(Self.mustBeTaken(gap: -500_006 ..< -500_000, deliveredAt: [.hours(-500_007), .hours(-500_000)]))
  }
}
