import RunRecord
import Scenario
import Statistics

/// Which of several values matter: effects along trajectories (M. Morris), and shares of variance (I. Sobol').
struct EffectsStudy {
  let plan: CapacityPlan
  let bench: CapacityBench

  /// Replications of each trajectory of effects: two tell chance from what a value does.
  private static let replicationsOfTrajectory = 2
  /// Trajectories of effects, if nothing is said: enough for intervals that need no law.
  private static let trajectories = 12
  /// Rows of indices, if nothing is said.
  private static let rows = 100

  private var question: CapacityQuestion { plan.question }

  /// The indicators that are looked at.
  private var names: [String] {
    question.objectives.isEmpty
      ? ["closeCycleTime"] : Set(question.objectives.map(\.indicator.name)).sorted()
  }

  private func steps(_ point: [Double]) -> [Int64] {
    zip(question.knobs, point).map { Int64((Double($0.range.steps) * $1).rounded()) }
  }

  /// Where a point really is, as values have steps.
  private func position(_ steps: [Int64]) -> [Double] {
    zip(question.knobs, steps).map { $0.range.steps > 0 ? Double($1) / Double($0.range.steps) : 0 }
  }

  private func path(_ index: Int) -> String { question.knobs[index].title }

  /// Runs groups of points one after another, each group on seeds of its own, so that groups are independent.
  ///
  /// - Returns: by group, point and seed; of the groups that are complete where it was interrupted.
  private func run(
    _ groups: [[[Int64]]], seedsEach: Int, word: String, _ progress: (String) -> Void
  ) throws -> (results: [[[Replication]]], isInterrupted: Bool) {
    var results: [[[Replication]]] = []
    for (index, group) in groups.enumerated() {
      progress("\(word) \(index + 1) of \(groups.count)")
      let first = plan.seed + UInt64(index * seedsEach)
      do {
        results.append(try bench.measure(group, seeds: (0..<seedsEach).map { first + UInt64($0) }))
      } catch is Laboratory.Interrupted {
        return (results, true)
      }
    }
    return (results, false)
  }

  private func samples(_ groups: [[[Int64]]], _ results: [[[Replication]]]) -> CapacityStudy.Samples? {
    guard let size = groups.first?.count, !results.isEmpty else { return nil }
    var outcomes: [String: [Double?]] = [:]
    for name in names {
      outcomes[name] = results.joined().map { replications in
        let values = replications.compactMap { $0.value(of: name) }
        return values.count == replications.count ? Moments(values).mean : nil
      }
    }
    return CapacityStudy.Samples(
      size: size, positions: groups.prefix(results.count).joined().map(position), outcomes: outcomes)
  }

  // MARK: Effects

  /// What each value does, with intervals over trajectories.
  func effects(
    _ study: inout CapacityStudy, _ progress: (String) -> Void
  ) throws {
    let screening = Screening(
      assumptions: question.knobs.count, paths: plan.repetitions ?? Self.trajectories, seed: plan.seed)
    let groups = screening.paths.map { $0.map(steps) }
    let (results, isInterrupted) = try run(
      groups, seedsEach: Self.replicationsOfTrajectory, word: "trajectory", progress)
    study.samples = samples(groups, results)
    var alone: [[Replication]]?
    if !isInterrupted {
      progress("each value alone")
      alone = try? bench.measure(ends, seeds: (0..<3).map { plan.seed + UInt64($0) })
    }
    let positions = groups.map { $0.map(position) }
    for name in names {
      // A point that could not be measured has no number, and its trajectory no effect there.
      let values = results.map { $0.map { $0.map { $0.value(of: name) ?? .nan } } }
      study.effects += effects(screening, values, positions, name, alone)
    }
    if isInterrupted || alone == nil { throw Laboratory.Interrupted() }
  }

  /// Each value at its least and at its greatest, the others in the middle.
  private var ends: [[Int64]] {
    question.knobs.indices.flatMap { index in
      [0.0, 1.0].map { end in
        var point = question.knobs.map { _ in 0.5 }
        point[index] = end
        return steps(point)
      }
    }
  }

  private func effects(
    _ screening: Screening, _ values: [[[Double]]], _ positions: [[[Double]]], _ name: String,
    _ alone: [[Replication]]?
  ) -> [CapacityStudy.Effect] {
    let found = screening.effects(of: values, at: positions, confidence: plan.confidence)
    let known = found.indices.filter { found[$0] != nil }
    let order = known.sorted { a, b in
      let (first, second) = (found[a]?.magnitude.mean ?? 0, found[b]?.magnitude.mean ?? 0)
      return (second, path(a)) < (first, path(b))
    }
    return order.enumerated().compactMap { place, index in
      guard let effect = found[index] else { return nil }
      var entry = CapacityStudy.Effect(
        path: path(index), indicator: name, magnitude: effect.magnitude.mean, mean: effect.mean.mean,
        spread: effect.spread,
        alone: [0, 1].map { end in
          guard let replications = alone?[2 * index + end] else { return nil }
          let values = replications.compactMap { $0.value(of: name) }
          return values.isEmpty ? nil : Moments(values).mean
        })
      // All comparisons of neighbours hold together.
      let apart = 1 - (1 - plan.confidence) / Double(max(1, order.count - 1))
      entry.certainty = CapacityStudy.Certainty(
        magnitude: estimate(effect.magnitude, effect.count, within: 0...(.infinity)),
        mean: estimate(effect.mean, effect.count), isShown: effect.isShown ?? false,
        isGreaterThanNext: place + 1 < order.count
          ? screening.isGreater(index, than: order[place + 1], in: values, at: positions, confidence: apart)
          : nil)
      return entry
    }
  }

  private func estimate(
    _ limits: MeanLimits, _ count: Int, within range: ClosedRange<Double>? = nil
  ) -> Estimate {
    func clamped(_ value: Double?) -> Double? {
      guard let range, let value else { return value }
      return min(max(value, range.lowerBound), range.upperBound)
    }
    return Estimate(
      mean: limits.mean, lower: clamped(limits.lower), upper: clamped(limits.upper),
      confidence: plan.confidence,
      count: count)
  }

  // MARK: Indices

  /// What each value explains of the variance of an indicator.
  func indices(
    _ study: inout CapacityStudy, _ progress: (String) -> Void
  ) throws {
    let design = VarianceShares(
      assumptions: question.knobs.count, rows: plan.repetitions ?? Self.rows, seed: plan.seed)
    let groups = design.rows.map { $0.map(steps) }
    let (results, isInterrupted) = try run(groups, seedsEach: 1, word: "row", progress)
    study.samples = samples(groups, results)
    study.indices = names.flatMap { name -> [CapacityStudy.Index] in
      let values = results.map { $0.map { $0.first?.value(of: name) ?? .nan } }
      guard let found = VarianceShares.shares(of: values, confidence: plan.confidence) else { return [] }
      let shares = found.shares.enumerated().map { index, share in
        CapacityStudy.Index(
          path: path(index), indicator: name, first: estimate(share.first, found.rows),
          total: estimate(share.total, found.rows, within: 0...(.infinity)))
      }
      return shares.sorted { ($1.total?.mean ?? 0, $0.path ?? "") < ($0.total?.mean ?? 0, $1.path ?? "") }
        + [
          CapacityStudy.Index(
            path: nil, indicator: name, first: estimate(found.chance, found.rows), total: nil)
        ]
    }
    if isInterrupted { throw Laboratory.Interrupted() }
  }
}
