import Foundation

/// What a capacity study has found.
public struct CapacityStudy: Codable, Equatable, Sendable {
  /// The version of this format.
  public static let currentSchema = "meterstorm.capacity/1"

  /// Whether the objectives are met with a value.
  public enum Finding: String, Codable, Sendable {
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
  public struct Knob: Codable, Equatable, Sendable {
    /// Where it stands; several places that were turned together, with commas.
    public var path: String
    /// The least that was tried.
    public var from: String
    /// The greatest.
    public var to: String
    /// From one value to the next, where that was said.
    public var step: String?
    /// The values that were tried, where they were listed.
    public var values: [String]?
    /// What it is, where it has a name: `customers`, `load` (per cent of today's), `outage` (its length), `workers` or `places`.
    public var subject: String?

    /// Makes a knob.
    public init(path: String, from: String, to: String, step: String? = nil, values: [String]? = nil) {
      self.path = path
      self.from = from
      self.to = to
      self.step = step
      self.values = values
    }
  }

  /// What came of one value, or of one pair.
  public struct Point: Codable, Equatable, Sendable {
    /// The values of the knobs, as in a scenario.
    public var values: [String]
    /// The same as numbers; seconds for durations.
    public var numbers: [Double]
    /// Replications.
    public var runs: Int
    /// Whether the objectives are met.
    public var finding: Finding
    /// What was not met, or broke.
    public var reasons: [String]
    /// The indicators of the objectives and some others.
    public var estimates: [String: Estimate]
    /// The mean use of what posting needs, while documents waited.
    public var resources: [String: Double]
    /// The greatest share of each that was in use.
    public var peaks: [String: Double]
    /// The ERPs that hold up nothing that is asked for, as those of entities that close much sooner than another one; absent where
    /// there is none.
    public var erpsBeside: [String]?

    /// Makes a point.
    public init(
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
  public struct Use: Codable, Equatable, Sendable {
    /// The ERP and what it is: `erp/us places`.
    public var resource: String
    /// The mean share that was in use.
    public var utilization: Double

    /// Makes an entry.
    public init(resource: String, utilization: Double) {
      self.resource = resource
      self.utilization = utilization
    }
  }

  /// The Universal Scalability Law, fitted to throughput.
  public struct Law: Codable, Equatable, Sendable {
    /// Documents an hour with one.
    public var single: Double
    /// σ: what only one can do at a time.
    public var contention: Double
    /// κ: what agreeing between two of them costs.
    public var coherency: Double
    /// The greatest distance of a point, as a share of it.
    public var greatestResidual: Double

    /// Makes a law.
    public init(single: Double, contention: Double, coherency: Double, greatestResidual: Double) {
      self.single = single
      self.contention = contention
      self.coherency = coherency
      self.greatestResidual = greatestResidual
    }
  }

  /// The answer for one of the values across which it was asked.
  public struct Curve: Codable, Equatable, Sendable {
    /// The setting; `nil` where it was asked once.
    public var setting: String?
    /// Every value that was tried, rising.
    public var points: [Point]
    /// The largest or smallest value that was shown to meet the objectives; `nil`: none was.
    public var answer: String?
    /// The next value beyond it that was tried and not shown to; `nil`: the answer is the end of the range.
    public var beyond: String?
    /// Whether all easier values meet the objectives, and none beyond does.
    public var isMonotone: Bool
    /// Where it is not monotone: the values that were tried on the wrong side of the answer.
    public var exceptions: [String]?
    /// What was used up beyond the answer, most first; empty where nothing was in use for more than half of the time.
    public var binding: [Use]
    /// The first objective's indicator turns up between this value and ``kneeEnd``; `nil`: not shown to.
    public var knee: String?
    /// The other end.
    public var kneeEnd: String?
    /// How throughput grows with the knob, where that is a number of places or workers.
    public var law: Law?
    /// Whether the study was stopped in the middle of it; its points are complete, its answer may be missing.
    public var isInterrupted: Bool?
    /// From which value on more changes nothing that was asked for; `nil`: not shown of any.
    public var plateau: Plateau?
    /// How far the answer is from what stands in the scenario; `nil` where that is not a figure in the same unit.
    public var headroom: Headroom?

    /// Makes a curve.
    public init(
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
  public struct Effect: Codable, Equatable, Sendable {
    /// The knob.
    public var path: String
    /// The indicator.
    public var indicator: String
    /// The mean magnitude of its elementary effects.
    public var magnitude: Double
    /// Their mean.
    public var mean: Double
    /// Their standard deviation: what it does depends on others, or on its own value.
    public var spread: Double
    /// The indicator at the knob's least and greatest value, all others in the middle.
    public var alone: [Double?]
    /// How sure it is; `nil` in studies of earlier versions.
    public var certainty: Certainty?

    /// Makes an effect.
    public init(
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
  public var schema = CapacityStudy.currentSchema
  /// The version of Meterstorm.
  public var meterstorm: String
  /// The scenario's file.
  public var scenario: String
  /// The hash of the scenario and everything that it names.
  public var scenarioHash: String
  /// Options that shape what is simulated.
  public var options: [String]
  /// The study's name.
  public var name: String
  /// What it looked for: `largest`, `smallest`, `map` or `effects`.
  public var seeks: String
  /// With which probability the books are closed by some days; one for each value across which it was asked.
  public var closing: [Closing]?
  /// What licences bring, where it was asked across them.
  public var licences: Licences?
  /// What had to be met.
  public var objectives: [String]
  /// The thresholds of the objectives, by indicator; seconds for durations.
  public var thresholds: [String: Double]
  /// The units of the figures, by indicator: `s`, `1` or `share`.
  public var units: [String: String]
  /// What was turned.
  public var knobs: [Knob]
  /// Of every finding on its own.
  public var confidence: Double
  /// One for each value across which it was asked; empty for maps and effects.
  public var curves: [Curve] = []
  /// The cells of a map, the first knob rising slowest.
  public var map: [Point] = []
  /// What each knob does, for effects, the greatest first.
  public var effects: [Effect] = []
  /// What each knob explains of an indicator's variance, for indices, the greatest first.
  public var indices: [Index]?
  /// What was run for effects or indices.
  public var samples: Samples?
  /// What people call the values that were turned, by path.
  public var words: [String: Words]?
  /// What people call the indicators.
  public var titles: [String: String]?
  /// The objectives as people say them, in order.
  public var objectiveWords: [String]?
  /// Replications in all.
  public var runs = 0
  /// Whether it was stopped; what is there is complete.
  public var interrupted = false
  /// What has to be said of the values that were turned, such as that one changed nothing.
  public var notes: [String]?

  /// Makes a study without results.
  public init(
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
  public func json() throws -> Data { try RecordJSON.encode(self) }

  /// Studies as a JSON array; one alone as it is.
  public static func json(_ studies: [CapacityStudy]) throws -> Data {
    studies.count == 1 ? try studies[0].json() : try RecordJSON.encode(studies)
  }
}
