import Experiments
import Foundation
import HTTPTypes
import ResultsDatabase
import RunRecord
import Scenario
import Synchronization

/// Repeats runs for their reports and stories: one at a time, and not for long.
final class RunRepeater: Sendable {
  private let isBusy = Mutex(false)
  private let maximum: Duration

  init(maximum: Duration) { self.maximum = maximum }

  /// The record of a run that is repeated.
  func record(of run: SimulationRun, fingerprint: String, command: String) throws(Refusal) -> RunRecord {
    try alone { (goesOn) throws(Refusal) in
      let record = run.outcome(keepingJournal: false) { _ in goesOn() }.record.deterministic
      guard !record.interrupted else { throw tooLong(command) }
      guard record.fingerprint == fingerprint else {
        throw Refusal(
          .conflict,
          "The run cannot be repeated: its fingerprint was \(fingerprint) and is \(record.fingerprint) now.")
      }
      return record
    }
  }

  /// The story of a transaction or violation.
  func story(
    of question: Explain.Question, in run: SimulationRun, fingerprint: String, command: String
  ) throws(Refusal) -> Explanation {
    try alone { (goesOn) throws(Refusal) in
      let isOver = Mutex(false)
      do {
        return try Explain(run, command: command).answer(question, fingerprint: fingerprint) { _ in
          let goesOn = goesOn()
          if !goesOn { isOver.withLock { $0 = true } }
          return goesOn
        }
      } catch {
        throw isOver.withLock(\.self) ? tooLong(command) : Refusal(.notFound, "\(error)")
      }
    }
  }

  private func tooLong(_ command: String) -> Refusal {
    Refusal(
      .serviceUnavailable,
      "Repeating the run takes more than \(maximum.components.seconds) seconds. Do it on the command line: \(command)"
    )
  }

  /// Does something while nobody else does.
  private func alone<Value>(_ body: (@escaping () -> Bool) throws(Refusal) -> Value) throws(Refusal) -> Value
  {
    let isFree = isBusy.withLock { busy in
      defer { busy = true }
      return !busy
    }
    guard isFree else {
      throw Refusal(
        .serviceUnavailable, "Another run is being repeated: try again in a moment.", retryAfter: 2)
    }
    defer { isBusy.withLock { $0 = false } }
    let begin = ContinuousClock.now
    return try body { ContinuousClock.now - begin < self.maximum }
  }
}
