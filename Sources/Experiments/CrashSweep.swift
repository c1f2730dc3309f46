import CanonicalModel
import CoreInterface
import Dispatch
import RunRecord
import Scenario
import Synchronization
import UsageToCash
import World

/// Systematic crash testing: runs a scenario once for each effect boundary of one service, with its process dying exactly
/// there, and says which deaths break something.
package struct CrashSweep: Sendable {
  /// A boundary at which the death of the process broke something.
  package struct Break: Codable, Equatable, Sendable {
    /// The boundary, from 0 in the order in which the undisturbed run passes them.
    package var boundary: Int
    /// The broken invariants.
    package var invariants: [String]
    /// The first violation; empty where none broke.
    package var violation: String
    /// The expectations that were missed; left out where all were met.
    package var missed: [String]?
  }

  /// What came of it.
  package struct Outcome: Codable, Equatable, Sendable {
    /// The service whose process died.
    package var service: String
    /// Boundaries that the undisturbed run passes.
    package var boundaries: Int
    /// Boundaries at which it was killed.
    package var runs: Int
    /// Those of them at which it did die: each run may take another course before.
    package var crashes: Int
    /// Those that broke something, in order.
    package var broken: [Break]
    /// Whether it was stopped before the end.
    package var interrupted: Bool
  }

  /// The services by name.
  package static var services: [String] { CoreService.allCases.map(\.name) }

  private let scenario: ScenarioFile
  private let seed: UInt64
  private let defect: Defect?
  private let service: CoreService
  private let cap: Int
  private let stride: Int

  /// Prepares a sweep.
  ///
  /// - Parameters:
  ///   - service: one of ``services``.
  ///   - cap: boundaries that are tried at most.
  ///   - stride: tries every n-th boundary.
  /// - Returns: `nil` where there is no such service.
  package init?(
    _ scenario: ScenarioFile, seed: UInt64? = nil, defect: Defect? = nil, service: String, cap: Int,
    stride: Int
  ) {
    self.scenario = scenario
    self.seed = seed ?? scenario.seed
    self.defect = defect
    guard let service = CoreService(name: service) else { return nil }
    self.service = service
    self.cap = cap
    self.stride = stride
  }

  /// Runs on so many threads.
  ///
  /// - Parameter progress: called with the share that is done; `false` interrupts.
  package func perform(
    jobs: Int, progress: @escaping @Sendable (Double) -> Bool = { _ in true }
  ) throws(InvalidInput) -> Outcome {
    var plain = try SimulationRun(scenario, seed: seed, defect: defect)
    plain.countsBoundaries = true
    let total = plain.outcome(keepingJournal: false).boundaries[Int(service.rawValue)]
    let chosen = Array(Swift.stride(from: 0, to: total, by: max(1, stride)).prefix(cap))
    let prepared = try SimulationRun(scenario, seed: seed, defect: defect)
    struct State {
      var next = 0
      var done = 0
      var crashes = 0
      var broken: [Break] = []
      var isStopped = false
    }
    let state = Mutex(State())
    DispatchQueue.concurrentPerform(iterations: max(1, min(jobs, chosen.count))) { _ in
      while let index = state.withLock({ state -> Int? in
        guard !state.isStopped, state.next < chosen.count else { return nil }
        state.next += 1
        return state.next - 1
      }) {
        var run = prepared
        run.crashPoint = CrashPoint(
          service: service, boundary: chosen[index], restartAfter: scenario.machines.restartAfter)
        let record = run.perform(.verdict)
        let failed = record.invariants.filter { $0.verdict == .broken }
        let missed = record.expectations.filter { $0.verdict == .fail }.map(\.expectation)
        state.withLock { state in
          state.done += 1
          if (record.situations[Situation.processCrashed.rawValue] ?? 0) > 0 { state.crashes += 1 }
          if !failed.isEmpty || !missed.isEmpty {
            let text = failed.first?.violations.first.map {
              "\($0.at) \($0.ids.joined(separator: ", ")): expected \($0.expected), actual \($0.actual)"
            }
            state.broken.append(
              Break(
                boundary: chosen[index], invariants: failed.map(\.name), violation: text ?? "",
                missed: missed.isEmpty ? nil : missed))
          }
          if !progress(Double(state.done) / Double(chosen.count)) { state.isStopped = true }
        }
      }
    }
    return state.withLock { state in
      Outcome(
        service: service.name, boundaries: total, runs: state.done, crashes: state.crashes,
        broken: state.broken.sorted { $0.boundary < $1.boundary }, interrupted: state.isStopped)
    }
  }
}
