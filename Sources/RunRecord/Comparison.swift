import Foundation

/// Designs, or other variants of a scenario, side by side on the same seeds.
package struct Comparison: Codable, Equatable, Sendable {
  /// The version of this format.
  package static let currentSchema = "meterstorm.comparison/1"

  /// One of those that are compared.
  package struct Variant: Codable, Equatable, Sendable {
    /// The name.
    package var name: String
    /// What it changes in the scenario.
    package var settings: [String]
    /// Replications that were run.
    package var runs: Int
    /// Of them, those in which no invariant broke. See ``invariants`` for how much was looked at.
    package var sound: Int
    /// How many invariants have which verdict over all its replications; `nil` where they were run by a version that did not keep
    /// verdicts.
    package var invariants: InvariantTally?
    /// Invariants that broke, and on how many seeds, most first.
    package var broken: [Broken]
    /// Where nothing broke: invariants break on no more than this share of all seeds, with the study's confidence.
    package var failureBound: Double?
    /// Each indicator that could be measured.
    package var estimates: [String: Estimate]

    /// Makes an entry.
    package init(
      name: String, settings: [String], runs: Int, sound: Int, broken: [Broken], failureBound: Double?,
      estimates: [String: Estimate], invariants: InvariantTally? = nil
    ) {
      self.invariants = invariants
      self.name = name
      self.settings = settings
      self.runs = runs
      self.sound = sound
      self.broken = broken
      self.failureBound = failureBound
      self.estimates = estimates
    }
  }

  /// An invariant that broke.
  package struct Broken: Codable, Equatable, Sendable {
    /// The invariant.
    package var invariant: String
    /// On how many seeds.
    package var seeds: Int

    /// Makes an entry.
    package init(invariant: String, seeds: Int) {
      self.invariant = invariant
      self.seeds = seeds
    }
  }

  /// By how much a figure of one variant differs from that of another on the same seeds.
  package struct Difference: Codable, Equatable, Sendable {
    /// What can be said of it.
    package enum Finding: String, Codable, Sendable {
      /// The first is lower: zero lies outside the interval.
      case lower
      /// The first is higher.
      case higher
      /// Zero lies within the interval.
      case none
      /// Both are the same on every seed.
      case identical
      /// Too few seeds on which both could be measured.
      case unknown
    }

    /// The indicator.
    package var indicator: String
    /// The first variant.
    package var first: String
    /// The second variant.
    package var second: String
    /// The first less the second.
    package var difference: Estimate
    /// What can be said.
    package var finding: Finding

    /// Makes an entry.
    package init(indicator: String, first: String, second: String, difference: Estimate, finding: Finding) {
      self.indicator = indicator
      self.first = first
      self.second = second
      self.difference = difference
      self.finding = finding
    }
  }

  /// The version of the format.
  package var schema = Comparison.currentSchema
  /// The version of Meterstorm.
  package var meterstorm: String
  /// The scenario's file.
  package var scenario: String
  /// The hash of the scenario and everything that it names.
  package var scenarioHash: String
  /// Options that shape what is simulated.
  package var options: [String]
  /// All intervals of differences hold together with this confidence; those of means hold one by one.
  package var confidence: Double
  /// The seeds, the same for all; a variant that left a choice early has the first of them.
  package var seeds: [UInt64]
  /// What is compared, in the order in which it was named.
  package var variants: [Variant]
  /// Indicators that are compared, with their units, in order.
  package var indicators: [Indicator]
  /// Every pair on every indicator.
  package var differences: [Difference]
  /// The best of them, where that was asked.
  package var choice: Choice?
  /// What came of the conditions under which the comparison fails, where there are any.
  package var conditions: [Condition]?
  /// Whether it was stopped before its last seed.
  package var interrupted: Bool

  /// A figure that is compared.
  package struct Indicator: Codable, Equatable, Sendable {
    /// The name.
    package var name: String
    /// The unit: `s`, `1` or `share`.
    package var unit: String
    /// What people call it; `nil` in comparisons of earlier versions.
    package var title: String?

    /// Makes an entry.
    package init(name: String, unit: String, title: String? = nil) {
      self.name = name
      self.unit = unit
      self.title = title
    }
  }

  /// Makes a comparison.
  package init(
    meterstorm: String, scenario: String, scenarioHash: String, options: [String], confidence: Double,
    seeds: [UInt64], variants: [Variant], indicators: [Indicator], differences: [Difference],
    interrupted: Bool
  ) {
    self.meterstorm = meterstorm
    self.scenario = scenario
    self.scenarioHash = scenarioHash
    self.options = options
    self.confidence = confidence
    self.seeds = seeds
    self.variants = variants
    self.indicators = indicators
    self.differences = differences
    self.interrupted = interrupted
  }

  /// The comparison as JSON, indented, with sorted keys and a newline at the end.
  package func json() throws -> Data { try RecordJSON.encode(self) }
}
