import CanonicalModel
import Chronology

/// After a crash the core still knows everything that it had acknowledged.
struct AcknowledgedIsDurable: Invariant, HearsRecovered {
  static let definition = InvariantDefinition(
    name: "acknowledged-is-durable", boundary: .capture, place: 5,
    statement: "what was acknowledged before a crash is still there after it",
    evidence: "deliveries and what was claimed of them; what the core recovers from its log",
    property: .safety, cost: .each(.crash))
  var findings = Findings()

  mutating func hear(recovered claim: CaptureClaim, _ books: Books, at instant: Instant) {
    findings.expect(claim, equals: books.capture, at: instant, show: Self.text, ["recovery"])
  }

  private static func text(_ claim: CaptureClaim) -> String {
    "\(claim.received) events, \(claim.accepted) of them accepted"
  }
}
