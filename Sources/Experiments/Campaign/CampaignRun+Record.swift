import Chronology
import RunRecord
import Scenario

extension CampaignRun {
  /// How long before a violation a fault may have ended to count as its likely cause.
  private static var reach: Span { .hours(6) }

  /// What a campaign keeps of a run.
  init(_ record: RunRecord, variant: [String]) {
    let failed = record.invariants.filter { $0.verdict == .broken }
    let broken = failed.compactMap { invariant -> Broken? in
      guard let first = invariant.violations.first else { return nil }
      return Broken(
        invariant: invariant.name, at: first.at, ids: first.ids, expected: first.expected,
        actual: first.actual, violations: invariant.violationCount)
    }.sorted { a, b in
      let (first, second) = (Instant(iso8601: a.at), Instant(iso8601: b.at))
      return (first ?? .distantFuture, a.invariant) < (second ?? .distantFuture, b.invariant)
    }
    self.init(
      seed: record.seed, verdict: record.verdict, fingerprint: record.fingerprint,
      usageEvents: record.simulated.usageEvents, kernelEvents: record.simulated.kernelEvents,
      simulatedSeconds: record.simulated.seconds, broken: broken,
      missed: record.expectations.filter { $0.verdict == .fail }.map(\.expectation),
      cause: broken.first.map { Self.cause(at: $0.at, record.faults) } ?? "",
      situations: record.situations.filter { $0.value > 0 },
      exercised: record.invariants.filter { $0.checks > 0 }.map(\.name), variant: variant,
      met: Set(record.faults.map { "\($0.kind) \($0.target)" }).sorted(),
      began: Self.places(record.declaredFaults, variant) { $0.began > 0 },
      hit: record.declaredFaults.allSatisfy { $0.hits != nil }
        ? Self.places(record.declaredFaults, variant) { $0.hits ?? 0 > 0 } : nil,
      indicators: record.indicators.filter { Self.kept.contains($0.key) }.mapValues(\.value))
  }

  /// The indicators that are kept: those of entities and faults would make every row several times as long.
  private static let kept = Set(Expectation.indicators.map(\.name))

  /// The places in the file of those of its faults that meet a condition: a variant leaves some out, which moves the others up.
  private static func places(
    _ faults: [RunRecord.DeclaredFault], _ variant: [String], _ isMet: (RunRecord.DeclaredFault) -> Bool
  ) -> [Int] {
    let removed = Set(
      variant.compactMap { text -> Int? in
        guard case .remove(let path)? = ScenarioTemplate.Edit(text: text), path.count == 2,
          path[0] == "faults"
        else { return nil }
        return Int(path[1])
      })
    let kept = (0..<faults.count + removed.count).filter { !removed.contains($0) }
    return zip(faults, kept).filter { isMet($0.0) }.map(\.1)
  }

  /// The kinds of fault, with what they hit, that were active at an instant or had just been.
  private static func cause(at text: String, _ faults: [RunRecord.Fault]) -> String {
    guard let instant = Instant(iso8601: text) else { return "" }
    let active = faults.filter { $0.isActive(at: instant, reach: reach) }
    return Set(active.map { "\($0.kind) \($0.target)" }).sorted().joined(separator: ", ")
  }
}
