import CanonicalModel
import Chronology
import CoreInterface
import UsageToCash
import World

/// The ERPs of a scenario on the real clock. What is due when is theirs (``ERPStation``); here is who waits for it.
actor ERPDesk {
  private var station: ERPStation
  private let clock: LiveClock
  private var waiting: [Int: CheckedContinuation<ERPAnswer?, Never>] = [:]
  /// What became of jobs; `nil`: nothing yet. The latest are kept, from the moment at which they are announced, or end where that comes
  /// first: an outcome that is due together with the announcement, or before it, must not be lost.
  private var jobs: [Int: ERPAnswer?] = [:]
  private static let keptJobs = 10_000
  private var wakesAt = Instant.distantFuture

  init(_ configuration: WorldConfiguration, seed: UInt64, clock: LiveClock) {
    station = ERPStation(configuration, seed: seed)
    self.clock = clock
  }

  /// Makes a call and waits for its answer.
  ///
  /// - Returns: the call's number, and what the caller hears; `nil`: nothing, ever.
  func call(_ request: ERPRequest, of entity: Int) async -> (number: Int, answer: ERPAnswer?) {
    pump()
    let number = station.call(request, of: entity, at: clock.now)
    let answer = await withCheckedContinuation { continuation in
      assert(waiting[number] == nil, "a call has one caller")
      waiting[number] = continuation
      pump()
    }
    return (number, answer)
  }

  /// What became of a job.
  ///
  /// - Returns: `nil` for a job that there is not; an empty answer where it goes on.
  func job(_ number: Int) -> ERPAnswer?? {
    pump()
    return jobs[number]
  }

  /// The document number at the sender, read.
  func key(_ text: String, of entity: Int) -> PostingKey? { station.key(text, of: entity) }

  /// The ledgers' documents from a position on.
  func documents(from first: Int) -> [(at: Instant, document: LedgerDocument)] {
    pump()
    return Array(station.documents.dropFirst(max(0, first)))
  }

  /// What an entity's ERP has been through.
  func statistics(of entity: Int) -> ERPStatistics { station.statistics(of: entity) }

  /// A fault begins now.
  func begin(_ kind: FaultKind, at entity: Int, for span: Span) {
    pump()
    station.begin(kind, at: entity, for: span)
    pump()
  }

  /// Lets everything happen that is due, and sees to it that the rest does in time.
  private func pump() {
    for answer in station.advance(to: clock.now) {
      if answer.isOfJob {
        record(answer.answer, ofJob: answer.call)
      } else {
        // An announcement that was delayed on the network may come after the outcome of its job.
        if case .accepted? = answer.answer, !jobs.keys.contains(answer.call) {
          record(nil, ofJob: answer.call)
        }
        waiting.removeValue(forKey: answer.call)?.resume(returning: answer.answer)
      }
    }
    assert(station.next.map { $0 > station.now } ?? true, "whatever is due has happened")
    guard let next = station.next, next < wakesAt else { return }
    wakesAt = next
    let pause = clock.until(next)
    Task {
      try? await Task.sleep(for: pause)
      self.wake(for: next)
    }
  }

  private func record(_ outcome: ERPAnswer?, ofJob number: Int) {
    jobs.updateValue(outcome, forKey: number)
    if jobs.count > Self.keptJobs, let oldest = jobs.keys.min() { jobs.removeValue(forKey: oldest) }
    assert(jobs.count <= Self.keptJobs, "the oldest job makes room for the newest")
  }

  private func wake(for instant: Instant) {
    if wakesAt == instant { wakesAt = .distantFuture }
    pump()
  }
}
