import Foundation
import Reports
import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("Pages of runs")
struct PageTests {
  private func run(
    _ name: String, _ settings: [String], defect: String? = nil
  ) throws -> RunRecord {
    let scenario = try ScenarioFile.read(
      file: Repository.root.appendingPathComponent("Tests/Findings/\(name)").path,
      settings: settings.compactMap(ScenarioFile.Setting.init))
    return try SimulationRun(
      scenario, seed: 1, defect: defect.flatMap { name in Defect.all.first { $0.name == name } }
    ).perform()
  }

  @Test("series end with the state at rest, however coarse their step is")
  func rest() throws {
    let record = try run("designs/chaos2.yaml", ["sampleEvery=7d", "faults=[]"])
    #expect(record.series.posted[0].last == record.erps[0].documents)
    #expect(record.series.outbox[0].last == 0)
    #expect(record.series.delivered.reduce(0, +) == Int(record.simulated.deliveries))
  }

  /// The heights of the bands of the first chart of flows.
  private func bands(_ page: String) -> [Double] {
    page.split(separator: "<rect ").compactMap { part in
      guard part.contains("rx=\"3\""), let height = part.split(separator: " height=\"").dropFirst().first
      else { return nil }
      return Double(height.prefix { $0 != "\"" })
    }
  }

  @Test("the flow narrows at the boundary that breaks and nowhere else")
  func narrows() throws {
    let record = try run(
      "robustness/late-corrections.yaml", ["delivery={ late: { share: 50%, delay: { constant: 3d } } }"],
      defect: "late-event-dropped-silently")
    let heights = bands(try RunReport(record).html())
    #expect(heights.count == 5)
    #expect(heights[1] < heights[0] * 0.8)
    #expect(Set(heights.dropFirst()).count == 1)
    let sound = bands(try RunReport(run("designs/chaos2.yaml", ["faults=[]"])).html())
    #expect(Set(sound).count == 1)
  }

  @Test("what was posted too often widens the flow, with the sign and currency of the text")
  func widens() throws {
    let design = Repository.root.appendingPathComponent("Tests/Findings/designs/no-key.yaml").path
    let record = try run("designs/acme-small.yaml", ["design='\(design)'"])
    let page = try RunReport(record).html()
    let heights = bands(page).prefix(5)
    #expect(Set(heights.prefix(4)).count == 1 && heights[4] > heights[3])
    let boundary = try #require(
      record.controlTotals.boundaries.first { $0.boundary == "invoiced-ledger" && $0.entity == "us" })
    let difference = try #require(boundary.amountDifference)
    #expect(difference.hasPrefix("-"))
    #expect(TextSummary(record).text().replacing(",", with: "").contains(difference))
    #expect(page.replacing(",", with: "").contains("✗ \(difference) USD"))
  }

  @Test("what was put aside stands between emitted and metered, and the band narrows by its share")
  func putAside() throws {
    let record = try run("money/17-quarantine-hole.yaml", [])
    let page = try RunReport(record).html()
    func events(_ stage: String, _ entity: String) -> Int64 {
      (record.controlTotals.stages.first { $0.stage == stage }?.rows ?? [])
        .filter { $0.entity == entity }.compactMap(\.count).reduce(0, +)
    }
    let entity = record.configuration.entities[0].name
    let (emitted, aside) = (events("emitted", entity), events("putAside", entity))
    let unknown = events("putAside", RunRecord.ControlTotals.unknownEntity)
    #expect(aside + unknown > 0)
    #expect(emitted - aside == events("metered", entity))
    let heights = bands(page)
    if aside > 0 {
      #expect(page.replacing(",", with: "").contains("− \(aside) excluded"))
      #expect(heights[1] < heights[0] && Set(heights[1...4]).count == 1)
    }
    // Usage of nobody has a chart of its own: emitted, put aside, nothing metered.
    #expect(heights.count == (unknown > 0 ? 7 : 5))
    if unknown > 0 { #expect(page.replacing(",", with: "").contains("− \(unknown) excluded")) }
  }
}
