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

/// What becomes of quarantined events when they can be placed.
public enum ReplayStrategy: String, Sendable, CaseIterable {
  /// They are accepted once, and leave the quarantine.
  case once
  /// They are accepted, and stay: accepted again with the next notice. A real failure, never a choice.
  case keepsQuarantine
}

/// A schema version that the platform has registered: events of it can be placed from now on.
public struct SchemaRegistration: Hashable, Sendable {
  /// The type of event.
  public var type: EventTypeID
  /// The version.
  public var version: UInt32

  /// Makes a registration.
  public init(type: EventTypeID, version: UInt32) {
    self.type = type
    self.version = version
  }
}

/// The rules of acceptance.
public struct IngestionPolicy: Sendable {
  /// Which part of an event identifies it.
  public var keying: DeduplicationKeying
  /// For how long a copy is recognised after the first arrival.
  public var deduplicationHorizon: Span
  /// How far an event's time may lie ahead of the clock.
  public var clockTolerance: Span
  /// What becomes of quarantined events.
  public var replay: ReplayStrategy

  /// Makes rules.
  public init(
    keying: DeduplicationKeying = .sourceAndID, deduplicationHorizon: Span = .days(14),
    clockTolerance: Span = .minutes(5), replay: ReplayStrategy = .once
  ) {
    self.keying = keying
    self.deduplicationHorizon = deduplicationHorizon
    self.clockTolerance = clockTolerance
    self.replay = replay
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
  /// The live versions of each type, a bit each.
  private var liveVersions: [UInt64]
  /// Events of types and versions that are not registered, as they came.
  private var unregistered: [SchemaRegistration: [UsageEvent]] = [:]
  private var seen: DeduplicationTable
  /// Claims since the start.
  public private(set) var totals = CaptureClaim()

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, policy: IngestionPolicy) {
    self.policy = policy
    subscriptionCount = UInt32(catalog.subscriptions.count)
    liveVersions = catalog.eventTypes.map { 1 << UInt64($0.schemaVersion) }
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
      } else if event.type.index >= liveVersions.count
        || liveVersions[Int(event.type.index)] >> UInt64(event.schemaVersion) & 1 == 0
      {
        quarantine(event, .unknownType, &claim, &effects)
        let schema = SchemaRegistration(type: event.type, version: event.schemaVersion)
        unregistered[schema, default: []].append(event)
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

  /// Registers a schema version, and accepts what has waited for it. A copy cannot wait beside its first: keys are
  /// remembered from arrival.
  mutating func register(
    _ schema: SchemaRegistration, accepted: inout ContiguousArray<BillableEvent>, effects: inout Effects
  ) {
    guard schema.type.index < liveVersions.count, schema.version < 64 else { return }
    liveVersions[Int(schema.type.index)] |= 1 << UInt64(schema.version)
    var claim = CaptureClaim()
    for event in unregistered[schema] ?? [] {
      claim.quarantined -= 1
      if event.quantity0 < 0 || event.quantity1 < 0 {
        claim.rejected += 1
        effects.outputs.append(.rejected(event))
      } else if event.subject.index >= subscriptionCount {
        quarantine(event, .unknownSubject, &claim, &effects)
      } else {
        claim.accepted += 1
        accepted.append(
          BillableEvent(
            time: event.time, digest: event.key.digest, quantity0: event.quantity0,
            quantity1: event.quantity1,
            subscription: SubscriptionID(index: event.subject.index), type: event.type))
      }
    }
    if policy.replay == .once { unregistered[schema] = nil }
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
