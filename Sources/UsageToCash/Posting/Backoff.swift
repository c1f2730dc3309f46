import CanonicalModel
import Chronology
import CoreInterface

/// What one outbox makes of refused calls: until when it sends nothing, which calls wait with their workers, how many calls it
/// makes at once.
///
/// Calls that were under way when one of them was refused know nothing of that: whatever becomes of them, they count as one
/// failure with it. Otherwise ten calls that come one too many at once would count as ten failures in a row.
struct Backoff: Sendable {
  /// What went wrong with a call.
  enum Failure: Hashable, Sendable {
    /// Too many requests; with the time after which to come back, if that is honoured.
    case throttled(Span?)
    /// Not available, or no answer at all.
    case unavailable
  }

  /// A worker that waits, and the refused call that it makes again.
  struct Rest: Sendable {
    var until: Instant
    /// `nil`: the documents of its call wait elsewhere.
    var call: Outbox.Call?
  }

  /// The greatest spread of a pause whose length the ERP has named: long enough to keep callers apart, whatever the design's own
  /// pauses are.
  private static let maximumJitter = Span.seconds(5)

  /// What all pauses of the outbox are spread by, those of documents that failed alone as well.
  var jitter: Jitter
  private let planted: PlantedDefects
  /// Failures in a row, each of all the calls that were under way together.
  private(set) var failures = 0
  /// When the last of them was heard of: what was sent before belongs to it.
  private var failedAt = Instant.distantPast
  /// Until when nothing is sent.
  private(set) var pausedUntil: Instant?
  /// The workers that wait, in the order in which they began to.
  private(set) var resting: [Rest] = []
  /// Calls that may be under way at once; `nil`: as many as the design says.
  private var limit: Int?
  /// The least that the failure at hand takes the limit to.
  private var floor = 1
  /// Calls that succeeded since the limit last changed.
  private var successes = 0
  /// Refusals in a row of one call more, and when the next is tried.
  private var refusedProbes = 0
  private var probesAgainAt = Instant.distantPast
  /// Whether the limit was raised, and a round of successes has yet to show that there is room.
  private var isProbing = false
  /// Whether one call goes ahead of the others, to see whether the ERP is there again.
  private var isHalfOpen = false

  init(jitter: Jitter, planted: PlantedDefects = []) {
    self.jitter = jitter
    self.planted = planted
  }

  /// The next instant at which a pause or a rest is over.
  var nextDeadline: Instant? {
    // Before the pause is over, no worker goes on either.
    pausedUntil ?? resting.lazy.map(\.until).min()
  }

  /// Whether a call waits only because an earlier one was rejected.
  func isBackingOff(_ policy: PostingPolicy, underWay: Int) -> Bool {
    if pausedUntil != nil || !resting.isEmpty { return true }
    return isHalfOpen || (limit ?? policy.concurrency) < policy.concurrency && underWay >= limit ?? 0
  }

  /// Whether nothing may be sent now.
  mutating func isPaused(at now: Instant) -> Bool {
    guard let pause = pausedUntil else { return false }
    guard now >= pause else { return true }
    pausedUntil = nil
    return false
  }

  /// Whether one more call may be made, beside those that are under way.
  func mayCall(besides calls: [ERPCallID: Outbox.Call], _ policy: PostingPolicy) -> Bool {
    guard calls.count + resting.count < min(limit ?? policy.concurrency, policy.concurrency) else {
      return false
    }
    return !isHalfOpen || !calls.values.contains { $0.started >= failedAt }
  }

  /// The next call that was refused and has waited for long enough.
  mutating func resume(at now: Instant) -> Outbox.Call? {
    guard !resting.isEmpty else { return nil }
    resting.removeAll { $0.until <= now && $0.call == nil }
    guard let position = resting.firstIndex(where: { $0.until <= now }) else { return nil }
    let rest = resting.remove(at: position)
    precondition(
      rest.call?.purpose == .post || rest.call?.purpose == .lookUp,
      "a worker has waited with a call that holds no document")
    return rest.call
  }

  /// Dequeues the documents of calls of a purpose that wait with their workers, but for balances that leave the ledger.
  mutating func dequeueResting(_ purpose: Outbox.Purpose) -> [JournalEntry] {
    var taken: [JournalEntry] = []
    for index in resting.indices where resting[index].call?.purpose == purpose {
      let documents = resting[index].call?.documents ?? []
      let staying = documents.filter { $0.key.kind == .closingBalance }
      taken += documents.filter { $0.key.kind != .closingBalance }
      if staying.isEmpty { resting[index].call = nil } else { resting[index].call?.documents = staying }
    }
    return taken
  }

  /// A call has succeeded.
  mutating func succeed(at now: Instant, _ policy: PostingPolicy) {
    failures = 0
    isHalfOpen = false
    guard let current = limit else { return }
    successes += 1
    guard successes >= current else { return }
    if isProbing { refusedProbes = 0 }
    isProbing = false
    guard now >= probesAgainAt else { return }
    successes = 0
    isProbing = true
    limit = current + 1 < policy.concurrency ? current + 1 : nil
    assert(limit.map { $0 < policy.concurrency } ?? true, "more calls are allowed than there are workers")
  }

  /// A call has failed.
  ///
  /// - Parameters:
  ///   - held: the call, where it waits with its worker until it is made again.
  ///   - underWay: calls that are under way besides.
  mutating func fail(
    _ failure: Failure, of call: Outbox.Call, holding held: Outbox.Call?, underWay: Int, at now: Instant,
    _ policy: PostingPolicy
  ) {
    let isNew = call.started >= failedAt
    if isNew {
      assert(failedAt <= now, "a failure is heard of before the one before it")
      failures += 1
      failedAt = now
    }
    var named: Instant?
    if case .throttled(let asked?) = failure {
      let maximum = min(
        Span(nanoseconds: asked.nanoseconds / 2), policy.pause(afterFailures: 1), Self.maximumJitter)
      let until = now + asked + jitter.next().part(of: maximum)
      pause(until: until)
      named = until
    }
    switch policy.backoffStrategy {
    case .perCall:
      let count = held.map { $0.refusals + 1 } ?? failures
      var again = held
      again?.refusals = count
      let own = now + spread(afterFailures: count, policy)
      resting.append(Rest(until: named.map { min(own, $0) } ?? own, call: again))
    case .perOutbox: if isNew { pauseAll(failure, at: now, policy) }
    case .adaptive: adapt(failure, isNew: isNew, underWay: underWay, at: now, policy)
    }
    if planted.contains(.breakerNeverCloses), failures >= 5 { pausedUntil = .distantFuture }
  }

  private mutating func adapt(
    _ failure: Failure, isNew: Bool, underWay: Int, at now: Instant, _ policy: PostingPolicy
  ) {
    guard case .throttled(let asked) = failure else {
      // The second failure in a row is no accident.
      isHalfOpen = failures > 1
      if isNew { pauseAll(failure, at: now, policy) }
      return
    }
    let current = min(limit ?? policy.concurrency, policy.concurrency)
    if isNew {
      floor = max(1, current / 2)
      successes = 0
      isProbing = false
      refusedProbes += 1
      probesAgainAt = now + spread(afterFailures: refusedProbes, policy)
    }
    limit = max(floor, min(current, underWay))
    precondition(limit.map { $0 >= 1 } ?? true, "no call may be made any more")
    // Nobody's success will tell that there is room again.
    if underWay == 0, asked == nil { pauseAll(failure, at: now, policy) }
  }

  /// Where the ERP has said for how long, that is enough.
  private mutating func pauseAll(_ failure: Failure, at now: Instant, _ policy: PostingPolicy) {
    if case .throttled(.some) = failure { return }
    pause(until: now + spread(afterFailures: failures, policy))
  }

  private mutating func pause(until instant: Instant) {
    pausedUntil = max(pausedUntil ?? instant, instant)
  }

  private mutating func spread(afterFailures count: Int, _ policy: PostingPolicy) -> Span {
    jitter.next().spread(policy.pause(afterFailures: count))
  }

  /// Loses the calls that wait with their workers.
  mutating func forgetCalls() { resting.removeAll() }

  /// Spreads the pause of a document that failed alone.
  mutating func spread(_ span: Span) -> Span { jitter.next().spread(span) }
}
