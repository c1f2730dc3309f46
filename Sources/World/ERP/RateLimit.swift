import CanonicalModel
import Chronology

/// Keeps one limit.
struct RateLimiter: Sendable {
  let rule: RateLimit
  /// What was taken in all, and the greatest part of the limit that was in use at once.
  private(set) var total = 0
  private(set) var peak = 0.0
  private var tokens: Double
  private var refilledAt: Instant
  /// When what was taken was taken, oldest first, from ``first`` on.
  private var taken: ContiguousArray<(at: Instant, count: Int)> = []
  private var first = 0
  private var sum = 0

  init(_ rule: RateLimit, start: Instant) {
    self.rule = rule
    tokens = Double(rule.limit)
    refilledAt = start
  }

  /// How long a caller has to wait until some more fit, at a share of the limit; nothing if they fit now.
  ///
  /// What is more than the limit itself fits when the whole limit is free: else it could never pass.
  mutating func wait(for count: Int, at now: Instant, share: Double) -> Span {
    let limit = max(1, (Double(rule.limit) * share).rounded(.down))
    assert(count >= 0, "a call gives nothing back to a limit by asking")
    let cost = min(Double(count), limit)
    switch rule.window {
    case .tokenBucket:
      assert(now >= refilledAt, "a token bucket is not refilled backwards in time")
      tokens = min(limit, tokens + limit * (now - refilledAt).seconds / rule.per.seconds)
      assert(tokens <= Double(rule.limit), "a token bucket never holds more than its capacity")
      refilledAt = now
      guard tokens < cost else { return .zero }
      return Span(nanoseconds: Int64((cost - tokens) / limit * rule.per.seconds * 1e9) + 1)
    case .sliding:
      forget(until: now - rule.per)
      guard Double(sum) + cost > limit else { return .zero }
      var freed = 0.0
      for index in first..<taken.count {
        freed += Double(taken[index].count)
        guard Double(sum) - freed + cost <= limit else { continue }
        assert(taken[index].at + rule.per > now, "what is out of a window was forgotten")
        return taken[index].at + rule.per - now
      }
      return rule.per
    case .fixed:
      let begin = now.floored(to: rule.per)
      forget(until: begin - Span(nanoseconds: 1))
      return Double(sum) + cost > limit ? begin + rule.per - now : .zero
    }
  }

  /// Consumes part of what is left.
  mutating func consume(_ count: Int, at now: Instant) {
    assert(count >= 0, "a call gives nothing back to a limit by asking")
    total += count
    // A call that is larger than the limit takes all of it.
    defer { peak = max(peak, min(1, 1 - headroom(at: now))) }
    switch rule.window {
    case .tokenBucket: tokens -= min(Double(count), Double(rule.limit))
    case .sliding, .fixed:
      assert(first == taken.count || taken[taken.count - 1].at <= now, "a limit is used in the order of time")
      taken.append((now, count))
      sum += count
    }
  }

  /// What a call costs.
  func cost(documents: Int) -> Int { rule.unit == .calls ? 1 : documents }

  /// What is free of the limit, from 0 to 1.
  func headroom(at now: Instant) -> Double {
    switch rule.window {
    case .tokenBucket:
      min(1, tokens / Double(rule.limit) + (now - refilledAt).seconds / rule.per.seconds)
    case .sliding, .fixed: 1 - Double(sum) / Double(rule.limit)
    }
  }

  private mutating func forget(until instant: Instant) {
    while first < taken.count, taken[first].at <= instant {
      sum -= taken[first].count
      assert(sum >= 0, "no more is given back of a limit than was taken")
      first += 1
    }
    if first > 1024, first * 2 > taken.count {
      taken.removeSubrange(..<first)
      first = 0
    }
  }
}
