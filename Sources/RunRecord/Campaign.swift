import Foundation

/// What came of one seed of a campaign: the same for the same scenario and seed, wherever and whenever it ran.
package struct CampaignRun: Codable, Equatable, Sendable {
  /// An invariant that broke, with its first violation.
  package struct Broken: Codable, Equatable, Sendable {
    /// The invariant.
    package var invariant: String
    /// When it was first found broken.
    package var at: String
    /// What it is about.
    package var ids: [String]
    /// What was promised.
    package var expected: String
    /// What was seen.
    package var actual: String
    /// Violations in all.
    package var violations: Int

    /// Makes an entry.
    package init(
      invariant: String, at: String, ids: [String], expected: String, actual: String, violations: Int
    ) {
      self.invariant = invariant
      self.at = at
      self.ids = ids
      self.expected = expected
      self.actual = actual
      self.violations = violations
    }
  }

  /// The seed.
  package var seed: UInt64
  /// Whether everything held.
  package var verdict: Verdict
  /// The hash over every event.
  package var fingerprint: String
  /// Usage events that were emitted.
  package var usageEvents: Int64
  /// Kernel events that were processed.
  package var kernelEvents: UInt64
  /// Virtual time in seconds.
  package var simulatedSeconds: Double
  /// What broke, the earliest first.
  package var broken: [Broken]
  /// Expectations that were missed.
  package var missed: [String]
  /// Faults that were active when the first invariant broke, or shortly before: what it may have come from.
  package var cause: String
  /// Situations that were reached, and how often.
  package var situations: [String: Int]
  /// Invariants that were exercised: at least one real comparison.
  package var exercised: [String]
  /// How the seed's scenario differs from the file.
  package var variant: [String]
  /// All faults that began, such as `outage erp/us`: what a missed expectation may have come from.
  package var met: [String]
  /// Which of the faults that the file declares began, by their place in it.
  package var began: [Int]
  /// Which of them hit something: a call, a message, a document, an event; `nil` in results of versions that did not keep it.
  package var hit: [Int]?
  /// The indicators that could be measured and that an expectation can name, by name; spans in seconds. Empty in results of versions
  /// that did not keep them. Latencies are among them where the scenario expects something of one.
  package var indicators: [String: Double]

  /// Makes a result.
  package init(
    seed: UInt64, verdict: Verdict, fingerprint: String, usageEvents: Int64, kernelEvents: UInt64,
    simulatedSeconds: Double, broken: [Broken], missed: [String], cause: String, situations: [String: Int],
    exercised: [String] = [], variant: [String], met: [String] = [], began: [Int] = [], hit: [Int]? = nil,
    indicators: [String: Double] = [:]
  ) {
    self.exercised = exercised
    self.seed = seed
    self.verdict = verdict
    self.fingerprint = fingerprint
    self.usageEvents = usageEvents
    self.kernelEvents = kernelEvents
    self.simulatedSeconds = simulatedSeconds
    self.broken = broken
    self.missed = missed
    self.cause = cause
    self.situations = situations
    self.variant = variant
    self.met = met
    self.began = began
    self.hit = hit
    self.indicators = indicators
  }
}

/// What a campaign has found so far.
package struct CampaignSummary: Codable, Equatable, Sendable {
  /// The version of this format.
  package static let currentSchema = "meterstorm.campaign/1"

  /// Failures that look alike: the same invariant broke first, while the same fault was active.
  ///
  /// Where many faults are active at once, seeds are told apart by the fault that was active in the most of them, then by the one
  /// that was in the most of the rest, and so on; a group names all the faults that its seeds have in common.
  package struct Group: Codable, Equatable, Sendable {
    /// The invariant that broke first, or the expectation that was missed.
    package var invariant: String
    /// The faults then active in all of them, such as `crash process, outage erp`; empty: none was. Of an expectation, which is
    /// missed by the run as a whole, the faults that began in all of them.
    package var cause: String
    /// Whether the failure comes from them.
    package var standing = Standing.active
    /// How many seeds.
    package var count: Int
    /// The first of them, at most ten.
    package var seeds: [UInt64]
    /// The first violation of the smallest of them, the one with the fewest events.
    package var example: CampaignRun.Broken?
    /// Its seed.
    package var exampleSeed: UInt64
    /// The smallest scenario that was found to break the same, as a file; left out where none was looked for.
    package var shrunk: String?
    /// How many new seeds without the failure show, with ``CampaignSummary/confidence``, that a fix has lowered its share.
    package var seedsToShowFix: Int?
  }

  /// The version of the format.
  package var schema = CampaignSummary.currentSchema
  /// The version of Meterstorm.
  package var meterstorm: String
  /// The scenario's file.
  package var scenario: String
  /// The hash of the scenario and everything that it names.
  package var scenarioHash: String
  /// Options that shape what is simulated.
  package var options: [String]
  /// Seeds that were run.
  package var runs: Int
  /// Of them, those in which everything held.
  package var passed: Int
  /// Usage events of all runs.
  package var usageEvents: Int64
  /// Virtual time of all runs in seconds.
  package var simulatedSeconds: Double
  /// The failures, most seeds first.
  package var failures: [Group]
  /// In how many runs each situation was reached.
  package var situations: [String: Int]
  /// Situations that no run has reached, though the core as it is built may.
  package var neverReached: [String]
  /// Situations that no run has reached, and to which only a naive design or a planted defect leads.
  package var avoided: [String]
  /// On how many seeds each invariant was exercised.
  package var exercised: [String: Int]
  /// Invariants that no seed exercised: nothing is known of them.
  package var notExercised: [String]
  /// What had to be exercised or reached by at least one seed, by the scenario or by `--require`.
  package var requirements: [RunRecord.Requirement]
  /// Where every seed passed: no more than this share of all seeds fail, with ``confidence``. Left out where nothing can be said: the
  /// seeds of a guided campaign depend on each other, and seeds that all come out alike are one run.
  package var failureBound: Double?
  /// With which ``failureBound`` and the groups' `seedsToShowFix` hold.
  package var confidence: Double?
  /// How many seeds there have to be at least (`--minimum-seeds`); left out where nobody asked.
  package var minimumSeeds: Int?
  /// The commit whose runs these are; left out where it is not known.
  package var commit: String?
  /// What this attempt took on the wall clock, in seconds; left out where it is not to be told.
  package var seconds: Double?
  /// Whether there are fewer seeds than there have to be.
  package var hasTooFewSeeds: Bool { runs < minimumSeeds ?? 0 }
  /// Whether every seed passed, there was one, everything required came about, and there are as many seeds as there have to be.
  package var isPass: Bool {
    runs > 0 && passed == runs && requirements.allSatisfy(\.isMet) && !hasTooFewSeeds
  }
  /// Situations of which the scenario lacks what they need, such as payments: no seed can reach them.
  package var impossible: [String]
  /// Of each of them, what the scenario lacks, in words.
  package var lacking: [String: String]?
  /// The faults that the scenario declares, in its order; empty where only a database is at hand.
  package var faults: [Fault]
  /// The names of all invariants and expectations that were judged, in their order.
  package var judged: [String]
  /// On how many seeds each invariant broke, first or not, and each expectation was missed.
  package var failing: [String: Int]
  /// Whether the planted defect changed anything on the seeds that were compared; left out where none was.
  package var defectShows: Bool?
  /// Whether the campaign was stopped before its last seed.
  package var interrupted: Bool
  /// What a command needs, beside the options, that repeats a seed from any folder; left out where it is not known.
  package var origin: Origin?

  /// Where a campaign was run.
  package struct Origin: Codable, Equatable, Sendable {
    /// The folder from which the scenario and the database are named.
    package var directory: String
    /// The database that holds the runs.
    package var database: String?
    /// Whether `--allow-large` was given.
    package var allowsLarge: Bool

    /// Makes an origin.
    package init(directory: String, database: String?, allowsLarge: Bool = false) {
      (self.directory, self.database, self.allowsLarge) = (directory, database, allowsLarge)
    }
  }

  /// Summarises runs.
  ///
  /// - Parameters:
  ///   - situations: the names of all there are.
  ///   - invariants: the names of all there are.
  ///   - required: invariants and situations that at least one seed has to have exercised or reached.
  ///   - damage: those of them to which only a naive design or a planted defect leads.
  ///   - impossible: those of them of which the scenario lacks what they need, with what it lacks.
  ///   - faults: what the scenario declares, in words.
  ///   - judged: the invariants and expectations that were judged.
  package init(
    meterstorm: String, scenario: String, scenarioHash: String, options: [String], situations names: [String],
    invariants: [String] = [], required: [String] = [], damage: Set<String> = [],
    impossible: [String: String] = [:], faults: [String] = [], judged: [String] = [], interrupted: Bool,
    runs all: some Sequence<CampaignRun>
  ) {
    self.meterstorm = meterstorm
    self.scenario = scenario
    self.scenarioHash = scenarioHash
    self.options = options
    self.interrupted = interrupted
    runs = 0
    passed = 0
    usageEvents = 0
    simulatedSeconds = 0
    situations = Dictionary(uniqueKeysWithValues: names.map { ($0, 0) })
    exercised = Dictionary(uniqueKeysWithValues: invariants.map { ($0, 0) })
    self.faults = faults.map { Fault(fault: $0, seeds: 0, hits: 0) }
    failing = [:]
    var failed: [String: [(run: CampaignRun, faults: Set<String>)]] = [:]
    for run in all {
      runs += 1
      let (sum, overflow) = usageEvents.addingReportingOverflow(run.usageEvents)
      usageEvents = overflow ? .max : sum
      simulatedSeconds += run.simulatedSeconds
      for (name, count) in run.situations where count > 0 { situations[name, default: 0] += 1 }
      for name in run.exercised { exercised[name, default: 0] += 1 }
      for number in run.began where self.faults.indices.contains(number) { self.faults[number].seeds += 1 }
      for number in self.faults.indices {
        // Of a run that did not keep it nothing is known.
        guard let hit = run.hit, let before = self.faults[number].hits else {
          self.faults[number].hits = nil
          continue
        }
        if hit.contains(number) { self.faults[number].hits = before + 1 }
      }
      for broken in run.broken { failing[broken.invariant, default: 0] += 1 }
      for expectation in run.missed { failing[expectation, default: 0] += 1 }
      if run.verdict == .pass {
        passed += 1
        continue
      }
      if let first = run.broken.first {
        failed[first.invariant, default: []].append((run, Self.faults(run.cause)))
      }
      let met = Self.faults(run.met.joined(separator: ", "))
      for expectation in run.missed { failed[expectation, default: []].append((run, met)) }
      if run.broken.isEmpty, run.missed.isEmpty { failed["nothing exercised", default: []].append((run, [])) }
    }
    let listed = Set(judged)
    self.judged = judged + failing.keys.filter { !listed.contains($0) }.sorted()
    failures = failed.flatMap { Self.groups($0, $1) }.sorted {
      ($1.count, $0.invariant, $0.cause) < ($0.count, $1.invariant, $1.cause)
    }
    let missing = situations.filter { $0.value == 0 }.keys.sorted()
    neverReached = missing.filter { !damage.contains($0) && impossible[$0] == nil }
    avoided = missing.filter { damage.contains($0) && impossible[$0] == nil }
    self.impossible = missing.filter { impossible[$0] != nil }
    let found = Set(self.impossible)
    lacking = found.isEmpty ? nil : impossible.filter { found.contains($0.key) }
    let counts = exercised
    notExercised = invariants.filter { counts[$0] == 0 }
    let (reached, known) = (situations, Set(invariants))
    requirements = required.map { name in
      let kind: RunRecord.Requirement.Kind = known.contains(name) ? .invariant : .situation
      let count = kind == .invariant ? counts[name] : reached[name]
      return RunRecord.Requirement(name: name, kind: kind, isMet: count ?? 0 > 0)
    }
  }

  /// Runs in which the same invariant broke first, by the fewest faults that account for them.
  private static func groups(_ invariant: String, _ runs: [(run: CampaignRun, faults: Set<String>)])
    -> [Group]
  {
    var rest = runs
    var groups: [Group] = []
    while !rest.isEmpty {
      var counts: [String: Int] = [:]
      for (_, faults) in rest { for fault in faults { counts[fault, default: 0] += 1 } }
      let most = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
      let chosen = rest.filter { seed in most.map(seed.faults.contains) ?? true }
      rest = most.map { most in rest.filter { !$0.faults.contains(most) } } ?? []
      let common = chosen.dropFirst().reduce(chosen.first?.faults ?? []) { $0.intersection($1.faults) }
      let own = chosen.map(\.run)
      guard let smallest = own.min(by: { ($0.usageEvents, $0.seed) < ($1.usageEvents, $1.seed) }) else {
        break
      }
      groups.append(
        Group(
          invariant: invariant, cause: common.sorted().joined(separator: ", "), count: own.count,
          seeds: Array(own.map(\.seed).sorted().prefix(10)),
          example: smallest.broken.first { $0.invariant == invariant },
          exampleSeed: smallest.seed))
    }
    return groups
  }

  /// The faults of a run's cause, each by its kind and the kind of its target: `outage erp/us` is `outage erp`.
  private static func faults(_ cause: String) -> Set<String> {
    Set(cause.components(separatedBy: ", ").filter { !$0.isEmpty }.map { String($0.prefix { $0 != "/" }) })
  }

  /// The summary as JSON, indented, with sorted keys and a newline at the end.
  package func json() throws -> Data { try RecordJSON.encode(self) }
}
