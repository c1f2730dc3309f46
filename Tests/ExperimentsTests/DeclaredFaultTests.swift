import Foundation
import Reports
import ResultsDatabase
import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("Faults that never began")
struct DeclaredFaultTests {
  private func scenario(_ name: String, _ settings: [String] = []) throws -> ScenarioFile {
    try ScenarioFile.read(
      file: Repository.root.appendingPathComponent("Tests/Findings/\(name)").path,
      settings: settings.compactMap(ScenarioFile.Setting.init))
  }

  @Test(
    "a condition that was not met and a moment after the end are said, and the run ends as it would without them"
  )
  func circ() throws {
    let record = try SimulationRun(try scenario("designs/circ.yaml")).perform()
    let without = try SimulationRun(try scenario("designs/circ.yaml", ["faults=[]"])).perform()
    let reasons = [
      "its condition was not met", "it lies after \(without.simulated.end), when all queues had drained",
    ]
    #expect(record.declaredFaults.map(\.neverBegan) == reasons)
    #expect(record.faults.isEmpty)
    #expect(record.simulated.seconds < 60 * 86_400, "not a year, for a fault in 2027")
    #expect(record.simulated.end == without.simulated.end)
    #expect(record.simulated.deadline == without.simulated.deadline)
    // Text, page and Markdown say so.
    for page in [
      TextSummary(record).text(), try RunReport(record).html(), RunMarkdown(record).text(),
      String(decoding: try record.json(), as: UTF8.self),
    ] {
      for reason in reasons { #expect(page.contains(reason)) }
    }
  }

  @Test("a target that takes no part in the run, and draws that miss it")
  func others() throws {
    let faults =
      "faults=[{ at: 1d, for: 1h, target: gateway, outage: {} }, { random: { every: 3000d }, for: 1h, target: erp/us, outage: {} }, { at: 1d, for: 1h, target: erp/us, outage: {} }]"
    let record = try SimulationRun(try scenario("designs/chaos2.yaml", [faults]), seed: 3).perform()
    #expect(
      record.declaredFaults.map(\.neverBegan) == [
        "its target does not exist in this run", "no draw fell into the run", nil,
      ])
    #expect(record.declaredFaults.map(\.began) == [0, 0, 1])
    #expect(record.faults.map(\.kind) == ["outage"])
  }

  @Test(
    "a fault after the horizon happens while queues are still draining, and the run then waits for its end")
  func draining() throws {
    // Ten days from 25 January: invoices of February are posted on 1 March.
    let faults = "faults=[{ at: month-end+28d, for: 6h, target: erp/us, outage: {} }]"
    let record = try SimulationRun(try scenario("designs/chaos2.yaml", [faults])).perform()
    #expect(record.declaredFaults.map(\.began) == [1])
    #expect(record.faults.count == 1 && record.simulated.end > record.faults[0].start)
  }
}

@Suite("What failures come from")
struct CausesTests {
  private func template(_ name: String, _ settings: [String] = []) throws -> ScenarioTemplate {
    try ScenarioTemplate(
      file: Repository.root.appendingPathComponent("Tests/Findings/\(name)").path,
      settings: settings.compactMap(ScenarioFile.Setting.init))
  }

  @Test(
    "seeds that miss an expectation met the outage; confirmed by runs without it and with it alone, on one thread and on two"
  )
  func rare() throws {
    var campaign = Campaign(
      try template("studies/rare.yaml", ["expectations=[closeCycleTime < 3h]"]), seeds: 1...60)
    let summary = try campaign.perform(into: ResultsStore(path: ":memory:"))
    let group = try #require(summary.failures.first)
    #expect(group.invariant == "closeCycleTime < 3h")
    #expect(group.cause == "outage erp" && group.standing == .confirmed)
    #expect(
      CampaignText(summary).text().contains(
        "cause: outage erp (seed \(group.exampleSeed): fails with it alone"))
    let fault = try #require(summary.faults.first)
    #expect(fault.fault == "outage of erp/us at random, every 10d on average")
    #expect(fault.seeds > group.count && fault.seeds < 60, "an outage at another time does no harm")
    // The same on more threads and after a resumption.
    campaign.jobs = 2
    let store = try ResultsStore(path: ":memory:")
    var first = campaign
    first.seeds = 1...25
    _ = try first.perform(into: store)
    #expect(try campaign.perform(into: store) == summary)
    #expect(try campaign.perform(into: store) == summary)
  }

  @Test("a failure that needs no fault says so, though faults were active")
  func noFault() throws {
    var campaign = Campaign(
      try template(
        "studies/rare.yaml",
        ["expectations=[closeCycleTime < 1s]", "faults.0.random.every=1d", "explore={}"]), seeds: 1...3)
    campaign.jobs = 2
    let summary = try campaign.perform(into: ResultsStore(path: ":memory:"))
    let group = try #require(summary.failures.first)
    #expect(group.standing == .noFault && group.causeText.hasPrefix("no fault: seed"))
  }

  @Test(
    "JUnit cases are the invariants and expectations, whatever came of them: no seeds, no counts, no causes in names"
  )
  func junit() throws {
    func names(_ expectation: String) throws -> [String] {
      let campaign = Campaign(
        try template("studies/rare.yaml", ["expectations=[\(expectation)]"]), seeds: 1...2)
      let xml = CampaignCI.junit(try campaign.perform(into: ResultsStore(path: ":memory:")))
      return xml.split(separator: "\n").filter { $0.contains("<testcase") }.map {
        String($0.split(separator: "name=\"")[2].prefix { $0 != "\"" })
      }
    }
    let passing = try names("closeCycleTime < 30d")
    let failing = try names("closeCycleTime < 1s")
    #expect(passing.dropLast() == failing.dropLast())
    #expect(passing.count == SimulationRun.invariants.count + 1)
    #expect(failing.last == "closeCycleTime &lt; 1s")
  }

  @Test(
    "situations of which the scenario lacks what they need are told apart from those that no seed reached")
  func impossible() throws {
    let summary = try Campaign(try template("studies/rare.yaml"), seeds: 1...1)
      .perform(into: ResultsStore(path: ":memory:"))
    #expect(summary.impossible.contains("paid-out") && summary.impossible.contains("process-crashed"))
    #expect(!summary.impossible.contains("invoiced-during-outage"))
    #expect(Set(summary.impossible).isDisjoint(with: summary.neverReached))
    // Each with the reason.
    #expect(summary.lacking?["paid-out"] == "no payments")
    #expect(summary.lacking?["process-crashed"] == "no fault crash of process")
    #expect(Set(summary.lacking?.keys.map { $0 } ?? []) == Set(summary.impossible))
    let text = CampaignText(summary, isVerbose: true).text()
    #expect(text.contains("cannot occur here, as the scenario has no payments: "))
  }

  @Test("a planted defect that changes nothing here is said to show nothing")
  func defect() throws {
    var campaign = Campaign(try template("studies/rare.yaml"), seeds: 1...2)
    campaign.defect = Defect.all.first { $0.name == "reopened-without-approval" }
    #expect(try campaign.perform(into: ResultsStore(path: ":memory:")).defectShows == false)
    campaign.defect = nil
    #expect(try campaign.perform(into: ResultsStore(path: ":memory:")).defectShows == nil)
  }
}

@Suite("Faults on systems that nothing uses")
struct UnusedTargetTests {
  @Test("an outage of the tax engine, of the gateway or of CRM in a scenario without them never began")
  func unused() throws {
    let record = try Finding.run(
      "designs/chaos2.yaml",
      settings: [
        "faults=[{ at: 1d, for: 2d, target: tax, outage: {} }, { at: 1d, for: 2d, target: gateway, outage: {} }, "
          + "{ at: 1d, for: 2d, target: crm, outage: {} }, { at: 1d, for: 2d, target: erp/*, outage: {} }]"
      ])
    #expect(
      record.declaredFaults.prefix(3).map(\.neverBegan)
        == Array(repeating: "its target does not exist in this run", count: 3))
    #expect(record.declaredFaults.prefix(3).allSatisfy { $0.began == 0 })
    #expect((record.declaredFaults.last?.began ?? 0) > 0)
  }
}
