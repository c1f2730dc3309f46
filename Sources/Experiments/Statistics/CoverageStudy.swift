import RunRecord
import Scenario
import SimulationKernel
import Statistics

/// How often what studies say is right: intervals and findings on figures whose true mean is known.
package struct CoverageStudy: Sendable {
  /// What came of the intervals of a kind.
  package struct Row: Sendable {
    /// The share of intervals that hold the true mean; an open end holds whatever lies there.
    package var held: Double
    /// The same of Student's intervals.
    package var student: Double
    /// The share that has both ends.
    package var formed: Double
    /// The mean number of values.
    package var values: Double
  }

  /// How many studies of a kind name an answer that does not meet the objective.
  package struct Findings: Sendable {
    /// Of those with a mean below the threshold as the objective, which every value of the range has as its own mean.
    package var below: Double
    /// The same of a mean above it.
    package var above: Double
    /// Of those over a range whose fifth value of nine, and all beyond, miss the objective: the share with such an answer.
    package var beyond: Double
    /// The share of the latter that name an answer at all.
    package var answered: Double
  }

  /// Intervals, or studies, of each kind.
  package var repetitions = 1000
  /// The first seed.
  package var seed: UInt64 = 1

  /// A study with its usual figures.
  package init() {}

  /// How often two-sided intervals of 95 % hold the true mean, as `compare` gives them.
  ///
  /// - Parameter rule: when there are enough values.
  package func intervals(_ kind: Kind, _ rule: StoppingRule) throws -> Row {
    var row = Row(held: 0, student: 0, formed: 0, values: 0)
    for repetition in 0..<repetitions {
      let figures = Figures(kind) { _ in 1 }
      let variant = Laboratory.Variant(name: "", edits: [])
      var size = rule.minimum
      while true {
        let seeds = (0..<size).map { seed(of: repetition) + UInt64($0) }
        let found = figures.replications(of: [variant], seeds: seeds)[0]
        let values = found.compactMap { $0.indicators["closeCycleTime"] }
        guard var estimate = Estimate(values, confidence: 0.95) else { break }
        let own = Interval(
          mean: estimate.mean, halfWidth: estimate.halfWidth, confidence: 0.95, count: values.count)
        guard rule.isEnough(own) else {
          size = min(rule.maximum, size * 2)
          continue
        }
        let effects = try figures.faultEffects(found, of: variant, figures.traits(of: variant)).all
        if effects.contains(where: { $0.isUnseen(in: "closeCycleTime") }) { estimate.leaveOpen() }
        row.student += Interval(of: values, confidence: 0.95).contains(kind.mean) ? 1 : 0
        row.formed += estimate.halfWidth == nil ? 0 : 1
        row.held += estimate.contains(kind.mean) ?? true ? 1 : 0
        row.values += Double(size)
        break
      }
    }
    let all = Double(repetitions)
    return Row(
      held: row.held / all, student: row.student / all, formed: row.formed / all, values: row.values / all)
  }

  /// How often the answer of `capacity` does not meet the objective: the whole procedure, from the search to the value beyond.
  package func findings(_ kind: Kind) throws -> Findings {
    var count = (below: 0, above: 0, beyond: 0, answered: 0)
    for repetition in 0..<repetitions {
      func answer(_ objective: String, _ stretch: @escaping (Double) -> Double) throws -> Double? {
        guard var expectation = Expectation(objective), let range = ExploredRange(from: "1", to: "9") else {
          return nil
        }
        expectation.threshold = kind.mean
        var plan = CapacityPlan(
          CapacityQuestion(
            name: "coverage", goal: .largest, objectives: [expectation],
            knobs: [.init(path: ["value"], range: range)]))
        plan.seed = seed(of: repetition)
        return try plan.curve(from: Figures(kind, stretch: stretch)).answer.flatMap(Double.init)
      }
      count.below += try answer("closeCycleTime < 1s") { _ in 1 } == nil ? 0 : 1
      count.above += try answer("closeCycleTime > 1s") { _ in 1 } == nil ? 0 : 1
      // 0.8 at the first value, 1 at the fifth.
      if let found = try answer("closeCycleTime < 1s", { 0.75 + 0.05 * $0 }) {
        count.answered += 1
        count.beyond += found >= 5 ? 1 : 0
      }
    }
    let all = Double(repetitions)
    return Findings(
      below: Double(count.below) / all, above: Double(count.above) / all, beyond: Double(count.beyond) / all,
      answered: Double(count.answered) / all)
  }

  /// First seeds that lie further apart than a study's seeds.
  private func seed(of repetition: Int) -> UInt64 { seed + UInt64(repetition) * 1000 }
}

extension Estimate {
  /// Takes the interval away.
  mutating func leaveOpen() { (lower, upper, halfWidth) = (nil, nil, nil) }

  /// No time, count, share or amount of a run is negative, and so is no mean of one.
  var neverNegative: Estimate {
    guard let lower, lower < 0, mean >= 0 else { return self }
    return Estimate(mean: mean, lower: 0, upper: upper, confidence: confidence, count: count)
  }
}
