import CanonicalModel
import Chronology
import RunRecord
import Scenario
import World

/// What became of faults.
extension RecordBuilder {
  /// What became of a fault that the scenario declares.
  func declared(
    _ fault: ScenarioFile.Fault, _ tally: FaultTally, end now: Instant
  ) -> RunRecord.DeclaredFault {
    let targets = fault.targets.map { catalog.name(of: $0) }
    let reason = tally.reason.map { reason in
      switch reason {
      case .noTarget: reason.rawValue
      case _ where end == .interrupted || end == .paused: "the run was stopped before"
      case .afterEnd where end == .overdue: "it lies after \(now), when time was up"
      case .afterEnd: "it lies after \(now), when all queues had drained"
      default: reason.rawValue
      }
    }
    return RunRecord.DeclaredFault(
      fault: "\(fault.kind.name) of \(targets.joined(separator: ", ")) \(fault.text)",
      began: tally.began, hits: tally.hits, neverBegan: reason)
  }

  func faults(
    _ faults: [(window: FaultWindow, entities: [Int], hits: Int)], _ observations: Observations, end: Instant
  ) -> [RunRecord.Fault] {
    faults.sorted { $0.window.start < $1.window.start }.map { window, entities, hits in
      let drains = observations.drains.filter {
        entities.contains(Int($0.entity.index)) && $0.ended == window.end && $0.fault == window.kind.name
      }
      return RunRecord.Fault(
        target: catalog.name(of: window.target), kind: window.kind.name,
        start: "\(window.start)", end: "\(window.isEndless ? max(end, window.start) : window.end)",
        drainSeconds: drains.map(\.took.seconds).max(), hits: hits, neverEnds: window.isEndless ? true : nil)
    }
  }
}
