import CanonicalModel
import Chronology

/// An accepted usage event, enriched with its subscription: what Metering aggregates. 48 bytes.
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
  /// The position of its value in the type's dimension.
  public var dimension: UInt16
  /// Whether the event is taken back rather than added.
  public var isWithdrawn = false

  init(_ event: UsageEvent, digest: UInt64) {
    time = event.time
    self.digest = digest
    quantity0 = event.quantity0
    quantity1 = event.quantity1
    subscription = SubscriptionID(index: event.subject.index)
    type = event.type
    dimension = event.dimension
  }
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
  public var version: UInt16

  /// Makes a registration.
  public init(type: EventTypeID, version: UInt16) {
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
  /// Whether a correction takes the event back that it corrects.
  public var recognisesCorrections: Bool

  /// Makes rules.
  public init(
    keying: DeduplicationKeying = .sourceAndID, deduplicationHorizon: Span = .days(14),
    clockTolerance: Span = .minutes(5), replay: ReplayStrategy = .once,
    recognisesCorrections: Bool = true
  ) {
    self.keying = keying
    self.deduplicationHorizon = deduplicationHorizon
    self.clockTolerance = clockTolerance
    self.replay = replay
    self.recognisesCorrections = recognisesCorrections
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
  /// The number of values of each type's dimension.
  private let dimensionValues: [UInt16]
  /// Events that were taken back: each once.
  private var corrected: Set<UsageEventKey> = []
  /// Corrections that have come before what they correct.
  private var early: [UsageEventKey: UsageCorrection] = [:]
  private var seen: DeduplicationTable
  /// Claims since the start.
  public private(set) var totals = CaptureClaim()

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, policy: IngestionPolicy) {
    self.policy = policy
    subscriptionCount = UInt32(catalog.subscriptions.count)
    dimensionValues = catalog.eventTypes.map(\.dimensionValues)
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
        || event.dimension >= dimensionValues[Int(event.type.index)]
      {
        quarantine(event, .unknownType, &claim, &effects)
        unregistered[event.schema, default: []].append(event)
      } else if event.quantity0 < 0 || event.quantity1 < 0 || event.time > newest {
        claim.rejected += 1
        effects.outputs.append(.rejected(event))
      } else if event.subject.index >= subscriptionCount {
        quarantine(event, .unknownSubject, &claim, &effects)
      } else {
        claim.accepted += 1
        accepted.append(BillableEvent(event, digest: digest))
      }
    }
    totals += claim
    effects.claim += claim
    if !early.isEmpty {
      for event in batch {
        guard let correction = early.removeValue(forKey: event.key) else { continue }
        withdraw(correction.original, accepted: &accepted)
      }
    }
  }

  /// Takes an event back, and what is put in its place in. Each event is taken back once, as long as it is remembered; where
  /// a correction comes before its event, the event is taken back when it comes.
  mutating func correct(
    _ correction: UsageCorrection, at now: Instant, accepted: inout ContiguousArray<BillableEvent>,
    effects: inout Effects
  ) {
    let original = correction.original
    guard !policy.recognisesCorrections || !corrected.contains(original.key) else { return }
    let isKnown = seen.contains(original.key, hash: original.key.digest)
    if !isKnown, original.time < now - policy.deduplicationHorizon {
      effects.outputs.append(.correctionRefused(correction))
      return
    }
    corrected.insert(original.key)
    if policy.recognisesCorrections {
      if isKnown {
        withdraw(original, accepted: &accepted)
      } else {
        early[original.key] = correction
      }
    }
    guard let replacement = correction.replacement,
      seen.insert(replacement.key, hash: replacement.key.digest)
    else { return }
    var claim = CaptureClaim()
    claim.received = 1
    if isBillable(replacement) {
      claim.accepted = 1
      accepted.append(BillableEvent(replacement, digest: replacement.key.digest))
    } else if replacement.quantity0 < 0 || replacement.quantity1 < 0 {
      claim.rejected = 1
      effects.outputs.append(.rejected(replacement))
    } else {
      quarantine(replacement, .unknownType, &claim, &effects)
      unregistered[replacement.schema, default: []].append(replacement)
    }
    totals += claim
    effects.claim += claim
  }

  /// Takes an event back that was seen: out of the quarantine, or out of what was accepted.
  private mutating func withdraw(_ original: UsageEvent, accepted: inout ContiguousArray<BillableEvent>) {
    if let waiting = unregistered[original.schema]?.firstIndex(where: { $0.key == original.key }) {
      unregistered[original.schema]?.remove(at: waiting)
    } else if isBillable(original) {
      var event = BillableEvent(original, digest: original.key.digest)
      event.isWithdrawn = true
      accepted.append(event)
    }
  }

  /// Whether an event that was seen has been accepted.
  private func isBillable(_ event: UsageEvent) -> Bool {
    Int(event.type.index) < liveVersions.count
      && liveVersions[Int(event.type.index)] >> UInt64(event.schemaVersion) & 1 == 1
      && event.dimension < dimensionValues[Int(event.type.index)] && event.quantity0 >= 0
      && event.quantity1 >= 0 && event.subject.index < subscriptionCount
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
        accepted.append(BillableEvent(event, digest: event.key.digest))
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

extension UsageEvent {
  /// The type and version that the event claims to follow.
  fileprivate var schema: SchemaRegistration { SchemaRegistration(type: type, version: schemaVersion) }
}
