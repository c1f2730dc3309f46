import ResultsDatabase
import RunRecord
import Scenario
import Statistics
import Testing

@testable import Experiments

@Suite("Studies of rare events")
struct RareEventTests {
  /// One close in ten is hit by an outage of a day. January closes within 66 minutes otherwise.
  private func answer(
    _ objective: String, seed: UInt64, settings: [String] = []
  ) throws -> CapacityStudy.Curve {
    let template = try ScenarioTemplate(
      file: Finding.path("studies/rare.yaml"), settings: settings.compactMap(ScenarioFile.Setting.init))
    var campaign = Campaign(template, seeds: 0...0)
    campaign.explores = false
    var plan = CapacityPlan(
      CapacityQuestion(
        name: "rare", goal: .largest, objectives: [Expectation(objective)!],
        knobs: [.init(path: ["customers", "count"], range: ExploredRange(from: "10", to: "11")!)]))
    (plan.grid, plan.replications, plan.seed) = (2, (20, 20), seed)
    let laboratory = try Laboratory(campaign, store: .init(path: ":memory:"), jobs: 2)
    return try #require(try plan.perform(in: laboratory).curves.first)
  }

  @Test(
    "three replications of width zero show nothing: what one close in ten misses is not met",
    arguments: [1, 1001] as [UInt64])
  func mean(seed: UInt64) throws {
    let curve = try answer("closeCycleTime < 2h", seed: seed)
    #expect(curve.answer == nil)
    #expect(!curve.points.contains { $0.finding == .met })
    #expect(curve.points.contains { !$0.reasons.isEmpty && $0.runs >= 20 })
  }

  @Test("a share of months is counted, and shown where it is far enough from the one asked for")
  func share() throws {
    #expect(try answer("closeCycleTime < 2h in 50% of months", seed: 1).answer == "11")
    #expect(try answer("P(close by day 1) >= 0.95", seed: 1).answer == nil)
  }

  @Test("a delay that every run meets does not hide an outage that none has met")
  func twoFaults() throws {
    // Five minutes of outage about every ten minutes reach many closes; a day of outage about every 400 days next to none.
    let both =
      "faults=[ { random: { every: 10m }, for: 5m, target: erp/us, outage: {} }, { random: { every: 400d }, for: 24h, target: erp/us, outage: {} } ]"
    let timeout = "design.posting.timeout=1m"
    let curve = try answer("closeCycleTime < 1d", seed: 1, settings: [both, timeout])
    #expect(curve.answer == nil)
    let reasons = curve.points.flatMap(\.reasons)
    #expect(reasons.contains { $0.contains("none of 20 replications met a random fault (faults.1)") })
    // The first one alone is in the figures of all runs.
    let one = "faults=[ { random: { every: 10m }, for: 5m, target: erp/us, outage: {} } ]"
    #expect(try answer("closeCycleTime < 1d", seed: 1, settings: [one, timeout]).answer == "11")
  }

  @Test(
    "a fault that often comes and never matters leaves nothing open, nor one of what takes no part",
    arguments: [
      "{ random: { every: 6h }, target: tax, outage: {}, for: 1m }",
      "{ random: { every: 90d }, target: gateway, outage: {}, for: 1m }",
    ])
  func harmless(fault: String) throws {
    #expect(try answer("closeCycleTime < 1d", seed: 1, settings: ["faults=[ \(fault) ]"]).answer == "11")
  }

  @Test("a comparison gives no interval for a figure that no replication's outage has changed")
  func comparison() throws {
    // About every 1,000 days: none of 20 runs of eight days has met it.
    let template = try ScenarioTemplate(
      file: Finding.path("studies/rare.yaml"),
      settings: ["faults.0.random.every=1000d"].compactMap(ScenarioFile.Setting.init))
    var campaign = Campaign(template, seeds: 0...0)
    campaign.explores = false
    var study = DesignComparison(
      ["10", "11"].map { .init(name: $0, edits: [.set(path: ["customers", "count"], value: $0)]) })
    study.rule = .init(precision: 0.05, minimum: 20, maximum: 20)
    let found = try study.perform(in: Laboratory(campaign, store: .init(path: ":memory:"), jobs: 2))
    let estimate = try #require(found.variants.first?.estimates["closeCycleTime"])
    #expect(
      estimate.count == 20 && estimate.halfWidth == nil && estimate.lower == nil && estimate.upper == nil)
  }
}
