import CanonicalModel
import Chronology

/// A broker keeps usage for a time only: who takes longer has lost it.
struct RetentionNotOutrun: Invariant, HearsExpiredInBroker, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "retention-not-outrun", boundary: .capture, place: 6,
    statement: "no usage expires in the broker before it is consumed",
    evidence: "what the broker drops, and how long it had waited",
    property: .safety, cost: .each(.event))
  var findings = Findings()
  private var expired = 0

  mutating func hear(
    expiredInBroker partition: Int, _ events: Int, _ waited: Span, _: Books, at instant: Instant
  ) {
    expired += events
    findings.require(events == 0, at: instant) {
      Breach(
        ids: ["partition \(partition)"], expected: "consumed within the retention",
        actual: "\(events) events dropped, the oldest after \(waited)")
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let isBounded = books.promises.brokerDropsUsage && books.capture.received > 0
    let instant = rest.at
    findings.expect(
      expired, equals: 0, at: instant, isReal: isBounded, show: { "\($0) events expired in all" }, ["broker"])
  }
}
