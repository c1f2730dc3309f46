import Chronology
import Scenario
import SimulationKernel

extension Exploration {
  /// What a seed makes of a scenario: the same edits for the same seed, whatever else is explored, as every decision has its
  /// own stream.
  func edits(of template: ScenarioTemplate, seed: UInt64) -> [ScenarioTemplate.Edit] {
    var edits: [ScenarioTemplate.Edit] = []
    func stream(_ name: String) -> RandomStream { RandomStream(rootSeed: seed, name: "explore/\(name)") }
    for value in values {
      var draw = stream("value/\(value.path.joined(separator: "."))")
      edits.append(.set(path: value.path, value: value.range.value(at: draw.unit())))
    }
    for path in features {
      var draw = stream("feature/\(path.joined(separator: "."))")
      if draw.bernoulli(featuresLeftOut) { edits.append(.remove(path: path)) }
    }
    for (index, fault) in (template.root["faults"]?.elements ?? []).enumerated() {
      var draw = stream("fault/\(index)")
      if draw.bernoulli(faultsLeftOut) {
        edits.append(.remove(path: ["faults", "\(index)"]))
        continue
      }
      let position = draw.unit()
      guard strength.lowerBound < strength.upperBound else { continue }
      let ratio = DeterministicMath.pow(strength.upperBound / strength.lowerBound, position)
      for (path, value) in Self.scaled(fault, by: strength.lowerBound * ratio) {
        edits.append(.set(path: ["faults", "\(index)"] + path, value: value))
      }
    }
    return edits
  }

  /// The shares, lengths and frequencies of a fault, times a factor: a stronger fault is longer, hits more and comes more
  /// often.
  private static func scaled(_ fault: LocatedNode, by factor: Double) -> [(path: [String], value: String)] {
    var changes: [(path: [String], value: String)] = []
    func length(_ text: String, _ factor: Double) -> String? {
      Unit.duration(text).map { "\(max(1, Int64($0.seconds * factor)))s" }
    }
    if let text = fault["for"]?.text, let value = length(text, factor) { changes.append((["for"], value)) }
    if let text = fault["random"]?["every"]?.text, let value = length(text, 1 / factor) {
      changes.append((["random", "every"], value))
    }
    for pair in fault.pairs {
      if let text = pair.value["share"]?.text, let share = Unit.share(text), share > 0 {
        let permille = Int64(max(1, min(1000, share * 1000 * factor)))
        changes.append(([pair.key.name, "share"], "\(permille / 10).\(permille % 10)%"))
      }
      for key in ["upTo", "restartAfter"] {
        if let text = pair.value[key]?.text, let value = length(text, factor) {
          changes.append(([pair.key.name, key], value))
        }
      }
    }
    return changes
  }
}
