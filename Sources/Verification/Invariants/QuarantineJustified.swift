import CanonicalModel
import Chronology

/// Nothing is put aside that could have been billed.
struct QuarantineJustified: Invariant, HearsQuarantined, HearsQuarantineLeft, HearsRejected,
  HearsIdentityTold, HearsContractTold, HearsSchemaTold, HearsBackfillDeclared, HearsCorrectionRefused,
  JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "quarantine-justified", boundary: .capture, place: 8,
    statement:
      "each event that is quarantined or rejected is so for a reason that the facts confirm: an unknown customer, an unregistered "
      + "schema, a negative quantity, an age beyond the deduplication horizon, a contract that does not include it or is paused, a time "
      + "ahead of the clock; and none still waits at rest once its reason is gone",
    evidence:
      "the events that the core quarantined or rejected against the catalogue, what CRM and the platform have reported, and the "
      + "design's horizon",
    property: .safety, cost: .each(.event))
  var findings = Findings()
  private var waiting: [UsageEventKey: (event: UsageEvent, reason: QuarantineReason)] = [:]
  private var toldSubjects: Set<SubjectID> = []
  /// Contracts' changes that billing has been told of, by the instant from which they hold.
  private var toldTerms: [SubscriptionID: Set<Instant>] = [:]
  /// Registered versions beyond the first, and the fields of the latest, by type.
  private var registered: [EventTypeID: (versions: Set<UInt16>, fields: [SchemaField])] = [:]
  /// Events of backfills, and what replaces events that are too old to be corrected: put aside whole, whatever their time.
  private var excused: Set<UsageEventKey> = []

  mutating func hear(identityTold link: IdentityLink, _: Books, at _: Instant) {
    toldSubjects.insert(link.subject)
  }

  mutating func hear(contractTold event: ContractEvent, _: Books, at _: Instant) {
    toldTerms[event.subscription, default: []].insert(event.terms.from)
  }

  /// A version that consumers of the one before could not read is refused, and stays unknown.
  mutating func hear(schemaTold schema: SchemaRegistration, _ books: Books, at _: Instant) {
    let index = Int(schema.type.index)
    guard index < books.catalog.eventTypes.count, schema.version < 64 else { return }
    let known = registered[schema.type] ?? ([], books.catalog.eventTypes[index].fields)
    let required = Set(known.fields.filter(\.isRequired).map(\.name))
    guard required == Set(schema.fields.filter(\.isRequired).map(\.name)) else { return }
    registered[schema.type] = (known.versions.union([schema.version]), schema.fields)
  }

  mutating func hear(backfillDeclared backfill: Backfill, _: Books, at _: Instant) {
    for event in backfill.events { excused.insert(event.key) }
  }

  mutating func hear(correctionRefused correction: UsageCorrection, _: Books, at _: Instant) {
    if let replacement = correction.replacement { excused.insert(replacement.key) }
  }

  mutating func hear(quarantineLeft event: UsageEvent, _: Books, at _: Instant) { waiting[event.key] = nil }

  mutating func hear(
    quarantined event: UsageEvent, _ reason: QuarantineReason, _ books: Books, at now: Instant
  ) {
    waiting[event.key] = (event, reason)
    if let horizon = books.promises.deduplicationHorizon, reason == .beyondHorizon {
      let isOld = event.time < now - horizon || excused.contains(event.key)
      judge(isOld, event, reason, "quarantined only when older than \(horizon)", books, now)
    } else if let tolerance = books.promises.clockTolerance, reason == .aheadOfClock {
      judge(
        event.time > now + tolerance, event, reason, "quarantined only when more than \(tolerance) ahead",
        books,
        now)
    } else if [.beyondHorizon, .aheadOfClock].contains(reason) {
      findings.leaveOut("the design's horizon and tolerance are not known")
    } else {
      judge(isRight(reason, for: event, books), event, reason, "billable: \(gone(reason))", books, now)
    }
  }

  mutating func hear(rejected event: UsageEvent, _ books: Books, at now: Instant) {
    let isInvalid = event.quantity0 < 0 || event.quantity1 < 0
    judge(isInvalid, event, .invalid, "rejected only where the quantity is negative", books, now)
  }

  private mutating func judge(
    _ holds: Bool, _ event: UsageEvent, _ reason: QuarantineReason, _ expected: String, _ books: Books,
    _ now: Instant
  ) {
    findings.require(holds, at: now) {
      Breach(
        ids: books.ids(of: event), expected: expected,
        actual: "quarantined as \(reason.name), an event of \(event.time)")
    }
  }

  private func gone(_ reason: QuarantineReason) -> String {
    switch reason {
    case .unknownSubject: "its customer is known"
    case .unknownType: "its type and version are registered"
    case .invalid: "its quantity is not negative"
    case .notEntitled: "the contract includes it"
    case .paused: "the contract goes on"
    case .beyondHorizon, .aheadOfClock: "its time is right"
    }
  }

  /// Whether a reason that does not depend on the clock holds, by what billing has been told so far.
  private func isRight(_ reason: QuarantineReason, for event: UsageEvent, _ books: Books) -> Bool {
    let type = Int(event.type.index)
    let subscriptions = books.catalog.subscriptions.count
    let subject = Int(event.subject.index)
    switch reason {
    case .unknownSubject:
      guard subject >= subscriptions else { return false }
      return subject - subscriptions >= books.catalog.identities.count
        || !toldSubjects.contains(event.subject)
    case .unknownType:
      guard type < books.catalog.eventTypes.count else { return true }
      let known = books.catalog.eventTypes[type]
      return event.dimension >= known.dimensionValues
        || event.schemaVersion != known.schemaVersion
          && registered[event.type]?.versions.contains(event.schemaVersion) != true
    case .invalid: return event.quantity0 < 0 || event.quantity1 < 0
    case .notEntitled, .paused:
      guard type < books.catalog.eventTypes.count, let subscription = books.subscription(of: event.subject)
      else { return true }
      let id = SubscriptionID(index: UInt32(subscription))
      let own = books.catalog.subscriptions[subscription].terms
      let told = toldTerms[id] ?? []
      // Where billing has not been told of all changes yet, it cannot know better.
      let knowsAll = own.dropFirst().allSatisfy { $0.from > event.time || told.contains($0.from) }
      guard knowsAll else { return true }
      // A contract that ends in a pause is paused no more.
      let isPaused =
        books.contracts.isPaused(subscription, at: event.time) && event.time < books.contracts.ends(id)
      if reason == .paused { return isPaused }
      return !isPaused && !books.contracts.includes(type, subscription, at: event.time)
    case .beyondHorizon, .aheadOfClock: return true
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let now = rest.at
    for key in waiting.keys.sorted(by: { ($0.source.index, $0.id) < ($1.source.index, $1.id) }) {
      guard let (event, reason) = waiting[key], !isRight(reason, for: event, books) else { continue }
      let expected = "processed again, as \(gone(reason))"
      findings.require(false, at: now) {
        Breach(
          ids: books.ids(of: event), expected: expected,
          actual: "still quarantined as \(reason.name)")
      }
    }
  }
}
