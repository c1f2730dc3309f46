import Foundation
import ResultsDatabase
import RunRecord
import Statistics
import Testing

@testable import Experiments
@testable import Scenario

@Suite("Choosing a design, and conditions under which a comparison fails")
struct ChoiceTests {
  private func laboratory() throws -> Laboratory {
    // 60 invoices at 6.02 s each by one worker; NetSuite's latency is drawn.
    let template = try ScenarioTemplate(
      file: Repository.root.appendingPathComponent("scenarios/capacity/outage.yaml").path,
      settings: ["customers.count=60", "design.posting.concurrency=1"].compactMap(ScenarioFile.Setting.init))
    var campaign = Campaign(template, seeds: 0...0)
    campaign.explores = false
    return try Laboratory(campaign, store: ResultsStore(path: ":memory:"), jobs: 2)
  }

  private func workers(_ counts: [Int]) -> [Laboratory.Variant] {
    counts.map {
      .init(name: "\($0)", edits: [.set(path: ["design", "posting", "concurrency"], value: "\($0)")])
    }
  }

  private func comparison(_ counts: [Int], conditions: [String] = []) throws -> DesignComparison {
    var study = DesignComparison(workers(counts))
    study.rule = .init(precision: 0.05, minimum: 20, maximum: 60)
    study.conditions = try conditions.map { try FailureCondition($0) }
    return study
  }

  @Test(
    "the fastest of four numbers of workers is chosen, and the slow ones are run no further than the first stage"
  )
  func best() throws {
    var study = try comparison([1, 2, 4, 6])
    study.choice = .init(
      try #require(Expectation.indicator("closeCycleTime")), isHighest: false, indifference: .amount(2))
    let result = try study.perform(in: laboratory())
    let choice = try #require(result.choice)
    #expect(choice.finding == .chosen && choice.best == ["6"])
    #expect(choice.out.count == 3 && choice.runs == result.variants.map(\.runs).reduce(0, +))
    #expect(result.variants[0].runs == 20)
  }

  @Test("a design that breaks an invariant is not chosen, however fast it closes")
  func unsound() throws {
    let template = try ScenarioTemplate(
      file: Repository.root.appendingPathComponent("scenarios/patterns/middleware.yaml").path)
    var campaign = Campaign(template, seeds: 0...0)
    campaign.explores = false
    var study = DesignComparison(
      ["direct-api", "middleware"].map { .init(name: $0, edits: [.set(path: ["design"], value: $0)]) })
    study.rule = .init(precision: 0.5, minimum: 4, maximum: 4)
    study.choice = .init(
      try #require(Expectation.indicator("closeCycleTime")), isHighest: false, indifference: .share(0.05))
    let choice = try #require(
      try study.perform(in: Laboratory(campaign, store: ResultsStore(path: ":memory:"), jobs: 2)).choice)
    #expect(choice.best == ["middleware"])
    #expect(choice.out.contains { $0.variant == "direct-api" && $0.reason.contains("broke on") })
  }

  /// 60 invoices one after another take 361.2 s, two at once half of it.
  @Test(
    "half the workers take 180.6 s more: +170 s is shown, +190 s is excluded, and so is a close after 20 days"
  )
  func conditions() throws {
    let found = try #require(
      try comparison(
        [2, 1], conditions: ["closeCycleTime > +170s", "closeCycleTime > +190s", "closeCycleTime > 20d"]
      ).perform(in: laboratory()).conditions)
    #expect(
      found.map { "\($0.condition) \($0.variant) \($0.finding.rawValue)" } == [
        "closeCycleTime > +170s 1 shown", "closeCycleTime > +190s 1 excluded",
        "closeCycleTime > 20d 2 excluded",
        "closeCycleTime > 20d 1 excluded",
      ])
  }

  @Test(
    "conditions that cannot be read are refused with what would be right",
    arguments: [
      ("closeCycleTime", "should be an indicator, < or >, and a limit"),
      ("closeCycle > 3h", "closeCycleTime"),
      ("closeCycleTime > 3", "duration"), ("closeCycleTime >= 3h", "should be an indicator"),
      ("closeCycleTime > +x%", "share of the first variant"), ("> +5%", "should be an indicator"),
      ("erpCalls > +1.5", "whole number"),
    ])
  func unreadable(text: String, words: String) {
    do {
      _ = try FailureCondition(text)
      Issue.record("\(text) is accepted")
    } catch { #expect(error.message.contains(words), "\(error.message)") }
  }
}
