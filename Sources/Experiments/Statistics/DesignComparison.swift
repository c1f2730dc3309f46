import Foundation
import ResultsDatabase
import RunRecord
import Scenario
import SimulationKernel
import Statistics

/// Compares designs, or other variants of a scenario, on common random numbers: every variant meets the same usage, faults
/// and answers, seed by seed, so that differences are those of the designs (A. Law, "Simulation Modeling and Analysis", 5th
/// edition, sections 10.2 and 11.2).
package struct DesignComparison: Sendable {
  /// What is compared.
  package var variants: [Laboratory.Variant]
  /// When there are enough replications: the precision is that of the mean of every indicator of time. Intervals of skewed figures
  /// take more than others, and what is rare has none before it was seen a few times.
  package var rule = StoppingRule(precision: 0.05, minimum: 20, maximum: 60)
  /// With which all statements on differences hold together.
  package var confidence = 0.95
  /// The first seed.
  package var seed: UInt64 = 1
  /// Asks for the best variant; `nil`: every variant has as many replications as any other.
  package var choice: ChoiceQuestion?
  /// Conditions under which the comparison fails.
  package var conditions: [FailureCondition] = []

  /// What costs money, and what users wait for.
  static let indicators = [
    "ingestionCompleteness", "closeCycleTime", "postingLatency.p50", "postingLatency.p99", "drainTime",
    "exceptionCases", "reconciliationBreaks", "erpCalls", "documentsPosted", "logRecords",
    "cost", "costPerMillionEvents",
  ]

  /// Prepares a comparison of at least two variants.
  package init(_ variants: [Laboratory.Variant]) { self.variants = variants }

  /// How far it has come.
  package struct Progress: Sendable {
    /// Replications of each variant that are done.
    package var replications: Int
    /// At most.
    package var maximum: Int
  }

  /// Runs as many seeds as are needed.
  ///
  /// - Returns: the comparison; of what is complete where it was interrupted.
  package func perform(
    in laboratory: Laboratory, progress: (Progress) -> Void = { _ in }
  ) throws -> Comparison {
    var results: [[Replication]] = variants.map { _ in [] }
    var found: Comparison.Choice?
    var isInterrupted = false
    do {
      if let choice {
        found = try choose(choice, in: laboratory, &results, progress)
      }
      if choice == nil || !conditions.isEmpty {
        for count in looks {
          try extend(&results, to: count, in: laboratory)
          progress(Progress(replications: count, maximum: rule.maximum))
          let isDecided = judged(results).allSatisfy { $0.finding != .open }
          if isDecided, choice != nil || isEnough(results) { break }
        }
      }
    } catch is Laboratory.Interrupted {
      isInterrupted = true
    }
    var effects: [[ObjectiveJudge.FaultEffect]] = variants.map { _ in [] }
    if !isInterrupted {
      do {
        effects = try zip(variants, results).map { variant, found in
          try laboratory.faultEffects(found, of: variant, laboratory.traits(of: variant)).all
        }
      } catch is Laboratory.Interrupted {
        isInterrupted = true
      }
    }
    var comparison = comparison(results, effects, laboratory, isInterrupted)
    comparison.choice = found.map { qualified($0, results, effects) }
    if !conditions.isEmpty { comparison.conditions = qualified(judged(results), effects) }
    if !isInterrupted {
      try laboratory.keep("comparison", question: question) { Array(try comparison.json()) }
    }
    return comparison
  }

  /// What was asked, by which the result is found again.
  private var question: String {
    variants.map(\.name).joined(separator: " / ") + (choice.map { " · best \($0.text)" } ?? "")
      + conditions.map { " · \($0.text)" }.joined()
  }

  /// With how many replications the figures are looked at.
  var looks: [Int] {
    var counts = [rule.minimum]
    while let last = counts.last, last < rule.maximum {
      counts.append(min(rule.maximum, last * 2))
    }
    return counts
  }

  /// Gives every variant at least so many replications.
  private func extend(_ results: inout [[Replication]], to count: Int, in laboratory: Laboratory) throws {
    let missing = variants.indices.filter { results[$0].count < count }
    guard !missing.isEmpty else { return }
    let found = try laboratory.replications(
      of: missing.map { variants[$0] }, seeds: (0..<count).map { seed + UInt64($0) })
    for (index, replications) in zip(missing, found) { results[index] = replications }
  }

  private func isEnough(_ results: [[Replication]]) -> Bool {
    results.allSatisfy { replications in
      ["closeCycleTime", "postingLatency.p99"].allSatisfy { name in
        let values = replications.compactMap { $0.indicators[name] }
        guard let estimate = Estimate(values, confidence: confidence) else { return true }
        return rule.isEnough(
          Interval(
            mean: estimate.mean, halfWidth: estimate.halfWidth, confidence: confidence, count: values.count))
      }
    }
  }

  // MARK: The record

  private func comparison(
    _ results: [[Replication]], _ effects: [[ObjectiveJudge.FaultEffect]], _ laboratory: Laboratory,
    _ isInterrupted: Bool
  ) -> Comparison {
    let identity = laboratory.identity
    let names = Self.indicators.filter { name in
      results.contains { $0.contains { $0.indicators[name] != nil } }
    }
    let pairs = variants.indices.flatMap { first in
      (first + 1..<max(first + 1, variants.count)).map { (first, $0) }
    }
    let each = Comparisons.confidence(ofEach: pairs.count * names.count, together: confidence)
    let differences = names.flatMap { name in
      pairs.map { first, second in
        difference(name, first, second, results[first], results[second], confidence: each)
      }
    }
    let entries = variants.indices.map { entry(variants[$0], results[$0], effects[$0], names) }
    return Comparison(
      meterstorm: identity.meterstorm, scenario: identity.scenario, scenarioHash: identity.scenarioHash,
      options: identity.options, confidence: confidence,
      seeds: results.max { $0.count < $1.count }?.map(\.seed) ?? [],
      variants: entries,
      indicators: names.map { name in
        Comparison.Indicator(
          name: name, unit: Expectation.indicator(name)?.unit(laboratory.campaign.template.scenario) ?? "1",
          title: Expectation.indicator(name)?.title)
      }, differences: differences,
      interrupted: isInterrupted)
  }

  private func entry(
    _ variant: Laboratory.Variant, _ replications: [Replication], _ effects: [ObjectiveJudge.FaultEffect],
    _ names: [String]
  ) -> Comparison.Variant {
    var broken: [String: Int] = [:]
    for name in replications.flatMap(\.broken) { broken[name, default: 0] += 1 }
    let sound = replications.count { $0.broken.isEmpty }
    var estimates: [String: Estimate] = [:]
    for name in names {
      estimates[name] =
        Estimate(replications.compactMap { $0.indicators[name] }, confidence: confidence)?.neverNegative
      // Times alone: what is always the same, such as the number of documents, is so whatever the faults are.
      guard Expectation.indicator(name)?.dimension == .duration else { continue }
      if effects.contains(where: { $0.isUnseen(in: name) }) { estimates[name]?.leaveOpen() }
    }
    let verdicts = replications.compactMap(\.verdicts)
    return Comparison.Variant(
      name: variant.name, settings: variant.edits.map(\.text), runs: replications.count, sound: sound,
      broken: broken.map { Comparison.Broken(invariant: $0.key, seeds: $0.value) }
        .sorted { ($1.seeds, $0.invariant) < ($0.seeds, $1.invariant) },
      failureBound: sound == replications.count && sound > 0
        ? Comparisons.failureBound(runs: sound, confidence: confidence) : nil,
      estimates: estimates,
      invariants: verdicts.count == replications.count && !verdicts.isEmpty
        ? InvariantTally(together: verdicts) : nil)
  }

  private func difference(
    _ name: String, _ first: Int, _ second: Int, _ ours: [Replication], _ theirs: [Replication],
    confidence: Double
  ) -> Comparison.Difference {
    let values = zip(ours, theirs).compactMap { a, b -> Double? in
      guard let x = a.indicators[name], let y = b.indicators[name] else { return nil }
      return x - y
    }
    let estimate =
      Estimate(values, confidence: confidence)
      ?? Estimate(mean: 0, halfWidth: nil, confidence: confidence, count: 0)
    let finding: Comparison.Difference.Finding
    if estimate.count > 1 {
      finding =
        if values.allSatisfy({ $0 == 0 }) { .identical } else if let upper = estimate.upper, upper < 0 {
          .lower
        } else if let lower = estimate.lower, lower > 0 { .higher } else if estimate.halfWidth == nil {
          .unknown
        } else { .none }
    } else {
      finding = .unknown
    }
    return Comparison.Difference(
      indicator: name, first: variants[first].name, second: variants[second].name, difference: estimate,
      finding: finding)
  }
}

extension Expectation.Indicator {
  /// The unit of its figures in records.
  var unit: String {
    switch dimension {
    case .duration: "s"
    case .count: "1"
    case .share: "share"
    case .money: "money"
    }
  }
}
