import Foundation
import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("Verdicts say no more than was looked at")
struct VerdictTests {
  private func row(_ record: RunRecord, _ stage: String) throws -> RunRecord.ControlTotals.Row {
    try #require(record.controlTotals.stages.first { $0.stage == stage }?.rows.first)
  }

  @Test(
    "17-quarantine-hole: what the sources emitted is shown, and what was put aside has a quantity and a value"
  )
  func quarantineHole() throws {
    let record = try Finding.run("money/17-quarantine-hole.yaml")
    let (emitted, aside, metered) = (
      try row(record, "emitted"), try row(record, "putAside"), try row(record, "metered")
    )
    // Each event is one call at a price of 1: quantity, count and value are the same figure.
    #expect(emitted.count == Int64(record.simulated.usageEvents))
    #expect(emitted.count == (aside.count ?? 0) + (metered.count ?? 0))
    #expect(aside.count == record.controlTotals.capture.quarantined && aside.count ?? 0 > 4000)
    #expect(aside.amount == "\(aside.count ?? 0).00" && aside.quantity == "\(aside.count ?? 0)")
    #expect(record.controlTotals.boundaries.allSatisfy { $0.balanced })
    #expect(record.invariants.first { $0.name == "quarantine-justified" }?.verdict == .held)
  }

  @Test(
    "21-late-arriving: 1,000 hours at 1.50 are put aside, worth 1,500.00, and nothing says that they are billed"
  )
  func lateArriving() throws {
    let record = try Finding.run("money/21-late-arriving.yaml")
    let (emitted, aside) = (try row(record, "emitted"), try row(record, "putAside"))
    #expect(emitted.quantity == "1000" && aside.quantity == "1000" && aside.amount == "1500.00")
    let metered = try row(record, "metered")
    #expect(metered.quantity == "0")
    // Of a run in which next to nothing happened, next to nothing is said.
    #expect(record.tally.held < 12 && record.tally.notExercised > 55 && record.tally.broken == 0)
  }

  @Test("usage of customers whom nobody knows is emitted, put aside, and foots")
  func unknownCustomers() throws {
    let scenario = try ScenarioFile.read(
      file: Finding.path("../../scenarios/dirty-telemetry.yaml"))
    let record = try SimulationRun(scenario).perform()
    let rows = record.controlTotals.stages.first { $0.stage == "emitted" }?.rows ?? []
    let unknown = try #require(rows.first { $0.entity == RunRecord.ControlTotals.unknownEntity })
    let aside = record.controlTotals.stages.first { $0.stage == "putAside" }?.rows.first {
      $0.entity == unknown.entity && $0.meter == unknown.meter
    }
    #expect(unknown.count ?? 0 > 0 && aside?.count == unknown.count && aside?.quantity == unknown.quantity)
    #expect(record.controlTotals.boundaries.allSatisfy { $0.balanced })
    for meter in record.controlTotals.meters {
      #expect(meter.emitted.count == meter.putAside.count + meter.metered.count, "\(meter.meter)")
    }
  }

  @Test(
    "pass-nothing-posted, pass-usage-quarantined: work that is left when time is up is no pass",
    arguments: [
      ("robustness/pass-nothing-posted.yaml", "exceptions"),
      ("robustness/pass-usage-quarantined.yaml", "quarantine"),
    ]
  )
  func workLeft(file: String, queue: String) throws {
    let record = try Finding.run(file)
    #expect(record.verdict == .fail && record.simulated.ended == "limit")
    let drains = try #require(record.invariants.first { $0.name == "drains" })
    #expect(drains.verdict == .broken && drains.violations.first?.ids == ["queue \(queue)"])
    #expect(record.invariants.count { $0.verdict == .broken } == 1)
    let allowed = try Finding.run(file, settings: ["mayLeaveWork=true"])
    #expect(allowed.verdict == .pass && allowed.fingerprint == record.fingerprint)
    #expect(allowed.invariants.first { $0.name == "drains" }?.verdict == .notJudged)
  }

  @Test("what is required and was not exercised fails the run; what was, does not")
  func requirements() throws {
    let quiet = try Finding.run(
      "money/21-late-arriving.yaml", settings: ["require=[no-double-posting, late-after-window]"])
    #expect(quiet.verdict == .fail)
    #expect(quiet.requirements.map(\.isMet) == [false, false])
    #expect(quiet.requirements.map(\.kind) == [.invariant, .situation])
    let busy = try Finding.run("money/17-quarantine-hole.yaml", settings: ["require=[no-double-posting]"])
    #expect(busy.verdict == .pass && busy.requirements.map(\.isMet) == [true])
    do {
      _ = try Finding.run("money/21-late-arriving.yaml", settings: ["require=[no-double-postings]"])
      Issue.record("an invariant that there is not was taken")
    } catch let error as InvalidInput {
      #expect("\(error)".contains("no-double-posting"))
    }
  }

  @Test("a run in which nothing was compared with anything is no pass")
  func nothingJudged() throws {
    let template = try ScenarioTemplate(file: Finding.path("money/21-late-arriving.yaml"))
    var run = try SimulationRun(template.scenario)
    run.silenced = Set(SimulationRun.invariants).subtracting(["dunning-kept"])
    let record = run.perform()
    #expect(record.verdict == .fail && record.tally.judged == 0)
    #expect(record.tally.notExercised == 1 && record.tally.broken == 0)
  }

  @Test("the tally counts each invariant once, and its words leave nothing out")
  func tally() {
    let tally = InvariantTally([.held, .held, .broken, .notExercised, .notJudged])
    #expect(tally.text == "2 of 3 invariants held · 1 not exercised · 1 not judged")
    #expect(InvariantTally([.held]).text == "1 of 1 invariants held")
  }
}
