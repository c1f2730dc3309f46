import Chronology
import Scenario
import SimulationKernel

extension Exploration {
  /// A decision of a seed, and what came of it: nothing where the scenario stays as it is.
  struct Decision {
    /// What is decided: all edits of the decision are at this path or below.
    var path: [String]
    /// What the seed makes of it.
    var edits: [ScenarioTemplate.Edit]
  }

  /// What a seed makes of a scenario: the same edits for the same seed, whatever else is explored, as every decision has its
  /// own stream.
  func edits(of template: ScenarioTemplate, seed: UInt64) -> [ScenarioTemplate.Edit] {
    decisions(of: template, seed: seed).flatMap(\.edits)
  }

  /// All decisions of a seed, in one order.
  func decisions(of template: ScenarioTemplate, seed: UInt64) -> [Decision] {
    func stream(_ name: String) -> RandomStream { RandomStream(rootSeed: seed, name: "explore/\(name)") }
    var decisions: [Decision] = []
    for value in values {
      var draw = stream("value/\(value.path.joined(separator: "."))")
      decisions.append(
        Decision(
          path: value.path, edits: [.set(path: value.path, value: value.range.value(at: draw.unit()))]))
    }
    for path in features {
      var draw = stream("feature/\(path.joined(separator: "."))")
      decisions.append(
        Decision(path: path, edits: draw.bernoulli(featuresLeftOut) ? [.remove(path: path)] : []))
    }
    for (index, fault) in (template.root["faults"]?.elements ?? []).enumerated() {
      var draw = stream("fault/\(index)")
      let path = ["faults", "\(index)"]
      decisions.append(Decision(path: path, edits: edits(of: fault, at: path, &draw)))
    }
    return decisions
  }

  private func edits(
    of fault: LocatedNode, at path: [String], _ draw: inout RandomStream
  ) -> [ScenarioTemplate.Edit] {
    if draw.bernoulli(faultsLeftOut) { return [.remove(path: path)] }
    var edits: [ScenarioTemplate.Edit] = []
    let position = draw.unit()
    if strength.lowerBound < strength.upperBound {
      let ratio = DeterministicMath.pow(strength.upperBound / strength.lowerBound, position)
      for (key, value) in Self.scaled(fault, by: strength.lowerBound * ratio) {
        edits.append(.set(path: path + key, value: value))
      }
    }
    if later > .zero, let text = fault["at"]?.text,
      let moment = Self.moved(text, by: Span(seconds: later.seconds * draw.unit()))
    {
      edits.append(.set(path: path + ["at"], value: moment))
    }
    return edits
  }

  /// A moment of a scenario, some whole seconds later; `nil` for a date, which stays as it is.
  private static func moved(_ text: String, by span: Span) -> String? {
    let seconds = Int64(span.seconds)
    if let moment = Unit.duration(text) { return "\(Int64(moment.seconds) + seconds)s" }
    guard text.hasPrefix("month-end") else { return nil }
    let rest = text.dropFirst("month-end".count)
    guard let sign = rest.first else { return "month-end+\(seconds)s" }
    guard let offset = Unit.duration(String(rest.dropFirst())) else { return nil }
    let sum = (sign == "-" ? -1 : 1) * Int64(offset.seconds) + seconds
    return "month-end\(sum < 0 ? "-" : "+")\(abs(sum))s"
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
