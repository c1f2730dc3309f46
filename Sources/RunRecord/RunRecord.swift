import Foundation

/// What a run says of itself: the one contract between running and reporting.
///
/// Amounts and quantities are exact decimal texts, spans are seconds, instants are ISO-8601 in UTC. Everything
/// but ``wallClock`` is the same, byte for byte, for the same scenario and seed.
public struct RunRecord: Codable, Equatable, Sendable {
  /// The version of this format.
  public static let currentSchema = "meterstorm.run-record/1"

  /// The version of the format.
  public var schema = RunRecord.currentSchema
  /// The version of Meterstorm.
  public var meterstorm: String
  /// The scenario's name.
  public var scenario: String
  /// The design's name.
  public var design: String
  /// The root seed.
  public var seed: UInt64
  /// The defect that was planted; null: none.
  public var defect: String?
  /// Whether the run came out otherwise than without the defect; missing where none was planted, and where an invariant broke.
  public var defectActed: Bool?
  /// Whether everything held; an interrupted run has not shown that.
  public var verdict: Verdict
  /// Whether the run was stopped before it came to rest: everything here is what had happened until then.
  public var interrupted: Bool
  /// The hash over every event that was processed: 32 hexadecimal digits.
  public var fingerprint: String
  /// The words that repeat the run, files as they were named in the folder in which the command was given; missing in records of
  /// earlier versions.
  public var commandLine: [String]?
  /// Every setting of the design and the ERPs; missing in records of earlier versions, and in those of campaigns.
  public var resolved: Resolved?
  /// What was simulated.
  public var simulated: Simulated
  /// What the scenario set up.
  public var configuration: Configuration
  /// What has passed each stage, and the differences between them.
  public var controlTotals: ControlTotals
  /// The general ledger of each entity.
  public var trialBalances: [TrialBalance]
  /// What was held for true of each accounting period when it closed, in the order of the closes; a reopened period has
  /// further versions.
  public var closes: [Close]
  /// The invariants, in the order of the pipeline.
  public var invariants: [Invariant]
  /// The thresholds of the scenario.
  public var expectations: [Expectation]
  /// Invariants that had to be exercised and situations that had to be reached, by the scenario or by `--require`.
  public var requirements: [Requirement]
  /// Situations, and how often each was reached.
  public var situations: [String: Int]
  /// The indicators.
  public var indicators: [String: Indicator]
  /// The ERPs, in the order of the entities.
  public var erps: [ERP]
  /// The faults as they happened, drawn ones included, in the order of their beginning.
  public var faults: [Fault]
  /// The faults that the scenario declares, in its order, those that never began with the reason.
  public var declaredFaults: [DeclaredFault] = []
  /// The billing periods, in order, each of every entity and, of several entities, of all together.
  public var periods: [BillingPeriod]?
  /// What it costs; `nil` where the scenario names no prices.
  public var costs: Costs?
  /// Exception cases by owner.
  public var exceptionCases: [String: Int]
  /// The cases in the order in which they were raised, each with what its owner may see; the first thousand.
  public var cases: [Case]
  /// Noteworthy moments, in order.
  public var timeline: [Moment]
  /// The time series.
  public var series: Series
  /// Measurements of the machine: not part of the fingerprint, and different each time.
  public var wallClock: WallClock?
  /// The folder in which the command was given: another one on each machine, and not part of the fingerprint either.
  public var directory: String?

  /// Makes a record.
  public init(
    meterstorm: String, scenario: String, design: String, seed: UInt64, defect: String?, verdict: Verdict,
    interrupted: Bool = false, fingerprint: String, simulated: Simulated, configuration: Configuration,
    controlTotals: ControlTotals,
    trialBalances: [TrialBalance], closes: [Close], invariants: [Invariant], expectations: [Expectation],
    requirements: [Requirement] = [], situations: [String: Int],
    indicators: [String: Indicator], erps: [ERP], faults: [Fault], exceptionCases: [String: Int],
    cases: [Case],
    timeline: [Moment], series: Series, wallClock: WallClock?
  ) {
    self.meterstorm = meterstorm
    self.scenario = scenario
    self.design = design
    self.seed = seed
    self.defect = defect
    self.verdict = verdict
    self.interrupted = interrupted
    self.fingerprint = fingerprint
    self.simulated = simulated
    self.configuration = configuration
    self.controlTotals = controlTotals
    self.trialBalances = trialBalances
    self.closes = closes
    self.invariants = invariants
    self.expectations = expectations
    self.requirements = requirements
    self.situations = situations
    self.indicators = indicators
    self.erps = erps
    self.faults = faults
    self.exceptionCases = exceptionCases
    self.cases = cases
    self.timeline = timeline
    self.series = series
    self.wallClock = wallClock
  }

  /// Writes every key, `defect` also where it is null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(schema, forKey: .schema)
    try container.encode(meterstorm, forKey: .meterstorm)
    try container.encode(scenario, forKey: .scenario)
    try container.encode(design, forKey: .design)
    try container.encode(seed, forKey: .seed)
    try container.encode(defect, forKey: .defect)
    try container.encodeIfPresent(defectActed, forKey: .defectActed)
    try container.encode(verdict, forKey: .verdict)
    try container.encode(interrupted, forKey: .interrupted)
    try container.encode(fingerprint, forKey: .fingerprint)
    try container.encodeIfPresent(commandLine, forKey: .commandLine)
    try container.encodeIfPresent(resolved, forKey: .resolved)
    try container.encode(simulated, forKey: .simulated)
    try container.encode(configuration, forKey: .configuration)
    try container.encode(controlTotals, forKey: .controlTotals)
    try container.encode(trialBalances, forKey: .trialBalances)
    try container.encode(closes, forKey: .closes)
    try container.encode(invariants, forKey: .invariants)
    try container.encode(expectations, forKey: .expectations)
    try container.encode(requirements, forKey: .requirements)
    try container.encode(situations, forKey: .situations)
    try container.encode(indicators, forKey: .indicators)
    try container.encode(erps, forKey: .erps)
    try container.encode(faults, forKey: .faults)
    try container.encode(declaredFaults, forKey: .declaredFaults)
    try container.encodeIfPresent(periods, forKey: .periods)
    try container.encodeIfPresent(costs, forKey: .costs)
    try container.encode(exceptionCases, forKey: .exceptionCases)
    try container.encode(cases, forKey: .cases)
    try container.encode(timeline, forKey: .timeline)
    try container.encode(series, forKey: .series)
    try container.encodeIfPresent(wallClock, forKey: .wallClock)
    try container.encodeIfPresent(directory, forKey: .directory)
  }

  /// The record as JSON, indented, with sorted keys and a newline at the end.
  public func json() throws -> Data { try RecordJSON.encode(self) }

  /// Reads a record.
  ///
  /// - Throws: ``RecordProblem`` where it is not one that a run has written, with the path in the JSON.
  public init(json data: Data) throws(RecordProblem) { try self.init(checking: data) }

  /// The record without ``wallClock``: what two runs of the same scenario and seed have in common.
  public var deterministic: RunRecord {
    var copy = self
    copy.wallClock = nil
    copy.directory = nil
    return copy
  }
}

/// Whether something held.
public enum Verdict: String, Codable, Sendable {
  case pass
  case fail
  /// Not judged to the end, as the run was interrupted. Never the verdict on a whole run.
  case open
}
