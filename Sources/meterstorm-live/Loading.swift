import CanonicalModel
import Chronology
import Commands
import Experiments
import Foundation
import Live
import Reports
import RunRecord
import Scenario
import Synchronization
import World

extension LoadCommand {
  func load() throws {
    let (scenario, identity, assembly, seed, clock) = try live.prepare(self.scenario)
    Interruption.listen()
    let line = ProgressLine(isQuiet: quiet)
    do {
      var test = try LoadTest(assembly.world, seed: seed, clock: clock)
      (test.batch, test.connections, test.patience) = (batch, connections, .seconds(patience))
      let outcome = try run(test, scenario.name, identity, assembly, line)
      line.end()
      let (judged, postings) = try judge(outcome, test, scenario.name, identity, seed, assembly)
      var record = judged
      if againstSimulation {
        let run = try Console.reading { try SimulationRun(scenario, seed: seed) }
        record.compared = Self.compared(run.perform(), postings)
      }
      if calibrate {
        let run = try Console.reading { try SimulationRun(scenario, seed: seed) }
        record.calibrated = Calibration(run, postings: postings).fit().map {
          .init(
            entity: $0.entity, latency: $0.before.seconds, fitted: $0.after.seconds,
            errorBefore: $0.errorBefore,
            errorAfter: $0.errorAfter)
        }
      }
      switch format {
      case .json: try Console.write(record.json())
      case .html: try Console.print(LoadReport(record).html())
      case .text: try Console.print(LoadText(record, style: Console.style).text())
      }
      if record.interrupted { throw Exit.interrupted }
      if record.verdict == .fail { throw Exit.broken }
    } catch let error as LoadTestError {
      line.end()
      if Interruption.isRequested { throw Exit.interrupted }
      Console.note("\(self.scenario): \(error)")
      throw Exit.badInput
    } catch let error as FileLogError {
      Console.note(error.description)
      throw Exit.badInput
    }
  }

  private func run(
    _ test: LoadTest, _ name: String, _ identity: LogIdentity, _ assembly: Assembly, _ line: ProgressLine
  ) throws -> LoadTest.Outcome {
    let stopAbove = stopAbove ?? .infinity
    let show: @Sendable (LoadMeasurement) -> Bool = { measurement in
      if measurement.requests >= 100, measurement.latency["p99"] ?? 0 > stopAbove { return false }
      if measurement.scheduled > 0 {
        line.show { _ in
          "\(name): \(measurement.acknowledged) of \(measurement.scheduled) events acknowledged, \(measurement.repetitions) requests retried"
        }
      }
      return !Interruption.isRequested
    }
    let folder = target == "core" ? try LiveFolder(log ?? ".") : nil
    let (target, erps) = (target, erps ?? "")
    let result = OutcomeBox()
    try Blocking.wait {
      if let folder {
        result.set(
          try await test.runCore(
            policy: assembly.policy, scenario: name, identity: identity, log: folder.log, show: show))
      } else {
        result.set(try await test.run(against: target, erps: erps, show: show))
      }
    }
    return try result.get()
  }

  /// What postings took on both clocks.
  private static func compared(_ record: RunRecord, _ postings: [Audit.Postings]) -> [LoadRecord.Compared] {
    var rows: [LoadRecord.Compared] = []
    for (erp, real) in zip(record.erps, postings) {
      for (name, key, share) in [("median", "p50", 0.5), ("90 %", "p90", 0.9), ("99 %", "p99", 0.99)] {
        guard let simulated = erp.postingLatency[key], let latency = real.latency(share) else { continue }
        rows.append(
          .init(
            name: "\(erp.entity): posting latency, \(name)", unit: "s", simulated: simulated, real: latency))
      }
      for (name, simulated, real) in [
        ("calls", erp.calls, real.calls), ("look-ups", erp.lookUps, real.lookUps),
        ("throttled", erp.throttled, real.throttled),
      ] {
        rows.append(
          .init(name: "\(erp.entity): \(name)", unit: "1", simulated: Double(simulated), real: Double(real)))
      }
    }
    return rows
  }

  private static func timeline(_ measured: LoadTimeline) -> LoadRecord.Timeline {
    .init(
      step: measured.step, due: measured.due, acknowledged: measured.acknowledged, retried: measured.retried,
      latency: measured.latency,
      distribution: measured.distribution.map { .init(upTo: $0.upTo, requests: $0.requests) })
  }

  private func judge(
    _ outcome: LoadTest.Outcome, _ test: LoadTest, _ name: String, _ identity: LogIdentity, _ seed: UInt64,
    _ assembly: Assembly
  ) throws -> (LoadRecord, [Audit.Postings]) {
    let audit = Audit(assembly)
    let ledger = outcome.ledger?.map { Audit.Posted(at: $0.at, document: $0.document) }
    var problems = outcome.problems
    let isStopped = stopAbove.map { outcome.measurement.latency["p99"] ?? 0 > $0 } ?? false
    if isStopped, let stopAbove {
      problems.append("aborted: the p99 latency exceeded \(stopAbove) s")
    }
    var verdict = Audit.Judgement(invariants: [])
    if let log {
      verdict = try audit.judge(
        acknowledged: outcome.acknowledged, ledger: ledger ?? [],
        log: try test.log(LiveFolder(log).log, scenario: name, identity: identity),
        isWhole: !isStopped && !Interruption.isRequested)
    } else if let ledger {
      verdict = audit.judge(ledger: ledger, at: test.clock.now)
    }
    if let lost = verdict.acknowledgedAndLost, lost > 0 {
      problems.append("\(lost) acknowledged events are missing from the log")
    }
    let measurement = outcome.measurement
    let holds =
      problems.isEmpty && verdict.invariants.allSatisfy { $0.verdict != .broken } && !Interruption.isRequested
    let record = LoadRecord(
      meterstorm: Meterstorm.version, scenario: name, seed: seed, target: target, timeScale: live.timeScale,
      verdict: holds ? .pass : .fail, interrupted: Interruption.isRequested,
      ingestion: .init(
        scheduled: measurement.scheduled, acknowledged: measurement.acknowledged,
        requests: measurement.requests,
        repetitions: measurement.repetitions, turnedAway: measurement.turnedAway,
        seconds: measurement.seconds,
        latency: measurement.latency, timeline: measurement.timeline.map(Self.timeline)),
      documents: ledger?.count ?? 0, acknowledgedAndLost: verdict.acknowledgedAndLost, stuck: verdict.stuck,
      problems: problems, invariants: verdict.invariants)
    return (record, verdict.postings)
  }
}

/// What asynchronous work has come to.
private final class OutcomeBox: Sendable {
  private let outcome = Mutex<LoadTest.Outcome?>(nil)

  func set(_ outcome: LoadTest.Outcome) { self.outcome.withLock { $0 = outcome } }

  func get() throws -> LoadTest.Outcome {
    guard let outcome = outcome.withLock({ $0 }) else { throw Exit.internalFault }
    return outcome
  }
}
