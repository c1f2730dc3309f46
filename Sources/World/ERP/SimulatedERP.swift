import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// An ERP as one legal entity meets it: latency, a ledger, and the faults that hit it. The limits are those of its account, which
/// other entities may share (``ERPAccount``).
struct SimulatedERP: Sendable {
  /// What becomes of a call on arrival.
  enum Reception {
    /// The ERP works on it for a while.
    case working(Span)
    /// It works on it until its own time-out, and gives up.
    case abandoned(after: Span)
    /// It waits for a place, so long at most.
    case queued(upTo: Span)
    /// It answers at once, without having worked.
    case refused(ERPAnswer, after: Span)
  }

  /// What comes of a call that was worked off.
  enum Completion {
    /// The caller hears nothing.
    case silence
    /// The caller hears this.
    case answer(ERPAnswer)
    /// A job has taken over: the caller hears so, and of the outcome after a while.
    case job(Span)
  }

  private struct Entry: Sendable {
    var number: UInt32
    var at: Instant
    var body: JournalEntry
  }

  let profile: ERPProfile
  let entity: EntityID
  /// Whether it has taken over from another ERP.
  private let isSuccessor: Bool
  private(set) var ledger: [LedgerDocument] = []
  /// When each document of the ledger was posted.
  private(set) var postedAt: [Instant] = []
  private(set) var statistics = ERPStatistics()
  private var byIdempotencyKey: [String: Entry] = [:]
  private var byPostingKey: [PostingKey: Entry] = [:]
  private var receivable = Money.zero
  /// The sum of what was posted, debits and credits alike: what bounds every sum over the ledger.
  private var turnover: UInt128 = 0
  private let turnoverLimit: UInt128
  private var stream: RandomStream
  /// Which documents are refused at once, and which later.
  private var draws: [[PostingKey: Draw]] = [[:], [:]]
  private let calendar: AccountingCalendar?
  let reader: PayloadReader
  /// Faults that hold at the moment.
  var faults = ActiveFaults()

  init(
    profile: ERPProfile, entity: EntityID, rootSeed: UInt64, name: String, catalog: Catalog,
    isSuccessor: Bool = false
  ) {
    self.isSuccessor = isSuccessor
    calendar = catalog.accountingCalendar
    reader = PayloadReader(catalog: catalog, rules: profile.payload)
    precondition(
      (1...Int(Money.one)).contains(profile.ledgerTurnover),
      "the turnover of a ledger is positive and at most 10^18")
    turnoverLimit = UInt128(Money.one) * UInt128(profile.ledgerTurnover)
    self.profile = profile
    self.entity = entity
    stream = RandomStream(rootSeed: rootSeed, name: "erp/\(name)")
  }

  @inline(__always)
  var isDown: Bool { faults.isDown }

  /// How it fares at the moment; the worst where several faults hold.
  @inline(__always)
  var condition: ERPCondition {
    if isDown || faults.isCutOff { return .down }
    if faults.isSlow { return .slow }
    if faults.capacityShare < 1 { return .throttled }
    return faults.lostAnswers == nil ? .up : .losingAnswers
  }

  /// Receives a call.
  ///
  /// - Parameter slot: what stands for the call, if it has to wait for a place.
  mutating func receive(
    _ request: ERPRequest, slot: Int, at now: Instant, account: inout ERPAccount
  ) -> Reception {
    statistics.calls += 1
    switch request {
    case .post: statistics.posts += 1
    case .lookUp: statistics.searches += 1
    case .statement, .closing: statistics.readBacks += 1
    }
    assert(
      statistics.calls == statistics.posts + statistics.searches + statistics.readBacks,
      "each call is of one sort")
    guard !isDown else {
      statistics.unavailable += 1
      faults.hit(.outage)
      return .refused(.unavailable, after: profile.unavailableAfter)
    }
    if let end = faults.maintenanceEnd {
      statistics.unavailable += 1
      faults.hit(.maintenance)
      return .refused(.throttled(retryAfter: end - now), after: profile.refusalAfter)
    }
    if let share = faults.errors, stream.bernoulli(share) {
      statistics.unavailable += 1
      faults.hit(.brownOut)
      return .refused(.unavailable, after: profile.unavailableAfter)
    }
    if let limit = profile.documentsPerCall, request.operations > limit {
      statistics.refused += request.operations
      return .refused(
        .posted(
          Array(
            repeating: .refused(reason: "more than \(limit) documents in a call"), count: request.operations)),
        after: profile.refusalAfter)
    }
    switch account.admit(operations: request.operations, slot: slot, at: now, share: faults.capacityShare) {
    case .place: return begin(request, at: now, account: &account)
    case .queue: return .queued(upTo: profile.queueWait)
    case .refused(let wait):
      statistics.throttled += 1
      faults.hit(.throttle)
      return .refused(
        .throttled(retryAfter: profile.retryAfter.map { max($0, wait) }), after: profile.refusalAfter)
    }
  }

  /// Begins to work on a call.
  mutating func begin(_ request: ERPRequest, at now: Instant, account: inout ERPAccount) -> Reception {
    account.begin()
    statistics.greatestConcurrency = max(statistics.greatestConcurrency, account.inFlight)
    let base =
      switch profile.latencyLaw {
      case .logNormal: stream.logNormal(median: profile.latency.seconds, sigma: profile.latencySigma)
      case .exponential: stream.exponential(mean: profile.latency.seconds)
      }
    let work =
      Span(seconds: base) + profile.latencyPerDocument * Int64(request.operations)
    let span = faults.slowed(work, at: now)
    assert(span >= .zero, "an ERP has not done its work before it was asked to")
    return span > profile.serverTimeout ? .abandoned(after: profile.serverTimeout) : .working(span)
  }

  /// The next call of whichever entity that has a place now, taken out of the account's queue.
  func dequeueCall(of account: inout ERPAccount) -> Int? { account.dequeueCall(share: faults.capacityShare) }

  /// Turns a call away that has waited for too long; `false` if it waits no more.
  mutating func expire(slot: Int, account: inout ERPAccount) -> Bool {
    guard account.expire(slot: slot) else { return false }
    statistics.unavailable += 1
    return true
  }

  /// Gives up on a call after its own time-out.
  mutating func abandon(account: inout ERPAccount) {
    account.end()
    statistics.dropped += 1
    assert(statistics.dropped <= statistics.calls, "no more calls are dropped than were made")
  }

  /// Works a call off: commits it to the ledger, or gives it to a job.
  ///
  /// - Parameter posted: called with each new document.
  mutating func commit(
    _ request: ERPRequest, at now: Instant, account: inout ERPAccount, posted: (LedgerDocument) -> Void
  ) -> Completion {
    account.end()
    guard !isDown else {
      faults.hit(.outage)
      statistics.dropped += 1  // the connection died with the ERP, and nothing was committed
      return .silence
    }
    if case .post = request, let jobTime { return .job(jobTime) }
    return answered(work(request, at: now, mayReject: false, posted))
  }

  /// How long a job takes that documents are given to, by the ERP's nature or by a fault; `nil`: none is.
  private var jobTime: Span? {
    profile.jobTime ?? (faults.laterRejections == nil ? nil : profile.faultJobTime)
  }

  /// A job has come to its end.
  mutating func complete(
    _ request: ERPRequest, at now: Instant, posted: (LedgerDocument) -> Void
  ) -> Completion {
    if case .post = request {} else { preconditionFailure("only documents are given to a job") }
    return answered(work(request, at: now, mayReject: true, posted))
  }

  private mutating func answered(_ answer: ERPAnswer) -> Completion {
    if let share = faults.lostAnswers ?? (profile.lostAnswers > 0 ? profile.lostAnswers : nil),
      stream.bernoulli(share)
    {
      faults.hit(.timeoutAfterCommit)
      statistics.answersLost += 1
      assert(
        statistics.answersLost + statistics.dropped <= statistics.calls,
        "of a call one answer gets lost, or none was ever given")
      return .silence
    }
    return .answer(answer)
  }

  private mutating func work(
    _ request: ERPRequest, at now: Instant, mayReject: Bool, _ posted: (LedgerDocument) -> Void
  ) -> ERPAnswer {
    switch request {
    case .post(let requests):
      return .posted(requests.map { post($0, at: now, mayReject: mayReject, posted) })
    case .lookUp(let keys):
      statistics.lookUps += 1
      let numbers = keys.map { key -> UInt32? in
        guard let entry = byPostingKey[key] else { return nil }
        assert(entry.at <= now, "a document is not found before it was posted")
        if entry.at + profile.indexLag > now {
          statistics.hiddenByLag += 1
          return nil
        }
        return entry.number
      }
      return .found(numbers)
    case .statement:
      assert(ledger.count == postedAt.count, "each document of a ledger was posted at an instant of its own")
      return .statement(documents: ledger.count, receivable: receivable)
    case .closing(let period):
      let own = ledger.filter { $0.entry.period == period }
      let debits = own.reduce(Money.zero) { sum, document in
        document.entry.lines.reduce(sum) { $1.amount > .zero ? $0 + $1.amount : $0 }
      }
      return .closing(documents: own.count, debits: debits, asOf: now)
    }
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

  /// How it fares, and what is granted of the limits. Changes nothing: called in place, it copies nothing either.
  mutating func state() -> (condition: ERPCondition, share: Double) { (condition, faults.capacityShare) }

  /// What a repetition comes to, if the document is known.
  private mutating func repetition(
    _ request: PostingRequest, of entry: JournalEntry, at now: Instant
  ) -> PostingResult? {
    guard let key = request.idempotencyKey else {
      guard profile.idempotency == .uniqueNumber, byPostingKey[entry.key] != nil else { return nil }
      statistics.keyHits += 1
      return .duplicate
    }
    switch profile.idempotency {
    case .none: return nil
    case .externalID:
      guard let known = byIdempotencyKey[key] else { return nil }
      statistics.keyHits += 1
      return .alreadyPosted(documentNumber: known.number)
    case .key(let retention, let refusesOtherBodies):
      guard let known = byIdempotencyKey[key] else { return nil }
      assert(known.at <= now, "a key does not come again before it came first")
      guard now - known.at <= retention else {
        statistics.keysExpired += 1
        return nil
      }
      statistics.keyHits += 1
      if refusesOtherBodies, known.body != entry {
        statistics.keyConflicts += 1
        return .duplicate
      }
      return .alreadyPosted(documentNumber: known.number)
    case .uniqueNumber:
      guard byPostingKey[entry.key] != nil else { return nil }
      statistics.keyHits += 1
      return .duplicate
    }
  }

  /// What was drawn for a document, and until when it stands.
  private struct Draw {
    var isHit: Bool
    var until: Instant
  }

  /// Whether a document is among a share of all: the same for every copy and repetition of it for as long as such draws hold.
  private mutating func isDrawn(
    _ share: Double, for key: PostingKey, at now: Instant, later: Bool
  ) -> Bool {
    let row = later ? 1 : 0
    if let draw = draws[row][key], draw.until > now { return draw.isHit }
    let isHit = stream.bernoulli(share)
    draws[row][key] = Draw(isHit: isHit, until: now + profile.refusalsHoldFor)
    return isHit
  }

  /// What was posted in all once a document is; `nil` where that is more than a ledger holds.
  private func turnover(with entry: JournalEntry) -> UInt128? {
    var sum = turnover
    for line in entry.lines {
      let amount = max(line.amount.units.magnitude, line.functional?.units.magnitude ?? 0)
      guard amount <= turnoverLimit else { return nil }
      sum += amount
      guard sum <= turnoverLimit else { return nil }
    }
    return sum
  }

  /// A figure as a power of ten where it is one.
  private static func text(_ figure: Int) -> String {
    let digits = "\(figure)"
    return digits.count > 4 && digits.dropFirst().allSatisfy { $0 == "0" } && digits.first == "1"
      ? "10^\(digits.count - 1)" : digits
  }

  private mutating func post(
    _ request: PostingRequest, at now: Instant, mayReject: Bool, _ posted: (LedgerDocument) -> Void
  ) -> PostingResult {
    var entry: JournalEntry
    switch reader.entry(request.payload) {
    case .success(let read): entry = read
    case .failure(let refusal):
      statistics.refused += 1
      return .refused(reason: refusal.reason)
    }
    if let limit = profile.linesPerDocument, profile.cutsLinesOff, entry.lines.count > limit {
      entry.lines.removeLast(entry.lines.count - limit)
    }
    if let limit = profile.linesPerDocument, entry.lines.count > limit {
      statistics.refused += 1
      return .refused(reason: "\(entry.lines.count) lines, where a document has \(limit) at most")
    }
    if let repetition = repetition(request, of: entry, at: now) { return repetition }
    if let share = faults.refusals, isDrawn(share, for: entry.key, at: now, later: false) {
      faults.hit(.refusals)
      statistics.refused += 1
      return .refused(reason: "the customer or an item is not set up")
    }
    let rejections = faults.laterRejections ?? profile.laterRejections
    if mayReject, rejections > 0, isDrawn(rejections, for: entry.key, at: now, later: true) {
      faults.hit(.rejectLater)
      statistics.refused += 1
      return .refused(reason: "the import rejected the row")
    }
    if let share = faults.partialFailures, stream.bernoulli(share) {
      faults.hit(.partialFailure)
      statistics.failed += 1
      return .failed
    }
    if refuses(entry.key.kind, in: entry.period, at: now) {
      switch profile.periods {
      case .reject:
        statistics.refusedForPeriod += 1
        return .periodClosed
      case .nextOpen:
        statistics.movedToOpenPeriod += 1
        while refuses(entry.key.kind, in: entry.period, at: now) { entry.period = entry.period.next }
      case .accept: break
      }
    }
    guard let turnover = turnover(with: entry) else {
      statistics.refused += 1
      return .refused(
        reason: "the ledger holds postings of \(Self.text(profile.ledgerTurnover)) in all, and no more")
    }
    precondition(turnover >= self.turnover, "the turnover of a ledger only grows")
    self.turnover = turnover
    var document = LedgerDocument(entity: entity, number: UInt32(ledger.count + 1), entry: entry)
    document.isSuccessor = isSuccessor
    assert(
      profile.periods == .accept || !refuses(entry.key.kind, in: entry.period, at: now),
      "no document is posted into a closed period")
    precondition(postedAt.last.map { $0 <= now } ?? true, "a ledger is written in the order of time")
    ledger.append(document)
    postedAt.append(now)
    receivable += entry.receivable
    assert(Int(document.number) == ledger.count, "documents of a ledger are numbered without a gap")
    let known = Entry(number: document.number, at: now, body: entry)
    if let key = request.idempotencyKey { byIdempotencyKey[key] = known }
    if byPostingKey[entry.key] == nil { byPostingKey[entry.key] = known }
    assert(byPostingKey.count <= ledger.count, "whatever is found by its key is in the ledger")
    posted(document)
    return .posted(documentNumber: document.number)
  }
}
