import CJemalloc
import CanonicalModel
import Dispatch
import Foundation
import ResultsDatabase
import RunRecord
import Scenario
import Statistics
import Synchronization
import World

/// Runs variants of a scenario on seeds, on several threads: what a study needs is run once, kept in a database as soon as
/// it is complete, and found there again.
package final class Laboratory: StudySource, Sendable {
  /// A scenario with some values changed.
  package struct Variant: Hashable, Sendable {
    /// How reports call it.
    package var name: String
    /// What it changes.
    package var edits: [ScenarioTemplate.Edit]

    /// Makes a variant.
    package init(name: String, edits: [ScenarioTemplate.Edit]) {
      self.name = name
      self.edits = edits
    }

    /// What tells it from others, whatever it is called.
    var key: String { edits.map(\.text).joined(separator: "\n") }
  }

  /// A study was stopped; what is complete is kept.
  struct Interrupted: Error {}

  /// The scenario, and options that shape what is simulated.
  package let campaign: Campaign
  private let store: ResultsStore
  private let id: Int64
  private let jobs: Int
  private let goesOn: @Sendable (Int) -> Bool
  private let count = Mutex(0)
  /// The variants that were decoded last: a study asks for each several times.
  private let known = Mutex<[(key: String, run: SimulationRun)]>([])

  /// Opens a laboratory.
  ///
  /// - Parameters:
  ///   - campaign: the scenario with its defect and options; seeds are chosen by the study.
  ///   - goesOn: asked now and then, with the number of runs that are done; `false` interrupts.
  /// - Throws: where the scenario has changed since earlier runs.
  package init(
    _ campaign: Campaign, store: ResultsStore, jobs: Int,
    goesOn: @escaping @Sendable (Int) -> Bool = { _ in true }
  ) throws(ResultsError) {
    self.campaign = campaign
    self.store = store
    self.jobs = max(1, jobs)
    self.goesOn = goesOn
    id = try store.begin(campaign.identity)
    // A study runs much the same thing hundreds of times.
    meterstorm_keep_pages()
  }

  /// What the laboratory works on, for records.
  var identity: ResultsStore.Campaign { campaign.identity }

  /// What came of each variant on each seed.
  ///
  /// - Returns: a row for each variant, a column for each seed, in the order given.
  /// - Throws: `Interrupted`; `InvalidInput` for a variant that cannot be used; `ResultsError`.
  func replications(of variants: [Variant], seeds: [UInt64]) throws -> [[Replication]] {
    var known = try variants.map { try store.replications(of: id, variant: $0.key) }
    let missing = variants.indices.flatMap { index in
      seeds.filter { known[index][$0] == nil }.map { (variant: index, seed: $0) }
    }
    // A variant that cannot be used is refused before anything is run.
    let prepared = try variants.map(prepare)
    let found = try run(missing, of: variants, prepared)
    for (task, replication) in zip(missing, found) { known[task.variant][task.seed] = replication }
    return try known.map { all in
      try seeds.map { seed in
        guard let replication = all[seed] else { throw Interrupted() }
        return replication
      }
    }
  }

  /// What a judge has to know of a variant.
  func traits(of variant: Variant) throws(InvalidInput) -> StudyTraits {
    let run = try prepare(variant)
    let faults = run.randomFaults
    // The fault with the highest number goes first, so that those before it keep their streams, and happen as they did.
    func first(_ count: Int) -> Variant {
      let left = faults.suffix(faults.count - count).reversed()
      return left.isEmpty
        ? variant
        : Variant(
          name: variant.name + " without faults " + left.map(String.init).joined(separator: ", "),
          edits: variant.edits + left.map { .remove(path: ["faults", "\($0)"]) })
    }
    let world = run.assembly.world
    return StudyTraits(
      drawsAtRandom: run.drawsAtRandom,
      randomFaults: faults.enumerated().compactMap { place, number in
        guard world.canHappen(declared: number) else { return nil }
        return StudyTraits.RandomFault(
          name: "faults.\(number)", with: first(place + 1), without: first(place),
          happenings: { world.happenings(ofDeclared: number, seed: $0) })
      }, lots: run.lots)
  }

  private func prepare(_ variant: Variant) throws(InvalidInput) -> SimulationRun {
    let key = variant.key
    if let run = known.withLock({ $0.first { $0.key == key }?.run }) { return run }
    let run = try decode(variant)
    known.withLock { known in
      known.append((key, run))
      if known.count > 8 { known.removeFirst() }
    }
    return run
  }

  private func decode(_ variant: Variant) throws(InvalidInput) -> SimulationRun {
    do throws(InvalidInput) {
      for case .remove(let path) in variant.edits where campaign.template.root.find(path) == nil {
        throw InvalidInput(
          "there is no '\(path.joined(separator: "."))' to leave out",
          at: Position(file: campaign.template.file))
      }
      let scenario = try campaign.template.scenario(
        applying: variant.edits, from: "variant '\(variant.name)'")
      return try campaign.run(of: scenario, seed: scenario.seed)
    } catch {
      let what = Diagnostic(
        "the variant '\(variant.name)' cannot be used", at: Position(file: campaign.template.file))
      throw InvalidInput([what] + error.diagnostics)
    }
  }

  private func run(
    _ tasks: [(variant: Int, seed: UInt64)], of variants: [Variant], _ prepared: [SimulationRun]
  ) throws -> [Replication?] {
    struct State {
      var next = 0
      var found: [Replication?]
      var failure: (any Error)?
      var isInterrupted = false
    }
    let state = Mutex(State(found: Array(repeating: nil, count: tasks.count)))
    DispatchQueue.concurrentPerform(iterations: min(jobs, max(1, tasks.count))) { _ in
      while true {
        let index = state.withLock { state -> Int? in
          guard state.failure == nil, !state.isInterrupted, state.next < tasks.count else { return nil }
          defer { state.next += 1 }
          return state.next
        }
        guard let index else { return }
        let run: SimulationRun
        do {
          run = try prepared[tasks[index].variant].seeded(tasks[index].seed)
        } catch {
          return state.withLock { $0.failure = error }
        }
        let record = run.perform(.figures, progress: { _ in self.goesOn(self.count.withLock { $0 }) })
        let isOver =
          record.interrupted
          || !self.goesOn(
            self.count.withLock {
              $0 += 1
              return $0
            })
        state.withLock { state in
          if isOver { state.isInterrupted = true }
          guard !record.interrupted else { return }
          let replication = Replication(record)
          state.found[index] = replication
          do {
            try store.add(replication, variant: variants[tasks[index].variant].key, to: id)
          } catch { state.failure = error }
        }
      }
    }
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      return state.found
    }
  }

  /// Keeps the result of a study.
  func keep(_ kind: String, question: String, _ result: () throws -> [UInt8]) throws {
    try store.keep(study: kind, question: question, result: .init(try result()), of: id)
  }
}

extension Replication {
  /// The part of a record that studies use.
  init(_ record: RunRecord) {
    var resources: [String: Double] = [:]
    var peaks: [String: Double] = [:]
    for erp in record.erps {
      for resource in erp.resources {
        // Places and limits are those of the account, where several entities share it.
        let isOwn = ["workers", "waiting after refusals", "outage"].contains(resource.name)
        let name = "erp/\(isOwn ? erp.entity : erp.account ?? erp.entity) \(resource.name)"
        resources[name] = resource.utilization
        peaks[name] = resource.peak
      }
    }
    self.init(
      seed: record.seed, fingerprint: record.fingerprint,
      broken: record.invariants.filter { $0.verdict == .broken }.map(\.name).sorted(),
      missed: record.expectations.filter { $0.verdict == .fail }.map(\.expectation),
      indicators: record.indicators.mapValues(\.value), resources: resources, peaks: peaks,
      verdicts: Dictionary(record.invariants.map { ($0.name, $0.verdict) }) { first, _ in first })
    months = Self.months(record.periods ?? [])
    var hits: [String: Int] = [:]
    for (number, fault) in record.declaredFaults.enumerated() { hits["faults.\(number)"] = fault.hits }
    hits["laterRejections"] = record.situations[Situation.rejectedAfterAccepted.rawValue]
    hits["lostAnswers"] = record.situations[Situation.answerLost.rawValue]
    self.hits = hits
  }
}

extension Estimate {
  /// Of the mean of independent values, whatever their distribution; `nil` without any.
  init?(_ values: [Double], confidence: Double) {
    guard !values.isEmpty else { return nil }
    let limits = MeanLimits(of: values, confidence: confidence)
    self.init(
      mean: limits.mean, lower: limits.lower.map { min($0, limits.mean) },
      upper: limits.upper.map { max($0, limits.mean) }, confidence: confidence, count: values.count)
  }
}
