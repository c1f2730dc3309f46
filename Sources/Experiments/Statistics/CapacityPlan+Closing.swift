import RunRecord
import Scenario
import Statistics

/// With which probability the books are closed by each of some days.
extension CapacityPlan {
  /// Counts, on as many fresh seeds as are allowed, the months that are closed by each span. Each interval is Clopper and Pearson's;
  /// where months of one run go together, they count as fewer.
  func closing(_ bench: CapacityBench, _ progress: (String) -> Void) throws -> [CapacityStudy.Closing] {
    try (0..<(question.across?.values.count ?? 1)).map { index in
      let row = question.across == nil ? nil : index
      let setting = row.flatMap { row in question.across.map { $0.title(row) } }
      progress("closing" + (setting.map { " with \($0)" } ?? ""))
      let found = try bench.fresh(across: row)
      let months = found.map { ($0.months ?? []).compactMap { $0.values["closeCycleTime"] } }
      let expected = found.map { $0.months?.count ?? 0 }
      let points = question.closeBy.map { figure in
        // The months of a run that breaks an invariant count as not closed: what was never posted has no time.
        let counts = found.indices.map { run in
          let closes = found[run].broken.isEmpty ? months[run] : []
          return (successes: closes.count { $0 <= figure.number }, trials: expected[run])
        }
        let limits = ObjectiveJudge.ShareLimits(counts, error: (1 - confidence) / 2)
        return CapacityStudy.Closing.Point(
          by: figure.text, seconds: figure.number,
          share: Estimate(
            mean: limits.share, lower: limits.lower, upper: limits.upper, confidence: confidence,
            count: found.count),
          closed: counts.reduce(0) { $0 + $1.successes })
      }
      let isComplete = found.allSatisfy(\.broken.isEmpty)
      return CapacityStudy.Closing(
        setting: setting, months: expected.reduce(0, +), runs: found.count, points: points,
        longest: isComplete ? months.flatMap(\.self).max() : nil,
        broken: Set(found.flatMap(\.broken)).sorted())
    }
  }
}
