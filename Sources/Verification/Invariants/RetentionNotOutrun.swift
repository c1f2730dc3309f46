import CanonicalModel
import Chronology

/// A broker keeps usage for a time only: who takes longer has lost it.
struct RetentionNotOutrun: Invariant {
  static let definition = InvariantDefinition(
    name: "retention-not-outrun", boundary: .capture,
    statement: "no usage expires in the broker before it is taken",
    evidence: "what the broker drops, and how long it had waited",
    property: .safety, cost: .each(.event))
  var findings = Findings()
  private var expired = 0

  mutating func observe(partition: Int, events: Int, waited: Span, at instant: Instant) {
    expired += events
    findings.require(events == 0, at: instant) {
      Breach(
        ids: ["partition \(partition)"], expected: "taken within the retention",
        actual: "\(events) events dropped, the oldest after \(waited)")
    }
  }

  /// - Parameter isBounded: whether the broker drops what waits too long, and anything has passed through it.
  mutating func conclude(isBounded: Bool, at instant: Instant) {
    findings.expect(
      expired, equals: 0, at: instant, isReal: isBounded, show: { "\($0) events expired in all" }, ["broker"])
  }
}
