import CanonicalModel
import Chronology
import RunRecord
import Scenario
import Statistics
import World

/// Tells from replications whether objectives are met, each decision wrong with no more than a stated probability.
///
/// An objective without a part of months or runs is about the long-run mean over runs. Whether a share of months or runs is
/// reached follows from counting alone, whatever the figures are (Clopper and Pearson). A mean does not: no sample tells of what it
/// has not met (``MeanLimits``). So a mean is not judged where nothing is seen of what could move it: where all replications give
/// the same figure although the scenario draws at random, where so few stand out so far that the mean rests on them, or where a
/// random fault comes so seldom that none of the replications met one that changes the figure.
struct ObjectiveJudge {
  /// What has to be met.
  let objectives: [Expectation]
  /// Whether anything of the scenario is drawn at random.
  let isRandom: Bool

  /// With what probability each side may be wrong.
  struct Error {
    /// Of calling an objective met that is not.
    var met: Double
    /// Of calling one missed that is met.
    var missed: Double
  }

  typealias Judgement = (finding: CapacityStudy.Finding, reason: String?)

  /// Judges all objectives: met where each is, missed where one is.
  func finding(_ replications: [Replication], _ error: Error) -> (CapacityStudy.Finding, [String]) {
    let broken = Set(replications.flatMap(\.broken)).sorted()
    if !broken.isEmpty {
      return (
        .missed,
        broken.map { name in
          "\(name) breaks on \(replications.count { $0.broken.contains(name) }) of \(replications.count) seeds"
        }
      )
    }
    let all = objectives.map { objective in
      objective.portion == nil
        ? mean(objective, replications, error) : share(objective, replications, error)
    }
    let missed = all.filter { $0.finding == .missed }.compactMap(\.reason)
    if !missed.isEmpty { return (.missed, missed) }
    if all.contains(where: { $0.finding == .open }) { return (.open, all.compactMap(\.reason)) }
    return (.met, [])
  }

  // MARK: Means

  private func mean(
    _ objective: Expectation, _ replications: [Replication], _ error: Error
  ) -> Judgement {
    let name = objective.indicator.name
    let values = replications.compactMap { $0.value(of: name) }
    guard values.count == replications.count, let first = values.first else {
      return (
        .missed,
        "\(objective.text): could not be measured on \(replications.count - values.count) of \(replications.count) seeds"
      )
    }
    guard values.count > 1 else { return (.open, Self.notShown(objective, values.count)) }
    return values.allSatisfy { $0 == first }
      ? constant(objective, first, values.count, error) : varying(objective, values, error)
  }

  private func varying(_ objective: Expectation, _ values: [Double], _ error: Error) -> Judgement {
    // Limits lie no nearer than Student's: where those decide nothing, the others need not be worked out.
    func student(_ error: Double) -> (lower: Double, upper: Double) {
      let interval = Interval(of: values, confidence: 1 - 2 * error)
      let half = interval.halfWidth ?? .infinity
      return (interval.mean - half, interval.mean + half)
    }
    func limits(_ error: Double) -> MeanLimits { MeanLimits(of: values, eachWithError: error) }
    let (near, far) = (student(error.met), student(error.missed))
    var isMet = false
    var isMissed = false
    var restsOnFew = false
    switch objective.comparison {
    case .less, .lessOrEqual:
      if objective.isMet(by: near.upper) {
        let limits = limits(error.met)
        isMet = limits.upper.map(objective.isMet) ?? false
        restsOnFew = limits.restsOnFew
      }
      if !objective.isMet(by: far.lower) {
        isMissed = limits(error.missed).lower.map { !objective.isMet(by: $0) } ?? false
      }
    case .greater, .greaterOrEqual:
      if objective.isMet(by: near.lower) {
        let limits = limits(error.met)
        isMet = limits.lower.map(objective.isMet) ?? false
        restsOnFew = limits.restsOnFew
      }
      if !objective.isMet(by: far.upper) {
        isMissed = limits(error.missed).upper.map { !objective.isMet(by: $0) } ?? false
      }
    case .equal:
      // A mean of figures that differ is never shown to be one number.
      if !(far.lower...far.upper).contains(objective.threshold) {
        let limits = limits(error.missed)
        isMissed =
          limits.lower.map { $0 > objective.threshold } ?? false
          || limits.upper.map { $0 < objective.threshold } ?? false
      }
    }
    if isMet { return (.met, nil) }
    if isMissed { return (.missed, objective.text) }
    guard restsOnFew else { return (.open, Self.notShown(objective, values.count)) }
    return (
      .open,
      "\(objective.text): the mean depends on a few outliers among \(values.count) replications; more replications, "
        + "or '\(objective.text) in 95% of runs'"
    )
  }

  /// Whether as many replications as are allowed can be expected to show that means meet their objectives: whether they would if further
  /// ones had the same mean and scatter, by Student's limits, which are the nearest.
  ///
  /// - Parameter error: the probability with which they may be called met where they are not, over all looks.
  func mayShow(_ replications: [Replication], _ looks: Looks, error: Double) -> Bool {
    objectives.allSatisfy { objective in
      guard objective.portion == nil else { return true }
      let values = replications.compactMap { $0.value(of: objective.indicator.name) }
      let last = looks.error(of: looks.sizes.count - 1, total: error)
      let interval = Interval(of: values, confidence: 1 - 2 * last)
      guard let half = interval.halfWidth else { return true }
      let then = half * (Double(values.count) / Double(looks.maximum)).squareRoot()
      return switch objective.comparison {
      case .less, .lessOrEqual: objective.isMet(by: interval.mean + then)
      case .greater, .greaterOrEqual: objective.isMet(by: interval.mean - then)
      case .equal: false
      }
    }
  }

  /// Where all replications give the same figure.
  private func constant(_ objective: Expectation, _ value: Double, _ count: Int, _ error: Error) -> Judgement
  {
    let isMet = objective.isMet(by: value)
    if !isRandom { return isMet ? (.met, nil) : (.missed, objective.text) }
    // Other figures may occur, but only so often; as none is negative, the mean has a lower limit all the same.
    func minimum(_ error: Double) -> Double {
      max(0, value) * Proportion.lowerLimit(Double(count), of: Double(count), error: error)
    }
    switch objective.comparison {
    case .less, .lessOrEqual:
      if !objective.isMet(by: minimum(error.missed)) { return (.missed, objective.text) }
    case .greater, .greaterOrEqual:
      if objective.isMet(by: minimum(error.met)) { return (.met, nil) }
    case .equal: break
    }
    return (
      .open,
      "\(objective.text): all \(count) replications give the same figure although the scenario draws at random, so nothing is known about "
        + "what others may give; more replications, or '\(objective.text) in 95% of runs'"
    )
  }

  // MARK: Random faults

  /// Replications without one of the scenario's random faults.
  struct FaultEffect {
    /// How a reader finds the fault.
    var fault: String
    /// How often it begins in all of them together.
    var happenings: Int
    /// With the fault.
    var with: [Replication]
    /// Without it.
    var without: [Replication]
    /// How often a lot has hit anything in each of them, where there is no other way to tell.
    var hits: [Int]?

    /// Whether nothing is known of what the fault does to a figure: it begins less often than once per run, and has changed the figure
    /// in none, or has only changed other times by much more.
    func isUnseen(in indicator: String) -> Bool {
      if let hits {
        // Two hits that leave a figure among those of all other runs say as little as none.
        let values = zip(with, hits).map { ($0.value(of: indicator), $1) }
        let others = values.filter { $0.1 == 0 }.compactMap(\.0)
        guard let minimum = others.min(), let greatest = others.max() else { return false }
        return values.allSatisfy { $1 == 0 || $0.map { (minimum...greatest).contains($0) } ?? false }
      }
      return happenings < with.count
        && zip(with, without).allSatisfy { $0.value(of: indicator) == $1.value(of: indicator) }
        || reachBeyond(indicator) != nil
    }

    /// A fault that begins more often than so many times per run is taken to have done in some of the replications whatever it can.
    static let seldom = 3

    /// By how much the fault has changed another time of a run, where it has changed this one by less than half of that in all runs
    /// but two or fewer. A median, say, is only moved where the fault meets most documents, which may happen in one run in a hundred:
    /// as seldom as that no replication need have met it (3 / n, with 95 % confidence), and by so much that the mean depends on it.
    ///
    /// - Returns: `nil` where nothing is hidden, and for figures that are no times.
    func reachBeyond(_ indicator: String) -> (name: String, span: Double)? {
      guard Expectation.indicator(indicator)?.dimension == .duration, happenings < Self.seldom * with.count
      else {
        return nil
      }
      func effects(_ name: String) -> [Double] {
        zip(with, without).compactMap { with, without in
          with.value(of: name).flatMap { with in without.value(of: name).map { (with - $0).magnitude } }
        }
      }
      let times = Expectation.indicators.filter { $0.dimension == .duration && $0.name != indicator }
      let greatest = times.compactMap { time in
        effects(time.name).max().map { (name: time.name, span: $0) }
      }.max { $0.span < $1.span }
      guard let greatest, greatest.span > 0,
        effects(indicator).count(where: { $0 > greatest.span / 2 }) < 3
      else { return nil }
      let values = with.compactMap { $0.value(of: indicator) }
      guard !values.isEmpty else { return nil }
      let mean = Moments(values).mean.magnitude
      return greatest.span * 3 / Double(with.count) > mean / 20 ? greatest : nil
    }
  }

  /// Why means that seem to be met are open: what a fault would do to the mean nobody has seen.
  func unseen(_ effects: [FaultEffect]) -> [String] {
    objectives.filter { $0.portion == nil }.flatMap { objective -> [String] in
      let name = objective.indicator.name
      return effects.compactMap { effect -> String? in
        guard effect.isUnseen(in: name) else { return nil }
        if let (other, span) = effect.reachBeyond(name) {
          return
            "\(objective.text): a random fault (\(effect.fault)) lengthened \(other) by up to \(Span.seconds(Int64(span))), and "
            + "what it does to \(name) was not seen in \(effect.with.count) replications; more replications, or '\(objective.text) in 95% of runs'"
        }
        let met = effect.hits == nil ? "a random fault (\(effect.fault))" : "anything of \(effect.fault)"
        return
          "\(objective.text): none of \(effect.with.count) replications met \(met) that changes \(name), so nothing is "
          + "known of what one does to the mean; more replications, or '\(objective.text) in 95% of runs'"
      }
    }
  }

  // MARK: Shares

  private func share(_ objective: Expectation, _ replications: [Replication], _ error: Error) -> Judgement {
    guard let portion = objective.portion, let counts = Self.counts(objective, replications) else {
      return (.missed, "\(objective.text): could not be measured on every seed")
    }
    let limits = ShareLimits(counts, error: error.met)
    if limits.lower >= portion.share { return (.met, nil) }
    if ShareLimits(counts, error: error.missed).upper < portion.share { return (.missed, objective.text) }
    return (.open, Self.notShown(objective, replications.count))
  }

  /// How many of the months of each run, or whether a run, meets an objective; `nil` where one could not be measured.
  static func counts(
    _ objective: Expectation, _ replications: [Replication]
  ) -> [(successes: Int, trials: Int)]? {
    var counts: [(successes: Int, trials: Int)] = []
    for replication in replications {
      if objective.portion?.unit == .months {
        guard let months = replication.months, !months.isEmpty else { return nil }
        let met = months.compactMap(objective.isMet(in:))
        guard met.count == months.count else { return nil }
        counts.append((met.count { $0 }, met.count))
      } else {
        guard let value = replication.value(of: objective.indicator.name) else { return nil }
        counts.append((objective.isMet(by: value) ? 1 : 0, 1))
      }
    }
    return counts
  }

  /// The limits of a share that was counted.
  struct ShareLimits {
    var share: Double
    var lower: Double
    var upper: Double

    init(_ counts: [(successes: Int, trials: Int)], error: Double) {
      let trials = counts.reduce(0) { $0 + $1.trials }
      share = trials > 0 ? Double(counts.reduce(0) { $0 + $1.successes }) / Double(trials) : 0
      let worth = Proportion.effectiveTrials(counts)
      lower = Proportion.lowerLimit(share * worth, of: worth, error: error)
      upper = Proportion.upperLimit(share * worth, of: worth, error: error)
    }
  }

  private static func notShown(_ objective: Expectation, _ count: Int) -> String {
    "\(objective.text): not shown within \(count) replications"
  }

  /// Where a search goes on: by the figures alone, however uncertain.
  func leans(_ replications: [Replication]) -> Bool {
    objectives.allSatisfy { objective in
      if let portion = objective.portion {
        return Self.counts(objective, replications).map { ShareLimits($0, error: 0.5).share >= portion.share }
          ?? false
      }
      let values = replications.compactMap { $0.value(of: objective.indicator.name) }
      return values.count == replications.count && !values.isEmpty
        && objective.isMet(by: Moments(values).mean)
    }
  }
}

extension Replication {
  /// The figure of an indicator; of an entity's own where the scenario has but one, that of all.
  func value(of name: String) -> Double? {
    if let value = indicators[name] { return value }
    guard let months, let open = name.firstIndex(of: "(") else { return nil }
    let values = months.compactMap { $0.values[name] }
    guard values.count == months.count, !values.isEmpty else { return nil }
    return name[..<open] == "closeCycleTime" ? values.max() : indicators[String(name[..<open])]
  }
}

extension SimulationRun {
  /// Whether anything that can reach an indicator is drawn at random: arrivals, quantities, service times, lots of any kind.
  var drawsAtRandom: Bool {
    let loads = scenario.load.contains { load in
      guard case .synthetic(let arrivals, let quantities) = load.pattern else { return false }
      if case .constant = arrivals {
        return quantities.contains { if case .constant = $0.distribution { false } else { true } }
      }
      return true
    }
    let systems = assembly.world.erps.contains { erp in
      (erp.latency > .zero && (erp.latencyLaw != .logNormal || erp.latencySigma > 0)) || erp.lostAnswers > 0
        || erp.laterRejections > 0
    }
    let delivery = scenario.delivery
    let shares = [
      delivery.duplicateShare, delivery.lateShare, delivery.unknownAccountShare, delivery.correctionShare,
      delivery.invalidShare, delivery.crossRegionShare, delivery.restampedShare,
      scenario.broker.redeliveryShare,
    ]
    let faults = scenario.faults.contains { fault in
      if case .random = fault.timing { return true }
      return fault.kind.drawsLots
    }
    return loads || systems || shares.contains { $0 > 0 } || faults || scenario.payments != nil
      || scenario.credits != nil
  }

  /// What hits only a share of what it meets: faults, and what an ERP does of its own.
  var lots: [StudyTraits.Lot] {
    var lots: [StudyTraits.Lot] = []
    for (number, fault) in scenario.faults.enumerated() {
      guard let share = fault.kind.share, share > 0, share < 1, assembly.world.canHappen(declared: number)
      else { continue }
      lots.append(.init(name: "faults.\(number)", key: "faults.\(number)", share: share))
    }
    func add(_ key: String, _ share: (ERPProfile) -> Double) {
      let shares = assembly.world.erps.map(share)
      let all = shares.enumerated().filter { $0.element > 0 && $0.element < 1 }
      guard let greatest = all.max(by: { $0.element < $1.element }) else { return }
      lots.append(.init(name: "entities.\(greatest.offset).erp.\(key)", key: key, share: greatest.element))
    }
    add("laterRejections") { $0.laterRejections }
    add("lostAnswers") { $0.lostAnswers }
    return lots
  }

  /// Which of the scenario's faults come at random.
  var randomFaults: [Int] {
    scenario.faults.indices.filter { if case .random = scenario.faults[$0].timing { true } else { false } }
  }
}
