import CanonicalModel
import RunRecord
import Scenario
import Statistics

/// What follows from a curve besides the value that was looked for.
extension CapacityPlan {
  /// By how much figures may differ that are called alike.
  static let alike = 0.02

  /// From which value on more changes nothing: on the seeds on which both were tried, the means of the objectives' indicators differ by
  /// less than 2 % from those of the greatest value, while below they do not. What lies between is halved until the place is known.
  func plateau(
    _ tried: [Int64: CapacityStudy.Point], _ bench: CapacityBench, across index: Int?
  ) throws -> CapacityStudy.Plateau? {
    let knob = question.knobs[0]
    guard let last = tried.keys.max(), last == knob.range.steps, let reference = tried[last] else {
      return nil
    }
    var names: [String] = []
    for name in question.objectives.map(\.indicator.name) where !names.contains(name) { names.append(name) }
    func change(_ step: Int64) -> Double? { bench.change(step, last, across: index, names) }
    func isAlike(_ step: Int64) -> Bool { change(step).map { $0 < Self.alike } ?? false }
    let falling = tried.keys.sorted(by: >)
    let suffix = Array(falling.prefix(while: isAlike))
    guard !names.isEmpty, suffix.count > 1, suffix.count < falling.count, var first = suffix.last else {
      return nil
    }
    var alike = Set(suffix)
    var below = falling[suffix.count]
    while first - below > 1 {
      let middle = below + (first - below) / 2
      _ = try bench.explore([middle], across: index)
      if isAlike(middle) {
        first = middle
        alike.insert(middle)
      } else {
        below = middle
      }
    }
    return CapacityStudy.Plateau(
      from: knob.range.value(step: first).text, to: reference.values[0],
      change: alike.compactMap(change).max() ?? 0, indicators: names, binding: Self.binding(reference))
  }

  /// How far the answer is from what the scenario says; for a load or a number of customers.
  func headroom(
    _ curve: CapacityStudy.Curve, _ scenario: ScenarioTemplate
  ) -> CapacityStudy.Headroom? {
    let knob = question.knobs[0]
    guard question.goal == .largest, let answer = curve.answer else { return nil }
    func percent(_ text: String, of today: Double) -> Double? {
      knob.range.number(of: text).map { ($0 / today - 1) * 100 }
    }
    let today: String
    if knob.isLoad {
      today = "100%"
    } else {
      guard knob.paths.count == 1, ["customers", "load"].contains(knob.path[0]),
        question.across?.paths.contains(knob.path) != true, let own = scenario.root.find(knob.path)?.text
      else { return nil }
      today = own
    }
    let ends = [knob.range.value(step: 0).number, knob.range.value(step: knob.range.steps).number]
    // Of a value that lies outside of what was tried, nothing is known.
    guard let figure = knob.range.number(of: today), figure > 0, figure >= ends.min() ?? 0,
      figure <= ends.max() ?? 0, let percent0 = percent(answer, of: figure)
    else { return nil }
    return CapacityStudy.Headroom(
      today: today, percent: percent0, beyondPercent: curve.beyond.flatMap { percent($0, of: figure) })
  }

  /// What each licence brings.
  func licences(_ curves: [CapacityStudy.Curve]) -> CapacityStudy.Licences? {
    guard let asked = question.licences, let range = question.knobs.first?.range else { return nil }
    func number(_ text: String?) -> Double? { text.flatMap(range.number) }
    var rows: [CapacityStudy.Licences.Row] = []
    for (index, curve) in curves.enumerated() where index < asked.counts.count {
      let count = asked.counts[index]
      var row = CapacityStudy.Licences.Row(
        licences: count, places: asked.plan.places(count), yearly: "\(asked.plan.yearly(count))",
        carries: curve.answer, more: nil, moreAtLeast: nil, moreAtMost: nil)
      if index > 0, let before = number(curves[index - 1].answer), let now = number(curve.answer),
        let beyondBefore = number(curves[index - 1].beyond)
      {
        row.moreAtLeast = now - beyondBefore
        if let beyond = number(curve.beyond) {
          row.more = now - before
          row.moreAtMost = beyond - before
        }
      }
      rows.append(row)
    }
    return CapacityStudy.Licences(
      plan: asked.plan.name, price: "\(asked.plan.yearly(1))", currency: asked.plan.price.currency.code,
      erps: asked.plan.entities.count, workersFollow: asked.plan.workersFollow, rows: rows)
  }
}
