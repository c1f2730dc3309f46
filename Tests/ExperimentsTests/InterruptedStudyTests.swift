import Foundation
import Reports
import ResultsDatabase
import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("Studies that are stopped")
struct InterruptedStudyTests {
  /// A study that is stopped after so many runs.
  private func study(_ goal: CapacityQuestion.Goal, stoppedAfter runs: Int) throws -> CapacityStudy {
    let template = try ScenarioTemplate(
      file: Repository.root.appendingPathComponent("Tests/Findings/studies/base.yaml").path,
      settings: [])
    var campaign = Campaign(template, seeds: 0...0)
    campaign.explores = false
    let laboratory = try Laboratory(campaign, store: ResultsStore(path: ":memory:"), jobs: 1) { $0 < runs }
    let knobs = [("customers.count", "5", "30"), ("design.posting.concurrency", "1", "3")].prefix(
      [.largest, .smallest].contains(goal) ? 1 : 2)
    let question = CapacityQuestion(
      name: "q", goal: goal, objectives: [try #require(Expectation("closeCycleTime < 3700s"))],
      knobs: try knobs.map { path, low, high in
        CapacityQuestion.Knob(
          path: path.split(separator: ".").map(String.init),
          range: try #require(ExploredRange(from: low, to: high)))
      },
      across: goal == .largest
        ? .init(paths: [["design", "posting", "concurrency"]], values: ["1", "3"]) : nil)
    var plan = CapacityPlan(question)
    plan.grid = 3
    return try plan.perform(in: laboratory)
  }

  @Test(
    "the values that were tried are printed, and no answer that was not shown",
    arguments: [8, 24])
  func curve(_ runs: Int) throws {
    let study = try study(.largest, stoppedAfter: runs)
    #expect(study.interrupted && !study.curves.isEmpty)
    let last = try #require(study.curves.last)
    #expect(last.isInterrupted == true && !last.points.isEmpty)
    #expect(last.points.allSatisfy { $0.runs >= 2 && $0.estimates["closeCycleTime"] != nil })
    // An answer is a value that was judged, and met.
    #expect(last.answer == last.points.last { $0.finding == .met }?.values.first)
    let text = CapacityText(study).text()
    #expect(text.contains("INTERRUPTED"))
    for point in last.points {
      #expect(text.contains("\n    \(point.values[0])") || text.contains(point.values[0]))
    }
    if last.answer == nil {
      #expect(text.contains("interrupted: no value was shown to meet them yet"), "\(text)")
    }
    #expect(!text.contains("no value in the range is shown"))
    let page = try CapacityReport([study]).html()
    #expect(page.contains("INTERRUPTED") && page.contains("<svg"))
  }

  @Test("the cells of a map that are complete are printed")
  func map() throws {
    let study = try study(.map, stoppedAfter: 12)
    #expect(study.interrupted && (1...8).contains(study.map.count))
    #expect(CapacityText(study).text().contains("down: customers.count"))
    #expect(try CapacityReport([study]).html().contains("Down: customers"))
  }

  @Test(
    "effects of the trajectories that are complete are printed, with intervals as wide as these few allow")
  func effects() throws {
    // Three points on two seeds each are a trajectory.
    let study = try study(.effects, stoppedAfter: 20)
    #expect(study.interrupted && study.effects.count == 2)
    let effect = try #require(study.effects.first)
    #expect(effect.certainty?.magnitude.count == 3 && effect.alone == [nil, nil])
    #expect(CapacityText(study).text().contains("What matters for the time to close the books"))
    let nothing = try self.study(.effects, stoppedAfter: 2)
    #expect(nothing.interrupted && nothing.effects.isEmpty)
    #expect(CapacityText(nothing).text().contains("INTERRUPTED"))
  }

  @Test("indices of the rows that are complete are printed")
  func indices() throws {
    // Four points are a row.
    let study = try study(.indices, stoppedAfter: 45)
    #expect(study.interrupted && study.indices?.count == 3)
    #expect(study.indices?.first?.first.count == 11)
    #expect(CapacityText(study).text().contains("of the variance of the time to close the books"))
  }
}

@Suite("Effects and indices of scenarios")
struct ScenarioSensitivityTests {
  private func perform(_ goal: CapacityQuestion.Goal, _ repetitions: Int) throws -> CapacityStudy {
    let template = try ScenarioTemplate(
      file: Repository.root.appendingPathComponent("Tests/Findings/studies/base.yaml").path,
      settings: [
        ScenarioFile.Setting("entities.0.erp.latencyLaw=logNormal"),
        ScenarioFile.Setting("entities.0.erp.latencySigma=0"),
      ]
      .compactMap(\.self))
    var campaign = Campaign(template, seeds: 0...0)
    campaign.explores = false
    let knobs = [
      ("customers.count", "10", "310"), ("entities.0.erp.latency", "5s", "11s"),
      ("entities.0.erp.queueDepth", "5000", "8000"),
    ]
    var plan = CapacityPlan(
      CapacityQuestion(
        name: "q", goal: goal, objectives: [try #require(Expectation("closeCycleTime < 1d"))],
        knobs: try knobs.map { path, low, high in
          CapacityQuestion.Knob(
            path: path.split(separator: ".").map(String.init),
            range: try #require(ExploredRange(from: low, to: high)))
        }))
    plan.repetitions = repetitions
    return try plan.perform(
      in: Laboratory(campaign, store: ResultsStore(path: ":memory:"), jobs: 2))
  }

  /// N calls of a time T by three workers take about N T / 3: 300 customers more take 100 T, six seconds more N / 3 · 6 s.
  @Test(
    "effects are those that a person works out, what has none is said to have none, and words say what the table does"
  )
  func effects() throws {
    let study = try perform(.effects, 4)
    #expect(
      study.effects.map(\.path) == ["customers.count", "entities.0.erp.latency", "entities.0.erp.queueDepth"])
    let customers = study.effects[0]
    #expect((100 * 5...100 * 11).contains(customers.magnitude) && customers.certainty?.isShown == true)
    #expect((20...620).contains(study.effects[1].mean))
    #expect(study.effects[2].magnitude == 0 && study.effects[2].certainty?.isShown == false)
    #expect(study.samples?.positions.count == 4 * 4)
    #expect(study.samples?.outcomes["closeCycleTime"]?.compactMap(\.self).count == 16)
    let text = CapacityText(study).text()
    let size = try #require(customers.certainty?.mean)
    let shown = text.split(separator: "\n").filter { $0.contains("Customers from 10 to 310: raises it by ") }
    #expect(shown.count == 1)
    // The table's row of customers has the same figures.
    let words = try #require(
      shown.first?.split(separator: "raises it by ").last?.split(separator: " on average").first)
    let row = try #require(
      text.split(separator: "\n").first { $0.contains("closeCycleTime  customers.count") })
    #expect(row.contains(words), "\(row) and \(words)")
    #expect(size.halfWidth != nil)
    #expect(
      text.contains(
        "Places in the queue of entity us's ERP from 5,000 to 8,000: no effect on any trajectory."))
  }

  @Test("shares of variance are of all values together, and what has no effect explains nothing")
  func indices() throws {
    let study = try perform(.indices, 25)
    let indices = try #require(study.indices)
    #expect(
      indices.map(\.path) == ["customers.count", "entities.0.erp.latency", "entities.0.erp.queueDepth", nil])
    #expect((0.6...1.1).contains(indices[0].first.mean) && indices[2].total?.mean == 0)
    // Arrivals, call times and all else are constant: chance explains nothing beyond what 25 rows can tell.
    #expect(indices[3].first.contains(0) == true)
    #expect(CapacityText(study).text().contains("Places in the queue of entity us's ERP: explains nothing"))
  }
}
