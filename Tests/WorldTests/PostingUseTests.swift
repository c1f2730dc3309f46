import CanonicalModel
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
      use.record(
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
    use.record(.init(depth: 1), at: Self.start)
    #expect(!use.isAtRest)
    use.record(.init(depth: 0, calls: 1), at: Self.start + .seconds(1))
    #expect(use.isAtRest)
  }

  @Test(
    "a limit's use is what was taken while documents waited of what could have been: never more than all of it",
    arguments: RateLimit.Window.allCases)
  func limits(window: RateLimit.Window) {
    let rule = RateLimit(60, per: .minutes(1), window)
    var limiter = RateLimiter(rule, start: Self.start)
    var use = PostingUse(limits: [rule])
    // As many calls as it takes, every second of three minutes; some of them before documents wait, some after.
    var taken = 0
    for second in 0..<300 {
      let now = Self.start + .seconds(Int64(second))
      while limiter.wait(for: 1, at: now, share: 1) == .zero {
        limiter.consume(1, at: now)
        if second > 60, second <= 240 { taken += 1 }
      }
      use.record(taken: limiter.total, ofLimit: 0, at: now)
      use.record(.init(depth: second >= 60 && second < 240 ? 1 : 0), at: now)
    }
    #expect(use.limits[0].taken == taken)
    // Three minutes, and what was there before: 180 of 240, as nothing of that was left.
    #expect(use.limits[0].utilization <= 1 && use.limits[0].utilization >= 0.7)
  }

  @Test("half of a throttled limit's calls are all of it")
  func throttledLimit() {
    let rule = RateLimit(60, per: .minutes(1), .tokenBucket)
    var limiter = RateLimiter(rule, start: Self.start)
    var use = PostingUse(limits: [rule])
    for second in 0..<36_000 {
      let now = Self.start + .seconds(Int64(second))
      while limiter.wait(for: 1, at: now, share: 0.5) == .zero { limiter.consume(1, at: now) }
      use.record(taken: limiter.total, ofLimit: 0, at: now)
      use.record(.init(depth: 1, share: 0.5), at: now)
    }
    #expect(use.limits[0].utilization > 0.99 && use.limits[0].utilization <= 1)
  }

  @Test("waiting after refusals is that with a place free, not that for a place or in an outage")
  func afterRefusals() {
    var use = PostingUse()
    func note(_ seconds: Int64, calls: Int, places: Int? = 4, isDown: Bool = false, waits: Bool = true) {
      use.record(
        .init(depth: 1, calls: calls, places: places, isDown: isDown, waitsAfterRefusals: waits),
        at: Self.start + .seconds(seconds))
    }
    note(0, calls: 4)
    note(10, calls: 3)  // these seven seconds
    note(17, calls: 0, isDown: true)
    note(40, calls: 0, waits: false)
    note(50, calls: 9, places: nil)  // and these five
    note(55, calls: 4)
    note(60, calls: 4)
    #expect(use.afterRefusals == 12 && use.busy == 60 && use.down == 23)
  }

  @Test("hours in which documents waited for several ERPs are counted once")
  func union() {
    var time = PostingTime(entities: 3)
    for (entity, waits, second) in [
      (0, true, 0), (1, true, 5), (0, false, 10), (1, true, 11), (1, false, 20), (2, true, 30),
      (2, false, 31),
      (0, true, 40),
    ] { time.record(entity, waits: waits, at: Self.start + .seconds(Int64(second))) }
    time.conclude(at: Self.start + .seconds(42))
    #expect(time.busy == 20 + 1 + 2)
  }

  @Test(
    "limiters tell what was taken in all, and the greatest part of the limit at once",
    arguments: RateLimit.Window.allCases)
  func limiter(window: RateLimit.Window) {
    var limiter = RateLimiter(RateLimit(10, per: .minutes(1), window), start: Self.start)
    for (count, seconds) in [(4, 0), (3, 1), (1, 600)] {
      let now = Self.start + .seconds(Int64(seconds))
      #expect(limiter.wait(for: count, at: now, share: 1) == .zero)
      limiter.consume(count, at: now)
    }
    #expect(limiter.total == 8)
    // The bucket has got a sixth of a token back within the second.
    #expect((limiter.peak - (window == .tokenBucket ? 0.7 - 1.0 / 60 : 0.7)).magnitude < 0.02)
  }
}
