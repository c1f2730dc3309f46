import CanonicalModel
import Chronology
import UsageToCash
import Verification
import World

/// Follows every usage event of one subscription and meter, to tell where those ended that are not metered. Summaries carry
/// counts and order-free hashes: which events of a window are in them follows from the hashes.
final class UsageTracer: FactSink, Witness {
  /// One usage event on its way.
  struct EventHistory {
    var event: UsageEvent
    /// When it was handed to ingestion, copies included.
    var delivered: [Instant] = []
    var quarantined: (reason: QuarantineReason, at: Instant)?
    var rejected: Instant?
    /// When its source took it back, or put another in its place.
    var withdrawn: Instant?
    /// Another source's event of the same identifier that was there before.
    var namesake: (source: SourceID, at: Instant)?
  }

  /// What a window's summary added or took away.
  struct Change {
    var window: Instant
    var at: Instant
    var count: Int64
    var quantity: Quantity
    var digest: UInt64
  }

  private let oracle: Oracle
  private let catalog: Catalog
  private let subscription: SubscriptionID
  private let meter: MeterID
  private(set) var trails: [UsageEventKey: EventHistory] = [:]
  private(set) var changes: [Change] = []
  private var sourcesOf: [UInt64: [SourceID]] = [:]

  init(_ oracle: Oracle, catalog: Catalog, subscription: SubscriptionID, meter: MeterID) {
    self.oracle = oracle
    self.catalog = catalog
    self.subscription = subscription
    self.meter = meter
  }

  private func isOurs(_ event: UsageEvent) -> Bool {
    let subject = Int(event.subject.index)
    let owner =
      subject < catalog.subscriptions.count
      ? SubscriptionID(index: event.subject.index)
      : subject - catalog.subscriptions.count < catalog.identities.count
        ? catalog.identities[subject - catalog.subscriptions.count] : nil
    guard owner == subscription, Int(event.type.index) < catalog.eventTypes.count else { return false }
    return catalog[event.type].meters.contains {
      $0.index + UInt32(event.dimension) == meter.index
    }
  }

  private func follow(_ event: UsageEvent) {
    guard isOurs(event), trails[event.key] == nil else { return }
    trails[event.key] = EventHistory(event: event)
    sourcesOf[event.id, default: []].append(event.source)
  }

  func emitted(_ events: UnsafeBufferPointer<UsageEvent>) {
    oracle.emitted(events)
    for event in events { follow(event) }
  }

  func captured(_ events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, at instant: Instant) {
    oracle.captured(events, claim: claim, at: instant)
    for event in events {
      if trails[event.key] != nil {
        trails[event.key]?.delivered.append(instant)
        continue
      }
      for source in sourcesOf[event.id] ?? [] {
        let key = UsageEventKey(source: source, id: event.id)
        guard trails[key]?.delivered.isEmpty == true, trails[key]?.namesake == nil else { continue }
        trails[key]?.namesake = (event.source, instant)
      }
    }
  }

  func summarised(_ summaries: UnsafeBufferPointer<UsageSummary>, at instant: Instant) {
    oracle.summarised(summaries, at: instant)
    for summary in summaries where summary.subscription == subscription && summary.meter == meter {
      changes.append(
        Change(
          window: summary.window, at: instant, count: summary.count, quantity: summary.quantity,
          digest: summary.digest))
    }
  }

  func record(_ fact: Fact, at instant: Instant) {
    oracle.record(fact, at: instant)
    switch fact {
    case .quarantined(let event, let reason): trails[event.key]?.quarantined = (reason, instant)
    case .quarantineLeft(let event): trails[event.key]?.quarantined = nil
    case .rejected(let event): trails[event.key]?.rejected = instant
    case .corrected(let correction):
      trails[correction.original.key]?.withdrawn = instant
      if let replacement = correction.replacement { follow(replacement) }
    case .backfillDeclared: break
    default: break
    }
  }

  func concluded(stuck: [StuckWork], at instant: Instant) { oracle.concluded(stuck: stuck, at: instant) }
  func saw(_ happening: Happening, at instant: Instant) {}

  // MARK: What became of them

  /// The events in the order of their time.
  var ordered: [EventHistory] {
    trails.values.sorted {
      ($0.event.time, $0.event.source.index, $0.event.id) < (
        $1.event.time, $1.event.source.index, $1.event.id
      )
    }
  }

  func name(_ event: UsageEvent) -> String { "event \(catalog[event.source])/\(event.id)" }
  func source(_ id: SourceID) -> String { catalog[id] }

  /// Of more events than sums can tell apart: those that were never handed over, those that came after their window had been
  /// summarised, or both, if they are exactly what is missing.
  private static func suspects(
    _ due: [EventHistory], _ closed: Instant?, _ count: Int, _ target: UInt64
  ) -> [EventHistory]? {
    let never = due.filter { $0.delivered.isEmpty }
    let late = due.filter { trail in trail.delivered.first.map { $0 > closed ?? .distantFuture } ?? false }
    return [never, late, never + late].first { trails in
      trails.count == count && trails.reduce(UInt64(0)) { $0 &+ $1.event.key.digest } == target
    }
  }

  /// Which events should be in the summaries of their windows and are not, and which are there though they should not be or more
  /// than once; windows of which the sums do not tell are counted.
  ///
  /// - Parameter only: the one window that is looked at; `nil`: all.
  func differences(window: Span, only: Instant? = nil) -> (
    missing: [EventHistory], extra: [EventHistory], untold: Int
  ) {
    var missing: [EventHistory] = []
    var extra: [EventHistory] = []
    var untold = 0
    let own = Dictionary(grouping: ordered) { $0.event.time.floored(to: window) }
    let metered = Dictionary(grouping: changes, by: \.window)
    for start in Set(own.keys).union(metered.keys).sorted()
    where only == nil || start == only {
      let events = own[start] ?? []
      let due = events.filter { $0.withdrawn == nil && $0.quarantined == nil && $0.rejected == nil }
      let others = events.filter { $0.withdrawn != nil || $0.quarantined != nil || $0.rejected != nil }
      let count = (metered[start] ?? []).reduce(0) { $0 + $1.count } - Int64(due.count)
      let digest = (metered[start] ?? []).reduce(UInt64(0)) { $0 &+ $1.digest }
      let difference = due.reduce(digest) { $0 &- $1.event.key.digest }
      guard count != 0 || difference != 0 else { continue }
      let target = count < 0 ? 0 &- difference : difference
      func told(_ pool: [EventHistory]) -> [EventHistory]? {
        SubsetSum.indices(
          of: pool.map(\.event.key.digest), choosing: Int(count.magnitude), summingTo: target
        )?.map { pool[$0] }
      }
      if count < 0 {
        if let found = told(due)
          ?? Self.suspects(due, metered[start]?.first?.at, Int(count.magnitude), target)
        {
          missing += found
        } else if told(others.filter { $0.withdrawn != nil }) == nil {
          // What was taken back and had never counted is no missing event: its subtraction is told of by itself.
          untold += Int(count.magnitude)
        }
      } else if let found = told(others + due) {
        extra += found
      } else {
        untold += Int(max(1, count))
      }
    }
    return (missing, extra, untold)
  }
}
