import CanonicalModel
import RunRecord
import Scenario
import SimulationKernel

/// What a guided campaign has learnt: the variants that reached something new, from which later seeds descend (greybox
/// fuzzing, with situations in the place of branches: M. Böhme, V.-T. Pham, A. Roychoudhury, "Coverage-based greybox
/// fuzzing as Markov chain", CCS 2016).
///
/// Seeds are taken in generations. What a seed makes of the scenario depends on the generations before its own alone, so
/// that neither threads nor interruptions make a difference.
struct Guidance: Sendable {
  /// The share of the seeds that descend from a variant; the others are drawn as in a campaign without guidance.
  private static let descending = 0.75
  /// The share of a parent's decisions that a child takes over.
  private static let inherited = 0.75

  /// The variants that reached something new, in the order of seeds.
  private(set) var parents: [(seed: UInt64, edits: [ScenarioTemplate.Edit])] = []
  private var seen: Set<String> = []

  /// Learns from the runs of a generation, given in the order of seeds.
  mutating func update(from runs: some Sequence<CampaignRun>) {
    for run in runs where isNew(run) {
      parents.append((run.seed, run.variant.compactMap(ScenarioTemplate.Edit.init(text:))))
    }
  }

  /// Whether a run has reached a situation, a pair of them, or a situation so often as none before: counted in powers of two.
  private mutating func isNew(_ run: CampaignRun) -> Bool {
    let reached = run.situations.filter { $0.value > 0 }.keys.sorted()
    var isNew = false
    for (index, name) in reached.enumerated() {
      let times = run.situations[name] ?? 1
      if seen.insert("\(name) \(Int.bitWidth - times.leadingZeroBitCount)").inserted { isNew = true }
      for other in reached[..<index] where seen.insert("\(other) \(name)").inserted { isNew = true }
    }
    return isNew
  }

  /// What a seed makes of a scenario.
  func edits(
    of template: ScenarioTemplate, _ exploration: Exploration, seed: UInt64
  ) -> [ScenarioTemplate.Edit] {
    let own = exploration.decisions(of: template, seed: seed)
    var draw = RandomStream(rootSeed: seed, name: "explore/guidance")
    guard !parents.isEmpty, draw.bernoulli(Self.descending) else { return own.flatMap(\.edits) }
    // Those that came last went furthest: half of the time one of the last eighth.
    let last = max(1, parents.count / 8)
    let position =
      draw.bernoulli(0.5)
      ? parents.count - 1 - Int(draw.below(UInt64(last))) : Int(draw.below(UInt64(parents.count)))
    let parent = parents[position].edits
    let edits = own.flatMap { decision in
      draw.bernoulli(Self.inherited)
        ? parent.filter { $0.path.starts(with: decision.path) } : decision.edits
    }
    // A decision on a section and one on a key of it may come from two variants: each value is set once, and none below what is taken away.
    let removed = edits.compactMap { edit -> [String]? in
      if case .remove(let path) = edit { path } else { nil }
    }
    var known: Set<[String]> = []
    return edits.filter { edit in
      let isBelow = removed.contains { edit.path.count > $0.count && edit.path.starts(with: $0) }
      return !isBelow && known.insert(edit.path).inserted
    }
  }
}
