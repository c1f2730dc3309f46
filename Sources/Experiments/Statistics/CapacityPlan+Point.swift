import RunRecord
import Scenario
import Statistics

/// What is kept of a point.
extension CapacityPlan {
  func point(
    _ values: [(text: String, number: Double)], _ replications: [Replication],
    _ finding: CapacityStudy.Finding, _ reasons: [String]
  ) -> CapacityStudy.Point {
    var estimates: [String: Estimate] = [:]
    for name in question.objectives.map(\.indicator.name) + Self.companions {
      estimates[name] =
        Estimate(replications.compactMap { $0.value(of: name) }, confidence: confidence)?.neverNegative
    }
    for objective in question.objectives where objective.portion != nil {
      guard let counts = ObjectiveJudge.counts(objective, replications) else { continue }
      let limits = ObjectiveJudge.ShareLimits(counts, error: (1 - confidence) / 2)
      estimates[objective.text] = Estimate(
        mean: limits.share, lower: limits.lower, upper: limits.upper, confidence: confidence,
        count: replications.count)
    }
    func means(_ values: [[String: Double]], _ combine: ([Double]) -> Double) -> [String: Double] {
      var all: [String: [Double]] = [:]
      for entry in values { for (name, value) in entry { all[name, default: []].append(value) } }
      return all.mapValues(combine)
    }
    var point = CapacityStudy.Point(
      values: values.map(\.text), numbers: values.map(\.number), runs: replications.count, finding: finding,
      reasons: reasons, estimates: estimates,
      resources: means(replications.map(\.resources)) { Moments($0).mean },
      peaks: means(replications.map(\.peaks)) { $0.max() ?? 0 })
    let beside = erpsBeside(
      means(
        replications.flatMap { $0.months ?? [] }.map { month in
          month.values.filter { $0.key.hasPrefix("closeCycleTime(") }
        }
      ) { Moments($0).mean })
    if !beside.isEmpty { point.erpsBeside = beside }
    return point
  }

  /// The ERPs that hold up nothing that is asked for: no objective names them, and where one is about all of them, their entities
  /// close in less than four fifths of the time of the one that closes last.
  ///
  /// - Parameter closes: mean times by indicator, `closeCycleTime(erp/us)`.
  func erpsBeside(_ closes: [String: Double]) -> [String] {
    // `erp/us` of `closeCycleTime(erp/us)`, `erp/us outage` of `drainAfter(erp/us outage)`.
    let named = question.objectives.map { objective in
      objective.indicator.name.split(separator: "(").dropFirst().first.map { $0.dropLast() }
    }
    let last = closes.values.max() ?? 0
    return closes.compactMap { indicator, close in
      let own = String(indicator.dropFirst("closeCycleTime(".count).dropLast())
      let isAskedFor = named.contains { name in
        guard let name else { return close >= 0.8 * last }
        return name == own || name.hasPrefix(own + " ")
      }
      return isAskedFor ? nil : own
    }.sorted()
  }
}
