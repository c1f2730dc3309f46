import Foundation
import Scenario
import Testing

@testable import Experiments

/// Scenarios that once crashed, hung or ate the machine are refused at the line that makes them so.
@Suite("Hostile inputs")
struct HostileInputTests {
  private static let folder = Repository.root.appendingPathComponent("Tests/Findings/robustness")

  /// What a file is refused with, prepared as `run` prepares it; `nil` if it is not.
  private static func refusal(_ file: String, _ settings: [String] = []) throws -> String? {
    do throws(InvalidInput) {
      let scenario = try ScenarioFile.read(
        file: folder.appendingPathComponent(file).path,
        settings: settings.compactMap(ScenarioFile.Setting.init))
      _ = try SimulationRun(scenario)
      return nil
    } catch {
      return error.description
    }
  }

  @Test(
    "a finding is refused at its line, with what would be right",
    arguments: [
      ("content-horizon-0-hangs.yaml", ":7:", "the content horizon must be at least 1m"),
      ("crash-minimum-spend.yaml", ":5:", "an amount must not exceed 1000000000000"),
      ("crash-gateway-fee.yaml", ":7:", "an amount must not exceed 1000000000000"),
      ("crash-fault-2261.yaml", ":7:", "a fault must begin before 2220"),
      ("crash-300-retries.yaml", ":7:", "at most 1000 retries within 3650d"),
      ("crash-trace-span.yaml", "span.csv:3:", "outside of the run"),
    ])
  func findings(_ file: String, _ place: String, _ words: String) throws {
    let refusal = try #require(try Self.refusal(file))
    #expect(refusal.contains(place))
    #expect(refusal.contains(words))
  }

  @Test(
    "what would eat the machine is refused with the figure and the limit",
    arguments: [
      (
        ["sampleEvery=1m", "faults=[{at: 2100-01-01, for: 1h, target: erp/us, outage: {}}]"],
        "days to simulate"
      ),
      (["horizon=3650d", "sampleEvery=1m"], "rows of the time series"),
      (["horizon=3650d", "load.0.arrivals=10000/s"], "most of them of 'api_calls'"),
      (
        ["horizon=40d", "load.0.arrivals={bursts: {base: 0/s, peak: 10000000/s, on: 1h, off: 10d}}"],
        "usage events"
      ),
      (
        ["horizon=3650d", "faults=[{random: {every: 1m}, for: 1s, target: erp/us, outage: {}}]"],
        "windows of faults"
      ),
      (["horizon=3650d", "customers.count=1000000"], "invoices, customers by billing periods"),
    ])
  func work(_ settings: [String], _ what: String) throws {
    // The finding's own file, with the value that is refused put right.
    let refusal = try #require(
      try Self.refusal("content-horizon-0-hangs.yaml", ["design=middleware"] + settings))
    #expect(refusal.contains(what))
    #expect(refusal.contains("the limit is"))
    #expect(refusal.contains("--allow-large"))
  }

  @Test("every scenario of the repository stays below the limits of work")
  func repository() throws {
    let folder = Repository.root.appendingPathComponent("scenarios")
    let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var scenarios = 0
    for case let file as URL in files where file.pathExtension == "yaml" {
      guard try FileKind.detect(file: file.path) == .scenario else { continue }
      let scenario = try ScenarioFile.read(file: file.path)
      try WorkEstimate(scenario).check(scenario)
      scenarios += 1
    }
    #expect(scenarios > 30)
  }

  @Test("an approximate count of distinct values is refused where more is taken back than its error")
  func sketch() throws {
    #expect(throws: InvalidInput.self) {
      try Repository.scenario("quick-corrections.yaml", settings: ["load.2.aggregation=approximateUnique"])
    }
    #expect(throws: Never.self) { try Repository.scenario("aggregations.yaml") }
  }

  @Test(
    "an estimate is the rate times the time",
    arguments: [
      ("10/h", 480.0), ("{bursts: {base: 0/s, peak: 1/s, on: 1h, off: 3h}}", 43_200),
      ("{modulated: [{rate: 0/s, stay: 1h}, {rate: 2/s, stay: 1h}]}", 172_800),
    ])
  func estimate(_ arrivals: String, _ events: Double) throws {
    let settings = ["design=middleware", "load.0.arrivals=\(arrivals)"].compactMap(ScenarioFile.Setting.init)
    let scenario = try ScenarioFile.read(
      file: Self.folder.appendingPathComponent("content-horizon-0-hangs.yaml").path, settings: settings)
    #expect(abs(WorkEstimate(scenario).eventsByLoad[0] - events) < 1e-6)
  }
}
