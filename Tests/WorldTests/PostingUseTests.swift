import Chronology
import Testing

@testable import World

@Suite("What posting has in use")
struct PostingUseTests {
  private static let start = CivilDate(year: 2026, month: 2, day: 1).start

  @Test("shares are those of the time in which documents waited, and of nothing else")
  func shares() throws {
    var use = PostingUse()
    func note(_ seconds: Int64, depth: Int, calls: Int, pending: Int, isDown: Bool = false) {
      use.note(
        .init(depth: depth, calls: calls, places: 4, pending: pending, workers: 2, isDown: isDown),
        at: Self.start + .seconds(seconds))
    }
    note(0, depth: 0, calls: 4, pending: 2)  // nothing waits: it counts only as a peak
    note(100, depth: 5, calls: 1, pending: 2)
    note(130, depth: 3, calls: 3, pending: 0, isDown: true)
    note(140, depth: 0, calls: 0, pending: 0)
    note(500, depth: 0, calls: 0, pending: 0)
    #expect(use.busy == 40 && use.down == 10)
    // 1 of 4 for 30 s, 3 of 4 for 10 s.
    #expect(use.places?.mean == 60.0 / 160 && use.places?.peak == 1)
    // 2 of 2 for 30 s, none for 10 s.
    #expect(use.workers.mean == 0.75 && use.workers.peak == 1)
    #expect(PostingUse().places == nil && PostingUse().workers.mean == 0)
  }

  @Test("is at rest once it was noted that nothing waits, and no sooner")
  func rest() {
    var use = PostingUse()
    #expect(!use.isAtRest)
    use.note(.init(depth: 1), at: Self.start)
    #expect(!use.isAtRest)
    use.note(.init(depth: 0, calls: 1), at: Self.start + .seconds(1))
    #expect(use.isAtRest)
  }

  @Test("a limit's use is what was taken of what there was in that time, at least of one span of it")
  func limits() {
    var use = PostingUse()
    let limit = (rule: RateLimit(60, per: .minutes(1), .sliding), taken: 90, peak: 1.0)
    #expect(use.utilization(of: limit) == 1.5)
    use.note(.init(depth: 1), at: Self.start)
    use.note(.init(), at: Self.start + .minutes(3))
    #expect(use.utilization(of: limit) == 0.5)
  }

  @Test(
    "limiters tell what was taken in all, and the greatest part of the limit at once",
    arguments: RateLimit.Window.allCases)
  func limiter(window: RateLimit.Window) {
    var limiter = RateLimiter(RateLimit(10, per: .minutes(1), window), start: Self.start)
    for (count, seconds) in [(4, 0), (3, 1), (1, 600)] {
      let now = Self.start + .seconds(Int64(seconds))
      #expect(limiter.wait(for: count, at: now, share: 1) == .zero)
      limiter.take(count, at: now)
    }
    #expect(limiter.total == 8)
    // The bucket has got a sixth of a token back within the second.
    #expect((limiter.peak - (window == .tokenBucket ? 0.7 - 1.0 / 60 : 0.7)).magnitude < 0.02)
  }
}
