import CanonicalModel
import Chronology
import CoreInterface

/// Corrections: what producers take back, and what they put in its place.
extension Ingestion {
  /// Takes an event back, and what is put in its place in. Each event is taken back once, and only if it counted or waits:
  /// where a correction comes before its event, the event is taken back when it comes.
  ///
  /// Of an event that came too late, or is remembered no more, nobody knows whether it counted: its correction is put aside.
  mutating func correct(
    _ correction: UsageCorrection, at now: Instant, accepted: inout ContiguousArray<BillableEvent>,
    effects: inout Effects
  ) {
    let original = correction.original
    guard planted.contains(.correctionAdded) || !corrected.contains(original.key) else { return }
    let waits = !planted.contains(.correctionAdded) && stopWaiting(original, effects: &effects)
    let isKnown = waits || seen.contains(memoryKey(of: original)) || backfilled.contains(original.key)
    if tooLate.contains(original.key) || !isKnown && original.time < now - policy.deduplicationHorizon {
      return refuse(correction, accepted: &accepted, effects: &effects)
    }
    corrected.insert(original.key)
    if !planted.contains(.correctionAdded) {
      if !isKnown {
        early[original.key] = correction
      } else if !waits, !restamped.contains(original.key) {
        withdraw(original, accepted: &accepted)
      }
    }
    guard let replacement = correction.replacement, seen.insert(replacement.key) else { return }
    var claim = CaptureClaim()
    claim.received = 1
    accept(replacement, place(replacement), &claim, accepted: &accepted, effects: &effects)
    finish(claim, &effects)
  }

  /// Puts a correction aside, with what should take the event's place.
  private mutating func refuse(
    _ correction: UsageCorrection, accepted: inout ContiguousArray<BillableEvent>, effects: inout Effects
  ) {
    effects.outputs.append(.correctionRefused(correction))
    guard let replacement = correction.replacement else { return }
    var claim = CaptureClaim()
    claim.received = 1
    accept(
      replacement, .quarantined(.beyondHorizon, until: nil), &claim, accepted: &accepted, effects: &effects)
    finish(claim, &effects)
  }

  /// Takes back what has come after its correction.
  ///
  /// - Parameter isBackfill: whether the events came in a backfill, which brings what was too late otherwise.
  mutating func withdrawCorrected(
    _ events: some Sequence<UsageEvent>, isBackfill: Bool = false,
    accepted: inout ContiguousArray<BillableEvent>, effects: inout Effects
  ) {
    guard !early.isEmpty else { return }
    for delivered in events {
      let event = canonical(delivered)
      guard let correction = early[event.key] else { continue }
      assert(
        corrected.contains(event.key), "a correction waits for its event and was never taken")
      if tooLate.remove(event.key) != nil {
        quarantine.move(1, from: .declaration, to: .withdrawn)
        // It waits for nobody any more; a backfill may still bring it, and its copies change nothing.
        correctedTooLate.insert(event.key)
        effects.outputs.append(.replayed(event, .beyondHorizon))
      } else if isBackfill || !correctedTooLate.contains(event.key), !restamped.contains(event.key) {
        early[event.key] = nil
        if !stopWaiting(correction.original, effects: &effects) {
          withdraw(correction.original, accepted: &accepted)
        }
      }
    }
  }

  /// Takes an event out of what waits in quarantine.
  ///
  /// - Returns: whether it waited.
  private mutating func stopWaiting(_ original: UsageEvent, effects: inout Effects) -> Bool {
    for missing in [
      .schema(original.type, original.schemaVersion), .identity(original.subject),
      subscription(of: original.subject).map(Missing.contract),
      subscription(of: original.subject).map(Missing.pause), .person,
    ] as [Missing?] {
      guard let missing, let position = waiting[missing]?.firstIndex(where: { $0.key == original.key }) else {
        continue
      }
      if !planted.contains(.quarantineReplayedTwice) {
        quarantine.move(1, from: QuarantineState(missing), to: .withdrawn)
      }
      waiting[missing]?.remove(at: position)
      effects.outputs.append(.replayed(original, missing.reason))
      return true
    }
    return false
  }

  /// Takes an event back that was seen, is no copy and does not wait: it was accepted, whatever has become of its contract
  /// since, unless nothing like it ever is.
  private mutating func withdraw(
    _ original: UsageEvent, accepted: inout ContiguousArray<BillableEvent>
  ) {
    let type = Int(original.type.index)
    guard type < catalog.eventTypes.count, !catalog.eventTypes[type].isOperational, shapes.isKnown(original),
      original.quantity0 >= 0, original.quantity1 >= 0, let subscription = subscription(of: original.subject)
    else { return }
    var event = BillableEvent(original, digest: original.key.digest, subscription: subscription)
    assert(
      corrected.contains(original.key) || planted.contains(.correctionAdded),
      "an event is taken back uncorrected")
    event.isWithdrawn = true
    accepted.append(event)
  }
}
