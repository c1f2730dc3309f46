import Foundation

/// What came of one seed of a campaign: the same for the same scenario and seed, wherever and whenever it ran.
public struct CampaignRun: Codable, Equatable, Sendable {
  /// An invariant that broke, with its first violation.
  public struct Broken: Codable, Equatable, Sendable {
    /// The invariant.
    public var invariant: String
    /// When it was first found broken.
    public var at: String
    /// What it is about.
    public var ids: [String]
    /// What was promised.
    public var expected: String
    /// What was seen.
    public var actual: String
    /// Violations in all.
    public var violations: Int

    /// Makes an entry.
    public init(
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
  public var seed: UInt64
  /// Whether everything held.
  public var verdict: Verdict
  /// The hash over every event.
  public var fingerprint: String
  /// Usage events that were emitted.
  public var usageEvents: Int64
  /// Kernel events that were processed.
  public var kernelEvents: UInt64
  /// Virtual time in seconds.
  public var simulatedSeconds: Double
  /// What broke, the earliest first.
  public var broken: [Broken]
  /// Expectations that were missed.
  public var missed: [String]
  /// Faults that were active when the first invariant broke, or shortly before: what it may have come from.
  public var cause: String
  /// Situations that were reached, and how often.
  public var situations: [String: Int]
  /// How the seed's scenario differs from the file.
  public var variant: [String]

  /// Makes a result.
  public init(
    seed: UInt64, verdict: Verdict, fingerprint: String, usageEvents: Int64, kernelEvents: UInt64,
    simulatedSeconds: Double, broken: [Broken], missed: [String], cause: String, situations: [String: Int],
    variant: [String]
  ) {
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
  }
}

/// What a campaign has found so far.
public struct CampaignSummary: Codable, Equatable, Sendable {
  /// The version of this format.
  public static let currentSchema = "meterstorm.campaign/1"

  /// Failures that look alike: the same invariant broke first, under the same faults.
  public struct Group: Codable, Equatable, Sendable {
    /// The invariant that broke first, or the expectation that was missed.
    public var invariant: String
    /// The faults then active.
    public var cause: String
    /// How many seeds.
    public var count: Int
    /// The first of them, at most ten.
    public var seeds: [UInt64]
    /// The first violation of the smallest of them, the one with the fewest events.
    public var example: CampaignRun.Broken?
    /// Its seed.
    public var exampleSeed: UInt64
  }

  /// The version of the format.
  public var schema = CampaignSummary.currentSchema
  /// The version of Meterstorm.
  public var meterstorm: String
  /// The scenario's file.
  public var scenario: String
  /// The hash of the scenario and everything that it names.
  public var scenarioHash: String
  /// Options that shape what is simulated.
  public var options: [String]
  /// Seeds that were run.
  public var runs: Int
  /// Of them, those in which everything held.
  public var passed: Int
  /// Usage events of all runs.
  public var usageEvents: Int64
  /// Virtual time of all runs in seconds.
  public var simulatedSeconds: Double
  /// The failures, most seeds first.
  public var failures: [Group]
  /// In how many runs each situation was reached.
  public var situations: [String: Int]
  /// Situations that no run has reached, though the core as it is built may.
  public var neverReached: [String]
  /// Situations that no run has reached, and to which only a naive design or a planted defect leads.
  public var avoided: [String]
  /// Whether the campaign was stopped before its last seed.
  public var interrupted: Bool

  /// Summarises runs.
  ///
  /// - Parameters:
  ///   - situations: the names of all there are.
  ///   - damage: those of them to which only a naive design or a planted defect leads.
  public init(
    meterstorm: String, scenario: String, scenarioHash: String, options: [String], situations names: [String],
    damage: Set<String> = [], interrupted: Bool, runs all: some Sequence<CampaignRun>
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
    var groups: [String: (group: Group, size: Int64)] = [:]
    for run in all {
      runs += 1
      usageEvents += run.usageEvents
      simulatedSeconds += run.simulatedSeconds
      for (name, count) in run.situations where count > 0 { situations[name, default: 0] += 1 }
      guard run.verdict != .pass else {
        passed += 1
        continue
      }
      let first = run.broken.first?.invariant ?? run.missed.first ?? "interrupted"
      let key = first + "\n" + run.cause
      var entry =
        groups[key]
        ?? (
          Group(
            invariant: first, cause: run.cause, count: 0, seeds: [], example: run.broken.first,
            exampleSeed: run.seed), run.usageEvents
        )
      entry.group.count += 1
      if entry.group.seeds.count < 10 { entry.group.seeds.append(run.seed) }
      if run.usageEvents < entry.size {
        entry.group.example = run.broken.first
        entry.group.exampleSeed = run.seed
        entry.size = run.usageEvents
      }
      groups[key] = entry
    }
    failures = groups.values.map(\.group).sorted {
      ($1.count, $0.invariant, $0.cause) < ($0.count, $1.invariant, $1.cause)
    }
    let missing = situations.filter { $0.value == 0 }.keys.sorted()
    neverReached = missing.filter { !damage.contains($0) }
    avoided = missing.filter { damage.contains($0) }
  }

  /// The summary as JSON, indented, with sorted keys and a newline at the end.
  public func json() throws -> Data { try RecordJSON.encode(self) }
}
