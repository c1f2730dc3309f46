import RunRecord
import Scenario
import Statistics

/// Compares the results of two commits and says whether the second may pass.
///
/// What fails newly on a seed is a fact, as runs are deterministic, and needs no statistics. Whether a property that failed before fails
/// more often, and whether an indicator has changed, is judged over seeds that both ran with the same variant: the first by the sign test
/// on the seeds that differ, the second by a limit of the mean of paired differences (``MeanLimits``). All these statements together are
/// wrong with a probability of about one less ``confidence`` at most, as far as what is seldom has been seen at all: of an extreme that no
/// seed has shown, no statistics know; that error which is shared out over them (``Comparisons``), so that a comparison
/// with nothing to find hardly ever raises an alarm, however many properties and indicators there are.
package struct CommitGate: Sendable {
  /// What is compared with.
  package var base: GateSide
  /// What is judged.
  package var candidate: GateSide
  /// When the gate fails.
  package var conditions = GateCondition.standard
  /// How many of the conditions, from the first on, are only noted where they cannot be judged.
  package var standard = GateCondition.standard.count
  /// With which all statistical statements hold together.
  package var confidence = 0.99
  /// Whether results that only one of the two has are noted, and do not fail the gate.
  package var allowsMissing = false

  /// Prepares a comparison.
  package init(base: GateSide, candidate: GateSide) { (self.base, self.candidate) = (base, candidate) }

  /// Why nothing can be compared.
  package struct NothingInCommon: Error, CustomStringConvertible {
    /// For a person.
    package var description: String
  }

  /// Compares.
  ///
  /// - Throws: where the two have neither a scenario with its options nor a count in common.
  package func judge() throws(NothingInCommon) -> GateRecord {
    let shared = base.runs.compactMap { own in
      candidate.runs.first { $0.scenario == own.scenario && $0.options == own.options }.map {
        PairedRuns(base: own, candidate: $0)
      }
    }
    let counts = sharedCounts
    guard !shared.isEmpty || !counts.isEmpty else {
      func list(_ side: GateSide) -> String {
        side.runs.isEmpty
          ? "no runs"
          : side.runs.map { ([$0.scenario] + $0.options).joined(separator: " ") }.joined(separator: ", ")
      }
      throw NothingInCommon(
        description:
          "nothing to compare: \(base.source) has \(list(base)), and \(candidate.source) has \(list(candidate)); "
          + "both need the same scenario with the same options; 'meterstorm compare' holds designs and settings against each other"
      )
    }
    // Half for properties, half for indicators: many of these take no power from those.
    let half = (1 - confidence) / 2
    let ofProperty = half / Double(max(1, shared.reduce(0) { $0 + $1.testedProperties }))
    let error = half / Double(max(1, tests(shared)))
    let scenarios = shared.map { $0.record(ofProperty: ofProperty, error: error) }
    let judged = conditions.enumerated().map { index, condition in
      let judge = ConditionJudge(
        pairs: shared, scenarios: scenarios, counts: counts, error: error)
      let (finding, reasons) = judge.judge(condition)
      return GateRecord.Condition(
        text: condition.text, finding: finding, isRequired: index >= standard, reasons: reasons)
    }
    let missing = MissingResults(base: base, candidate: candidate, pairs: shared).reasons
    let presence = GateRecord.Condition(
      text: MissingResults.condition, finding: missing.isEmpty ? .passed : .failed, isRequired: true,
      reasons: missing)
    return GateRecord(
      meterstorm: Meterstorm.version, confidence: confidence,
      base: .init(source: base.source, commit: base.commit),
      candidate: .init(source: candidate.source, commit: candidate.commit), scenarios: scenarios,
      counts: counts, notes: notes(counts) + (allowsMissing ? missing.map(\.text) : []),
      conditions: judged + (allowsMissing ? [] : [presence]))
  }

  /// How many statements on indicators share their half of the error: for each one per condition on it, one for its interval, and one on
  /// whether it can still be measured.
  private func tests(_ shared: [PairedRuns]) -> Int {
    let asks = conditions.count {
      switch $0 {
      case .indicatorsWorse, .indicator: true
      default: false
      }
    }
    return shared.reduce(0) { $0 + $1.indicators.count * (asks + 2) }
  }

  private var sharedCounts: [GateRecord.Count] {
    base.counts.compactMap { own in
      candidate.counts.first { ($0.name, $0.kind, $0.unit) == (own.name, own.kind, own.unit) }.map {
        GateRecord.Count(
          name: own.name, kind: own.kind, unit: own.unit, base: own.value, candidate: $0.value,
          change: own.value > 0 ? $0.value / own.value - 1 : nil)
      }
    }
  }

  /// What is worth knowing, and fails no condition.
  private func notes(_ counts: [GateRecord.Count]) -> [String] {
    var notes: [String] = []
    if base.source == candidate.source, base.commit == candidate.commit {
      notes.append("base and candidate are the same results: nothing can differ")
    }
    for (side, name) in [(base, "base"), (candidate, "candidate")] {
      let lone = side.counts.filter { own in !counts.contains { ($0.name, $0.kind) == (own.name, own.kind) } }
      // Runs of other seeds are no news.
      notes += lone.filter { $0.kind == .instructions }.map { "only the \(name) counted \($0.name)" }
    }
    return notes
  }
}
