import Foundation
import RunRecord
import Scenario

@testable import Experiments

/// A file of `Tests/Findings`: a small input that once went wrong. The right figure is in the test of its name.
enum Finding {
  static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Findings/\(name)").path
  }

  static func run(_ name: String, settings: [String] = [], seed: UInt64? = nil) throws -> RunRecord {
    let template = try ScenarioTemplate(
      file: path(name), settings: settings.compactMap(ScenarioFile.Setting.init))
    return try SimulationRun(template.scenario, seed: seed).perform()
  }
}

extension RunRecord {
  /// The invariants that broke.
  var broken: [String] { invariants.filter { $0.verdict == .broken }.map(\.name) }
  /// An indicator's value.
  func indicator(_ name: String) -> Double? { indicators[name]?.value }
}
