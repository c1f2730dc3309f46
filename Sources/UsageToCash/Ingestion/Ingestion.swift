import CanonicalModel
import Chronology

/// An accepted usage event, enriched with its subscription: what Metering aggregates. 40 bytes.
@frozen
public struct BillableEvent: Sendable, BitwiseCopyable {
  /// When the usage happened.
  public var time: Instant
  /// The event's contribution to order-free hashes.
  public var digest: UInt64
  /// The first quantity in millionths.
  public var quantity0: Int64
  /// The second quantity in millionths.
  public var quantity1: Int64
  /// The subscription that pays.
  public var subscription: SubscriptionID
  /// The type, which says what the quantities feed.
  public var type: EventTypeID
}

/// The rules of acceptance.
public struct IngestionPolicy: Sendable {
  /// Which part of an event identifies it.
  public var keying: DeduplicationKeying
  /// For how long a copy is recognised after the first arrival.
  public var deduplicationHorizon: Span
  /// How far an event's time may lie ahead of the clock.
  public var clockTolerance: Span

  /// Makes rules.
  public init(
    keying: DeduplicationKeying = .sourceAndID, deduplicationHorizon: Span = .days(14),
    clockTolerance: Span = .minutes(5)
  ) {
    self.keying = keying
    self.deduplicationHorizon = deduplicationHorizon
    self.clockTolerance = clockTolerance
  }
}

/// The first stage: validates, deduplicates, resolves the customer reference, and puts aside what it cannot
/// place, with the reason.
///
/// A copy is recognised for certain: a key is remembered for a horizon from its first arrival, and an event
/// older than the horizon that is not remembered goes to quarantine rather than being counted perhaps twice.
public struct Ingestion: Sendable {
  private let policy: IngestionPolicy
  private let subscriptionCount: UInt32
  private let schemaVersions: [UInt32]
  private var seen: DeduplicationTable
  /// Claims since the start.
  public private(set) var totals = CaptureClaim()

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, policy: IngestionPolicy) {
    self.policy = policy
    subscriptionCount = UInt32(catalog.subscriptions.count)
    schemaVersions = catalog.eventTypes.map(\.schemaVersion)
    seen = DeduplicationTable(horizon: policy.deduplicationHorizon)
  }

  /// Takes one delivery; appends what is accepted to `accepted` and the rest to `effects`.
  mutating func handle(
    _ batch: UnsafeBufferPointer<UsageEvent>, at now: Instant, accepted: inout ContiguousArray<BillableEvent>,
    effects: inout Effects
  ) {
    seen.advance(to: now)
    var claim = CaptureClaim()
    claim.received = Int64(batch.count)
    let oldest = now - policy.deduplicationHorizon
    let newest = now + policy.clockTolerance
    for event in batch {
      let digest = event.key.digest
      if !isNew(event, digest: digest) {
        claim.duplicates += 1
      } else if event.time < oldest {
        quarantine(event, .beyondHorizon, &claim, &effects)
      } else if event.type.index >= schemaVersions.count
        || schemaVersions[Int(event.type.index)] != event.schemaVersion
      {
        quarantine(event, .unknownType, &claim, &effects)
      } else if event.quantity0 < 0 || event.quantity1 < 0 || event.time > newest {
        claim.rejected += 1
        effects.outputs.append(.rejected(event))
      } else if event.subject.index >= subscriptionCount {
        quarantine(event, .unknownSubject, &claim, &effects)
      } else {
        claim.accepted += 1
        accepted.append(
          BillableEvent(
            time: event.time, digest: digest, quantity0: event.quantity0, quantity1: event.quantity1,
            subscription: SubscriptionID(index: event.subject.index), type: event.type))
      }
    }
    totals += claim
    effects.claim += claim
  }

  @inline(__always)
  private mutating func isNew(_ event: UsageEvent, digest: UInt64) -> Bool {
    switch policy.keying {
    case .sourceAndID: return seen.insert(event.key, hash: digest)
    case .idOnly:
      let key = UsageEventKey(source: SourceID(index: 0), id: event.id)
      return seen.insert(key, hash: key.digest)
    case .none: return true
    }
  }

  @inline(never)
  private func quarantine(
    _ event: UsageEvent, _ reason: QuarantineReason, _ claim: inout CaptureClaim, _ effects: inout Effects
  ) {
    claim.quarantined += 1
    effects.outputs.append(.quarantined(event, reason))
  }
}
