import Foundation

/// What came of comparing the results of two commits.
package struct GateRecord: Codable, Equatable, Sendable {
  /// The version of this format.
  package static let currentSchema = "meterstorm.gate/1"

  /// One of the two.
  package struct Side: Codable, Equatable, Sendable {
    /// The database, file or folder.
    package var source: String
    /// The commit; left out where it is not known.
    package var commit: String?

    /// Makes a side.
    package init(source: String, commit: String?) { (self.source, self.commit) = (source, commit) }
  }

  /// What can be said of a property.
  package enum PropertyFinding: String, Codable, Sendable {
    /// It fails in the candidate, and on no seed of the base: on seeds that the base ran as well, or on more of others than chance explains.
    case newFailure
    /// It fails in the candidate, on no seed of the base, and only on seeds that the base did not run: on too few of them to tell.
    case unknown
    /// It failed before, and fails on more of the same seeds than chance explains.
    case moreFailures
    /// It fails in both, and no difference is shown.
    case same
    /// It failed in the base, and on no seed of the candidate.
    case gone
  }

  /// An invariant or expectation that fails in one of the two.
  package struct Property: Codable, Equatable, Sendable {
    /// The invariant or expectation.
    package var name: String
    /// On how many seeds of the base it fails.
    package var base: Int
    /// On how many seeds of the candidate it fails.
    package var candidate: Int
    /// On how many seeds that both ran it fails in the candidate alone.
    package var newlyFailing: Int
    /// On how many seeds that both ran it fails in the base alone.
    package var newlyPassing: Int
    /// On how many seeds that both ran it fails in both.
    package var failingInBoth: Int
    /// Seeds on which it fails in the candidate and not in the base, at most ten.
    package var seeds: [UInt64]
    /// The chance of so many newly failing seeds among those that differ, if nothing had changed; left out where no seed differs.
    package var probability: Double?
    /// What can be said.
    package var finding: PropertyFinding
    /// Repeats the simplest failing run; left out where it does not fail.
    package var command: String?

    /// Makes an entry.
    package init(
      name: String, base: Int, candidate: Int, newlyFailing: Int, newlyPassing: Int, failingInBoth: Int,
      seeds: [UInt64], probability: Double?, finding: PropertyFinding, command: String?
    ) {
      self.failingInBoth = failingInBoth
      (self.name, self.base, self.candidate) = (name, base, candidate)
      (self.newlyFailing, self.newlyPassing, self.seeds) = (newlyFailing, newlyPassing, seeds)
      (self.probability, self.finding, self.command) = (probability, finding, command)
    }
  }

  /// What can be said of an indicator.
  package enum IndicatorFinding: String, Codable, Sendable {
    /// The candidate is worse: the interval excludes zero, or it is worse on more seeds than chance explains.
    case worse
    /// The candidate is better.
    case better
    /// The candidate's figures are better, and some of its runs break an invariant that held in the base: what posts twice posts more.
    case unsound
    /// It could be measured on seeds of the base on which it no longer can.
    case vanished
    /// No difference is shown.
    case none
    /// The same on every seed.
    case identical
    /// Too few seeds for an interval.
    case unknown
  }

  /// An indicator, paired by seed.
  package struct Indicator: Codable, Equatable, Sendable {
    /// The name.
    package var name: String
    /// The unit: `s`, `1`, `share` or `money`.
    package var unit: String
    /// Seeds on which both could be measured.
    package var pairs: Int
    /// The mean of the base over them.
    package var base: Double
    /// The mean of the candidate over them.
    package var candidate: Double
    /// Candidate less base; all intervals of a gate hold together.
    package var difference: Estimate
    /// What can be said.
    package var finding: IndicatorFinding
    /// On how many of the pairs the candidate is worse, and on how many better.
    package var worseOn: Int
    package var betterOn: Int

    /// Makes an entry.
    package init(
      name: String, unit: String, pairs: Int, base: Double, candidate: Double, difference: Estimate,
      finding: IndicatorFinding, worseOn: Int = 0, betterOn: Int = 0
    ) {
      (self.worseOn, self.betterOn) = (worseOn, betterOn)
      (self.name, self.unit, self.pairs) = (name, unit, pairs)
      (self.base, self.candidate, self.difference, self.finding) = (base, candidate, difference, finding)
    }
  }

  /// A scenario that both ran, under the same options.
  package struct Scenario: Codable, Equatable, Sendable {
    /// The scenario.
    package var scenario: String
    /// Options that shape what is simulated.
    package var options: [String]
    /// Seeds that the base ran.
    package var base: Int
    /// Seeds that the candidate ran.
    package var candidate: Int
    /// Seeds that both ran, with the same variant.
    package var pairs: Int
    /// Of them, those whose runs are the same, event by event.
    package var identical: Int
    /// Seeds that both ran, with different variants: they are not compared.
    package var otherVariants: Int
    /// Whether the scenario, or a file that it names, has changed between the two.
    package var hasChanged: Bool
    /// What fails in either, the worst first.
    package var properties: [Property]
    /// Indicators that could be paired, in order.
    package var indicators: [Indicator]
    /// Invariants that the base exercised, and the candidate on no seed.
    package var noLongerExercised: [String]

    /// Makes an entry.
    package init(
      scenario: String, options: [String], base: Int, candidate: Int, pairs: Int, identical: Int,
      otherVariants: Int, hasChanged: Bool, properties: [Property], indicators: [Indicator],
      noLongerExercised: [String]
    ) {
      (self.scenario, self.options, self.base, self.candidate) = (scenario, options, base, candidate)
      (self.pairs, self.identical, self.otherVariants) = (pairs, identical, otherVariants)
      (self.hasChanged, self.properties, self.indicators) = (hasChanged, properties, indicators)
      self.noLongerExercised = noLongerExercised
    }
  }

  /// A count of work that both sides have.
  package struct Count: Codable, Equatable, Sendable {
    /// What was done.
    package var name: String
    /// What was counted.
    package var kind: WorkCounts.Kind
    /// Its unit.
    package var unit: String
    /// The base's count.
    package var base: Double
    /// The candidate's count.
    package var candidate: Double
    /// The candidate's over the base's, less one; left out where the base counted nothing.
    package var change: Double?

    /// Makes an entry.
    package init(
      name: String, kind: WorkCounts.Kind, unit: String, base: Double, candidate: Double, change: Double?
    ) {
      (self.name, self.kind, self.unit) = (name, kind, unit)
      (self.base, self.candidate, self.change) = (base, candidate, change)
    }
  }

  /// What can be said of a condition.
  package enum ConditionFinding: String, Codable, Sendable {
    /// It is met: the gate fails.
    case failed
    /// It is not met, or not shown to be.
    case passed
    /// There was nothing to judge it by.
    case notJudged
  }

  /// Why a condition fails, or could not be judged.
  package struct Reason: Codable, Equatable, Sendable {
    /// In words.
    package var text: String
    /// Repeats it; left out where no single run shows it.
    package var command: String?
    /// The scenario's file; left out where it is about none.
    package var scenario: String?

    /// Makes a reason.
    package init(_ text: String, command: String? = nil, scenario: String? = nil) {
      (self.text, self.command, self.scenario) = (text, command, scenario)
    }
  }

  /// A condition under which the gate fails.
  package struct Condition: Codable, Equatable, Sendable {
    /// As written.
    package var text: String
    /// What can be said.
    package var finding: ConditionFinding
    /// Whether it was asked for by name: then, that it could not be judged fails as well.
    package var isRequired: Bool
    /// Why, the worst first.
    package var reasons: [Reason]

    /// Whether the gate fails because of it.
    package var fails: Bool { finding == .failed || finding == .notJudged && isRequired }

    /// Makes an entry.
    package init(text: String, finding: ConditionFinding, isRequired: Bool, reasons: [Reason]) {
      (self.text, self.finding, self.isRequired, self.reasons) = (text, finding, isRequired, reasons)
    }
  }

  /// The version of the format.
  package var schema = GateRecord.currentSchema
  /// The version of Meterstorm.
  package var meterstorm: String
  /// With which the statements on indicators and on more failures hold together.
  package var confidence: Double
  /// What is compared with.
  package var base: Side
  /// What is judged.
  package var candidate: Side
  /// What both ran.
  package var scenarios: [Scenario]
  /// What both counted.
  package var counts: [Count]
  /// What only one of the two has, in words.
  package var notes: [String]
  /// The conditions, in their order.
  package var conditions: [Condition]
  /// The worst reason to fail; left out where there is none.
  package var worst: Reason?
  /// Whether no condition fails.
  package var verdict: Verdict

  /// Makes a record.
  package init(
    meterstorm: String, confidence: Double, base: Side, candidate: Side, scenarios: [Scenario],
    counts: [Count], notes: [String], conditions: [Condition]
  ) {
    self.meterstorm = meterstorm
    self.confidence = confidence
    self.base = base
    self.candidate = candidate
    self.scenarios = scenarios
    self.counts = counts
    self.notes = notes
    self.conditions = conditions
    let failing = conditions.filter(\.fails)
    verdict = failing.isEmpty ? .pass : .fail
    worst = (failing.first { $0.finding == .failed } ?? failing.first)?.reasons.first
  }

  /// The record as JSON, indented, with sorted keys and a newline at the end.
  package func json() throws -> Data { try RecordJSON.encode(self) }
}
