import RunRecord
import Scenario

extension CapacityStudy.Knob {
  /// What the record says of a value that is turned.
  init(_ knob: CapacityQuestion.Knob) {
    let range = knob.range
    self.init(
      path: knob.title, from: range.value(step: 0).text, to: range.value(step: range.steps).text,
      step: range.step, values: range.listed)
  }
}
