import Chronology
import Foundation
import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("Replays")
struct ReplayTests {
  private func run(_ defect: String? = nil) throws -> SimulationRun {
    try SimulationRun(
      try Repository.azure(), seed: 42,
      defect: defect.flatMap { name in Defect.all.first { $0.name == name } })
  }

  private func figure(_ state: ReplaySnapshot, _ stage: String, _ name: String) throws -> String {
    try #require(state.figures.first { $0.stage == stage && $0.name == name }).value
  }

  @Test("stop after the last event that is due, as far as the whole run had come by then")
  func prefix() throws {
    let run = try run()
    var events: [SimulationRun.TracedEvent] = []
    let record = run.perform(trace: { events.append($0) })
    let instant = events[events.count / 2].time
    let state = run.replay(until: instant, command: "c")
    let before = events.filter { $0.time <= instant }
    #expect(state.kernelEvents == UInt64(before.count))
    #expect(state.last == "\(before.last!.time)")
    #expect(!state.isOver)
    #expect(state.fingerprint != record.fingerprint)
    #expect(run.replay(until: instant, command: "c") == state)
    // One event less, a nanosecond before it.
    let earlier = run.replay(until: instant - Span(nanoseconds: 1), command: "c")
    #expect(earlier.kernelEvents < state.kernelEvents)
  }

  @Test("to the end and beyond are the whole run")
  func whole() throws {
    let run = try run()
    let record = run.perform()
    let state = run.replay(until: .distantFuture, command: "c")
    #expect(state.isOver)
    #expect(state.fingerprint == record.fingerprint)
    #expect(state.kernelEvents == record.simulated.kernelEvents)
    #expect(try figure(state, "ingestion", "accepted") == "\(record.controlTotals.capture.accepted)")
    #expect(try figure(state, "posting erp/us", "documents not confirmed") == "0")
    #expect(try figure(state, "posting erp/us", "documents in the ledger") == "\(record.erps[0].documents)")
    #expect(state.broken.isEmpty && state.processesDown.isEmpty)
    #expect(try JSONDecoder().decode(ReplaySnapshot.self, from: state.json()) == state)
  }

  @Test("tell what has broken by then, and which faults hold")
  func broken() throws {
    let run = try run("retry-without-key")
    let record = run.perform()
    let first = try #require(record.invariants.first { $0.name == "no-double-posting" }?.violations.first)
    let at = try #require(Instant(iso8601: first.at))
    #expect(run.replay(until: at - Span(nanoseconds: 1), command: "c").broken.isEmpty)
    let state = run.replay(until: at, command: "c")
    #expect(state.broken.contains { $0.hasPrefix("no-double-posting at \(first.at): document de/61") })
    let held = record.faults.filter { Instant(iso8601: $0.start)! <= at && at < Instant(iso8601: $0.end)! }
    #expect(!held.isEmpty)
    #expect(state.faults.count == held.count)
    #expect(
      state.faults.allSatisfy { text in held.contains { text.hasPrefix("\($0.kind) of \($0.target)") } })
  }
}
