import Foundation
import ResultsDatabase
import RunRecord
import Scenario
import Statistics

/// Finds how far a value can be turned until an objective is missed: first at some values spread over the range, then by
/// bisection between the last that is met and the first that is not, each with as many replications as it takes to tell.
///
/// Replications of all values use the same seeds. An objective is met where the one-sided confidence limit of the
/// indicator's mean lies within its threshold; meeting all of them at this confidence each is meeting them together with it
/// (R. Berger, "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24, 1982). What is open counts as
/// not shown.
public struct CapacityPlan: Sendable {
  /// What is asked.
  public var question: CapacityQuestion
  /// Replications of a value: at least, and at most.
  public var replications = (least: 3, most: 12)
  /// Of each finding.
  public var confidence = 0.95
  /// How far apart the answer and the value beyond it may be, as a share of it.
  public var precision = 0.02
  /// Values that are tried before the bisection, or on each axis of a map, or paths of a screening.
  public var grid = 6
  /// The first seed.
  public var seed: UInt64 = 1

  /// Prepares a study.
  public init(_ question: CapacityQuestion) { self.question = question }

  /// Figures that are kept of every point besides the objectives' own.
  private static let companions = ["closeCycleTime", "postingLatency.p99", "postingThroughput", "peakOutbox"]

  /// Runs the study.
  ///
  /// - Parameter progress: called with words on how far it is.
  /// - Returns: the study; of what is complete where it was interrupted.
  public func perform(
    in laboratory: Laboratory, progress: (String) -> Void = { _ in }
  ) throws -> CapacityStudy {
    let identity = laboratory.identity
    var study = CapacityStudy(
      meterstorm: identity.meterstorm, scenario: identity.scenario, scenarioHash: identity.scenarioHash,
      options: identity.options, name: question.name, seeks: question.goal.rawValue,
      objectives: question.objectives.map(\.text),
      thresholds: Dictionary(
        question.objectives.map { ($0.indicator.name, $0.threshold) }, uniquingKeysWith: { first, _ in first }
      ),
      units: Dictionary(
        (question.objectives.map(\.indicator) + Self.companions.compactMap(Expectation.indicator))
          .map { ($0.name, $0.unit) }, uniquingKeysWith: { first, _ in first }),
      knobs: question.knobs.map { knob in
        CapacityStudy.Knob(
          path: knob.path.joined(separator: "."), from: knob.range.value(step: 0).text,
          to: knob.range.value(step: knob.range.steps).text)
      }, confidence: confidence)
    let bench = Bench(self, laboratory)
    do {
      switch question.goal {
      case .largest, .smallest:
        for index in 0..<(question.across?.values.count ?? 1) {
          study.curves.append(try curve(across: question.across == nil ? nil : index, bench, progress))
        }
      case .map: study.map = try map(bench, progress)
      case .effects: study.effects = try effects(bench, progress)
      }
    } catch is Laboratory.Interrupted {
      study.interrupted = true
    }
    study.runs = bench.runs
    let notes = notes(bench)
    if !notes.isEmpty { study.notes = notes }
    if !study.interrupted {
      try laboratory.keep("capacity", question: question.name) { Array(try study.json()) }
    }
    return study
  }

  /// What a reader should know of the values that were turned: one that changed no figure on any seed, and one that does not turn what
  /// its name may be taken for.
  private func notes(_ bench: Bench) -> [String] {
    var notes: [String] = []
    for (index, knob) in question.knobs.enumerated() {
      let path = knob.path.joined(separator: ".")
      if bench.isIdle(index) {
        notes.append(
          "\(path) changes nothing: every figure is the same, seed by seed, at each value that was tried")
      } else if knob.path == ["customers", "count"] {
        notes.append(
          "customers.count changes among how many customers the usage is shared, and not how much there is: arrivals are totals"
        )
      }
    }
    return notes
  }

  // MARK: One knob

  private func curve(
    across index: Int?, _ bench: Bench, _ progress: (String) -> Void
  ) throws -> CapacityStudy.Curve {
    let knob = question.knobs[0]
    let path = knob.path.joined(separator: ".")
    let isRising = question.goal == .largest
    let setting = index.flatMap { index in question.across.map { $0.title(index) } }
    let title = setting.map { "\($0): " } ?? ""
    var points: [Int64: CapacityStudy.Point] = [:]
    func isMet(_ step: Int64) throws -> Bool {
      if let point = points[step] { return point.finding == .met }
      let point = try bench.point([step], across: index)
      points[step] = point
      return point.finding == .met
    }
    // From the easy end to the hard one.
    let steps = spread(over: knob.range.steps, count: grid)
    let order = isRising ? steps : steps.reversed()
    var met: Int64?
    var beyond: Int64?
    for step in order {
      progress("\(title)\(path) at \(knob.range.value(step: step).text)")
      if try isMet(step) {
        if beyond == nil { met = step }
      } else if beyond == nil {
        beyond = step
      }
    }
    if var low = met, var high = beyond {
      while (high - low).magnitude > 1 {
        let (inner, outer) = (knob.range.value(step: low), knob.range.value(step: high))
        let greater = max(inner.number.magnitude, outer.number.magnitude)
        if (outer.number - inner.number).magnitude <= precision * greater { break }
        progress("\(title)\(path) between \(inner.text) and \(outer.text)")
        let middle = low + (high - low) / 2
        if try isMet(middle) { low = middle } else { high = middle }
      }
      (met, beyond) = (low, high)
    }
    let sorted = points.sorted { $0.key < $1.key }
    let beyondPoint = beyond.flatMap { points[$0] }
    return CapacityStudy.Curve(
      setting: setting, points: sorted.map(\.value), answer: met.map { knob.range.value(step: $0).text },
      beyond: beyond.map { knob.range.value(step: $0).text },
      isMonotone: !sorted.contains { step, point in
        guard let beyond, point.finding == .met else { return false }
        return isRising ? step > beyond : step < beyond
      },
      binding: (beyondPoint ?? met.flatMap { points[$0] }).map(Self.binding) ?? [],
      knee: knee(sorted.map(\.value)), law: law(sorted.map(\.value)))
  }

  /// Steps from the least to the greatest, evenly, and both ends.
  private func spread(over steps: Int64, count: Int) -> [Int64] {
    let last = Int64(max(2, count) - 1)
    var all: [Int64] = []
    for index in 0...last {
      let step = Int64(Int128(steps) * Int128(index) / Int128(last))
      if all.last != step { all.append(step) }
    }
    return all
  }

  /// What is used up: in use for more than half of the time in which documents wait, and as much as anything else.
  private static func binding(_ point: CapacityStudy.Point) -> [CapacityStudy.Use] {
    let most = point.resources.values.max() ?? 0
    guard most > 0.5 else { return [] }
    return point.resources.filter { $0.value >= most - 0.05 }
      .map { CapacityStudy.Use(resource: $0.key, utilization: $0.value) }
      .sorted { ($1.utilization, $0.resource) < ($0.utilization, $1.resource) }
  }

  private func knee(_ points: [CapacityStudy.Point]) -> String? {
    guard let objective = question.objectives.first, objective.comparison != .greater,
      objective.comparison != .greaterOrEqual
    else { return nil }
    let curve = points.compactMap { point in
      point.estimates[objective.indicator.name].map {
        (x: point.numbers[0], y: $0.mean, text: point.values[0])
      }
    }
    return Knee.index(of: curve.map { ($0.x, $0.y) }).map { curve[$0].text }
  }

  /// For numbers of places or workers alone: of anything else there is no law.
  private func law(_ points: [CapacityStudy.Point]) -> CapacityStudy.Law? {
    guard question.knobs[0].path.last == "concurrency" else { return nil }
    let throughput = points.compactMap { point in
      point.estimates["postingThroughput"].map { (workers: point.numbers[0], throughput: $0.mean) }
    }
    guard let law = ScalabilityLaw(fitting: throughput) else { return nil }
    return CapacityStudy.Law(
      single: law.single, contention: law.contention, coherency: law.coherency,
      greatestResidual: law.greatestResidual)
  }

  // MARK: Several knobs

  private func map(_ bench: Bench, _ progress: (String) -> Void) throws -> [CapacityStudy.Point] {
    let axes = question.knobs.map { spread(over: $0.range.steps, count: grid) }
    var cells: [CapacityStudy.Point] = []
    for first in axes[0] {
      for second in axes[1] {
        progress("cell \(cells.count + 1) of \(axes[0].count * axes[1].count)")
        cells.append(try bench.point([first, second], across: nil))
      }
    }
    return cells
  }

  private func effects(_ bench: Bench, _ progress: (String) -> Void) throws -> [CapacityStudy.Effect] {
    let knobs = question.knobs
    let names =
      question.objectives.isEmpty ? ["closeCycleTime"] : question.objectives.map(\.indicator.name)
    func steps(_ point: [Double]) -> [Int64] {
      zip(knobs, point).map { Int64((Double($0.range.steps) * $1).rounded()) }
    }
    let screening = Screening(assumptions: knobs.count, paths: grid, seed: seed)
    var results: [[CapacityStudy.Point]] = []
    for (index, path) in screening.paths.enumerated() {
      progress("path \(index + 1) of \(screening.paths.count)")
      results.append(try path.map { try bench.point(steps($0), across: nil) })
    }
    let middle = knobs.map { _ in 0.5 }
    var all: [CapacityStudy.Effect] = []
    for name in Set(names).sorted() {
      // A value at which the indicator cannot be measured makes the effects of its path unknown.
      let values = results.map { path in path.map { $0.estimates[name]?.mean ?? .nan } }
      let effects = screening.effects(of: values)
      for (index, effect) in effects.enumerated() {
        progress("\(knobs[index].path.joined(separator: ".")) alone")
        let alone = try [0.0, 1.0].map { end -> Double? in
          var position = middle
          position[index] = end
          return try bench.point(steps(position), across: nil).estimates[name]?.mean
        }
        guard effect.magnitude.isFinite, effect.mean.isFinite, effect.spread.isFinite else { continue }
        all.append(
          CapacityStudy.Effect(
            path: knobs[index].path.joined(separator: "."), indicator: name, magnitude: effect.magnitude,
            mean: effect.mean, spread: effect.spread, alone: alone))
      }
    }
    return all.sorted { ($0.indicator, $1.magnitude, $0.path) < ($1.indicator, $0.magnitude, $1.path) }
  }

  // MARK: One point

  /// Tries values.
  private final class Bench {
    private let plan: CapacityPlan
    private let laboratory: Laboratory
    private(set) var runs = 0
    /// What came of each point: the steps of the knobs, the row, and the figures by seed.
    private var outcomes: [(steps: [Int64], row: Int?, replications: [Replication])] = []

    init(_ plan: CapacityPlan, _ laboratory: Laboratory) {
      self.plan = plan
      self.laboratory = laboratory
    }

    /// Whether two values of a knob were tried, all else equal, and no such pair has led to other figures.
    func isIdle(_ knob: Int) -> Bool {
      var pairs = 0
      for (index, a) in outcomes.enumerated() {
        for b in outcomes[..<index] where a.row == b.row && a.steps[knob] != b.steps[knob] {
          var others = (a.steps, b.steps)
          (others.0[knob], others.1[knob]) = (0, 0)
          guard others.0 == others.1 else { continue }
          pairs += 1
          for (x, y) in zip(a.replications, b.replications)
          where x.indicators != y.indicators || x.broken != y.broken || x.resources != y.resources {
            return false
          }
        }
      }
      return pairs > 0
    }

    /// What comes of values so many steps above the least, with as many replications as it takes.
    func point(_ steps: [Int64], across index: Int?) throws -> CapacityStudy.Point {
      let question = plan.question
      let values = zip(question.knobs, steps).map { $0.range.value(step: $1) }
      var edits: [ScenarioTemplate.Edit] = []
      if let index, let across = question.across {
        edits += across.paths.map { .set(path: $0, value: across.values[index]) }
      }
      for (knob, value) in zip(question.knobs, values) {
        edits.append(.set(path: knob.path, value: value.text))
      }
      let variant = Laboratory.Variant(name: values.map(\.text).joined(separator: ", "), edits: edits)
      var count = plan.replications.least
      while true {
        let seeds = (0..<count).map { plan.seed + UInt64($0) }
        let found = try laboratory.replications(of: [variant], seeds: seeds)[0]
        outcomes.append((steps, index, found))
        let (finding, reasons) = plan.judge(found)
        if finding != .open || count >= plan.replications.most {
          runs += count
          return plan.point(values, found, finding, reasons)
        }
        count = min(plan.replications.most, count * 2)
      }
    }
  }

  /// Whether replications meet the objectives.
  func judge(_ replications: [Replication]) -> (CapacityStudy.Finding, [String]) {
    var reasons: [String] = []
    for name in Set(replications.flatMap(\.broken)).sorted() {
      let seeds = replications.count { $0.broken.contains(name) }
      reasons.append("\(name) breaks on \(seeds) of \(replications.count) seeds")
    }
    if !reasons.isEmpty { return (.missed, reasons) }
    var isOpen = false
    // Both limits of a two-sided interval of this confidence are one-sided limits of the study's.
    let twoSided = 2 * confidence - 1
    for objective in question.objectives {
      let values = replications.compactMap { $0.indicators[objective.indicator.name] }
      guard values.count == replications.count else {
        reasons.append(
          "\(objective.text): could not be measured on \(replications.count - values.count) of \(replications.count) seeds"
        )
        continue
      }
      let interval = Interval(of: values, confidence: twoSided)
      guard let width = interval.halfWidth else {
        isOpen = true
        continue
      }
      let limits = [interval.mean - width, interval.mean + width].map(objective.isMet)
      if limits == [true, true] { continue }
      if limits == [false, false] {
        reasons.append(objective.text)
      } else {
        isOpen = true
      }
    }
    if !reasons.isEmpty { return (.missed, reasons) }
    return isOpen ? (.open, ["not shown within \(replications.count) replications"]) : (.met, [])
  }

  private func point(
    _ values: [(text: String, number: Double)], _ replications: [Replication],
    _ finding: CapacityStudy.Finding, _ reasons: [String]
  ) -> CapacityStudy.Point {
    var estimates: [String: Estimate] = [:]
    for name in question.objectives.map(\.indicator.name) + Self.companions {
      estimates[name] = Estimate(replications.compactMap { $0.indicators[name] }, confidence: confidence)
    }
    func means(_ values: [[String: Double]], _ combine: ([Double]) -> Double) -> [String: Double] {
      var all: [String: [Double]] = [:]
      for entry in values { for (name, value) in entry { all[name, default: []].append(value) } }
      return all.mapValues(combine)
    }
    return CapacityStudy.Point(
      values: values.map(\.text), numbers: values.map(\.number), runs: replications.count, finding: finding,
      reasons: reasons, estimates: estimates,
      resources: means(replications.map(\.resources)) { Moments($0).mean },
      peaks: means(replications.map(\.peaks)) { $0.max() ?? 0 })
  }
}
