import Foundation

/// What a capacity study has found.
package struct CapacityStudy: Codable, Equatable, Sendable {
  /// The version of this format.
  package static let currentSchema = "meterstorm.capacity/1"

  /// Whether the objectives are met with a value.
  package enum Finding: String, Codable, Sendable {
    /// Shown, with the study's confidence.
    case met
    /// Shown that one of them is not, or an invariant broke.
    case missed
    /// Neither, within the replications allowed.
    case open
    /// A few replications of the search look like it; it was not judged.
    case seemsMet
    /// A few replications of the search look like one is missed; it was not judged.
    case seemsMissed
  }

  /// A value that was turned.
  package struct Knob: Codable, Equatable, Sendable {
    /// Where it stands; several places that were turned together, with commas.
    package var path: String
    /// The least that was tried.
    package var from: String
    /// The greatest.
    package var to: String
    /// From one value to the next, where that was said.
    package var step: String?
    /// The values that were tried, where they were listed.
    package var values: [String]?
    /// What it is, where it has a name: `customers`, `load` (per cent of today's), `outage` (its length), `workers` or `places`.
    package var subject: String?

    /// Makes a knob.
    package init(path: String, from: String, to: String, step: String? = nil, values: [String]? = nil) {
      self.path = path
      self.from = from
      self.to = to
      self.step = step
      self.values = values
    }
  }

  /// What came of one value, or of one pair.
  package struct Point: Codable, Equatable, Sendable {
    /// The values of the knobs, as in a scenario.
    package var values: [String]
    /// The same as numbers; seconds for durations.
    package var numbers: [Double]
    /// Replications.
    package var runs: Int
    /// Whether the objectives are met.
    package var finding: Finding
    /// What was not met, or broke.
    package var reasons: [String]
    /// The indicators of the objectives and some others.
    package var estimates: [String: Estimate]
    /// The mean use of what posting needs, while documents waited.
    package var resources: [String: Double]
    /// The greatest share of each that was in use.
    package var peaks: [String: Double]
    /// The ERPs that hold up nothing that is asked for, as those of entities that close much sooner than another one; absent where
    /// there is none.
    package var erpsBeside: [String]?

    /// Makes a point.
    package init(
      values: [String], numbers: [Double], runs: Int, finding: Finding, reasons: [String],
      estimates: [String: Estimate], resources: [String: Double], peaks: [String: Double]
    ) {
      self.values = values
      self.numbers = numbers
      self.runs = runs
      self.finding = finding
      self.reasons = reasons
      self.estimates = estimates
      self.resources = resources
      self.peaks = peaks
    }
  }

  /// Something that posting needs, and how much of it was in use while documents waited.
  package struct Use: Codable, Equatable, Sendable {
    /// The ERP and what it is: `erp/us places`.
    package var resource: String
    /// The mean share that was in use.
    package var utilization: Double

    /// Makes an entry.
    package init(resource: String, utilization: Double) {
      self.resource = resource
      self.utilization = utilization
    }
  }

  /// The Universal Scalability Law, fitted to throughput.
  package struct Law: Codable, Equatable, Sendable {
    /// Documents an hour with one.
    package var single: Double
    /// σ: what only one can do at a time.
    package var contention: Double
    /// κ: what agreeing between two of them costs.
    package var coherency: Double
    /// The greatest distance of a point, as a share of it.
    package var greatestResidual: Double

    /// Makes a law.
    package init(single: Double, contention: Double, coherency: Double, greatestResidual: Double) {
      self.single = single
      self.contention = contention
      self.coherency = coherency
      self.greatestResidual = greatestResidual
    }
  }

  /// The answer for one of the values across which it was asked.
  package struct Curve: Codable, Equatable, Sendable {
    /// The setting; `nil` where it was asked once.
    package var setting: String?
    /// Every value that was tried, rising.
    package var points: [Point]
    /// The largest or smallest value that was shown to meet the objectives; `nil`: none was.
    package var answer: String?
    /// The next value beyond it that was tried and not shown to; `nil`: the answer is the end of the range.
    package var beyond: String?
    /// Whether all easier values meet the objectives, and none beyond does.
    package var isMonotone: Bool
    /// Where it is not monotone: the values that were tried on the wrong side of the answer.
    package var exceptions: [String]?
    /// What was used up beyond the answer, most first; empty where nothing was in use for more than half of the time.
    package var binding: [Use]
    /// The first objective's indicator turns up between this value and ``kneeEnd``; `nil`: not shown to.
    package var knee: String?
    /// The other end.
    package var kneeEnd: String?
    /// How throughput grows with the knob, where that is a number of places or workers.
    package var law: Law?
    /// Whether the study was stopped in the middle of it; its points are complete, its answer may be missing.
    package var isInterrupted: Bool?
    /// From which value on more changes nothing that was asked for; `nil`: not shown of any.
    package var plateau: Plateau?
    /// How far the answer is from what stands in the scenario; `nil` where that is not a figure in the same unit.
    package var headroom: Headroom?

    /// Makes a curve.
    package init(
      setting: String?, points: [Point], answer: String?, beyond: String?, isMonotone: Bool, binding: [Use],
      knee: String?, law: Law?
    ) {
      self.setting = setting
      self.points = points
      self.answer = answer
      self.beyond = beyond
      self.isMonotone = isMonotone
      self.binding = binding
      self.knee = knee
      self.law = law
    }
  }

  /// What one knob does to an indicator, from the least to the greatest value.
  package struct Effect: Codable, Equatable, Sendable {
    /// The knob.
    package var path: String
    /// The indicator.
    package var indicator: String
    /// The mean magnitude of its elementary effects.
    package var magnitude: Double
    /// Their mean.
    package var mean: Double
    /// Their standard deviation: what it does depends on others, or on its own value.
    package var spread: Double
    /// The indicator at the knob's least and greatest value, all others in the middle.
    package var alone: [Double?]
    /// How sure it is; `nil` in studies of earlier versions.
    package var certainty: Certainty?

    /// Makes an effect.
    package init(
      path: String, indicator: String, magnitude: Double, mean: Double, spread: Double, alone: [Double?]
    ) {
      self.path = path
      self.indicator = indicator
      self.magnitude = magnitude
      self.mean = mean
      self.spread = spread
      self.alone = alone
    }
  }

  /// The version of the format.
  package var schema = CapacityStudy.currentSchema
  /// The version of Meterstorm.
  package var meterstorm: String
  /// The scenario's file.
  package var scenario: String
  /// The hash of the scenario and everything that it names.
  package var scenarioHash: String
  /// Options that shape what is simulated.
  package var options: [String]
  /// The study's name.
  package var name: String
  /// What it looked for: `largest`, `smallest`, `map` or `effects`.
  package var seeks: String
  /// With which probability the books are closed by some days; one for each value across which it was asked.
  package var closing: [Closing]?
  /// What licences bring, where it was asked across them.
  package var licences: Licences?
  /// What had to be met.
  package var objectives: [String]
  /// The thresholds of the objectives, by indicator; seconds for durations.
  package var thresholds: [String: Double]
  /// The units of the figures, by indicator: `s`, `1` or `share`.
  package var units: [String: String]
  /// What was turned.
  package var knobs: [Knob]
  /// Of every finding on its own.
  package var confidence: Double
  /// One for each value across which it was asked; empty for maps and effects.
  package var curves: [Curve] = []
  /// The cells of a map, the first knob rising slowest.
  package var map: [Point] = []
  /// What each knob does, for effects, the greatest first.
  package var effects: [Effect] = []
  /// What each knob explains of an indicator's variance, for indices, the greatest first.
  package var indices: [Index]?
  /// What was run for effects or indices.
  package var samples: Samples?
  /// What people call the values that were turned, by path.
  package var words: [String: Words]?
  /// What people call the indicators.
  package var titles: [String: String]?
  /// The objectives as people say them, in order.
  package var objectiveWords: [String]?
  /// Replications in all.
  package var runs = 0
  /// Whether it was stopped; what is there is complete.
  package var interrupted = false
  /// What has to be said of the values that were turned, such as that one changed nothing.
  package var notes: [String]?

  /// Makes a study without results.
  package init(
    meterstorm: String, scenario: String, scenarioHash: String, options: [String], name: String,
    seeks: String, objectives: [String], thresholds: [String: Double],
    units: [String: String], knobs: [Knob], confidence: Double
  ) {
    self.meterstorm = meterstorm
    self.scenario = scenario
    self.scenarioHash = scenarioHash
    self.options = options
    self.name = name
    self.seeks = seeks
    self.objectives = objectives
    self.thresholds = thresholds
    self.units = units
    self.knobs = knobs
    self.confidence = confidence
  }

  /// The study as JSON, indented, with sorted keys and a newline at the end.
  package func json() throws -> Data { try RecordJSON.encode(self) }

  /// Studies as a JSON array; one alone as it is.
  package static func json(_ studies: [CapacityStudy]) throws -> Data {
    studies.count == 1 ? try studies[0].json() : try RecordJSON.encode(studies)
  }
}
