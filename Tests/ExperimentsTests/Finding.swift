import Foundation
import RunRecord
import Scenario

@testable import Experiments

/// Small inputs that once went wrong, each with the right figure in the test of its name.
enum Finding {
  static func path(_ name: String) -> String {
    Repository.root.appendingPathComponent("Tests/Findings/\(name)").path
  }

  static func scenario(_ name: String, _ settings: [String] = []) throws -> ScenarioFile {
    try ScenarioFile.read(file: path(name), settings: settings.compactMap(ScenarioFile.Setting.init))
  }

  static func run(_ name: String, _ settings: [String] = [], seed: UInt64? = nil) throws -> RunRecord {
    try SimulationRun(scenario(name, settings), seed: seed).perform()
  }
}

extension RunRecord {
  /// The invariants that broke.
  var broken: [String] { invariants.filter { $0.verdict == .broken }.map(\.name) }
  /// An indicator's value.
  func indicator(_ name: String) -> Double? { indicators[name]?.value }
}
