import RunRecord
import Testing

@testable import Experiments

/// What a gate says where the two have few seeds in common.
extension CommitGateTests {
  @Test("fewer than half of the seeds in common are missing results, half of them are not")
  func fewInCommon() throws {
    func runs(_ seeds: ClosedRange<UInt64>) -> [CampaignRun] { seeds.map { run($0) } }
    let few = try judge(runs(1...20), runs(12...31))
    let condition = try #require(few.conditions.first { $0.text == "missing results" })
    #expect(condition.finding == .failed && few.verdict == .fail)
    #expect(condition.reasons[0].text.hasPrefix("only 9 of 20 seeds of s.yaml were run by both"))
    #expect(finding(try judge(runs(1...20), runs(11...30)), "missing results") == .passed)
    // Of the fewer: a short campaign of a pull request is held against a long one of the main branch.
    #expect(finding(try judge(runs(1...200), runs(1...20)), "missing results") == .passed)
  }

  @Test("a failure that was there before is looked for on seeds of one side, too")
  func moreElsewhere() throws {
    let base = (1...40).map { run($0, fails: $0 <= 2 ? ["drains"] : []) }
    // 30 of 39 other seeds after 2 of 40, and the one in common as before: Fisher's chance is 9.5e-12, and doubled still below 0.005.
    func candidate(_ failing: UInt64) -> [CampaignRun] {
      [run(1, fails: ["drains"])] + (101...139).map { run($0, fails: $0 < 101 + failing ? ["drains"] : []) }
    }
    let more = try judge(base, candidate(30))
    #expect(finding(more, "more failures") == .failed)
    #expect(more.scenarios[0].properties[0].finding == .moreFailures)
    let probability = try #require(more.scenarios[0].properties[0].probability)
    #expect(probability < 1e-9 && probability > 1e-13)
    #expect(finding(try judge(base, candidate(3)), "more failures") == .passed)
  }

  @Test("of a scenario without a seed in common, others say nothing")
  func othersSayNothing() throws {
    func side(_ name: String, _ seeds: ClosedRange<UInt64>) -> GateSide {
      func runs(_ seeds: ClosedRange<UInt64>) -> [CampaignRun] {
        seeds.map { run($0, ["closeCycleTime": 100, "documentsPosted": 5]) }
      }
      return GateSide(
        source: "\(name).db", commit: name,
        runs: [
          .init(scenario: "a.yaml", options: [], hash: "h", runs: runs(1...40)),
          .init(scenario: "b.yaml", options: [], hash: "h", runs: runs(seeds)),
        ], counts: [])
    }
    var gate = CommitGate(base: side("main", 1...40), candidate: side("work", 41...80))
    gate.conditions = [.moreFailures, .newlyFailingSeed, .indicatorsWorse(0.05)]
    let record = try gate.judge()
    for condition in record.conditions.dropLast() {
      #expect(condition.finding == .notJudged, "\(condition.text)")
      #expect(
        condition.reasons.map(\.text) == ["no seed of b.yaml was run by both with the same variant"])
    }
  }

  @Test(
    "figures recommend nothing beside an invariant that fails on other seeds, nor where nothing is exercised")
  func unsoundElsewhere() throws {
    func posted(_ count: Double, _ seeds: ClosedRange<UInt64>) -> [CampaignRun] {
      seeds.map { run($0, ["documentsPosted": count]) }
    }
    let base = posted(100, 1...40)
    func indicator(_ candidate: [CampaignRun]) throws -> GateRecord.IndicatorFinding? {
      try judge(base, candidate).scenarios[0].indicators.first { $0.name == "documentsPosted" }?.finding
    }
    #expect(try indicator(posted(120, 1...40)) == .better)
    let failing = (41...80).map { run($0, fails: ["drains"], ["documentsPosted": 120]) }
    #expect(try indicator(posted(120, 1...40) + failing) == .unsound)
    let empty = (1...40).map { seed in
      CampaignRun(
        seed: seed, verdict: seed == 1 ? .fail : .pass, fingerprint: "g\(seed)", usageEvents: 1,
        kernelEvents: 9,
        simulatedSeconds: 1, broken: [], missed: [], cause: "", situations: [:], exercised: [], variant: [],
        indicators: ["documentsPosted": 120])
    }
    #expect(try indicator(empty) == .unsound)
    let missed = (1...40).map { run($0, missed: $0 == 1 ? ["x < 1"] : [], ["documentsPosted": 120]) }
    #expect(try indicator(missed) == .better)
  }

  @Test("a limit that is a figure is named with the seeds beyond it")
  func figure() throws {
    func runs(_ close: Double) -> [CampaignRun] {
      (1...40).map { run($0, ["closeCycleTime": $0 <= 36 ? close : 60]) }
    }
    let record = try judge(runs(1800), runs(5400), [GateCondition("closeCycleTime > 1h")])
    #expect(
      record.worst?.text
        == "closeCycleTime of s.yaml meets 'closeCycleTime > 1h' on 36 of 40 seeds: 27m 6s before, 1h 21m now"
    )
    let zero = try judge(runs(0), runs(5400), [GateCondition("closeCycleTime > +1m")])
    #expect(zero.worst?.text.contains("closeCycleTime of s.yaml is +") == true)
  }
}
