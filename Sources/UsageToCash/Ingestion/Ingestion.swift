import CanonicalModel
import Chronology
import CoreInterface

/// The first stage: validates, deduplicates, resolves the customer reference, checks the entitlement, and puts aside what it
/// cannot place, with the reason, until it can.
///
/// A copy is recognised for certain: a key is remembered for a horizon from its first arrival, and an event
/// older than the horizon that is not remembered goes to quarantine rather than being counted perhaps twice, unless it
/// comes in a declared backfill.
public struct Ingestion: Sendable {
  /// What becomes of an event that was not seen before.
  enum Placement {
    case billable(SubscriptionID)
    /// Valid, and nothing that is ever billed.
    case operational
    case rejected
    case quarantined(QuarantineReason, until: Missing?)
  }

  /// What a quarantined event waits for.
  enum Missing: Hashable, Sendable {
    case schema(EventTypeID, UInt16)
    case identity(SubjectID)
    case contract(SubscriptionID)
    /// The end of a pause.
    case pause(SubscriptionID)
    /// Nothing: it stays where it is, unless its producer takes it back.
    case person

    var reason: QuarantineReason {
      switch self {
      case .person: .aheadOfClock
      case .schema: .unknownType
      case .identity: .unknownSubject
      case .contract: .notEntitled
      case .pause: .paused
      }
    }
  }

  private struct Gap: Hashable, Sendable {
    var source: SourceID
    var from: Instant
    var until: Instant
  }

  let catalog: Catalog
  let policy: IngestionPolicy
  let planted: PlantedDefects
  var shapes: EventShapes
  /// The fields of the latest live version of each type.
  private var fields: [[SchemaField]]
  /// The contracts, as far as CRM has told them; `nil` where neither entitlements nor ends and pauses are part of the run.
  private var contracts: ContractBook?
  /// Whether a price book includes a meter of a type of event, per `book × types + type`: each event asks.
  private let entitled: [Bool]
  /// Whose each further identifier is, as far as CRM has told it.
  private var identities: [SubscriptionID?]
  /// Events that wait, as they came.
  var waiting: [Missing: [UsageEvent]] = [:]
  /// Events that were taken back: each once.
  var corrected: Set<UsageEventKey> = []
  /// Corrections that have come before what they correct.
  var early: [UsageEventKey: UsageCorrection] = [:]
  /// For each producer, the hours of which something was accepted; kept where backfills can come.
  private var hours: [HourMarks]
  /// For each producer, the hour of what was accepted last.
  private var lastHours: [Int64]
  private let keepsHours: Bool
  /// Events that came too late and had been taken back before: they never counted.
  var correctedTooLate: Set<UsageEventKey> = []
  /// The declared gaps that were accepted, and the keys of what came in them.
  private var acceptedGaps: Set<Gap> = []
  var backfilled: Set<UsageEventKey> = []
  /// Events that came too late, and those of backfills that were refused: put aside, unless the right declaration comes.
  var tooLate: Set<UsageEventKey> = []
  /// Events that were taken for copies of others by their contents, and so never counted.
  var restamped: Set<UsageEventKey> = []
  var seen: DeduplicationTable
  /// How many events wait for what, beside ``waiting`` and ``tooLate``, which hold them.
  var quarantine = Census<QuarantineState>()
  private let hasRegions: Bool
  /// The contents of events, where producers stamp their retries anew.
  private var seenContents: DeduplicationTable
  private let checksContents: Bool
  /// Whether nothing is to be looked at but the events themselves and their keys.
  private let isPlain: Bool
  /// Which events of the batch at hand are new.
  private var areNew: ContiguousArray<Bool> = []
  /// Room for what is accepted of it.
  private var room: ContiguousArray<BillableEvent> = []
  /// Claims since the start.
  public private(set) var totals = CaptureClaim()

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, policy: IngestionPolicy, planted: PlantedDefects = []) {
    self.catalog = catalog
    self.policy = policy
    self.planted = planted
    shapes = EventShapes(catalog: catalog)
    fields = catalog.eventTypes.map(\.fields)
    let checksContracts = catalog.hasLapses || catalog.priceBooks.contains { $0.entitlements != nil }
    self.contracts = checksContracts ? ContractBook(catalog: catalog, planted: planted) : nil
    entitled = catalog.priceBooks.flatMap { book in
      catalog.eventTypes.map { type in
        guard let included = book.entitlements else { return true }
        return type.meters.contains { included.contains(catalog[$0].base) }
      }
    }
    identities = Array(repeating: nil, count: catalog.identities.count)
    keepsHours = catalog.hasBackfills
    hours = Array(repeating: HourMarks(), count: keepsHours ? catalog.sources.count : 0)
    lastHours = hours.map { _ in .min }
    seen = DeduplicationTable(horizon: policy.deduplicationHorizon)
    hasRegions = catalog.regions > 1
    checksContents = policy.contentHorizon != nil
    seenContents = DeduplicationTable(horizon: policy.contentHorizon ?? policy.deduplicationHorizon)
    isPlain =
      self.contracts == nil && !keepsHours && !checksContents && policy.keying == .sourceAndID
      && !(hasRegions && !planted.contains(.regionsNotNormalised))
  }

  /// The process has started again: what it kept in memory alone is gone.
  mutating func forgetMemory() {
    guard policy.store == .memory else { return }
    seen = DeduplicationTable(horizon: policy.deduplicationHorizon)
    seenContents = DeduplicationTable(horizon: policy.contentHorizon ?? policy.deduplicationHorizon)
  }

  /// Keys by which copies are recognised.
  @inline(__always)
  var rememberedKeys: Int { seen.count }

  /// Takes one delivery; appends what is accepted to `accepted` and the rest to `effects`.
  mutating func handle(
    _ batch: UnsafeBufferPointer<UsageEvent>, at now: Instant, accepted: inout ContiguousArray<BillableEvent>,
    effects: inout Effects
  ) {
    seen.advance(to: now)
    if checksContents { seenContents.advance(to: now) }
    var claim = CaptureClaim()
    claim.received = Int64(batch.count)
    let oldest = now - policy.deduplicationHorizon
    let newest = now + policy.clockTolerance
    if isPlain {
      acceptPlain(batch, oldest...max(oldest, newest), &claim, accepted: &accepted, effects: &effects)
    } else {
      for delivered in batch {
        let event = canonical(delivered)
        guard isNew(event) else {
          claim.duplicates += 1
          continue
        }
        guard !isRestamped(event) else {
          claim.duplicates += 1
          restamped.insert(event.key)
          continue
        }
        let placement =
          event.time < oldest
          ? .quarantined(.beyondHorizon, until: nil) : place(event, newest: newest)
        accept(event, placement, &claim, accepted: &accepted, effects: &effects)
      }
    }
    finish(claim, &effects)
    withdrawCorrected(batch, accepted: &accepted, effects: &effects)
  }

  /// Takes events where nothing is to be looked at but they themselves and their keys: first which of them are new, then
  /// those in order up to the next that is not.
  private mutating func acceptPlain(
    _ batch: UnsafeBufferPointer<UsageEvent>, _ times: ClosedRange<Instant>, _ claim: inout CaptureClaim,
    accepted: inout ContiguousArray<BillableEvent>, effects: inout Effects
  ) {
    seen.insert(batch, areNew: &areNew)
    var next = 0
    while next < batch.count {
      let before = accepted.count
      let (stop, duplicates) = shapes.accept(
        batch, from: next, areNew: areNew, within: times, by: &room, into: &accepted)
      precondition(stop >= next && stop <= batch.count, "a batch is taken from a place outside of it")
      assert(
        accepted.count - before + Int(duplicates) == stop - next,
        "an event of a batch is neither accepted nor a copy")
      claim.accepted += Int64(accepted.count - before)
      claim.duplicates += duplicates
      if stop < batch.count {
        let event = batch[stop]
        let placement =
          event.time < times.lowerBound
          ? .quarantined(.beyondHorizon, until: nil) : place(event, newest: times.upperBound)
        accept(event, placement, &claim, accepted: &accepted, effects: &effects)
      }
      next = stop + 1
    }
  }

  /// The event under the name by which its producer is known, whichever region it came by.
  @inline(__always)
  func canonical(_ event: UsageEvent) -> UsageEvent {
    guard hasRegions, !planted.contains(.regionsNotNormalised) else { return event }
    var event = event
    event.source = catalog.canonicalSource(event.source)
    return event
  }

  /// Whether an event is a known one under another identifier.
  @inline(__always)
  private mutating func isRestamped(_ event: UsageEvent) -> Bool {
    guard checksContents else { return false }
    var content = UsageEventKey(source: event.source, id: UInt64(bitPattern: event.time.nanoseconds)).digest
    for word in [
      UInt64(bitPattern: event.quantity0), UInt64(bitPattern: event.quantity1),
      UInt64(event.subject.index) << 32 | UInt64(event.type.index) << 16 | UInt64(event.dimension),
    ] {
      content = UsageEventKey(source: event.source, id: content ^ word).digest
    }
    let key = UsageEventKey(source: event.source, id: content)
    return !seenContents.insert(key)
  }

  mutating func finish(_ claim: CaptureClaim, _ effects: inout Effects) {
    precondition(
      claim.received
        == claim.accepted + claim.duplicates + claim.rejected + claim.quarantined + claim.operational,
      "what has come in is not all accepted, a copy, rejected, put aside or telemetry: \(claim)")
    totals += claim
    precondition(
      totals.quarantined >= 0 || planted.contains(.quarantineReplayedTwice),
      "more events have left quarantine than were put there")
    effects.claim += claim
  }

  // MARK: Placing

  // These change nothing. They are mutating so that they are asked in place: a question to a large value is asked of a copy, and
  // while there is a copy, what is changed is copied too.

  mutating func place(_ event: UsageEvent, newest: Instant = .distantFuture) -> Placement {
    let type = Int(event.type.index)
    if type < catalog.eventTypes.count, catalog.eventTypes[type].isOperational { return .operational }
    guard shapes.isKnown(event) else {
      return .quarantined(.unknownType, until: .schema(event.type, event.schemaVersion))
    }
    if event.quantity0 < 0 || event.quantity1 < 0 { return .rejected }
    if event.time > newest { return .quarantined(.aheadOfClock, until: .person) }
    guard let subscription = subscription(of: event.subject) else {
      return .quarantined(.unknownSubject, until: .identity(event.subject))
    }
    if let missing = missingContract(subscription, for: event) {
      return .quarantined(missing.reason, until: missing)
    }
    return .billable(subscription)
  }

  mutating func subscription(of subject: SubjectID) -> SubscriptionID? {
    if subject.index < shapes.subscriptionCount { return SubscriptionID(index: subject.index) }
    let alias = Int(subject.index - shapes.subscriptionCount)
    return alias < identities.count ? identities[alias] : nil
  }

  /// What an event waits for where the terms at its time do not include one of its meters; `nil`: nothing.
  private mutating func missingContract(
    _ subscription: SubscriptionID, for event: UsageEvent
  ) -> Missing? {
    guard let terms = contracts?.terms(of: subscription, at: event.time) else { return nil }
    guard event.time >= terms.from, let ends = contracts?.ends(subscription), event.time < ends,
      entitled[terms.priceBook * catalog.eventTypes.count + Int(event.type.index)]
    else { return .contract(subscription) }
    switch terms.status {
    case .active, .trial: return nil
    case .paused: return .pause(subscription)
    case .ended: return .contract(subscription)
    }
  }

  mutating func accept(
    _ event: UsageEvent, _ placement: Placement, _ claim: inout CaptureClaim,
    accepted: inout ContiguousArray<BillableEvent>, effects: inout Effects
  ) {
    switch placement {
    case .billable(let subscription):
      claim.accepted += 1
      accepted.append(BillableEvent(event, digest: event.key.digest, subscription: subscription))
      // What came in a backfill is known by its key: another declaration may take in the same hours.
      if keepsHours, backfilled.isEmpty || !backfilled.contains(event.key) {
        record(hour: event.time.index(of: .hours(1)), of: Int(event.source.index))
      }
    case .operational:
      claim.operational += 1
    case .rejected:
      claim.rejected += 1
      effects.outputs.append(.rejected(event))
    case .quarantined(let reason, let missing):
      claim.quarantined += 1
      effects.outputs.append(.quarantined(event, reason))
      if let missing {
        quarantine.move(1, from: .new, to: QuarantineState(missing))
        waiting[missing, default: []].append(event)
      } else if tooLate.insert(event.key).inserted {
        quarantine.move(1, from: .new, to: .declaration)
      }
    }
  }

  /// Notes an hour of a producer, which is most often that of its event before.
  @inline(__always)
  private mutating func record(hour: Int64, of source: Int) {
    guard lastHours[source] != hour else { return }
    precondition(keepsHours, "hours are noted in a run in which no backfill can come")
    lastHours[source] = hour
    hours[source].insert(hour)
  }

  /// Places what has waited for something. A copy cannot wait beside its first: keys are remembered from arrival.
  private mutating func replay(
    _ missing: Missing, accepted: inout ContiguousArray<BillableEvent>, effects: inout Effects
  ) {
    guard let events = waiting[missing] else { return }
    if !planted.contains(.quarantineReplayedTwice) {
      waiting[missing] = nil
      quarantine.move(events.count, from: QuarantineState(missing), to: .placed)
    }
    precondition(missing != .person, "what waits for a person is placed without one")
    var claim = CaptureClaim()
    for event in events {
      let placement = place(event)
      let before = missing.reason
      if case .quarantined(let reason, let still) = placement {
        guard still != missing else {
          // It waits on for the same.
          if !planted.contains(.quarantineReplayedTwice) {
            quarantine.move(1, from: .new, to: QuarantineState(missing))
            waiting[missing, default: []].append(event)
          }
          continue
        }
        claim.quarantined -= 1
        effects.outputs.append(.replayed(event, before))
        accept(event, .quarantined(reason, until: still), &claim, accepted: &accepted, effects: &effects)
        continue
      }
      claim.quarantined -= 1
      effects.outputs.append(.replayed(event, before))
      accept(event, placement, &claim, accepted: &accepted, effects: &effects)
    }
    finish(claim, &effects)
  }

  /// Takes a schema version that the platform wants to register; refuses one that consumers of the versions before could
  /// not read.
  mutating func register(
    _ schema: SchemaRegistration, at now: Instant, accepted: inout ContiguousArray<BillableEvent>,
    effects: inout Effects
  ) {
    let type = Int(schema.type.index)
    guard type < catalog.eventTypes.count, schema.version < 64, !catalog.eventTypes[type].isOperational else {
      return
    }
    if let reason = schema.incompatibility(with: fields[type]) {
      effects.outputs.append(
        .raise(
          ExceptionCase(
            subject: .schemaRefused(schema.type, version: schema.version, reason: reason), owner: .platform,
            raised: now)))
      return
    }
    fields[type] = schema.fields
    shapes.register(type, version: schema.version)
    replay(.schema(schema.type, schema.version), accepted: &accepted, effects: &effects)
  }

  /// Takes a further identifier of an account; one that is another account's already is a case for RevOps.
  mutating func link(
    _ link: IdentityLink, at now: Instant, accepted: inout ContiguousArray<BillableEvent>,
    effects: inout Effects
  ) {
    let alias = Int(link.subject.index) - Int(shapes.subscriptionCount)
    guard identities.indices.contains(alias) else { return }
    if let known = identities[alias], known != link.subscription {
      effects.outputs.append(
        .raise(
          ExceptionCase(
            subject: .identityConflict(link.subject, known: known, claimed: link.subscription),
            owner: .revOps, raised: now)))
      if !planted.contains(.identityLastWins) { return }
    }
    identities[alias] = link.subscription
    replay(.identity(link.subject), accepted: &accepted, effects: &effects)
  }

  /// Receives a contract change, which may entitle waiting usage.
  mutating func receive(
    _ event: ContractEvent, at now: Instant, accepted: inout ContiguousArray<BillableEvent>,
    effects: inout Effects
  ) {
    guard contracts != nil else { return }
    contracts?.apply(event, at: now)
    replay(.contract(event.subscription), accepted: &accepted, effects: &effects)
    replay(.pause(event.subscription), accepted: &accepted, effects: &effects)
  }

  /// Takes a declared backfill. Its events may be older than the horizon: what keeps them from counting twice is that
  /// nothing of the producer and the gap was accepted before, but by the same backfill.
  mutating func backfill(
    _ backfill: Backfill, at now: Instant, accepted: inout ContiguousArray<BillableEvent>,
    effects: inout Effects
  ) {
    let gap = Gap(source: backfill.source, from: backfill.from, until: backfill.until)
    var claim = CaptureClaim()
    claim.received = Int64(backfill.events.count)
    if !acceptedGaps.contains(gap) {
      let first = backfill.from.index(of: .hours(1))
      let last = backfill.until.index(of: .hours(1))
      let isWhole =
        backfill.from == backfill.from.floored(to: .hours(1))
        && backfill.until == backfill.until.floored(to: .hours(1))
      let own = Int(backfill.source.index)
      let gapHours = planted.contains(.gapEndIncluded) ? first..<last + 1 : first..<last
      let overlaps = hours.indices.contains(own) && hours[own].contains(anyOf: gapHours)
      guard isWhole, !overlaps, keepsHours else {
        for event in backfill.events {
          // It waits already, or came in another declaration that was taken.
          guard !tooLate.contains(event.key), !backfilled.contains(event.key) else {
            claim.duplicates += 1
            continue
          }
          accept(
            event, .quarantined(.beyondHorizon, until: nil), &claim, accepted: &accepted, effects: &effects)
        }
        let reason =
          isWhole ? "usage of the gap was accepted before" : "a gap begins and ends at a whole hour"
        effects.outputs.append(
          .raise(
            ExceptionCase(
              subject: .backfillRefused(backfill.source, from: backfill.from, reason: reason),
              owner: .platform, raised: now)))
        finish(claim, &effects)
        return
      }
      acceptedGaps.insert(gap)
    }
    for event in backfill.events {
      let isWithin =
        event.source == backfill.source && event.time >= backfill.from && event.time < backfill.until
      if !isWithin {
        accept(
          event, .quarantined(.beyondHorizon, until: nil), &claim, accepted: &accepted, effects: &effects)
      } else if !planted.contains(.backfillCountedTwice), !backfilled.insert(event.key).inserted {
        claim.duplicates += 1
      } else {
        if tooLate.remove(event.key) != nil {
          quarantine.move(1, from: .declaration, to: .placed)
          // It has waited since it was refused; this is its copy.
          claim.duplicates += 1
          claim.quarantined -= 1
          effects.outputs.append(.replayed(event, .beyondHorizon))
        }
        accept(event, place(event), &claim, accepted: &accepted, effects: &effects)
      }
    }
    finish(claim, &effects)
    withdrawCorrected(backfill.events, isBackfill: true, accepted: &accepted, effects: &effects)
  }

  @inline(__always)
  private mutating func isNew(_ event: UsageEvent) -> Bool {
    let isFirst = seen.insert(memoryKey(of: event))
    return isFirst || policy.keying == .none
  }

  /// The key by which an event is remembered: also where copies count, as corrections ask for it.
  @inline(__always)
  func memoryKey(of event: UsageEvent) -> UsageEventKey {
    policy.keying == .idOnly ? UsageEventKey(source: SourceID(index: 0), id: event.id) : event.key
  }
}
