import RunRecord

/// Where a study has its replications from: a laboratory, or figures whose true mean is known.
protocol StudySource {
  /// What came of each variant on each seed: a row for each variant, a column for each seed.
  func replications(of variants: [Laboratory.Variant], seeds: [UInt64]) throws -> [[Replication]]
  /// What a judge has to know of a variant.
  func traits(of variant: Laboratory.Variant) throws -> StudyTraits
}

/// What a judge has to know of a variant.
struct StudyTraits {
  /// A fault that comes at random.
  struct RandomFault {
    /// How a reader finds it.
    var name: String
    /// The variant with it and all random faults before it.
    var with: Laboratory.Variant
    /// The variant with those before it alone.
    var without: Laboratory.Variant
    /// How often it begins in the run of a seed.
    var happenings: (UInt64) -> Int
  }

  /// Whether anything that can reach an indicator is drawn at random.
  var drawsAtRandom: Bool
  /// Its faults that come at random, in the scenario's order.
  var randomFaults: [RandomFault]
  /// What hits a share of the documents, calls or messages that it meets.
  var lots: [Lot] = []

  /// Something that hits by lot, and perhaps nothing at all in many runs.
  struct Lot {
    /// How a reader finds it.
    var name: String
    /// Of its hits in a replication.
    var key: String
    /// The share of what it meets that it hits.
    var share: Double
  }
}

extension StudySource {
  /// The replications of a variant with and without each random fault that comes so seldom that all of them may have missed it.
  ///
  /// - Returns: also how many runs that took, had none been made before.
  func faultEffects(
    _ found: [Replication], of variant: Laboratory.Variant, _ traits: StudyTraits
  ) throws -> (all: [ObjectiveJudge.FaultEffect], runs: Int) {
    let seeds = found.map(\.seed)
    var all: [ObjectiveJudge.FaultEffect] = []
    var needed: [Laboratory.Variant] = []
    for fault in traits.randomFaults {
      let happenings = seeds.reduce(0) { $0 + fault.happenings($1) }
      guard happenings < ObjectiveJudge.FaultEffect.seldom * seeds.count else { continue }
      let with = fault.with == variant ? found : try replications(of: [fault.with], seeds: seeds)[0]
      let without = try replications(of: [fault.without], seeds: seeds)[0]
      for other in [fault.with, fault.without] where other != variant && !needed.contains(other) {
        needed.append(other)
      }
      all.append(.init(fault: fault.name, happenings: happenings, with: with, without: without))
    }
    for lot in traits.lots {
      // Had it met something in every run, it would have hit three times or more: what hits nothing all the same meets nothing.
      guard lot.share * Double(found.count) < 3 else { continue }
      let hits = found.map { $0.hits?[lot.key] ?? 0 }
      guard hits.count(where: { $0 > 0 }) < ObjectiveJudge.FaultEffect.seldom else { continue }
      var effect = ObjectiveJudge.FaultEffect(
        fault: lot.name, happenings: hits.reduce(0, +), with: found, without: found)
      effect.hits = hits
      all.append(effect)
    }
    return (all, needed.count * seeds.count)
  }
}
