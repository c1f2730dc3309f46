import Chronology
import Foundation
import ResultsDatabase
import RunRecord
import Scenario
import Statistics

/// Finds how far a value can be turned until an objective is missed.
///
/// It searches first, at some values spread over the range and then by bisection, with few replications of each, all on the same
/// seeds: that only tells where to look. What the search leads to, and the value beyond it, are then judged on fresh seeds, with
/// at least 40 replications and as many more as it takes, and only that is called met or missed: of 20, one in eight sees nothing of
/// what happens in every tenth run. The error that the study's
/// confidence leaves is spent over all looks at it (``Looks``) and over all values that are tried for an answer (C. Bonferroni).
/// Meeting several objectives, each with that confidence, is meeting them together with it (R. Berger, "Multiparameter
/// hypothesis testing and acceptance sampling", Technometrics 24, 1982). What is open counts as not shown.
package struct CapacityPlan: Sendable {
  /// What is asked.
  package var question: CapacityQuestion
  /// Fresh replications of a value that is judged: at least, and at most.
  package var replications = (minimum: 40, maximum: 80)
  /// Replications of a value in the search: at least, and at most.
  var search = (minimum: 2, maximum: 8)
  /// Seeds that are kept for the search: what is judged is judged on later ones.
  static let searchSeeds: UInt64 = 12
  /// Of each finding.
  package var confidence = 0.95
  /// How far apart the answer and the value beyond it may be, as a share of it.
  package var precision = 0.02
  /// Values that are tried before the bisection, or on each axis of a map.
  package var grid = 6
  /// Trajectories of effects, or rows of indices; `nil`: 12 and 100.
  package var repetitions: Int?
  /// The first seed.
  package var seed: UInt64 = 1

  /// Prepares a study.
  package init(_ question: CapacityQuestion) { self.question = question }

  /// Figures that are kept of every point besides the objectives' own.
  static let companions = [
    "closeCycleTime", "postingLatency.p99", "postingThroughput", "peakOutbox", "cost", "costPerMillionEvents",
  ]
  /// The parts of the error that go to the value that the search leads to, to the one beyond it, and to all easier ones that are tried
  /// where the first cannot be shown.
  static let spending = (answer: 0.7, beyond: 0.15, easier: 0.15)

  /// Runs the study.
  ///
  /// - Parameter progress: called with words on how far it is.
  /// - Returns: the study; of what is complete where it was interrupted.
  package func perform(
    in laboratory: Laboratory, progress: (String) -> Void = { _ in }
  ) throws -> CapacityStudy {
    let identity = laboratory.identity
    var study = CapacityStudy(
      meterstorm: identity.meterstorm, scenario: identity.scenario, scenarioHash: identity.scenarioHash,
      options: identity.options, name: question.name, seeks: question.goal.rawValue,
      objectives: question.objectives.map(\.text),
      thresholds: Dictionary(
        question.objectives.map { objective in
          objective.portion.map { (objective.text, $0.share) } ?? (
            objective.indicator.name, objective.threshold
          )
        }, uniquingKeysWith: { first, _ in first }
      ),
      units: Dictionary(
        (question.objectives.map(\.indicator) + Self.companions.compactMap(Expectation.indicator))
          .map { ($0.name, $0.unit(laboratory.campaign.template.scenario)) }
          + question.objectives.filter { $0.portion != nil }.map { ($0.text, "share") },
        uniquingKeysWith: { first, _ in first }),
      knobs: question.knobs.map { knob in
        CapacityStudy.Knob(knob, in: laboratory.campaign.template.scenario)
      }, confidence: confidence)
    let bench = CapacityBench(self, laboratory)
    do {
      switch question.goal {
      case .largest, .smallest:
        for index in 0..<(question.across?.values.count ?? 1) {
          var curve = try curve(across: question.across == nil ? nil : index, bench, progress)
          curve.headroom = headroom(curve, laboratory.campaign.template)
          study.curves.append(curve)
        }
        study.licences = licences(study.curves)
      case .closing: study.closing = try closing(bench, progress)
      case .map: study.map = try map(bench, progress)
      case .effects: try EffectsStudy(plan: self, bench: bench).effects(&study, progress)
      case .indices: try EffectsStudy(plan: self, bench: bench).indices(&study, progress)
      }
    } catch is Laboratory.Interrupted {
      study.interrupted = true
      addUnfinished(bench, to: &study)
    }
    study.runs = bench.runs
    let scenario = laboratory.campaign.template.scenario
    let notes =
      notes(bench, scenario) + Self.periods(scenario, question.objectives)
      + Self.load(scenario, question.objectives)
    if !notes.isEmpty { study.notes = notes }
    addWords(to: &study, laboratory.campaign.template)
    if !study.interrupted {
      try laboratory.keep("capacity", question: question.name) { Array(try study.json()) }
    }
    return study
  }

  /// What a reader should know of the values that were turned: one that changed no figure on any seed, and one that does not turn what
  /// its name may be taken for.
  private func notes(_ bench: CapacityBench, _ scenario: ScenarioFile) -> [String] {
    var notes: [String] = []
    let usageGrows = scenario.load.allSatisfy(\.isPerCustomer)
    for (index, knob) in question.knobs.enumerated() {
      let path = knob.title
      if bench.isIdle(index) {
        notes.append(
          "\(path) changes nothing: every figure is the same, seed by seed, at each value that was tried")
      } else if knob.isLoad {
        let traces = scenario.load.indices.filter {
          if case .trace = scenario.load[$0].pattern { true } else { false }
        }
        if !traces.isEmpty {
          notes.append(
            "\(traces.map { "load.\($0)" }.joined(separator: ", ")): a trace is replayed as it was recorded, however much the load grows"
          )
        }
      } else if knob.paths.contains(["customers", "count"]), !usageGrows {
        notes.append(
          "customers.count changes how many customers share the usage, not how much there is: arrivals are totals; "
            + "'arrivals: { …, perCustomer: true }' makes usage grow with the customers")
      }
    }
    return notes
  }

  // MARK: One knob

  /// The curve of the only knob, of replications from elsewhere.
  func curve(from source: any StudySource) throws -> CapacityStudy.Curve {
    try curve(across: nil, CapacityBench(self, source)) { _ in }
  }

  private func curve(
    across index: Int?, _ bench: CapacityBench, _ progress: (String) -> Void
  ) throws -> CapacityStudy.Curve {
    let knob = question.knobs[0]
    let setting = index.flatMap { index in question.across.map { $0.title(index) } }
    let title = (setting.map { "\($0): " } ?? "") + knob.title
    let order = spread(over: knob.range, count: grid, and: knob.isLoad ? 90 : nil)
    progress("\(title) over its range")
    try bench.prepare(order, across: index)
    var search = CurveSearch(
      order: order, seeks: question.goal,
      isClose: { a, b in
        let (inner, outer) = (knob.range.value(step: a), knob.range.value(step: b))
        let greater = max(inner.number.magnitude, outer.number.magnitude)
        return (outer.number - inner.number).magnitude <= precision * greater
      })
    while let step = search.next {
      progress("\(title) at \(knob.range.value(step: step).text)")
      let (point, leans) = try bench.explore([step], across: index)
      search.found(step, point, leans: leans, score: score(point))
    }
    func judge(_ step: Int64, _ role: CapacityBench.Role, met: Double) throws -> CapacityStudy.Finding {
      progress("\(title) at \(knob.range.value(step: step).text), on fresh seeds")
      let (point, leans) = try bench.judge([step], across: index, role, met: met)
      search.judged(step, point, leans: leans, score: score(point))
      return point.finding
    }
    let error = 1 - confidence
    var answer: Int64?
    var beyond = search.beyond
    var part = Self.spending.answer
    var candidate = search.candidates.first
    let first = candidate
    for number in 0..<5 {
      guard let step = candidate else { break }
      if number > 0 { part = Self.spending.easier / Double(1 << number) }
      if try judge(step, .answer, met: error * part) == .met {
        answer = step
        break
      }
      beyond = step
      candidate = search.safer(than: step)
    }
    if answer != nil, answer == first, let step = beyond,
      try judge(step, .beyond, met: error * Self.spending.beyond) == .met
    {
      // The search was too careful: the value beyond is the answer, and another one beyond it.
      answer = step
      beyond = search.beyond(step)
      if let beyond, try judge(beyond, .beyond, met: 1e-6) == .met { search.points[beyond]?.finding = .open }
    }
    var exceptions: [Int64] = []
    if let answer, let suspect = search.suspect(answer: answer, beyond: beyond),
      try judge(suspect, .suspect, met: error * Self.spending.beyond)
        == (search.isEasier(suspect, than: answer) ? .missed : .met),
      try search.isEasier(suspect, than: answer)
        || beyond.map({ try judge($0, .suspect, met: error * Self.spending.beyond) == .missed }) ?? false
    {
      exceptions = search.exceptions(answer: answer, beyond: beyond)
    }
    let sorted = search.points.sorted { $0.key < $1.key }
    let bound = (beyond ?? answer).flatMap { search.points[$0] }
    let knee = knee(sorted.map(\.value))
    var curve = CapacityStudy.Curve(
      setting: setting, points: sorted.map(\.value), answer: answer.map { knob.range.value(step: $0).text },
      beyond: beyond.map { knob.range.value(step: $0).text }, isMonotone: exceptions.isEmpty,
      binding: bound.map(Self.binding) ?? [], knee: knee?.from, law: law(sorted.map(\.value)))
    curve.kneeEnd = knee?.to
    curve.plateau = try plateau(search.points, bench, across: index)
    if !exceptions.isEmpty { curve.exceptions = exceptions.sorted().map { knob.range.value(step: $0).text } }
    return curve
  }

  /// How far a point is from meeting the objective that it is furthest from, as a share of what is asked; below nothing where it
  /// meets all of them.
  private func score(_ point: CapacityStudy.Point) -> Double {
    question.objectives.map { objective in
      if let portion = objective.portion {
        return portion.share - (point.estimates[objective.text]?.mean ?? 0)
      }
      guard let mean = point.estimates[objective.indicator.name]?.mean else { return .infinity }
      let isUpper = objective.comparison == .less || objective.comparison == .lessOrEqual
      let distance = isUpper ? mean - objective.threshold : objective.threshold - mean
      return distance / max(objective.threshold.magnitude, 1e-9)
    }.max() ?? 0
  }

  /// Steps from the least to the greatest, evenly, and both ends; all where each is tried.
  private func spread(over range: ExploredRange, count: Int, and today: Int64? = nil) -> [Int64] {
    let steps = range.steps
    if range.isTriedThroughout { return Array(0...steps) }
    let last = Int64(max(2, count) - 1)
    var all: [Int64] = []
    for index in 0...last {
      let step = Int64(Int128(steps) * Int128(index) / Int128(last))
      if all.last != step { all.append(step) }
    }
    // Of a share of today's load, today's is one.
    if let today, !all.contains(today) { all = (all + [today]).sorted() }
    return all
  }

  /// What is used up: in use for more than half of the time in which documents wait, and as much as anything else.
  ///
  /// Where several entities close, only of those that are asked for, or close last: another one may use up all of its ERP for a few
  /// minutes and hold up nobody.
  static func binding(_ point: CapacityStudy.Point) -> [CapacityStudy.Use] {
    let beside = point.erpsBeside ?? []
    let resources = point.resources.filter { name, _ in !beside.contains { name.hasPrefix("\($0) ") } }
    let maximum = resources.values.max() ?? 0
    guard maximum > 0.5 else { return [] }
    return resources.filter { $0.value >= maximum - 0.05 }
      .map { CapacityStudy.Use(resource: $0.key, utilization: $0.value) }
      .sorted { ($1.utilization, $0.resource) < ($0.utilization, $1.resource) }
  }

  private func knee(_ points: [CapacityStudy.Point]) -> (from: String, to: String)? {
    guard let objective = question.objectives.first, objective.comparison != .greater,
      objective.comparison != .greaterOrEqual
    else { return nil }
    let curve = points.compactMap { point in
      point.estimates[objective.indicator.name].map { estimate in
        (
          point: Knee.Point(
            x: point.numbers[0], y: estimate.mean,
            noise: (estimate.halfWidth ?? 0) / 2), text: point.values[0]
        )
      }
    }
    return Knee.bracket(of: curve.map(\.point)).map { (curve[$0].text, curve[$0 + 1].text) }
  }

  /// For numbers of places or workers alone: of anything else there is no law.
  private func law(_ points: [CapacityStudy.Point]) -> CapacityStudy.Law? {
    guard question.knobs[0].paths.allSatisfy({ $0.last == "concurrency" }) else { return nil }
    let throughput = points.compactMap { point in
      point.estimates["postingThroughput"].map { (workers: point.numbers[0], throughput: $0.mean) }
    }
    guard let law = ScalabilityLaw(fitting: throughput) else { return nil }
    return CapacityStudy.Law(
      single: law.single, contention: law.contention, coherency: law.coherency,
      greatestResidual: law.greatestResidual)
  }

  // MARK: Several knobs

  private func map(_ bench: CapacityBench, _ progress: (String) -> Void) throws -> [CapacityStudy.Point] {
    let axes = question.knobs.map { spread(over: $0.range, count: grid) }
    var cells: [CapacityStudy.Point] = []
    for first in axes[0] {
      for second in axes[1] {
        progress("cell \(cells.count + 1) of \(axes[0].count * axes[1].count)")
        let (point, leans) = try bench.explore([first, second], across: nil)
        cells.append(
          leans ? try bench.judge([first, second], across: nil, .answer, met: 1 - confidence).0 : point)
      }
    }
    return cells
  }
}
