import CanonicalModel
import Dispatch
import Foundation
import ResultsDatabase
import RunRecord
import Scenario
import SimulationKernel
import Synchronization
import World

/// Many seeds of one scenario, on so many threads: each seed draws its variant and its faults anew.
///
/// Which seeds run, and what comes of each, does not depend on threads or on interruptions: only how far a campaign
/// comes does.
package struct Campaign: Sendable {
  /// A part of a campaign, as a CI matrix runs it: 1 of 4 takes every fourth seed, beginning with the first.
  package struct Partition: Hashable, Sendable {
    /// Which, from 1.
    package var index: UInt64
    /// Of how many.
    package var count: UInt64

    /// Reads `1/4`; `nil` on anything else.
    package init?(_ text: String) {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { UInt64($0) }
      guard parts.count == 2, let index = parts[0], let count = parts[1], index >= 1, index <= count else {
        return nil
      }
      (self.index, self.count) = (index, count)
    }

    /// Whether a seed belongs to the part.
    func contains(_ seed: UInt64, from first: UInt64) -> Bool { (seed - first) % count == index - 1 }

    /// Everything.
    package static let whole = Partition(index: 1, count: 1)

    private init(index: UInt64, count: UInt64) { (self.index, self.count) = (index, count) }
  }

  /// How far a campaign has come.
  package struct Progress: Sendable {
    /// Runs that are done, those of earlier attempts included.
    package var done: Int
    /// Runs in all; `nil`: as many as there is time for.
    package var total: Int?
    /// Failures among them.
    package var failed: Int
    /// Situations that have been reached.
    package var situations: Int
    /// Of how many there are.
    package var situationsInAll: Int
    /// Runs a second of this attempt.
    package var rate: Double
    /// Since this attempt began, in seconds.
    package var elapsed: Double
  }

  /// The scenario.
  package let template: ScenarioTemplate
  /// The seeds.
  package var seeds: ClosedRange<UInt64>
  /// The part of them that is run here.
  package var partition = Partition.whole
  /// Threads.
  package var jobs = 1
  /// When no further seed is begun, in seconds from the beginning; `nil`: when all are run.
  package var seconds: Double?
  /// Whether the first failure ends the campaign.
  package var failsFast = false
  /// The planted defect.
  package var defect: Defect?
  /// Invariants that are not judged.
  package var silenced: Set<String> = []
  /// Invariants and situations that at least one seed has to exercise or reach: those of the scenario, and further ones.
  package var required: [String] = []
  /// Whether each seed draws a variant of the scenario.
  package var explores = true
  /// Whether seeds descend from those that reached something new. The seeds of a generation wait for the one before.
  package var isGuided = false
  /// Seeds of a generation of a guided campaign.
  var generation: UInt64 = 16
  /// Options that shape what is simulated, as the user gave them.
  package var options: [String] = []
  /// The commit of what is run; `nil`: not known. Each has runs of its own in a database.
  package var commit: String?
  /// Whether what comes of it is kept, and may be compared: then all indicators are measured, and not those of expectations alone.
  package var isKept = false
  /// Seeds without which nothing is concluded; `nil`: any number will do.
  package var minimumSeeds: Int?
  /// The confidence of what a campaign says of seeds that it has not run.
  package static let confidence = 0.95

  /// The edits of the one variant that is run, whatever the seed; `nil`: they are drawn.
  var drawn: [ScenarioTemplate.Edit]?
  /// The database from which a command can take the variant of a guided campaign's seed.
  package var variants: String?

  /// Prepares a campaign.
  package init(_ template: ScenarioTemplate, seeds: ClosedRange<UInt64>) {
    self.template = template
    self.seeds = seeds
  }

  /// What makes the campaign: the scenario with everything that it names, and the options.
  package var identity: ResultsStore.Campaign {
    var hash = Fingerprint()
    for data in template.contents {
      hash.absorb(UInt64(data.count))
      var word: UInt64 = 0
      for (index, byte) in data.enumerated() {
        word = word << 8 | UInt64(byte)
        if index % 8 == 7 {
          hash.absorb(word)
          word = 0
        }
      }
      hash.absorb(word)
    }
    return ResultsStore.Campaign(
      scenario: template.file, scenarioHash: hash.description, options: options,
      meterstorm: Meterstorm.version, commit: commit)
  }

  /// What one seed makes of the scenario, ready to run.
  package func prepare(_ seed: UInt64) throws(InvalidInput) -> (run: SimulationRun, variant: [String]) {
    let edits = edits(of: seed, guidance: nil)
    var (run, variant) = try prepare(seed, edits: edits)
    run.commandLine = command(seed, edits)
    return (run, variant)
  }

  /// The words that repeat a run. A variant that the scenario's exploration does not draw for the seed is said value by value.
  private func command(_ seed: UInt64, _ edits: [ScenarioTemplate.Edit]) -> [String] {
    let isDrawn = edits == template.scenario.exploration?.edits(of: template, seed: seed)
    let words = options.compactMap { option -> [String]? in
      guard let space = option.firstIndex(of: " ") else { return nil }
      let (name, value) = (option[..<space], String(option[option.index(after: space)...]))
      // What begins with a hyphen would be taken for an option.
      return value.hasPrefix("-") ? ["--\(name)=\(value)"] : ["--\(name)", value]
    }
    return ["meterstorm", "run", template.file, "--seed", "\(seed)"]
      + (variants.map { ["--guided", $0] }
        ?? (edits.isEmpty ? [] : isDrawn ? ["--explore"] : edits.map { "--set=\($0.text)" }))
      + words.flatMap(\.self)
  }

  /// Throws where a value that was set would be replaced by one that each seed draws.
  package func check() throws(InvalidInput) {
    guard explores, let values = template.scenario.exploration?.values,
      let idle = template.setting(replacedBy: values.map(\.path))
    else { return }
    let drawn = values.first { $0.path.joined(separator: ".") == idle.path }
    throw InvalidInput(
      "\(idle.label) would have no effect: each seed draws \(idle.path); "
        + "leave it out, or do not explore", at: drawn?.position ?? Position(file: template.file))
  }

  /// How the scenario of a seed differs from the file.
  func edits(of seed: UInt64, guidance: Guidance?) -> [ScenarioTemplate.Edit] {
    if let drawn { return drawn }
    guard explores, let exploration = template.scenario.exploration else { return [] }
    return guidance?.edits(of: template, exploration, seed: seed)
      ?? exploration.edits(of: template, seed: seed)
  }

  /// A scenario with some edits, ready to run on a seed.
  func prepare(
    _ seed: UInt64, edits: [ScenarioTemplate.Edit]
  ) throws(InvalidInput) -> (run: SimulationRun, variant: [String]) {
    var scenario = template.scenario
    if !edits.isEmpty {
      do {
        scenario = try template.scenario(applying: edits)
      } catch {
        let changes = edits.map(\.text).joined(separator: " ")
        throw InvalidInput(
          [
            Diagnostic(
              "seed \(seed) draws a scenario that cannot be used: \(changes)",
              at: Position(file: template.file))
          ]
            + error.diagnostics)
      }
    }
    return (try run(of: scenario, seed: seed), edits.map(\.text))
  }

  /// A scenario under the campaign's options, ready to run.
  func run(of scenario: ScenarioFile, seed: UInt64) throws(InvalidInput) -> SimulationRun {
    var run = try SimulationRun(scenario, seed: seed, defect: defect)
    run.silenced = silenced
    run.required = []  // asked of all seeds together
    return run
  }

  /// Has every seed run the variant that a guided campaign drew for one.
  ///
  /// - Throws: `ResultsError` where the database holds no such run.
  package mutating func loadVariant(of seed: UInt64, from store: ResultsStore) throws(ResultsError) {
    for (id, campaign) in try store.campaigns() {
      guard campaign.scenarioHash == identity.scenarioHash, campaign.options == options + [Self.guidedOption],
        let run = try store.run(of: id, seed: seed)
      else { continue }
      drawn = run.variant.compactMap(ScenarioTemplate.Edit.init(text:))
      return
    }
    throw ResultsError("the database has no guided run of \(template.file), as it is now, with seed \(seed)")
  }

  /// What marks a guided campaign among its options.
  package static let guidedOption = "guided"

  /// Runs what is not in the store yet, on ``jobs`` threads.
  ///
  /// - Parameters:
  ///   - store: takes every run as it is done.
  ///   - progress: called now and then; `false` interrupts.
  /// - Returns: what the campaign has found, this time and before.
  /// - Throws: `InvalidInput` for a variant that cannot be used, `ResultsError` for the store; what was done is kept.
  package func perform(
    into store: ResultsStore, progress: @escaping @Sendable (Progress) -> Bool = { _ in true }
  ) throws -> CampaignSummary {
    let identity = identity
    let id = try store.begin(identity)
    let crew = Crew(self, store: store, id: id, known: try store.runs(of: id), progress: progress)
    repeat {
      DispatchQueue.concurrentPerform(iterations: max(1, jobs)) { _ in crew.work() }
    } while crew.beginsGeneration()
    let interrupted = try crew.finish()
    var summary = try summary(of: id, identity, in: store, interrupted: interrupted)
    if !interrupted { try confirmCauses(&summary, of: id, in: store, progress: progress) }
    return summary
  }

  /// Looks for the smallest scenario that breaks what the smallest seed of a kind of failure breaks.
  ///
  /// - Parameters:
  ///   - kinds: for how many kinds of failure, the most frequent first.
  ///   - seconds: for how long at most, each.
  ///   - progress: called now and then with what is looked for; `false` stops.
  package func shrink(
    _ summary: inout CampaignSummary, kinds: Int, seconds: Double, in store: ResultsStore,
    progress: @escaping (String) -> Bool = { _ in true }
  ) throws {
    let id = try store.begin(identity)
    for index in summary.failures.indices.prefix(kinds) {
      let group = summary.failures[index]
      guard let run = try store.run(of: id, seed: group.exampleSeed) else { continue }
      let begin = ContinuousClock.now
      var repeated = self
      repeated.drawn = run.variant.compactMap(ScenarioTemplate.Edit.init(text:))
      let outcome = try Shrink(repeated, seed: run.seed, wanted: group.invariant).perform { shrinking in
        progress("\(group.invariant), seed \(run.seed): \(shrinking.tried) smaller scenarios tried")
          && ContinuousClock.now - begin < .seconds(seconds)
      }
      summary.failures[index].shrunk = outcome?.scenario
    }
  }

  /// The summary of this campaign in a store.
  private func summary(
    of id: Int64, _ identity: ResultsStore.Campaign, in store: ResultsStore, interrupted: Bool
  ) throws(ResultsError) -> CampaignSummary {
    let scenario = template.scenario
    var summary = try Self.summary(
      of: id, identity, in: store, seeds: seeds, required: required, interrupted: interrupted,
      impossible: Situation.impossible(in: template), faults: scenario.faults.map { $0.text(in: scenario) },
      judged: SimulationRun.invariants.filter { !silenced.contains($0) }
        + scenario.expectations.map(\.text))
    summary.minimumSeeds = minimumSeeds
    return summary
  }

  /// The summary of a campaign in a store.
  package static func summary(
    of id: Int64, _ identity: ResultsStore.Campaign, in store: ResultsStore,
    seeds: ClosedRange<UInt64> = 0...UInt64.max, required: [String] = [], interrupted: Bool = false,
    impossible: [String: String] = [:], faults: [String] = [], judged: [String] = SimulationRun.invariants
  ) throws(ResultsError) -> CampaignSummary {
    summary(
      of: identity, runs: try store.runs(of: id).filter { seeds.contains($0.seed) }, required: required,
      interrupted: interrupted, impossible: impossible, faults: faults, judged: judged)
  }

  /// What some runs of a campaign have found.
  package static func summary(
    of identity: ResultsStore.Campaign, runs: [CampaignRun], required: [String] = [],
    interrupted: Bool = false, impossible: [String: String] = [:], faults: [String] = [],
    judged: [String] = SimulationRun.invariants
  ) -> CampaignSummary {
    var summary = CampaignSummary(
      meterstorm: identity.meterstorm, scenario: identity.scenario, scenarioHash: identity.scenarioHash,
      options: identity.options, situations: Situation.allCases.map(\.rawValue),
      invariants: SimulationRun.invariants, required: required,
      damage: Set(Situation.allCases.filter(\.needsDefect).map(\.rawValue)), impossible: impossible,
      faults: faults, judged: judged, interrupted: interrupted,
      runs: runs)
    summary.commit = identity.commit
    summary.state(confidence: confidence, runs: runs)
    return summary
  }
}

/// The threads of a campaign and what they share: the next seed, and the runs that are not written yet.
private final class Crew: Sendable {
  private struct State {
    var next: UInt64
    var isOver = false
    var wasInterrupted = false
    var failure: (any Error)?
    var unwritten: [CampaignRun] = []
    var toldAt: ContinuousClock.Instant
    var done: Int
    var failed: Int
    var reached: Set<String>
    var ranHere = 0
    /// The last seed of the generation; `nil` without guidance.
    var generationEnd: UInt64?
    var guidance: Guidance?
    /// Runs of the generation, in any order.
    var generation: [CampaignRun] = []
  }

  private let campaign: Campaign
  private let store: ResultsStore
  private let id: Int64
  private let known: Set<UInt64>
  /// What earlier attempts have found, for guidance.
  private let knownRuns: [UInt64: CampaignRun]
  private let total: Int?
  private let begin = ContinuousClock.now
  private let state: Mutex<State>
  private let progress: @Sendable (Campaign.Progress) -> Bool
  /// Compiled once where the seeds do not differ in their scenario.
  private let shared: SimulationRun?

  init(
    _ campaign: Campaign, store: ResultsStore, id: Int64, known: [CampaignRun],
    progress: @escaping @Sendable (Campaign.Progress) -> Bool
  ) {
    self.campaign = campaign
    self.store = store
    self.id = id
    self.progress = progress
    let known = known.filter {
      campaign.seeds.contains($0.seed)
        && campaign.partition.contains($0.seed, from: campaign.seeds.lowerBound)
    }
    self.known = Set(known.map(\.seed))
    let isGuided = campaign.isGuided && campaign.explores && campaign.template.scenario.exploration != nil
    knownRuns = isGuided ? Dictionary(uniqueKeysWithValues: known.map { ($0.seed, $0) }) : [:]
    let (index, count) = (campaign.partition.index, campaign.partition.count)
    let span = campaign.seeds.upperBound - campaign.seeds.lowerBound
    let seeds = span < index - 1 ? 0 : (span - (index - 1)) / count + (span == .max ? 0 : 1)
    total = seeds > 1 << 40 ? nil : Int(seeds)  // as many as there is time for
    let explores = campaign.explores && campaign.template.scenario.exploration != nil
    shared = explores ? nil : try? campaign.prepare(campaign.seeds.lowerBound).run
    state = Mutex(
      State(
        next: campaign.seeds.lowerBound + min(index - 1, span), toldAt: begin, done: known.count,
        failed: known.count { $0.verdict != .pass },
        reached: Set(known.flatMap { $0.situations.filter { $0.value > 0 }.keys })))
    if span < index - 1 { state.withLock { $0.isOver = true } }
    if isGuided {
      state.withLock { state in
        state.guidance = Guidance()
        state.generationEnd = generationEnd(of: state.next)
      }
    }
  }

  /// The last seed of the generation to which a seed belongs.
  private func generationEnd(of seed: UInt64) -> UInt64 {
    let first = campaign.seeds.lowerBound
    let begin = seed - (seed - first) % campaign.generation
    let (end, overflow) = begin.addingReportingOverflow(campaign.generation - 1)
    return overflow ? .max : end
  }

  /// Learns from the generation that is done; whether there is another one.
  func beginsGeneration() -> Bool {
    state.withLock { state in
      guard state.generationEnd != nil, !state.isOver else { return false }
      state.guidance?.update(from: state.generation.sorted { $0.seed < $1.seed })
      state.generation.removeAll(keepingCapacity: true)
      state.generationEnd = generationEnd(of: state.next)
      return true
    }
  }

  /// One thread: takes seeds until there are none.
  func work() {
    while let seed = nextSeed() {
      do {
        let (run, variant): (SimulationRun, [String])
        if let shared {
          (run, variant) = (try shared.seeded(seed), [])
        } else {
          let guidance = state.withLock { $0.guidance }
          (run, variant) = try campaign.prepare(seed, edits: campaign.edits(of: seed, guidance: guidance))
        }
        // What is interrupted half-way has shown nothing, and is run again another time.
        let record = run.perform(campaign.isKept ? .indicators : .verdict, progress: { _ in self.goesOn() })
        guard !record.interrupted else { return }
        try self.record(CampaignRun(record, variant: variant))
      } catch {
        state.withLock { state in
          if state.failure == nil { state.failure = error }
          state.isOver = true
        }
      }
    }
  }

  private func nextSeed() -> UInt64? {
    state.withLock { state in
      while !state.isOver {
        if let seconds = campaign.seconds, elapsed >= seconds { break }
        let seed = state.next
        if let end = state.generationEnd, seed > end { return nil }
        let (following, overflow) = seed.addingReportingOverflow(campaign.partition.count)
        if overflow || following > campaign.seeds.upperBound {
          state.isOver = true
        } else {
          state.next = following
        }
        if !known.contains(seed) { return seed }
        if let run = knownRuns[seed] { state.generation.append(run) }
      }
      state.isOver = true
      return nil
    }
  }

  private var elapsed: Double {
    let elapsed = ContinuousClock.now - begin
    return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
  }

  private func record(_ run: CampaignRun) throws {
    try state.withLock { state in
      state.unwritten.append(run)
      if state.guidance != nil { state.generation.append(run) }
      state.done += 1
      state.ranHere += 1
      if run.verdict != .pass {
        state.failed += 1
        if campaign.failsFast { state.isOver = true }
      }
      for (name, count) in run.situations where count > 0 { state.reached.insert(name) }
      if state.unwritten.count >= 256 || isTime(&state) {
        try store.add(state.unwritten, to: id)
        state.unwritten.removeAll(keepingCapacity: true)
        reportProgress(&state)
      }
    }
  }

  /// Whether a run that is under way goes on: asked for now and then, as a run may take minutes.
  private func goesOn() -> Bool {
    state.withLock { state in
      if isTime(&state) { reportProgress(&state) }
      return !state.wasInterrupted
    }
  }

  /// Whether a quarter of a second has passed: often enough that a kill costs little, seldom enough that writing does.
  private func isTime(_ state: inout State) -> Bool {
    ContinuousClock.now - state.toldAt > .milliseconds(250)
  }

  private func reportProgress(_ state: inout State) {
    state.toldAt = ContinuousClock.now
    let current = Campaign.Progress(
      done: state.done, total: total, failed: state.failed, situations: state.reached.count,
      situationsInAll: Situation.allCases.count { !$0.needsDefect },
      rate: Double(state.ranHere) / max(elapsed, 1e-9),
      elapsed: elapsed)
    guard !progress(current) else { return }
    state.isOver = true
    state.wasInterrupted = true
  }

  /// Writes what is left, and tells how far it has come: what ends before it was first told of is told of, too.
  ///
  /// - Returns: whether the user has stopped the campaign.
  func finish() throws -> Bool {
    try state.withLock { state in
      try store.add(state.unwritten, to: id)
      state.unwritten.removeAll()
      if let failure = state.failure { throw failure }
      defer { reportProgress(&state) }
      return state.wasInterrupted
    }
  }
}
