import CanonicalModel
import Chronology
import Foundation
import RunRecord
import Testing
import UsageToCash

@testable import Experiments
@testable import Live
@testable import Scenario
@testable import World

@Suite("The audit of what ran on the real clock")
struct AuditTests {
  private static func scenario(_ settings: [String] = []) throws -> ScenarioFile {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try ScenarioTemplate(
      file: root.appendingPathComponent("scenarios/live/month-end.yaml").path,
      settings: settings.compactMap(ScenarioFile.Setting.init)
    ).scenario
  }

  /// A load test against the core of this process, of ten seconds: slow enough for a machine that does much else.
  private static let outcome = Task { () -> (LoadTest.Outcome, Assembly, String, ScenarioFile) in
    let scenario = try AuditTests.scenario([
      "customers.count=20", "load.0.arrivals.poisson=0.5/s", "load.1.arrivals.poisson=0.1/s",
    ])
    let assembly = try Assembly(scenario)
    let folder = NSTemporaryDirectory() + "meterstorm-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var test = try LoadTest(
      assembly.world, seed: 42, clock: LiveClock(start: assembly.world.start, scale: 1200))
    test.patience = .seconds(60)
    let outcome = try await test.runCore(
      policy: assembly.policy, scenario: scenario.name, identity: LogIdentity([]),
      log: folder + "/pipeline.log"
    ) { _ in true }
    return (outcome, assembly, folder + "/pipeline.log", scenario)
  }

  private func log(_ path: String, _ scenario: ScenarioFile) throws -> FileLog {
    try FileLog(
      path: path,
      header: .init(
        scenario: scenario.name, identity: LogIdentity([]), clock: LiveClock(start: scenario.start, scale: 1)),
      contracts: [], isReadOnly: true)
  }

  private func names(_ verdict: Audit.Judgement, _ wanted: InvariantVerdict) -> Set<String> {
    Set(verdict.invariants.filter { $0.verdict == wanted }.map(\.name))
  }

  @Test(
    "the core on a real disk holds every invariant for which there is evidence; for others nothing is claimed"
  )
  func sound() async throws {
    let (outcome, assembly, path, scenario) = try await Self.outcome.value
    #expect(outcome.problems == [] && outcome.measurement.acknowledged == outcome.measurement.scheduled)
    let ledger = try #require(outcome.ledger).map { Audit.Posted(at: $0.at, document: $0.document) }
    let verdict = try Audit(assembly).judge(
      acknowledged: outcome.acknowledged, ledger: ledger, log: try log(path, scenario))
    #expect(names(verdict, .broken) == [] && verdict.stuck == [] && verdict.acknowledgedAndLost == 0)
    let judged = names(verdict, .held)
    #expect(
      judged.isSuperset(of: [
        "no-lost-usage", "no-double-counting", "rating-matches-oracle", "rated-equals-invoiced",
        "no-double-posting",
        "no-lost-posting", "stage-totals-balance", "trial-balance-zero", "lineage-complete",
      ]))
    #expect(names(verdict, .notJudged).isSuperset(of: ["invoices-delivered", "acknowledged-is-durable"]))
    #expect(names(verdict, .notExercised).isSuperset(of: ["no-double-charge", "tax-foots"]))
    #expect(verdict.received == Int64(outcome.measurement.acknowledged))
    #expect(
      verdict.postings.map(\.latencies.count) == [10, 10] && verdict.postings.allSatisfy { $0.calls > 0 })
  }

  @Test(
    "finds what is lost, doubled or changed in the ledger, and what was acknowledged and is not in the log")
  func lies() async throws {
    let (outcome, assembly, path, scenario) = try await Self.outcome.value
    let ledger = try #require(outcome.ledger).map { Audit.Posted(at: $0.at, document: $0.document) }
    let audit = Audit(assembly)
    func broken(_ ledger: [Audit.Posted]) throws -> Set<String> {
      names(
        try audit.judge(acknowledged: outcome.acknowledged, ledger: ledger, log: try log(path, scenario)),
        .broken)
    }
    #expect(try broken(Array(ledger.dropLast())).contains("no-lost-posting"))
    var doubled = ledger
    var again = ledger[0]
    again.document.number = 999
    doubled.append(again)
    #expect(try broken(doubled).contains("no-double-posting"))
    #expect(names(audit.judge(ledger: doubled, at: scenario.start), .broken) == ["no-double-posting"])
    #expect(names(audit.judge(ledger: ledger, at: scenario.start), .broken) == [])
    var changed = ledger
    changed[0].document.entry.lines[0].amount += Money("0.01")!
    #expect(try broken(changed).isSuperset(of: ["posting-matches-invoice", "journals-balance"]))
    var stranger = outcome.acknowledged[0]
    stranger.id = 1 << 40
    let verdict = try audit.judge(
      acknowledged: outcome.acknowledged + [stranger], ledger: ledger, log: try log(path, scenario))
    #expect(verdict.acknowledgedAndLost == 1 && names(verdict, .broken).contains("no-lost-usage"))
    // What was stopped in the middle has lost nothing yet; what is there twice is there twice.
    let half = try audit.judge(
      acknowledged: outcome.acknowledged, ledger: Array(doubled.suffix(3)), log: try log(path, scenario),
      isWhole: false)
    #expect(
      names(half, .broken).isSubset(of: [
        "acknowledged-posting-is-real", "no-double-posting", "posting-order",
      ]))
    #expect(names(half, .held) == [] && !names(half, .notExercised).contains("no-lost-posting"))
  }

  @Test("fits the simulation's latency to the real one")
  func calibration() throws {
    let scenario = try Self.scenario(["customers.count=20", "load.0.arrivals.poisson=0.1/s"])
    var slow = try SimulationRun(scenario)
    for index in slow.assembly.world.erps.indices { slow.assembly.world.erps[index].latency = .seconds(4) }
    let real = slow.perform()
    let postings = real.erps.map { erp in
      Audit.Postings(
        latencies: [erp.postingLatency["p50"], erp.postingLatency["p90"], erp.postingLatency["p99"]]
          .compactMap(\.self))
    }
    let fits = Calibration(try SimulationRun(scenario), postings: postings).fit()
    #expect(fits.map(\.entity) == ["us", "de"])
    for fit in fits { #expect(fit.errorAfter < fit.errorBefore / 3, "\(fit)") }
  }
}
