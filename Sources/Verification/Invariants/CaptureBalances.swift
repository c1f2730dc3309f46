import CanonicalModel
import Chronology

/// Every copy that was handed over is accounted for, at once and in the end.
struct CaptureBalances: Invariant, HearsQuarantined, HearsQuarantineLeft, HearsCorrected,
  HearsCorrectionRefused, JudgesUsage, HearsCaptured
{
  static let definition = InvariantDefinition(
    name: "capture-balances", boundary: .capture, place: 4,
    statement:
      "received = accepted + duplicates + rejected + quarantined + operational, all but duplicates = emitted, and quarantined "
      + "= entered quarantine - released",
    evidence: "the deliveries and the sources' emissions against what ingestion says of each delivery",
    property: .safety, cost: .each(.delivery))
  var findings = Findings()
  /// Events that were put aside, less those that have left the quarantine.
  private var putAside: Int64 = 0

  /// What its producer has taken back stays counted as what it was: it leaves its case and not the balance.
  private var takenBack: Set<UsageEventKey> = []

  mutating func hear(quarantined _: UsageEvent, _: QuarantineReason, _: Books, at _: Instant) {
    putAside += 1
  }
  mutating func hear(quarantineLeft event: UsageEvent, _: Books, at _: Instant) {
    if !takenBack.contains(event.key) { putAside -= 1 }
  }

  mutating func hear(
    captured events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, _ books: Books, at now: Instant
  ) {
    let delivered = events.count
    let accounted = claim.accepted + claim.duplicates + claim.rejected + claim.quarantined + claim.operational
    findings.require(claim.received == Int64(delivered) && accounted == claim.received, at: now) {
      Breach(
        ids: ["delivery"], expected: "\(delivered) received and accounted for",
        actual: "\(claim.received) received, \(accounted) accounted for")
    }
    // Unique events cannot outnumber what was emitted.
    let emitted = books.usage.billable + books.usage.unbillable
    let unique = books.capture.accepted + books.capture.rejected + books.capture.operational
    findings.require(unique <= emitted, at: now) {
      Breach(ids: ["ingestion"], expected: "at most \(emitted) unique events", actual: "\(unique)")
    }
  }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let now = rest.at
    // A copy that comes after the horizon may be put aside although the first was accepted.
    let claim = books.capture
    findings.expect(
      claim.quarantined, equals: putAside, at: now, isReal: putAside != 0, show: { "\($0) in quarantine" },
      ["ingestion"])
    let emitted = books.usage.billable + books.usage.unbillable
    let accounted = claim.accepted + claim.rejected + claim.quarantined + claim.operational
    findings.require(
      (emitted...emitted + books.beyondHorizon).contains(accounted), at: now, isReal: emitted > 0
    ) {
      Breach(
        ids: ["ingestion"], expected: "\(emitted) events emitted",
        actual:
          "\(claim.accepted) accepted + \(claim.rejected) rejected + \(claim.quarantined) quarantined "
          + "+ \(claim.operational) operational = \(accounted)"
      )
    }
  }

  mutating func hear(corrected correction: UsageCorrection, _: Books, at _: Instant) {
    takenBack.insert(correction.original.key)
  }

  /// The core did not take it back after all: it stays where it is.
  mutating func hear(correctionRefused correction: UsageCorrection, _: Books, at _: Instant) {
    takenBack.remove(correction.original.key)
  }
}
