import RunRecord

/// What only one of two commits has: scenarios with their options, and whole kinds of evidence.
///
/// Whatever is compared with nothing passes every other condition: a scenario that is no longer run finds nothing.
struct MissingResults {
  let base: GateSide
  let candidate: GateSide
  /// What both ran.
  let pairs: [PairedRuns]

  /// The condition's text.
  static let condition = "missing results"

  /// Each of them, in words: first what the candidate lacks.
  var reasons: [GateRecord.Reason] {
    runs(of: base, "base", lackedBy: candidate, "candidate")
      + kinds(of: base, "base", lackedBy: candidate, "candidate")
      + indicators(\.base, "base", lackedBy: \.candidate, "candidate")
      + runs(of: candidate, "candidate", lackedBy: base, "base")
      + kinds(of: candidate, "candidate", lackedBy: base, "base")
      + indicators(\.candidate, "candidate", lackedBy: \.base, "base")
      + pairs.filter { $0.share < 0.5 }.map { pair in
        let least = min(pair.base.runs.count, pair.candidate.runs.count)
        return .init(
          pair.pairs.isEmpty
            ? "no seed of \(pair.candidate.scenario) was run by both with the same variant, so nothing is compared seed by seed"
            : "only \(pair.pairs.count) of \(least) seeds of \(pair.candidate.scenario) were run by both with the same variant, so most are compared with nothing",
          scenario: pair.candidate.scenario)
      }
  }

  private func runs(
    of side: GateSide, _ name: String, lackedBy other: GateSide, _ otherName: String
  ) -> [GateRecord.Reason] {
    side.runs.filter { own in
      !other.runs.contains { $0.scenario == own.scenario && $0.options == own.options }
    }.map { own in
      let what = ([own.scenario] + own.options.filter { $0 != "no-explore" }).joined(separator: " · ")
      return GateRecord.Reason(
        "the \(name) ran \(what), and the \(otherName) did not", scenario: own.scenario)
    }
  }

  private func kinds(
    of side: GateSide, _ name: String, lackedBy other: GateSide, _ otherName: String
  ) -> [GateRecord.Reason] {
    [WorkCounts.Kind.instructions, .allocations].filter { kind in
      side.counts.contains { $0.kind == kind } && !other.counts.contains { $0.kind == kind }
    }.map { .init("the \(name) has counts of \($0.rawValue), and the \(otherName) has none") }
  }

  private func indicators(
    _ side: KeyPath<PairedRuns, GateSide.Runs>, _ name: String,
    lackedBy other: KeyPath<PairedRuns, GateSide.Runs>, _ otherName: String
  ) -> [GateRecord.Reason] {
    pairs.filter { pair in
      pair[keyPath: side].runs.contains { !$0.indicators.isEmpty }
        && pair[keyPath: other].runs.allSatisfy(\.indicators.isEmpty)
    }.map { pair in
      .init(
        "the \(name) has indicators of \(pair.candidate.scenario), and the \(otherName) has none",
        scenario: pair.candidate.scenario)
    }
  }
}
