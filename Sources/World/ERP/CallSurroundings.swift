import CanonicalModel
import Chronology
import CoreInterface

/// What becomes of a call on the way and at its ERP, for whoever drives the calls.
enum CallFact: Sendable {
  /// It was lost on its way to the ERP.
  case requestLost
  /// The network has duplicated it.
  case requestDuplicated
  /// The ERP has no place for it yet.
  case queued
  /// The ERP begins to process it.
  case begun
  /// The ERP refuses it unprocessed.
  case refused(ERPAnswer)
  /// The ERP has given up on it.
  case abandoned
  /// The ERP has processed it; `nil`: and stays silent.
  case processed(ERPAnswer?)
  /// Its answer was lost on the way back.
  case answerLost
}

/// What the calls to ERPs have around them, on whatever clock: the clock, the network on the way, and whoever hears of what happens.
protocol CallSurroundings: ~Copyable {
  var now: Instant { get }
  /// Whether a message gets lost.
  mutating func isLost(_ faults: inout ActiveFaults) -> Bool
  /// By how much a message is delayed.
  mutating func delay(_ faults: inout ActiveFaults) -> Span
  /// Whether a request arrives twice.
  mutating func isDuplicated(_ faults: inout ActiveFaults) -> Bool
  /// How many of so many steps a copy comes after its original.
  mutating func lag(below steps: UInt64) -> Int64
  /// Records a fact of a call.
  mutating func record(_ fact: CallFact, of call: borrowing PendingCall)
  /// Records a processed call: the ERP's figures before and after, and the number of documents posted.
  mutating func record(from before: ERPStatistics, to after: ERPStatistics, posted: Int)
}

extension CallSurroundings where Self: ~Copyable {
  mutating func record(from before: ERPStatistics, to after: ERPStatistics, posted: Int) {}
}

/// In a simulated world, facts become situations and happenings here.
extension Surroundings: CallSurroundings {
  mutating func isDuplicated(_ faults: inout ActiveFaults) -> Bool { isDoubled(&faults, .requestDuplicated) }

  @inline(__always)
  mutating func record(_ fact: CallFact, of call: borrowing PendingCall) {
    let id = call.call.id
    switch fact {
    case .requestLost:
      saw(.requestLost(id))
      count(.requestLost)
    case .requestDuplicated: saw(.requestDoubled(id))
    case .queued: count(.queuedAtERP)
    case .begun: break
    case .refused(let answer):
      saw(.refused(id, answer))
      switch answer {
      case .throttled: count(.throttled)
      case .posted(let results): count(.postingRefused, results.count)
      default: count(.calledDuringOutage)
      }
    case .abandoned:
      saw(.abandoned(id))
      count(.diedDuringCall)
    case .processed(let answer):
      let isCopy = call.isCopy
      saw(.worked(id, answer, isCopy: isCopy))
      recordJob(answer, of: call)
    case .answerLost:
      count(.answerLost)
      saw(.answerLost(id))
    }
  }

  /// A job has taken documents over, or has come to its end.
  private mutating func recordJob(_ answer: ERPAnswer?, of call: borrowing PendingCall) {
    switch answer {
    case .accepted: count(.acceptedByJob)
    case .posted(let results):
      guard case .inJob = call.state else { return }
      let rejected = results.count {
        if case .refused = $0 { true } else { false }
      }
      count(.rejectedAfterAccepted, rejected)
    default: break
    }
  }

  mutating func record(from before: ERPStatistics, to after: ERPStatistics, posted: Int) {
    assert(
      after.refused >= before.refused && after.keyHits >= before.keyHits && after.dropped >= before.dropped,
      "the figures of an ERP are counted up")
    count(.timeoutAfterCommit, after.answersLost - before.answersLost)
    count(.diedDuringCall, after.dropped - before.dropped)
    count(.postingRefused, after.refused - before.refused)
    count(.idempotencyKeyHit, after.keyHits - before.keyHits)
    count(.keyExpiredBeforeRetry, after.keysExpired - before.keysExpired)
    count(.keyReusedWithOtherBody, after.keyConflicts - before.keyConflicts)
    count(.hiddenByIndexLag, after.hiddenByLag - before.hiddenByLag)
    count(.batchHalfSucceeded, after.failed > before.failed && posted > 0 ? 1 : 0)
    count(.movedToOpenPeriod, after.movedToOpenPeriod - before.movedToOpenPeriod)
  }
}
