import CanonicalModel
import Dispatch
import Foundation
import ResultsDatabase
import RunRecord
import Scenario
import Synchronization
import World

/// What failures come from: a failing seed is run without the faults that were active, and with them alone.
///
/// The extra runs depend on the campaign's runs alone, so that threads and interruptions make no difference.
extension Campaign {
  /// For how many kinds of failure causes are tried, the most frequent first.
  private static let tried = 12
  /// Faults of a group that are tried one by one.
  private static let single = 8
  /// Seeds on which a planted defect that nothing has caught is compared with the scenario without it.
  private static let compared = 4

  /// Tries the causes of the groups of failures, and whether a planted defect that broke nothing changes anything.
  ///
  /// - Parameter progress: asked before each run; `false` leaves the rest untried.
  func confirmCauses(
    _ summary: inout CampaignSummary, of id: Int64, in store: ResultsStore,
    progress: @escaping @Sendable (Progress) -> Bool
  ) throws {
    let state = Progress(
      done: summary.runs, total: summary.runs, failed: summary.runs - summary.passed, situations: 0,
      situationsInAll: 0, rate: 0, elapsed: 0)
    let groups = Array(summary.failures.prefix(Self.tried))
    let examples = try groups.map { try store.run(of: id, seed: $0.exampleSeed) }
    let results = Mutex<[Int: Result<CampaignSummary.Group, any Error>]>([:])
    let workers = max(1, min(jobs, groups.count))
    // Groups are dealt out like cards: each is tried by one thread alone.
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for index in stride(from: worker, to: groups.count, by: workers) {
        guard let example = examples[index] else { continue }
        let result = Result { try self.tried(groups[index], example) { progress(state) } }
        results.withLock { $0[index] = result }
      }
    }
    for (index, result) in results.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
      summary.failures[index] = try result.get()
    }
    if defect != nil, summary.failures.isEmpty, summary.runs > 0, progress(state) {
      summary.defectShows = try defectShows(try store.runs(of: id).filter { seeds.contains($0.seed) })
    }
  }

  /// A group with its cause as far as it can be shown on its example.
  private func tried(
    _ group: CampaignSummary.Group, _ example: CampaignRun, goesOn: () -> Bool
  ) throws -> CampaignSummary.Group {
    let edits = example.variant.compactMap(ScenarioTemplate.Edit.init(text:))
    let prepared = try prepare(example.seed, edits: edits).run
    func fails(_ choice: FaultChoice) -> Bool {
      var run = prepared
      run.faultChoice = choice
      return Shrink.breaks(group.invariant, run.perform(.verdict))
    }
    var group = group
    guard goesOn() else { return group }
    if fails(.only([])) {
      group.cause = ""
      group.standing = .noFault
      return group
    }
    var names = Set(group.cause.components(separatedBy: ", ").filter { !$0.isEmpty })
    guard goesOn() else { return group }
    guard !names.isEmpty, !fails(.without(names)), fails(.only(names)) else {
      group.standing = .refuted
      return group
    }
    group.standing = .confirmed
    // Of several faults, those that the failure does not need are left away.
    for name in names.sorted().prefix(Self.single) where names.count > 1 && goesOn() {
      let fewer = names.subtracting([name])
      if fails(.only(fewer)), !fails(.without(fewer)) { names = fewer }
    }
    group.cause = names.sorted().joined(separator: ", ")
    return group
  }

  /// Whether any of the first seeds comes out otherwise with the defect than without it.
  private func defectShows(_ runs: [CampaignRun]) throws -> Bool {
    var sound = self
    sound.defect = nil
    for run in runs.prefix(Self.compared) {
      let edits = run.variant.compactMap(ScenarioTemplate.Edit.init(text:))
      var planted = try prepare(run.seed, edits: edits).run.perform().deterministic
      let plain = try sound.prepare(run.seed, edits: edits).run.perform().deterministic
      (planted.defect, planted.commandLine) = (plain.defect, plain.commandLine)
      if planted != plain { return true }
    }
    return false
  }
}

extension ScenarioFile.Fault {
  /// The fault in words, as a run's record has it.
  func text(in scenario: ScenarioFile) -> String {
    let names = targets.map { target in
      target.name(
        entity: { scenario.entities[Int($0.index)].name }, account: { scenario.accounts[$0] })
    }
    return "\(kind.name) of \(names.joined(separator: ", ")) \(self.text)"
  }
}
