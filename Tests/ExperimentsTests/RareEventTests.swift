import ResultsDatabase
import RunRecord
import Scenario
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
    // Ten minutes of outage about every 40 minutes reach every close; a day of outage about every 400 days next to none.
    let both =
      "faults=[ { random: { every: 40m }, for: 10m, target: erp/us, outage: {} }, { random: { every: 400d }, for: 24h, target: erp/us, outage: {} } ]"
    let curve = try answer("closeCycleTime < 1d", seed: 1, settings: [both])
    #expect(curve.answer == nil)
    let reasons = curve.points.flatMap(\.reasons)
    #expect(reasons.contains { $0.contains("none of 20 replications met a random fault (faults.1)") })
    // The first one alone is in the figures of all runs.
    let one = "faults=[ { random: { every: 40m }, for: 10m, target: erp/us, outage: {} } ]"
    #expect(try answer("closeCycleTime < 1d", seed: 1, settings: [one]).answer == "11")
  }

  @Test("a fault that often comes and never matters leaves nothing open")
  func harmless() throws {
    let crashes = "faults=[ { random: { every: 6h }, target: gateway, outage: {}, for: 1m } ]"
    #expect(try answer("closeCycleTime < 1d", seed: 1, settings: [crashes]).answer == "11")
  }
}
