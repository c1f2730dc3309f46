import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash

@Suite("What refused calls make wait")
struct BackoffTests {
  private static let start = Fixtures.start
  /// When a refusal of what was sent at the start is heard.
  private static let heard = start + .milliseconds(50)
  /// Calls under way, begun at an instant.
  private static func calls(_ count: Int, begun: Instant = start) -> [ERPCallID: Outbox.Call] {
    Dictionary(
      uniqueKeysWithValues: (0..<count).map { number in
        (
          ERPCallID(number: UInt64(number)),
          Outbox.Call(
            documents: [], purpose: .post, started: begun, deadline: begun + .days(1), postsBefore: 0)
        )
      })
  }

  private static func call(begun: Instant = start) -> Outbox.Call {
    Outbox.Call(documents: [], purpose: .post, started: begun, deadline: begun + .days(1), postsBefore: 0)
  }

  private static func policy(_ strategy: BackoffStrategy, workers: Int = 15) -> PostingPolicy {
    var policy = PostingPolicy(batchSize: 1, concurrency: workers)
    policy.backoffStrategy = strategy
    return policy
  }

  private func backoff() -> Backoff { Backoff(jitter: Jitter(seed: 7, outbox: 0)) }

  @Test("perOutbox: ten refusals of one burst are one failure, and one pause of a second or two")
  func burst() {
    let policy = Self.policy(.perOutbox)
    var backoff = backoff()
    for left in (5..<15).reversed() {
      backoff.fail(.throttled(nil), of: Self.call(), holding: nil, underWay: left, at: Self.heard, policy)
    }
    #expect(backoff.failures == 1)
    let pause = (backoff.pausedUntil ?? .distantFuture) - Self.heard
    #expect(pause >= .seconds(1) && pause < .seconds(2))
    // What was sent after it counts anew: two to four seconds.
    let later = Self.start + .seconds(3)
    let isPaused = backoff.isPaused(at: later)
    #expect(!isPaused)
    backoff.fail(.throttled(nil), of: Self.call(begun: later), holding: nil, underWay: 5, at: later, policy)
    #expect(backoff.failures == 2)
    let second = (backoff.pausedUntil ?? .distantFuture) - later
    #expect(second >= .seconds(2) && second < .seconds(4))
  }

  @Test(
    "adaptive: as many calls as the ERP works on, nobody waits; one more after a round, later where it was refused"
  )
  func adaptive() {
    let policy = Self.policy(.adaptive)
    var backoff = backoff()
    // 15 calls, of which 8 are refused: 7 are left, and no fewer than half of 15 are.
    for left in (7..<15).reversed() {
      backoff.fail(.throttled(nil), of: Self.call(), holding: nil, underWay: left, at: Self.heard, policy)
    }
    #expect(backoff.pausedUntil == nil)
    #expect(
      backoff.mayCall(besides: Self.calls(6), policy) && !backoff.mayCall(besides: Self.calls(7), policy))
    // A round of seven successes, after the first pause of two seconds at most: an eighth is tried.
    var now = Self.start + .seconds(6)
    for _ in 0..<6 { backoff.succeed(at: now, policy) }
    #expect(!backoff.mayCall(besides: Self.calls(7), policy))
    backoff.succeed(at: now, policy)
    #expect(backoff.mayCall(besides: Self.calls(7), policy))
    // It is refused, again and again: the pauses between two tries double up to five minutes.
    var gaps: [Span] = []
    for _ in 0..<12 {
      let refused = now
      backoff.fail(
        .throttled(nil), of: Self.call(begun: now), holding: nil, underWay: 7, at: now, policy)
      #expect(!backoff.mayCall(besides: Self.calls(7), policy))
      while !backoff.mayCall(besides: Self.calls(7), policy) {
        now = now + .milliseconds(860)  // seven at once, six seconds each
        backoff.succeed(at: now, policy)
      }
      gaps.append(now - refused)
    }
    #expect(gaps[0] < .seconds(8) && gaps[11] >= .seconds(150) && gaps[11] < .seconds(302))
  }

  @Test(
    "adaptive: a burst of 65 at 5 places takes the limit down by half a time, never below what is worked on")
  func halving() {
    let policy = Self.policy(.adaptive, workers: 65)
    var backoff = backoff()
    var limits: [Int] = []
    var now = Self.start
    var calls = 65
    for _ in 0..<6 {
      for left in (5..<max(6, calls)).reversed() {
        backoff.fail(
          .throttled(nil), of: Self.call(begun: now), holding: nil, underWay: left,
          at: now + .milliseconds(50),
          policy)
      }
      calls = (0...65).first { !backoff.mayCall(besides: Self.calls($0, begun: now), policy) } ?? 0
      limits.append(calls)
      now = now + .milliseconds(50)
    }
    #expect(Array(limits.prefix(4)) == [32, 16, 8, 5])
  }

  @Test(
    "adaptive: nothing under way at an ERP that is down: a pause, and after the second one call goes ahead")
  func outage() {
    let policy = Self.policy(.adaptive)
    var backoff = backoff()
    var now = Self.start
    for failure in 1...4 {
      backoff.fail(.unavailable, of: Self.call(begun: now), holding: nil, underWay: 0, at: now, policy)
      let isPaused = backoff.isPaused(at: now)
      now = (backoff.pausedUntil ?? now) + .milliseconds(1)
      let isStillPaused = backoff.isPaused(at: now)
      #expect(isPaused && !isStillPaused)
      #expect(backoff.mayCall(besides: Self.calls(1, begun: now), policy) == (failure == 1))
      #expect(backoff.mayCall(besides: [:], policy))
    }
    // Calls from before the outage, of which nobody hears any more, do not keep it from being made.
    #expect(backoff.mayCall(besides: Self.calls(3, begun: Self.start - .seconds(1)), policy))
    backoff.succeed(at: now, policy)
    #expect(backoff.mayCall(besides: Self.calls(14, begun: now), policy))
  }

  @Test("perCall: a refused call keeps its worker and comes again; others go on")
  func perCall() {
    let policy = Self.policy(.perCall, workers: 3)
    var backoff = backoff()
    let call = Self.call()
    backoff.fail(.throttled(nil), of: call, holding: call, underWay: 1, at: Self.start, policy)
    let isPaused = backoff.isPaused(at: Self.start)
    #expect(!isPaused)
    // One under way and one that waits: a third may call, a fourth may not.
    #expect(
      backoff.mayCall(besides: Self.calls(1), policy) && !backoff.mayCall(besides: Self.calls(2), policy))
    var now = Self.start
    for refusals in 1...10 {
      let early = backoff.resume(at: now)
      #expect(early == nil)
      let due = backoff.nextDeadline ?? .distantFuture
      let pause = policy.pause(afterFailures: refusals)
      #expect(due - now <= pause && due - now >= Span(nanoseconds: pause.nanoseconds / 2))
      now = due
      var again = backoff.resume(at: now)
      #expect(again?.refusals == refusals && backoff.nextDeadline == nil)
      again?.started = now
      guard let again else { return }
      backoff.fail(.throttled(nil), of: again, holding: again, underWay: 1, at: now, policy)
    }
  }

  @Test(
    "Retry-After holds for all calls to that ERP, and at most a first pause is added",
    arguments: BackoffStrategy.allCases, [1, 30, 600, 86_400])
  func retryAfter(strategy: BackoffStrategy, seconds: Int64) {
    let policy = Self.policy(strategy)
    var backoff = backoff()
    for left in 0..<14 {
      backoff.fail(
        .throttled(.seconds(seconds)), of: Self.call(), holding: Self.call(), underWay: left, at: Self.start,
        policy)
    }
    let pause = (backoff.pausedUntil ?? Self.start) - Self.start
    #expect(pause >= .seconds(seconds) && pause <= .seconds(seconds) + .seconds(2))
  }

  @Test(
    "what is added to Retry-After is five seconds at most, however long the design's own pauses are and however often it was refused",
    arguments: BackoffStrategy.allCases, [1, 30, 600, 86_400])
  func retryAfterOfPatientDesign(strategy: BackoffStrategy, seconds: Int64) {
    var policy = Self.policy(strategy, workers: 3)
    policy.backoff = .hours(1)
    policy.maximumBackoff = .hours(12)
    var backoff = backoff()
    var now = Self.start
    for _ in 0..<12 {
      var call = Self.call()
      call.started = now
      backoff.fail(.throttled(.seconds(seconds)), of: call, holding: call, underWay: 0, at: now, policy)
      let due = backoff.nextDeadline ?? .distantFuture
      #expect(due - now >= .seconds(seconds) && due - now <= .seconds(seconds) + .seconds(5))
      // Whatever waits is made again by then: no worker rests for longer.
      #expect(backoff.resting.allSatisfy { $0.until <= due })
      now = due
      _ = backoff.isPaused(at: now)
      _ = backoff.resume(at: now)
    }
  }
}
