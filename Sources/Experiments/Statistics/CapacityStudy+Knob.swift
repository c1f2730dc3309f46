import CanonicalModel
import RunRecord
import Scenario

extension CapacityStudy.Knob {
  /// What the record says of a value that is turned.
  init(_ knob: CapacityQuestion.Knob, in scenario: ScenarioFile) {
    let range = knob.range
    self.init(
      path: knob.title, from: range.value(step: 0).text,
      to: range.value(step: range.steps).text, step: range.step, values: range.listed)
    subject = Self.subject(knob, scenario)
  }

  private static func subject(_ knob: CapacityQuestion.Knob, _ scenario: ScenarioFile) -> String? {
    if knob.isLoad { return "load" }
    let path = knob.path
    if path == ["customers", "count"] { return "customers" }
    if knob.paths.count == 1, path == ["design", "posting", "concurrency"] { return "workers" }
    if path.count == 4, path[0] == "entities", path[2...] == ["erp", "concurrency"] { return "places" }
    if path.count == 3, path[0] == "faults", path[2] == "for", let index = Int(path[1]),
      scenario.faults.indices.contains(index), case .outage = scenario.faults[index].kind
    {
      return "outage"
    }
    return nil
  }
}
