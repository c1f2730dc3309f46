import Foundation

/// What a run says of itself: the one contract between running and reporting.
///
/// Amounts and quantities are exact decimal texts, spans are seconds, instants are ISO-8601 in UTC. Everything
/// but ``wallClock`` is the same, byte for byte, for the same scenario and seed.
package struct RunRecord: Codable, Equatable, Sendable {
  /// The version of this format.
  package static let currentSchema = "meterstorm.run-record/1"

  /// The version of the format.
  package var schema = RunRecord.currentSchema
  /// The version of Meterstorm.
  package var meterstorm: String
  /// The scenario's name.
  package var scenario: String
  /// The design's name.
  package var design: String
  /// The root seed.
  package var seed: UInt64
  /// The defect that was planted; null: none.
  package var defect: String?
  /// Whether the run came out otherwise than without the defect; missing where none was planted, and where an invariant broke.
  package var defectActed: Bool?
  /// Whether everything held; an interrupted run has not shown that.
  package var verdict: Verdict
  /// Whether the run was stopped before it came to rest: everything here is what had happened until then.
  package var interrupted: Bool
  /// The hash over every event that was processed: 32 hexadecimal digits.
  package var fingerprint: String
  /// The words that repeat the run, files as they were named in the folder in which the command was given; missing in records of
  /// earlier versions.
  package var commandLine: [String]?
  /// Every setting of the design and the ERPs; missing in records of earlier versions, and in those of campaigns.
  package var resolved: Resolved?
  /// What was simulated.
  package var simulated: Simulated
  /// What the scenario set up.
  package var configuration: Configuration
  /// What has passed each stage, and the differences between them.
  package var controlTotals: ControlTotals
  /// The general ledger of each entity.
  package var trialBalances: [TrialBalance]
  /// What was held for true of each accounting period when it closed, in the order of the closes; a reopened period has
  /// further versions.
  package var closes: [Close]
  /// The invariants, in the order of the pipeline.
  package var invariants: [Invariant]
  /// The thresholds of the scenario.
  package var expectations: [Expectation]
  /// Invariants that had to be exercised and situations that had to be reached, by the scenario or by `--require`.
  package var requirements: [Requirement]
  /// Situations, and how often each was reached.
  package var situations: [String: Int]
  /// The indicators.
  package var indicators: [String: Indicator]
  /// The ERPs, in the order of the entities.
  package var erps: [ERP]
  /// The faults as they happened, drawn ones included, in the order of their beginning.
  package var faults: [Fault]
  /// The faults that the scenario declares, in its order, those that never began with the reason.
  package var declaredFaults: [DeclaredFault] = []
  /// The billing periods, in order, each of every entity and, of several entities, of all together.
  package var periods: [BillingPeriod]?
  /// What it costs; `nil` where the scenario names no prices.
  package var costs: Costs?
  /// Exception cases by owner.
  package var exceptionCases: [String: Int]
  /// The cases in the order in which they were raised, each with what its owner may see; the first thousand.
  package var cases: [Case]
  /// Noteworthy moments, in order.
  package var timeline: [Moment]
  /// The time series.
  package var series: Series
  /// Measurements of the machine: not part of the fingerprint, and different each time.
  package var wallClock: WallClock?
  /// The folder in which the command was given: another one on each machine, and not part of the fingerprint either.
  package var directory: String?

  /// Makes a record.
  package init(
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
  package func encode(to encoder: any Encoder) throws {
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
  package func json() throws -> Data { try RecordJSON.encode(self) }

  /// Reads a record.
  ///
  /// - Throws: ``RecordProblem`` where it is not one that a run has written, with the path in the JSON.
  package init(json data: Data) throws(RecordProblem) { try self.init(checking: data) }

  /// The record without ``wallClock``: what two runs of the same scenario and seed have in common.
  package var deterministic: RunRecord {
    var copy = self
    copy.wallClock = nil
    copy.directory = nil
    return copy
  }
}

/// Whether something held.
package enum Verdict: String, Codable, Sendable {
  case pass
  case fail
  /// Not judged to the end, as the run was interrupted. Never the verdict on a whole run.
  case open
}
