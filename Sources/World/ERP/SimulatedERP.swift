import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// An ERP of one legal entity: limits, latency, a ledger, and the faults that hit it.
struct SimulatedERP {
  /// What becomes of a call on arrival.
  enum Reception {
    /// The ERP works on it for a while.
    case working(Span)
    /// It answers at once, without having worked.
    case refused(ERPAnswer, after: Span)
  }

  let profile: ERPProfile
  let entity: EntityID
  private(set) var ledger: [LedgerDocument] = []
  /// When each document of the ledger was posted.
  private(set) var postedAt: [Instant] = []
  private(set) var statistics = ERPStatistics()
  private var byIdempotencyKey: [String: UInt32] = [:]
  private var byPostingKey: [PostingKey: UInt32] = [:]
  private var receivable = Money.zero
  private var inFlight = 0
  private var tokens: Double
  private var refilledAt: Instant
  private var stream: RandomStream
  private let calendar: AccountingCalendar?
  private let reader: PayloadReader
  /// Faults that hold at the moment.
  var outages = 0
  var throttles: [Int: Double] = [:]
  var lostAnswers: [Int: Double] = [:]
  var refusals: [Int: Double] = [:]

  init(
    profile: ERPProfile, entity: EntityID, start: Instant, rootSeed: UInt64, name: String, catalog: Catalog
  ) {
    calendar = catalog.accountingCalendar
    reader = PayloadReader(catalog: catalog)
    self.profile = profile
    self.entity = entity
    tokens = Double(profile.operationsPerMinute ?? 0)
    refilledAt = start
    stream = RandomStream(rootSeed: rootSeed, name: "erp/\(name)")
  }

  var isDown: Bool { outages > 0 }
  /// The share of the limits that is left, 1 without a throttle.
  var capacityShare: Double { throttles.values.min() ?? 1 }

  /// How it fares at the moment; the worst where several faults hold.
  var condition: ERPCondition {
    if isDown { return .down }
    if capacityShare < 1 { return .throttled }
    return lostAnswers.isEmpty ? .up : .losingAnswers
  }

  /// Receives a call.
  mutating func receive(_ request: ERPRequest, at now: Instant) -> Reception {
    statistics.calls += 1
    guard !isDown else {
      statistics.unavailable += 1
      return .refused(.unavailable, after: .seconds(1))
    }
    if let concurrency = profile.concurrency {
      let allowed = max(1, Int(Double(concurrency) * capacityShare))
      guard inFlight < allowed else { return throttle() }
    }
    if let perMinute = profile.operationsPerMinute {
      let limit = max(1, Double(perMinute) * capacityShare)
      tokens = min(limit, tokens + limit * (now - refilledAt).seconds / 60)
      refilledAt = now
      let cost = min(Double(request.operations), limit)
      guard tokens >= cost else { return throttle() }
      tokens -= cost
    }
    inFlight += 1
    let operations = Int64(request.operations)
    let base = stream.logNormal(median: profile.latency.seconds, sigma: profile.latencySigma)
    return .working(Span(nanoseconds: Int64(base * 1e9)) + profile.latencyPerOperation * operations)
  }

  private mutating func throttle() -> Reception {
    statistics.throttled += 1
    return .refused(.throttled(retryAfter: profile.retryAfter), after: .milliseconds(50))
  }

  /// Works a call off: commits it to the ledger and returns the answer; `nil` when the caller hears nothing.
  ///
  /// - Parameter posted: called with each new document.
  mutating func commit(
    _ request: ERPRequest, at now: Instant, posted: (LedgerDocument) -> Void
  ) -> ERPAnswer? {
    inFlight -= 1
    guard !isDown else {
      statistics.dropped += 1  // the connection died with the ERP, and nothing was committed
      return nil
    }
    let answer: ERPAnswer
    switch request {
    case .post(let requests): answer = .posted(requests.map { post($0, at: now, posted) })
    case .lookUp(let keys):
      statistics.lookUps += 1
      answer = .found(keys.map { byPostingKey[$0] })
    case .statement: answer = .statement(documents: ledger.count, receivable: receivable)
    case .closing(let period):
      let own = ledger.filter { $0.entry.period == period }
      let debits = own.reduce(Money.zero) { sum, document in
        document.entry.lines.reduce(sum) { $1.amount > .zero ? $0 + $1.amount : $0 }
      }
      answer = .closing(documents: own.count, debits: debits, asOf: now)
    }
    if let share = lostAnswers.values.max(), stream.bernoulli(share) {
      statistics.answersLost += 1
      return nil
    }
    return answer
  }

  /// Whether the books of a period refuse a kind of document: the ERP's own reading of the calendar. Who approved of a
  /// reopening is nothing that it knows.
  private func refuses(_ kind: DocumentKind, in period: Period, at now: Instant) -> Bool {
    guard let calendar else { return false }
    switch calendar.state(of: period, for: entity, at: now) {
    case .open, .reopened: return false
    case .softClosed: return !kind.isClosingEntry
    case .closed: return true
    }
  }

  private mutating func post(
    _ request: PostingRequest, at now: Instant, _ posted: (LedgerDocument) -> Void
  ) -> PostingResult {
    if profile.honoursIdempotencyKeys, let key = request.idempotencyKey, let number = byIdempotencyKey[key] {
      statistics.keyHits += 1
      return .alreadyPosted(documentNumber: number)
    }
    if let share = refusals.values.max(), stream.bernoulli(share) {
      statistics.refused += 1
      return .refused(reason: "the customer or an item is not set up")
    }
    let entry: JournalEntry
    switch reader.entry(request.payload) {
    case .success(let read): entry = read
    case .failure(let refusal): return .refused(reason: refusal.reason)
    }
    if profile.enforcesPeriods, refuses(entry.key.kind, in: entry.period, at: now) {
      statistics.refusedForPeriod += 1
      return .periodClosed
    }
    let document = LedgerDocument(entity: entity, number: UInt32(ledger.count + 1), entry: entry)
    ledger.append(document)
    postedAt.append(now)
    receivable += entry.receivable
    if let key = request.idempotencyKey { byIdempotencyKey[key] = document.number }
    if byPostingKey[entry.key] == nil { byPostingKey[entry.key] = document.number }
    posted(document)
    return .posted(documentNumber: document.number)
  }
}

/// What an ERP has been through.
public struct ERPStatistics: Hashable, Sendable {
  /// Calls received.
  public var calls = 0
  /// Calls refused for the limits.
  public var throttled = 0
  /// Calls refused because the ERP was down.
  public var unavailable = 0
  /// Calls that died in an outage, without effect and without an answer.
  public var dropped = 0
  /// Calls that were committed and never answered.
  public var answersLost = 0
  /// Documents refused because their period was closed.
  public var refusedForPeriod = 0
  /// Documents refused because of what they named.
  public var refused = 0
  /// Look-ups worked off.
  public var lookUps = 0
  /// Documents that an idempotency key kept from being posted twice.
  public var keyHits = 0

  /// What two ERPs have been through together.
  static func + (a: ERPStatistics, b: ERPStatistics) -> ERPStatistics {
    var sum = a
    sum.calls += b.calls
    sum.throttled += b.throttled
    sum.unavailable += b.unavailable
    sum.dropped += b.dropped
    sum.answersLost += b.answersLost
    sum.refusedForPeriod += b.refusedForPeriod
    sum.lookUps += b.lookUps
    sum.refused += b.refused
    sum.keyHits += b.keyHits
    return sum
  }
}
