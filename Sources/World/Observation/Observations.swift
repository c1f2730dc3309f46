import CanonicalModel
import Chronology
import CoreInterface
import Histogram

/// One sample of the time series.
public struct Sample: Sendable {
  /// When.
  public var at: Instant
  /// Events handed to the core since the last sample.
  public var delivered: Int
  /// Documents waiting, in flight or unknown, per entity.
  public var outboxDepth: [Int]
  /// Calls that ERPs refused for limits or outage since the last sample.
  public var refused: Int
  /// Documents in the ledgers, per entity.
  public var posted: [Int]
  /// Windows that are open.
  public var openWindows: Int
  /// Usage events that wait in the broker.
  public var brokerLag: Int
}

/// How an ERP fares.
public enum ERPCondition: String, Sendable, CaseIterable {
  /// As its profile says.
  case up
  /// More slowly than it should.
  case slow
  /// With less than its limits.
  case throttled
  /// Losing answers after the commit.
  case losingAnswers
  /// Refusing every call.
  case down
}

/// An ERP and its outbox at a moment.
public struct ERPState: Sendable {
  /// How the ERP fares.
  public var condition: ERPCondition
  /// Documents that wait for it.
  public var depth: Int
  /// By how much the depth has changed since the moment before.
  public var trend: Int
  /// Documents in its ledger.
  public var posted: Int
  /// Invoices issued for its entity.
  public var invoiced: Int
}

/// A noteworthy moment of a run.
public struct Moment: Sendable {
  /// When.
  public var at: Instant
  /// What it is about: `erp/us`, `billing`.
  public var subject: String
  /// What happened.
  public var text: String
  /// Usage events accepted so far.
  public var accepted: Int64
  /// Each ERP.
  public var erps: [ERPState]
  /// Whether each process of the core is up.
  public var processes: [Bool]
}

/// What an observer of the world notes down: figures for indicators, series and the timeline. Never evidence
/// for a verdict; that is the oracle's.
public struct Observations: Sendable {
  /// Situations and how often they were reached.
  public internal(set) var situations = SituationCounts()
  /// The time series.
  public var samples: [Sample] = []
  /// The timeline.
  public var moments: [Moment] = []
  /// How many issued invoices of each period are in no ledger at the end of the run: the period never closed.
  public internal(set) var unposted: [EntityPeriod: Int] = [:]
  /// The end of the run.
  public internal(set) var ended = Instant.distantPast
  /// From issue to the ERP's ledger, in milliseconds, per entity.
  public var postingLatency: [Histogram<UInt32>]
  /// The exact sums of these, for means.
  public var postingLatencySum: [Int128]
  /// Usage events emitted.
  public var emitted = 0
  /// Copies handed to the core.
  public var delivered = 0
  /// Batches handed to the core.
  public var batches = 0
  /// Invoices issued per entity.
  public var invoices: DenseTable<EntityID, Int>
  /// The last instant at which an ERP's ledger took a document of a period, per entity and period.
  public var lastPosted: [EntityPeriod: Instant] = [:]
  /// From issue to the ERP's ledger, in milliseconds, per entity and billing period; empty unless periods are measured.
  public internal(set) var periodLatency: [EntityPeriod: Histogram<UInt32>] = [:]
  /// From the end of each fault until its ERP's outbox was empty, where it was not empty at that end.
  public var drains: [(entity: EntityID, fault: String, ended: Instant, took: Span)] = []
  /// The faults that left a backlog which was still there at the end.
  public internal(set) var undrained: [(entity: EntityID, fault: String)] = []
  /// The deepest outbox per entity.
  public var peakOutbox: [Int]
  /// The most usage events that waited in the broker: at a sample, or when its consumer was behind.
  public var peakBrokerLag = 0
  /// What was in use while documents waited, per entity.
  public internal(set) var postingUse: [PostingUse]
  /// The same of each account that several entities share: while documents of any of them waited.
  public internal(set) var accountUse: [PostingUse] = []
  /// When documents waited for any of the ERPs.
  public internal(set) var postingTime: PostingTime
  /// Documents of all kinds that the ledgers took.
  public internal(set) var documentsPosted = 0
  /// Records that the core has written to its log.
  public internal(set) var logRecords = 0
  /// Exception cases raised, by owner.
  public var cases: [CaseOwner: Int] = [:]
  /// Cases that are reconciliation breaks.
  public var reconciliationBreaks = 0
  /// Close snapshots.
  public var closes: [CloseSnapshot] = []
  /// Reconciliation runs.
  public var reconciliations = 0
  /// Pairs of totals that reconciliation compared, but for those of nothing with nothing.
  public var comparisons = 0

  init(entities: Int) {
    postingLatency = (0..<entities).map { _ in Self.latencies }
    postingLatencySum = Array(repeating: 0, count: entities)
    invoices = DenseTable(repeating: 0, count: entities)
    peakOutbox = Array(repeating: 0, count: entities)
    postingUse = Array(repeating: PostingUse(), count: entities)
    postingTime = PostingTime(entities: entities)
  }

  /// An empty histogram of milliseconds to 3 digits: room for 400 days, and it grows with what takes longer. Each starts as a copy of
  /// this one: the library fills its 27,648 counters one by one.
  private static let latencies: Histogram<UInt32> = {
    var histogram = Histogram<UInt32>(
      lowestDiscernibleValue: 1, highestTrackableValue: 34_560_000_000,
      numberOfSignificantValueDigits: .three)
    histogram.autoResize = true
    return histogram
  }()

  /// Records a latency for the figures of its period.
  mutating func record(latency: Span, in period: EntityPeriod) {
    assert(latency >= .zero, "nothing is posted before it was invoiced")
    let milliseconds = max(1, latency.nanoseconds / 1_000_000)
    _ = periodLatency[period, default: Self.latencies].record(UInt64(milliseconds))
  }

  @inline(__always)
  mutating func count(_ situation: Situation, _ times: Int = 1) {
    if times > 0 { situations[situation] += times }
  }

  /// Records a latency, however long.
  mutating func record(latency: Span, of entity: Int) {
    assert(latency >= .zero, "nothing is posted before it was invoiced")
    let milliseconds = max(1, latency.nanoseconds / 1_000_000)
    _ = postingLatency[entity].record(UInt64(milliseconds))
    postingLatencySum[entity] += Int128(milliseconds)
  }
}

/// A legal entity and a billing period.
public struct EntityPeriod: Hashable, Comparable, Sendable {
  /// The entity.
  public var entity: EntityID
  /// The period.
  public var period: Period

  /// Orders by entity, then by period.
  public static func < (a: EntityPeriod, b: EntityPeriod) -> Bool {
    (a.entity, a.period) < (b.entity, b.period)
  }
}
