import ArgumentParser
import Foundation
import Statistics

/// Not a measure of speed, but of truth: effects and indices of functions whose answers are known, with the samples that led to them,
/// as JSON for others to repeat.
struct SensitivityTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sensitivity",
    abstract: "Prints effects and indices of test functions, and the samples that led to them.")

  @Option(help: "Trajectories of effects.")
  var trajectories = 60

  @Option(help: "Rows of indices.")
  var rows = 1000

  @Option(help: "The first seed.")
  var seed: UInt64 = 1

  /// What is printed of a function.
  private struct Entry: Encodable {
    var function: String
    var assumptions: Int
    var effects: Part
    var indices: Part
  }

  /// Samples, point by point, and what they came to.
  private struct Part: Encodable {
    var points: [[Double]]
    var values: [Double]
    var results: [[String: Double]]
  }

  private static let functions: [(name: String, assumptions: Int, value: @Sendable ([Double]) -> Double)] = [
    (
      "ishigami", 3,
      { point in
        let x = point.map { (2 * $0 - 1) * Double.pi }
        return sin(x[0]) + 7 * sin(x[1]) * sin(x[1]) + 0.1 * pow(x[2], 4) * sin(x[0])
      }
    ),
    (
      "g", 8,
      { point in
        zip(point, [0, 1, 4.5, 9, 99, 99, 99, 99]).reduce(1) {
          $0 * (abs(4 * $1.0 - 2) + $1.1) / (1 + $1.1)
        }
      }
    ),
  ]

  func run() throws {
    let entries = Self.functions.map { name, assumptions, value in
      let screening = Screening(assumptions: assumptions, paths: trajectories, seed: seed)
      let design = VarianceShares(assumptions: assumptions, rows: rows, seed: seed)
      let effects = screening.effects(of: screening.paths.map { $0.map(value) })
      let shares = VarianceShares.shares(of: design.rows.map { $0.map(value) }, confidence: 0.95)
      return Entry(
        function: name, assumptions: assumptions,
        effects: Part(
          points: Array(screening.paths.joined()), values: screening.paths.joined().map(value),
          results: effects.map { effect in
            guard let effect else { return [:] }
            return Self.limits("magnitude", effect.magnitude).merging(Self.limits("mean", effect.mean)) {
              a, _ in a
            }
            .merging(["spread": effect.spread]) { a, _ in a }
          }),
        indices: Part(
          points: Array(design.rows.joined()), values: design.rows.joined().map(value),
          results: (shares?.shares ?? []).map {
            Self.limits("first", $0.first).merging(Self.limits("total", $0.total)) { a, _ in a }
          }))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    FileHandle.standardOutput.write(try encoder.encode(entries) + Data("\n".utf8))
  }

  private static func limits(_ name: String, _ limits: MeanLimits) -> [String: Double] {
    var result = [name: limits.mean]
    result[name + "Lower"] = limits.lower
    result[name + "Upper"] = limits.upper
    return result
  }
}
