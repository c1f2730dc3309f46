import Chronology
import Foundation
import ResultsDatabase
import RunRecord
import Scenario
import Statistics

/// Tries values.
final class CapacityBench {
  private let plan: CapacityPlan
  private let source: any StudySource
  private(set) var runs = 0
  /// What came of each point: the steps of the knobs, the row, and the figures by seed.
  private var outcomes: [(steps: [Int64], row: Int?, replications: [Replication])] = []

  init(_ plan: CapacityPlan, _ source: any StudySource) {
    self.plan = plan
    self.source = source
  }

  /// Whether two values of a knob were tried, all else equal, and no such pair has led to other figures.
  func isIdle(_ knob: Int) -> Bool {
    var pairs = 0
    for (index, a) in outcomes.enumerated() {
      for b in outcomes[..<index] where a.row == b.row && a.steps[knob] != b.steps[knob] {
        var steps = (a.steps, b.steps)
        (steps.0[knob], steps.1[knob]) = (0, 0)
        guard steps.0 == steps.1 else { continue }
        // Values were not all tried on the same seeds.
        let others = Dictionary(
          b.replications.map { ($0.seed, $0) }, uniquingKeysWith: { first, _ in first })
        let common = a.replications.compactMap { x in others[x.seed].map { (x, $0) } }
        if !common.isEmpty { pairs += 1 }
        for (x, y) in common
        where x.indicators != y.indicators || x.broken != y.broken || x.resources != y.resources {
          return false
        }
      }
    }
    return pairs > 0
  }

  /// What a few replications of values say, so many steps above the least each, on the seeds of the search.
  ///
  /// - Returns: the point, and whether its figures meet the objectives.
  func explore(_ steps: [Int64], across index: Int?) throws -> (CapacityStudy.Point, leans: Bool) {
    let (values, variant) = variant(steps, across: index)
    let error = (1 - plan.confidence) / 2
    var count = plan.search.minimum
    while true {
      let found = try source.replications(of: [variant], seeds: seeds(plan.seed, count))[0]
      outcomes.append((steps, index, found))
      let judge = ObjectiveJudge(objectives: plan.question.objectives, isRandom: false)
      let (finding, reasons) = judge.finding(found, .init(met: error, missed: error))
      guard finding != .open || count >= plan.search.maximum else {
        count = min(plan.search.maximum, count * 2)
        continue
      }
      runs += count
      let isBroken = found.contains { !$0.broken.isEmpty }
      let leans = !isBroken && judge.leans(found)
      let word: CapacityStudy.Finding = isBroken ? .missed : leans ? .seemsMet : .seemsMissed
      return (keep(plan.point(values, found, word, leans ? [] : reasons), at: steps, index), leans)
    }
  }

  /// What is known of each point of a row, for when the study is stopped in the middle of it.
  private(set) var known: [Int?: [[Int64]: CapacityStudy.Point]] = [:]

  private func keep(_ point: CapacityStudy.Point, at steps: [Int64], _ row: Int?) -> CapacityStudy.Point {
    known[row, default: [:]][steps] = point
    return point
  }

  /// What came of some points on the same seeds.
  ///
  /// - Returns: a row for each point, a column for each seed.
  func measure(_ points: [[Int64]], seeds: [UInt64]) throws -> [[Replication]] {
    let found = try source.replications(
      of: points.map { variant($0, across: nil).1 }, seeds: seeds)
    for (steps, replications) in zip(points, found) { outcomes.append((steps, nil, replications)) }
    runs += points.count * seeds.count
    return found
  }

  /// What a value is judged for.
  enum Role {
    /// It may be the answer: no longer looked at once its figures do not meet the objectives by themselves, be it after half of
    /// the replications that a finding takes.
    case answer
    /// It lies beyond the answer: no longer once they do not after as many as a finding takes.
    case beyond
    /// It does not fit: it takes as many looks as there are.
    case suspect
  }

  /// Runs the first replications of all values of a range at once, so that no thread waits for another one between them.
  func prepare(_ order: [Int64], across index: Int?) throws {
    // The hard end first: it tends to take longest.
    let variants = order.reversed().map { variant([$0], across: index).1 }
    do {
      _ = try source.replications(of: variants, seeds: seeds(plan.seed, plan.search.minimum))
    } catch is Laboratory.Interrupted {
      // What is complete is asked for one by one, and the first that is not ends the study.
    }
  }

  /// Judges values on fresh seeds.
  ///
  /// Looking again is left where it is of no use, which can only make fewer values called met: see ``Role``.
  ///
  /// - Parameter met: the probability with which they may be called met where they are not.
  /// - Returns: the point, and whether its figures meet the objectives, however uncertain.
  func judge(
    _ steps: [Int64], across index: Int?, _ role: Role, met: Double
  ) throws -> (CapacityStudy.Point, leans: Bool) {
    let (values, variant) = variant(steps, across: index)
    let looks = Looks(minimum: plan.replications.minimum, maximum: plan.replications.maximum)
    let first = plan.seed + CapacityPlan.searchSeeds
    let traits = try source.traits(of: variant)
    let judge = ObjectiveJudge(objectives: plan.question.objectives, isRandom: traits.drawsAtRandom)
    func keep(_ found: [Replication], _ finding: CapacityStudy.Finding, _ reasons: [String], extra: Int)
      -> CapacityStudy.Point
    {
      outcomes.append((steps, index, found))
      runs += found.count + extra
      return self.keep(plan.point(values, found, finding, reasons), at: steps, index)
    }
    // Where a number was asked for, it is that one.
    let early = looks.sizes[0] / 2
    if role == .answer, looks.sizes.count > 1, early > 1 {
      let found = try source.replications(of: [variant], seeds: seeds(first, early))[0]
      if !judge.leans(found) {
        // Nothing is spent of the error that is allowed: only what breaks, or is beyond doubt, is called missed.
        let (finding, reasons) = judge.finding(found, .init(met: 1e-9, missed: 1e-9))
        return (keep(found, finding, reasons, extra: 0), false)
      }
    }
    for (number, size) in looks.sizes.enumerated() {
      let found = try source.replications(of: [variant], seeds: seeds(first, size))[0]
      let error = ObjectiveJudge.Error(
        met: looks.error(of: number, total: met),
        missed: looks.error(of: number, total: 1 - plan.confidence))
      var (finding, reasons) = judge.finding(found, error)
      var extra = 0
      if finding == .met {
        let effects = try source.faultEffects(found, of: variant, traits)
        reasons = judge.unseen(effects.all)
        if !reasons.isEmpty { finding = .open }
        extra = effects.runs
      }
      let leans = judge.leans(found)
      let isEnough =
        switch role {
        case .answer, .beyond:
          !leans || finding == .open && size < looks.maximum && !judge.mayShow(found, looks, error: met)
        case .suspect: false
        }
      guard finding != .open || size == looks.sizes.last || isEnough else { continue }
      return (keep(found, finding, reasons, extra: extra), leans)
    }
    preconditionFailure("there is at least one look")
  }

  /// By which share the means of indicators differ between two values, on the seeds on which both were tried; the greatest of all.
  ///
  /// - Returns: `nil` where one could not be measured on each of them.
  func change(_ a: Int64, _ b: Int64, across index: Int?, _ names: [String]) -> Double? {
    func tried(_ step: Int64) -> [UInt64: Replication] {
      Dictionary(
        outcomes.filter { $0.steps == [step] && $0.row == index }.flatMap(\.replications)
          .map { ($0.seed, $0) }, uniquingKeysWith: { first, _ in first })
    }
    let (ours, theirs) = (tried(a), tried(b))
    let pairs = ours.keys.sorted().compactMap { seed in theirs[seed].map { (ours[seed] ?? $0, $0) } }
    var greatest = 0.0
    for name in names {
      let values = pairs.compactMap { x, y in
        x.value(of: name).flatMap { x in y.value(of: name).map { (x, $0) } }
      }
      guard !values.isEmpty, values.count == pairs.count else { return nil }
      let (x, y) = (Moments(values.map(\.0)).mean, Moments(values.map(\.1)).mean)
      if x != y { greatest = max(greatest, (x - y).magnitude / max(x.magnitude, y.magnitude)) }
    }
    return pairs.isEmpty ? nil : greatest
  }

  /// What fresh seeds say of the scenario as it is, as many as are allowed.
  func fresh(across index: Int?) throws -> [Replication] {
    let first = plan.seed + CapacityPlan.searchSeeds
    let found = try source.replications(
      of: [variant([], across: index).1], seeds: seeds(first, plan.replications.maximum))[0]
    runs += found.count
    return found
  }

  private func seeds(_ first: UInt64, _ count: Int) -> [UInt64] { (0..<count).map { first + UInt64($0) } }

  private func variant(
    _ steps: [Int64], across index: Int?
  ) -> (values: [(text: String, number: Double)], Laboratory.Variant) {
    let question = plan.question
    let values = zip(question.knobs, steps).map { $0.range.value(step: $1) }
    var edits: [ScenarioTemplate.Edit] = []
    if let index, let across = question.across {
      edits += across.paths.map { .set(path: $0, value: across.values[index]) }
    }
    for (knob, step) in zip(question.knobs, steps) { edits += knob.edits(step: step) }
    return (values, Laboratory.Variant(name: values.map(\.text).joined(separator: ", "), edits: edits))
  }
}
