import CanonicalModel
import Scenario
import World

/// What a run or a campaign has to have exercised to pass: invariants and situations, by name.
package enum Requirements {
  /// All names that can be required.
  package static let known = SimulationRun.invariants + Situation.allCases.map(\.rawValue)

  /// The names in a list, `all` standing for every invariant; each once.
  package static func expanded(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.flatMap { $0 == "all" ? SimulationRun.invariants : [$0] }.filter { seen.insert($0).inserted }
  }

  /// What a scenario requires.
  ///
  /// - Throws: where it requires what there is not.
  static func names(of scenario: ScenarioFile) throws(InvalidInput) -> [String] {
    var wrong: [Diagnostic] = []
    for (name, position) in zip(scenario.required, scenario.requiredAt)
    where name != "all" && !known.contains(name) {
      wrong.append(
        Diagnostic(
          "there is no invariant or situation '\(name)'" + NearestKey.hint(for: name, among: known),
          at: position))
    }
    guard wrong.isEmpty else { throw InvalidInput(wrong) }
    return expanded(scenario.required)
  }
}
