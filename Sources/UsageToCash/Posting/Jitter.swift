import CanonicalModel
import Chronology

/// Spreads pauses, so that callers that failed together do not come back together ("equal jitter", M. Brooker, AWS, 2015).
///
/// The core draws no random numbers: it is handed a seed, and each spread is a hash of the seed, the outbox and the number of
/// spreads before it. A core that is rebuilt from its log spreads as it did before.
struct Jitter: Hashable, Sendable {
  private let seed: UInt64
  private let outbox: SourceID
  private var drawn: UInt64 = 0

  init(seed: UInt64, outbox: Int) {
    self.seed = UsageEventKey(source: SourceID(index: 0), id: seed).digest
    self.outbox = SourceID(index: UInt32(outbox))
  }

  /// The next share.
  mutating func next() -> Share {
    drawn += 1
    return Share(
      steps: Int64(UsageEventKey(source: outbox, id: seed &+ drawn).digest % UInt64(Share.whole)))
  }

  /// A share of a span, from nothing (inclusive) to the whole (exclusive).
  struct Share: Hashable, Sendable {
    fileprivate static let whole: Int64 = 1 << 16
    fileprivate var steps: Int64

    /// The share of a span.
    func part(of span: Span) -> Span {
      assert(steps >= 0 && steps < Self.whole, "a share is negative, or more than the whole")
      return Span(nanoseconds: span.nanoseconds / Self.whole * steps)
    }

    /// Half a span, and the share of the other half.
    func spread(_ span: Span) -> Span {
      let half = Span(nanoseconds: span.nanoseconds / 2)
      return half + part(of: span - half)
    }
  }
}

extension PostingPolicy {
  /// The pause after so many failures in a row, before it is spread: doubled with each, up to the longest.
  func pause(afterFailures failures: Int) -> Span {
    var pause = min(backoff, maximumBackoff)
    for _ in 1..<max(1, min(failures, 64)) {
      guard pause < maximumBackoff else { break }
      pause = pause <= maximumBackoff - pause ? pause + pause : maximumBackoff
    }
    assert(pause <= maximumBackoff, "a pause is longer than the longest")
    return pause
  }
}
