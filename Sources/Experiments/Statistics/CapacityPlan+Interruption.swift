import RunRecord
import Scenario

/// What a study has found by the time that it is stopped.
extension CapacityPlan {
  /// Adds the points of the curve or map in the middle of which it was stopped: they are complete, and what was shown is shown.
  func addUnfinished(_ bench: CapacityBench, to study: inout CapacityStudy) {
    switch question.goal {
    case .largest, .smallest:
      let row = question.across == nil ? nil : study.curves.count
      guard let known = bench.known[row] else { return }
      study.curves.append(unfinished(known, row))
    case .map:
      study.map = bench.known[nil, default: [:]].sorted { $0.key.lexicographicallyPrecedes($1.key) }
        .map(\.value)
    case .closing: study.closing = study.closing ?? []
    case .effects, .indices: break
    }
  }

  private func unfinished(_ known: [[Int64]: CapacityStudy.Point], _ row: Int?) -> CapacityStudy.Curve {
    let points = known.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    let isSmallest = question.goal == .smallest
    // What was called met was judged with the error that it may have, whatever was to follow.
    let answer =
      isSmallest
      ? points.firstIndex { $0.finding == .met } : points.lastIndex { $0.finding == .met }
    let beyond = answer.map { isSmallest ? $0 - 1 : $0 + 1 }.flatMap {
      points.indices.contains($0) ? points[$0] : nil
    }
    var curve = CapacityStudy.Curve(
      setting: row.flatMap { row in question.across.map { $0.title(row) } }, points: points,
      answer: answer.flatMap { points[$0].values.first }, beyond: beyond?.values.first, isMonotone: true,
      binding: [], knee: nil, law: nil)
    curve.isInterrupted = true
    return curve
  }
}
