import Chronology
import Foundation
import RunRecord
import Scenario

/// Finds the smallest scenario that still breaks the invariant that a seed breaks.
package struct Shrink: Sendable {
  /// How large a failing run is.
  package struct Size: Codable, Equatable, Sendable {
    /// Fault entries.
    package var faults: Int
    /// Customers.
    package var customers: Int
    /// Usage events.
    package var usageEvents: Int
    /// Legal entities.
    package var entities: Int
    /// Of usage, in seconds.
    package var horizon: Double

    /// Reads the size of a scenario from its tree.
    init(_ tree: LocatedNode, usageEvents: Int) {
      faults = tree["faults"]?.elements.count ?? 0
      customers = tree["customers"]?["count"]?.text.flatMap(Unit.integer) ?? 1
      self.usageEvents = usageEvents
      entities = tree["entities"]?.elements.count ?? 0
      horizon = tree["horizon"]?.text.flatMap(Unit.duration)?.seconds ?? 0
    }
  }

  /// What came of it.
  package struct Outcome: Sendable {
    /// The invariant that breaks, or the expectation that is missed.
    package var broken: String
    /// The scenario, self-contained but for traces, with a header that says what it shows and how to run it.
    package var scenario: String
    /// Before and after.
    package var before: Size
    /// See ``before``.
    package var after: Size
    /// Candidates that were run.
    package var tried: Int
    /// Whether it was stopped before nothing more could be taken away.
    package var isStopped: Bool
  }

  /// A step: what was made smaller; empty where nothing was.
  package struct Progress: Sendable {
    package var step: String
    package var tried: Int
    package var size: Size
  }

  private let campaign: Campaign
  private let seed: UInt64
  private let wanted: String?

  /// Prepares.
  ///
  /// - Parameters:
  ///   - campaign: the scenario, its defect and what is judged.
  ///   - wanted: the invariant that is to break; the one that breaks first if left out.
  package init(_ campaign: Campaign, seed: UInt64, wanted: String? = nil) {
    self.campaign = campaign
    self.seed = seed
    self.wanted = wanted
  }

  /// Runs candidates until nothing more can be taken away.
  ///
  /// - Parameter progress: called after every candidate; `false` stops.
  /// - Returns: the smallest scenario that was found; `nil` where the seed breaks nothing.
  package func perform(progress: @escaping (Progress) -> Bool = { _ in true }) throws -> Outcome? {
    let record = try campaign.prepare(seed).run.perform(.verdict)
    let failed = CampaignRun(record, variant: [])
    guard
      let broken = wanted ?? failed.broken.first?.invariant ?? failed.missed.first,
      Self.breaks(broken, record)
    else { return nil }
    let tree = try campaign.tree(of: seed)
    let before = Size(tree, usageEvents: Int(record.simulated.usageEvents))
    var isStopped = false
    var shrinker = Shrinker(
      Shrinker.Candidate(tree: tree, seed: seed), events: before.usageEvents,
      progress: { step, shrinker in
        let size = Size(shrinker.best.tree, usageEvents: shrinker.events)
        if !progress(Progress(step: step, tried: shrinker.tried, size: size)) { isStopped = true }
        return !isStopped
      },
      check: { candidate in
        guard let scenario = try? campaign.template.scenario(of: candidate.tree),
          var run = try? SimulationRun(scenario, seed: candidate.seed, defect: campaign.defect)
        else { return nil }
        run.silenced = campaign.silenced
        let record = run.perform(.verdict)
        return Self.breaks(broken, record) ? Int(record.simulated.usageEvents) : nil
      })
    shrinker.shrink()
    let after = Size(shrinker.best.tree, usageEvents: shrinker.events)
    let statement = record.invariants.first { $0.name == broken }?.statement
    return Outcome(
      broken: broken, scenario: try text(of: shrinker.best, broken, statement, after), before: before,
      after: after, tried: shrinker.tried, isStopped: isStopped)
  }

  static func breaks(_ name: String, _ record: RunRecord) -> Bool {
    record.invariants.contains { $0.name == name && $0.verdict == .broken }
      || record.expectations.contains { $0.expectation == name && $0.verdict == .fail }
  }

  private func text(
    of best: Shrinker.Candidate, _ broken: String, _ statement: String?, _ size: Size
  ) throws(InvalidInput) -> String {
    let tree = try best.tree.setting(["seed"], to: "\(best.seed)").removing(["description"])
    let defect = campaign.defect.map { " --defect \($0.name)" } ?? ""
    let lines = [
      "# Breaks \(broken)\(statement.map { ": \($0)" } ?? " (an expectation)").",
      "# Shrunk from \(campaign.template.file), seed \(seed)"
        + (campaign.defect.map { ", with the defect \($0.name)" } ?? "")
        + ", to \(size.faults) fault\(size.faults == 1 ? "" : "s"), \(size.customers) "
        + "customer\(size.customers == 1 ? "" : "s") and \(size.usageEvents) usage events.",
      "# meterstorm run THIS-FILE\(defect)",
    ]
    return lines.joined(separator: "\n") + "\n" + tree.document
  }
}

extension Campaign {
  /// The tree of a seed's scenario, self-contained.
  func tree(of seed: UInt64) throws(InvalidInput) -> LocatedNode {
    try template.selfContained(applying: edits(of: seed, guidance: nil))
  }
}
