import RunRecord
import Scenario
import Testing
import Verification

@testable import Experiments

@Suite("Oracle and core are two")
struct OracleTests {
  private static func scenario() throws -> ScenarioFile {
    try Repository.scenario(
      "plan-changes.yaml", settings: ["customers.count=30", "load.0.arrivals={ poisson: 20/h }"])
  }

  private func broken(_ change: (inout SimulationRun) -> Void) throws -> [String] {
    var run = try SimulationRun(Self.scenario())
    change(&run)
    return run.perform().invariants.filter { $0.verdict == .broken }.map(\.name)
  }

  @Test("they agree where both have the rules as they are")
  func agree() throws { #expect(try broken { _ in } == []) }

  @Test("an oracle that cuts amounts off disagrees with the core that rounds them")
  func truncation() throws {
    let broken = try broken { $0.oracleRules.truncates = true }
    #expect(broken.contains("rating-matches-oracle") && broken.contains("tiers-additive"))
  }

  @Test("an oracle that counts days otherwise disagrees with the core on every change of contract")
  func days() throws {
    #expect(try broken { $0.oracleRules.countsLastDay = true }.contains("rating-matches-oracle"))
  }

  @Test("what is switched off is not judged, and the record says so")
  func silenced() throws {
    let defect = Defect.all.first { $0.name == "proration-off-by-a-day" }
    var run = try SimulationRun(Self.scenario(), defect: defect)
    let judged = run.perform()
    let breaks = Set(judged.invariants.filter { $0.verdict == .broken }.map(\.name))
    #expect(breaks.contains("rating-matches-oracle"))
    run.silenced = breaks
    let record = run.perform()
    #expect(record.verdict == .pass)
    #expect(Set(record.invariants.filter { $0.verdict == .notJudged }.map(\.name)) == breaks)
    #expect(record.fingerprint == judged.fingerprint, "who judges changes nothing")
  }

  @Test("a violation tells what was promised, both figures and their difference, and what had happened")
  func readable() throws {
    let defect = Defect.all.first { $0.name == "retry-without-key" }
    let scenario = try Repository.scenario(
      "crashes.yaml", settings: ["customers.count=16", "load.0.arrivals={ poisson: 1/h }"])
    let record = try SimulationRun(scenario, defect: defect).perform()
    let double = try #require(record.invariants.first { $0.name == "no-double-posting" })
    #expect(double.statement.contains("at most one document"))
    let violation = try #require(double.violations.first)
    #expect(violation.events.count { $0.contains("in the ledger of") } == 2)
    #expect(RecordBuilder.difference("15.00 USD", "0.50 USD") == "-14.5 USD")
    #expect(RecordBuilder.difference("15.00 USD", "1 document") == nil)
  }

  @Test(
    "every failure that really happened is modelled by a defect",
    arguments: [
      "lago-api 5450", "5482", "2826", "6113", "5059", "5916", "5708", "5305", "4227", "1868", "4772", "5327",
      "5104",
      "2643", "4660", "4945", "killbill 1015", "783", "964", "flexprice 602", "1400", "174134c", "50ccc35",
      "openmeter 4412",
      "openmeter.io", "formancehq/ledger 994a437", "meteroid 871", "QuickBooks-V3-DotNET-SDK 352", "lago 122",
    ])
  func modelled(failure: String) {
    #expect(Defect.all.contains { $0.models.contains(failure) })
  }
}
