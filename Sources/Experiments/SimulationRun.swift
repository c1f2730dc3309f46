import CJemalloc
import CanonicalModel
import Chronology
import RunRecord
import Scenario
import SimulationKernel
import UsageToCash
import Verification
import World

/// How much of a run its record holds.
package enum RecordDetail: Sendable {
  /// Everything.
  case whole
  /// What a campaign keeps of a run, and of the rest nothing: no control totals, ledgers, ERPs, cases, timeline and series. The
  /// run is the same, and so is its fingerprint.
  case verdict
  /// As for a campaign, and the indicators that take as long as a small run: what is to be compared later.
  case indicators
  /// What a study keeps: as for a campaign, and the figures of ERPs and billing periods.
  case figures
}

/// One deterministic run of a scenario: builds the world, runs it to rest, and has the oracle judge it.
package struct SimulationRun: Sendable {
  /// The scenario.
  package var scenario: ScenarioFile
  /// The root seed. Contracts may be drawn from it: see ``seeded(_:)``.
  package private(set) var seed: UInt64
  /// The planted defect.
  package var defect: Defect?
  /// Where a process of the core is to die.
  package var crashPoint: CrashPoint?
  /// Whether the effect boundaries of the services are counted.
  package var countsBoundaries = false
  /// The names of all invariants.
  package static let invariants = Oracle.invariants.map(\.name)

  /// Invariants that are not judged in this run; the record says so. They cost what they cost all the same.
  package var silenced: Set<String> = []
  /// Invariants that have to be exercised and situations that have to be reached for the run to pass: those of the scenario,
  /// and further ones.
  package var required: [String] = []
  /// The words that repeat the run; `nil`: those that the scenario, the seed and the defect give.
  package var commandLine: [String]?
  /// The oracle's rules, which a test flips.
  var oracleRules = OracleRules()
  var assembly: Assembly
  /// Which of the scenario's faults happen; `nil`: all of them.
  package var faultChoice: FaultChoice? {
    get { assembly.world.faultChoice }
    set { assembly.world.faultChoice = newValue }
  }

  /// A kernel event, as a trace holds it.
  package struct TracedEvent: Hashable, Sendable {
    /// The running number, from 1.
    package var number: UInt64
    /// The virtual time.
    package var time: Instant
    /// What stands for it in the fingerprint.
    package var words: (UInt64, UInt64)

    /// Compares number, time and words.
    package static func == (a: TracedEvent, b: TracedEvent) -> Bool {
      a.number == b.number && a.time == b.time && a.words == b.words
    }
    /// Hashes number, time and words.
    package func hash(into hasher: inout Hasher) {
      hasher.combine(number)
      hasher.combine(words.0)
      hasher.combine(words.1)
    }
  }

  /// Prepares a run.
  ///
  /// - Parameter seed: the root seed; the scenario's own if left out.
  package init(
    _ scenario: ScenarioFile, seed: UInt64? = nil, defect: Defect? = nil
  ) throws(InvalidInput) {
    self.scenario = scenario
    try WorkEstimate(scenario).check(scenario)
    required = try Requirements.names(of: scenario)
    self.seed = seed ?? scenario.seed
    self.defect = defect
    assembly = try Assembly(scenario, seed: self.seed, defect: defect)
  }

  /// The same run on another seed: whatever the scenario draws before the run begins is drawn anew.
  package func seeded(_ seed: UInt64) throws(InvalidInput) -> SimulationRun {
    var run = self
    run.seed = seed
    guard scenario.lifecycle.churn > 0 else { return run }
    run.assembly = try Assembly(scenario, seed: seed, defect: defect)
    run.faultChoice = faultChoice
    return run
  }

  /// What came of a run.
  package struct Outcome: Sendable {
    /// The record.
    package var record: RunRecord
    /// The ERPs' ledgers, if they were asked for.
    package var journal: Journal?
    /// Effect boundaries that were passed, by service; counted on request.
    package var boundaries: [Int]
  }

  /// Runs to rest and judges: ``outcome(keepingJournal:progress:trace:)`` without the journal.
  package func perform(
    _ detail: RecordDetail = .whole, progress: (Double) -> Bool = { _ in true },
    trace: ((TracedEvent) -> Void)? = nil
  ) -> RunRecord {
    outcome(keepingJournal: false, detail, progress: progress, trace: trace, listener: nil).record
  }

  /// Runs to rest and judges.
  ///
  /// - Parameters:
  ///   - keepingJournal: whether the ERPs' ledgers are written down, too.
  ///   - progress: called with the share of the horizon that has passed; `false` interrupts.
  ///   - trace: called with each kernel event.
  /// - Returns: what came of it; where it was interrupted, what had come of it until then.
  package func outcome(
    keepingJournal: Bool, progress: (Double) -> Bool = { _ in true },
    trace: ((TracedEvent) -> Void)? = nil
  ) -> Outcome {
    outcome(keepingJournal: keepingJournal, progress: progress, trace: trace, listener: nil)
  }

  /// Runs to rest with somebody between the world and the oracle.
  ///
  /// - Parameter listener: made for the oracle and the catalogue; hands every fact on.
  func outcome(
    keepingJournal: Bool, _ detail: RecordDetail = .whole, progress: (Double) -> Bool,
    trace: ((TracedEvent) -> Void)? = nil, listener: ((Oracle, Catalog) -> any FactSink & Witness)?
  ) -> Outcome {
    var (oracle, configuration) = parts()
    configuration.keepsHistory = detail == .whole
    configuration.measuresPeriods =
      [.whole, .figures].contains(detail)
      || scenario.expectations.contains { $0.portion != nil && $0.indicator.isLatency }
    let own = listener?(oracle, configuration.catalog)
    var world = SimulatedWorld(
      configuration: configuration, core: assembly.policy.core(catalog: configuration.catalog, seed: seed),
      seed: seed, sink: own ?? oracle)
    world.witness = own
    let clock = ContinuousClock()
    let begin = clock.now
    let start = scenario.start
    let horizon = scenario.horizon.seconds
    let adapted = trace.map { trace in
      { (number: UInt64, time: Instant, words: (UInt64, UInt64)) in
        trace(TracedEvent(number: number, time: time, words: words))
      }
    }
    let end = world.run(
      progress: { progress(min(1, ($0 - start).seconds / horizon)) }, trace: adapted)
    let elapsed = clock.now - begin
    let seconds =
      Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    let allocated = Int(meterstorm_allocated_bytes())  // while the world is still alive
    let simulated = (world.now - start).seconds
    let wallClock = RunRecord.WallClock(
      seconds: seconds, kernelEventsPerSecond: Double(world.kernelEvents) / seconds,
      usageEventsPerSecond: Double(oracle.emitted) / seconds, timesRealTime: simulated / seconds,
      allocatedBytes: allocated, residentBytes: Int(meterstorm_resident_bytes()),
      peakResidentBytes: Int(meterstorm_peak_bytes()), allocator: Self.allocator())
    let builder = RecordBuilder(
      scenario: scenario, seed: seed, defect: defect?.name, catalog: assembly.world.catalog, oracle: oracle,
      end: end, required: required, silenced: silenced, detail: detail)
    var record = builder.record(world, wallClock: wallClock)
    if detail == .whole {
      record.commandLine = command
      record.resolved = RunRecord.Resolved(scenario)
    }
    return Outcome(
      record: record,
      journal: keepingJournal ? JournalBuilder.journal(world, catalog: assembly.world.catalog) : nil,
      boundaries: world.boundaries)
  }

  /// The words that repeat the run.
  package var command: [String] {
    if let commandLine { return commandLine }
    let without = silenced.sorted().joined(separator: ",")
    return ["meterstorm", "run", scenario.file, "--seed", "\(seed)"]
      + (defect.map { ["--defect", $0.name] } ?? []) + (without.isEmpty ? [] : ["--without", without])
  }

  /// The judge, and the world's configuration.
  func parts() -> (oracle: Oracle, configuration: WorldConfiguration) {
    var configuration = assembly.world
    configuration.crashPoint = crashPoint
    configuration.countsBoundaries = countsBoundaries
    let oracle = Oracle(
      catalog: configuration.catalog, window: assembly.policy.metering.window, rules: oracleRules,
      promises: OraclePromises(scenario))
    return (oracle, configuration)
  }

  /// How the core works.
  var policy: PipelinePolicy { assembly.policy }

  private static func allocator() -> RunRecord.WallClock.Allocator {
    RunRecord.WallClock.Allocator(
      activeBytes: Int(meterstorm_statistic("stats.active")),
      mappedBytes: Int(meterstorm_statistic("stats.mapped")),
      retainedBytes: Int(meterstorm_statistic("stats.retained")),
      metadataBytes: Int(meterstorm_statistic("stats.metadata")), arenas: Int(meterstorm_arenas()))
  }
}

extension OraclePromises {
  /// What a scenario promises by itself: no defect that is planted in the core changes it.
  init(_ scenario: ScenarioFile) {
    self.init(
      deduplicationHorizon: scenario.design.deduplicationHorizon,
      clockTolerance: scenario.design.clockTolerance, brokerDropsUsage: scenario.broker.retention != nil,
      mayLeaveWork: scenario.mayLeaveWork)
  }
}
