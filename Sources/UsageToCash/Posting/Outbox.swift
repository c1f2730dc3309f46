import CanonicalModel
import Chronology
import CoreInterface
import DequeModule

/// The documents on their way to one ERP: waiting, in flight, or with an unknown outcome.
struct Outbox: Sendable {
  /// What a call is for.
  enum Purpose: Hashable, Sendable {
    case post
    case lookUp
    case statement
    case closing(Period)
  }

  struct Call: Sendable {
    var documents: [JournalEntry]
    var purpose: Purpose
    var started: Instant
    var deadline: Instant
    /// How many calls to post had been made by then.
    var postsBefore: Int
    /// How often in a row it has been refused, where it is made again by the same worker.
    var refusals = 0
  }

  private var waiting: Deque<JournalEntry> = []
  private(set) var unknown: Deque<JournalEntry> = []
  /// Documents whose outcome is unknown and cannot be looked up yet: the ERP may still work on them, or not show them.
  private var settling: [(until: Instant, documents: [JournalEntry])] = []
  private(set) var inFlight: [ERPCallID: Call] = [:]
  /// Until when documents are held back for a full batch or a time of day.
  private var heldUntil: Instant?
  /// Whether a held outbox was opened, until it is empty.
  private var isOpen = false
  /// Calls that each document was in and that failed; kept where documents are given up.
  private var attempts: [PostingKey: Int] = [:]
  /// What refusals make wait.
  private var backoff: Backoff
  /// Documents that failed in calls that were answered.
  private var retries = RetryQueue()
  /// Calls to post so far: a ledger that was read while one was made is compared with nothing.
  private(set) var postsStarted = 0
  /// Whether documents were confirmed since the ERP's ledger was last read back.
  private var needsStatement = false
  /// Not before when it is read back again.
  private var statementDue = Instant.distantPast
  /// Accounting periods that are to be read back.
  private var closings: [Period] = []
  private(set) var depth = 0
  /// How many documents are in each state: beside the collections above, which hold them.
  private var states = Census<DocumentState>()
  private(set) var pendingAmount = Money.zero

  init(jitter: Jitter, planted: PlantedDefects = []) { backoff = Backoff(jitter: jitter, planted: planted) }

  /// When something is due next. Borrowed: it is asked after every change, and an outbox is costly to copy.
  borrowing func nextDeadline() -> Instant? {
    var deadline: Instant?
    for call in inFlight.values { deadline = earlier(deadline, call.deadline) }
    if !settling.isEmpty { for wait in settling { deadline = earlier(deadline, wait.until) } }
    if !isIdle { deadline = earlier(earlier(deadline, backoff.nextDeadline), heldUntil) }
    // Where every worker rests, none is there to read the ledger back before the first of them goes on.
    if mayReadBack { deadline = earlier(deadline, max(statementDue, backoff.nextDeadline ?? statementDue)) }
    if !retries.isEmpty { deadline = earlier(deadline, retries.nextDeadline) }
    return deadline
  }

  /// Whether nothing is left to send, to resolve or to read back.
  @inline(__always)
  var isIdle: Bool { depth == 0 && !needsStatement && inFlight.isEmpty && closings.isEmpty }

  mutating func enqueue(_ document: JournalEntry) {
    states.move(1, from: .new, to: .waiting)
    waiting.append(document)
    depth += 1
    pendingAmount += document.receivable
  }

  /// Enqueues documents first: they are older than all that wait.
  mutating func enqueueFirst(_ documents: [JournalEntry]) {
    states.move(documents.count, from: .new, to: .waiting)
    waiting.prepend(contentsOf: documents)
    depth += documents.count
    for document in documents { pendingAmount += document.receivable }
  }

  /// Whether nothing but the time keeps the ledger from being read back.
  @inline(__always)
  private var mayReadBack: Bool { depth == 0 && needsStatement && inFlight.isEmpty }

  mutating func requestStatement() { needsStatement = true }
  mutating func requestClosing(_ period: Period) { closings.append(period) }

  /// Completes a document, which leaves the outbox for good: the call that posted it or looked it up gave its outcome.
  mutating func complete(_ document: JournalEntry, after purpose: Purpose) {
    precondition(
      purpose == .post || purpose == .lookUp, "a document is settled by a call that holds none: \(purpose)")
    states.move(1, from: purpose == .post ? .posting : .lookingUp, to: .settled)
    depth -= 1
    precondition(depth >= 0, "more documents have left an outbox than came")
    pendingAmount -= document.receivable
    needsStatement = true
    retries.forget(document.key)
  }

  /// What to send next, if a call may start now: unknown outcomes first; once all is confirmed, the statement.
  mutating func dequeue(
    at now: Instant, policy: PostingPolicy, batchSize: Int, besides busy: Set<AccountID> = []
  ) -> (documents: [JournalEntry], purpose: Purpose, refusals: Int)? {
    guard !backoff.isPaused(at: now) else { return nil }
    while let call = backoff.resume(at: now) {
      guard call.purpose == .post, policy.schedule != .continuous else {
        states.move(call.documents.count, from: Self.resting(call.purpose), to: Self.underWay(call.purpose))
        return (call.documents, call.purpose, call.refusals)
      }
      // The schedule says when they are sent again.
      states.move(call.documents.count, from: .resting, to: .waiting)
      waiting.prepend(contentsOf: call.documents)
    }
    guard backoff.mayCall(besides: inFlight, policy) else { return nil }
    if !closings.isEmpty { return ([], .closing(closings.removeFirst()), 0) }
    if !unknown.isEmpty {
      let next = Self.dequeue(&unknown, batchSize)
      states.move(next.count, from: .unknown, to: .lookingUp)
      return (next, .lookUp, 0)
    }
    guard (waiting.isEmpty && !retries.hasReady) || maySend(batchSize, policy.schedule) else { return nil }
    let next = dequeueBatch(batchSize, besides: busy, at: now, policy)
    if !next.isEmpty { return (next, .post, 0) }
    if mayReadBack, now >= statementDue {
      needsStatement = false
      statementDue = now + policy.readBackInterval
      return ([], .statement, 0)
    }
    return nil
  }

  /// The next documents to post: those that have failed take half of a batch, and what the others leave of it.
  private mutating func dequeueBatch(
    _ count: Int, besides busy: Set<AccountID>, at now: Instant, _ policy: PostingPolicy
  ) -> [JournalEntry] {
    guard retries.hasReady else { return dequeueFresh(count, besides: busy, policy) }
    // Their customers are busy before they are taken, and in this batch.
    let others = retries.accounts.reduce(into: busy) { $0.insert($1) }
    var batch = retries.dequeue(retries.share(of: count), at: now, policy, &backoff.jitter)
    states.move(batch.count, from: .retrying, to: .posting)
    batch += dequeueFresh(count - batch.count, besides: others, policy)
    let rest = retries.dequeue(count - batch.count, at: now, policy, &backoff.jitter)
    states.move(rest.count, from: .retrying, to: .posting)
    precondition(batch.count + rest.count <= count, "a batch holds more documents than a call may")
    return batch + rest
  }

  private mutating func dequeueFresh(
    _ count: Int, besides busy: Set<AccountID>, _ policy: PostingPolicy
  ) -> [JournalEntry] {
    let fresh = policy.order == .perKind ? dequeueByKind(count) : dequeueInOrder(count, besides: busy)
    states.move(fresh.count, from: .waiting, to: .posting)
    return fresh
  }

  /// The state of documents whose call waits with its worker.
  private static func resting(_ purpose: Purpose) -> DocumentState {
    purpose == .post ? .resting : .restingLookUp
  }

  /// The state of documents whose call is under way.
  private static func underWay(_ purpose: Purpose) -> DocumentState {
    purpose == .post ? .posting : .lookingUp
  }

  /// Whether every document is in one of the collections, and in the one of its state; between two calls to ``take(at:policy:batchSize:besides:)``.
  ///
  /// - Complexity: O(*n*) in the calls: for assertions.
  var isConsistent: Bool {
    func underWay(_ purpose: Purpose) -> Int {
      inFlight.values.reduce(0) { $1.purpose == purpose ? $0 + $1.documents.count : $0 }
    }
    func resting(_ purpose: Purpose) -> Int {
      backoff.resting.reduce(0) { $1.call?.purpose == purpose ? $0 + ($1.call?.documents.count ?? 0) : $0 }
    }
    return states[.waiting] == waiting.count && states[.unknown] == unknown.count
      && states[.settling] == settlingCount && states[.retrying] == retries.count
      && states[.posting] == underWay(.post) && states[.lookingUp] == underWay(.lookUp)
      && states[.resting] == resting(.post) && states[.restingLookUp] == resting(.lookUp)
      && states.held == depth
  }

  /// The customers that have a document under way, unknown, or to be tried again.
  var busyAccounts: Set<AccountID> {
    var busy: Set<AccountID> = []
    for call in inFlight.values {
      for document in call.documents { if let account = document.account { busy.insert(account) } }
    }
    for document in unknown { if let account = document.account { busy.insert(account) } }
    for wait in settling {
      for document in wait.documents { if let account = document.account { busy.insert(account) } }
    }
    for rest in backoff.resting {
      for document in rest.call?.documents ?? [] {
        if let account = document.account { busy.insert(account) }
      }
    }
    if !retries.isEmpty { busy.formUnion(retries.accounts) }
    return busy
  }

  /// Whether all that it holds are balances that leave the ledger.
  var holdsOnlyClosingBalances: Bool {
    guard depth > 0 else { return true }
    let underWay = inFlight.values.flatMap(\.documents) + backoff.resting.flatMap { $0.call?.documents ?? [] }
    let others = waiting + unknown + settling.flatMap(\.documents) + underWay + retries.documents
    return others.allSatisfy { $0.key.kind == .closingBalance }
  }

  /// Dequeues waiting documents for another ERP, but for the balances that leave this one; on request also those whose outcome is unknown.
  mutating func dequeueWaiting(andUnknown: Bool) -> [JournalEntry] {
    let resting = backoff.dequeueResting(.post)
    guard
      !resting.isEmpty || !waiting.isEmpty || !retries.isEmpty || andUnknown && unknownCount > settlingCount
    else { return [] }
    let retried = retries.dequeueForAnotherERP()
    let fresh = waiting.filter { $0.key.kind != .closingBalance }
    waiting.removeAll { $0.key.kind != .closingBalance }
    states.move(resting.count, from: .resting, to: .handedOver)
    states.move(retried.count, from: .retrying, to: .handedOver)
    states.move(fresh.count, from: .waiting, to: .handedOver)
    var taken = resting + retried + fresh
    if andUnknown {
      let doubtful = backoff.dequeueResting(.lookUp)
      states.move(doubtful.count, from: .restingLookUp, to: .handedOver)
      let own = unknown.filter { $0.key.kind != .closingBalance }
      states.move(own.count, from: .unknown, to: .handedOver)
      taken = Array(own) + doubtful + taken
      unknown.removeAll { $0.key.kind != .closingBalance }
    }
    depth -= taken.count
    precondition(depth >= 0, "an outbox hands over more documents than it has")
    for document in taken { pendingAmount -= document.receivable }
    return taken
  }

  /// The next document, where its customer has nothing under way and nothing has failed: what posting one by one nearly always
  /// comes to. A few dozen comparisons, where the set of all that are busy takes a table.
  private mutating func dequeueNext() -> JournalEntry? {
    guard unknown.isEmpty, settling.isEmpty, retries.isEmpty, backoff.resting.isEmpty,
      let next = waiting.first
    else { return nil }
    if let account = next.account {
      for call in inFlight.values where call.documents.contains(where: { $0.account == account }) {
        return nil
      }
    }
    return waiting.removeFirst()
  }

  /// The next documents of customers that have none unconfirmed: at most one a customer.
  private mutating func dequeueInOrder(_ count: Int, besides others: Set<AccountID>) -> [JournalEntry] {
    guard !waiting.isEmpty else { return [] }
    if count == 1, others.isEmpty, let next = dequeueNext() { return [next] }
    var busy = busyAccounts
    busy.formUnion(others)
    var batch: [JournalEntry] = []
    var passed: Deque<JournalEntry> = []
    while batch.count < count, let document = waiting.popFirst() {
      if let account = document.account, !busy.insert(account).inserted {
        passed.append(document)
      } else {
        batch.append(document)
      }
    }
    if !passed.isEmpty { waiting.prepend(contentsOf: passed) }
    return batch
  }

  /// What workers for single kinds of documents would take: the kind of which fewest wait is through first.
  private mutating func dequeueByKind(_ count: Int) -> [JournalEntry] {
    var depths = [Int](repeating: 0, count: DocumentKind.allCases.count)
    for document in waiting { depths[Int(document.key.kind.rawValue)] += 1 }
    let kind = depths.indices.filter { depths[$0] > 0 }.min { depths[$0] < depths[$1] }
    let batch = Array(waiting.filter { Int($0.key.kind.rawValue) == kind }.prefix(count))
    let taken = Set(batch.map(\.key))
    waiting.removeAll { taken.contains($0.key) }
    return batch
  }

  private static func dequeue(_ queue: inout Deque<JournalEntry>, _ count: Int) -> [JournalEntry] {
    let batch = Array(queue.prefix(count))
    queue.removeFirst(batch.count)
    return batch
  }

  mutating func start(
    _ id: ERPCallID, _ documents: [JournalEntry], _ purpose: Purpose, refusals: Int = 0, at now: Instant,
    deadline: Instant
  ) {
    precondition(inFlight[id] == nil, "the number of a call is used twice")
    precondition(deadline >= now, "a call times out before it is made")
    inFlight[id] = Call(
      documents: documents, purpose: purpose, started: now, deadline: deadline, postsBefore: postsStarted,
      refusals: refusals)
    if purpose == .post { postsStarted += 1 }
  }

  /// Goes on waiting for a call that was taken over by a job.
  mutating func wait(for id: ERPCallID, _ call: Call, until deadline: Instant) {
    precondition(inFlight[id] == nil, "a call that has ended is waited for beside one that goes on")
    precondition(call.purpose == .post, "a job was promised for a call that posts nothing")
    inFlight[id] = call
    inFlight[id]?.deadline = deadline
  }

  /// Ends a call that was answered; `nil` if it has timed out before.
  mutating func finish(_ id: ERPCallID) -> Call? { inFlight.removeValue(forKey: id) }

  /// Ends the calls whose deadline has come, in the order in which they were made.
  mutating func expire(at now: Instant) -> [(ERPCallID, Call)] {
    guard inFlight.values.contains(where: { $0.deadline <= now }) else { return [] }
    let expired = inFlight.filter { $0.value.deadline <= now }.sorted { $0.key < $1.key }
    for (id, _) in expired { inFlight[id] = nil }
    return expired.map { ($0.key, $0.value) }
  }

  /// Loses what has not been confirmed: an outbox in memory, after a crash.
  mutating func forget() {
    waiting.removeAll()
    unknown.removeAll()
    settling.removeAll()
    inFlight.removeAll()
    backoff.forgetCalls()
    retries = RetryQueue()
    states.forget()
    depth = 0
    pendingAmount = .zero
  }

  /// Documents whose outcome is unknown: looked up next, or once a look-up is certain.
  mutating func markUnknown(_ documents: [JournalEntry], until settled: Instant, at now: Instant) {
    states.move(documents.count, from: .posting, to: settled <= now ? .unknown : .settling)
    if settled <= now {
      unknown.append(contentsOf: documents)
    } else {
      settling.append((settled, documents))
    }
  }

  /// Releases documents for look-up whose waiting time is over.
  mutating func releaseLookUps(at now: Instant) {
    guard !settling.isEmpty else { return }
    for wait in settling where wait.until <= now {
      states.move(wait.documents.count, from: .settling, to: .unknown)
      unknown.append(contentsOf: wait.documents)
    }
    settling.removeAll { $0.until <= now }
  }

  /// Makes ready what is to be tried again.
  mutating func resume(at now: Instant) {
    if !retries.isEmpty { retries.advance(to: now) }
  }

  /// Calls that are under way.
  @inline(__always)
  var callCount: Int { inFlight.count }

  /// Documents whose outcome is unknown.
  var unknownCount: Int {
    backoff.resting.reduce(unknown.count + settlingCount) {
      $0 + ($1.call?.purpose == .lookUp ? $1.call?.documents.count ?? 0 : 0)
    }
  }
  private var settlingCount: Int { settling.reduce(0) { $0 + $1.documents.count } }

  /// Whether documents wait only because earlier calls were rejected.
  func isBackingOff(_ policy: PostingPolicy) -> Bool {
    guard depth > 0 else { return false }
    return backoff.isBackingOff(policy, underWay: inFlight.count)
      || waiting.isEmpty && !retries.isEmpty && !retries.hasReady
  }

  /// A call was answered of which some documents failed: each is tried again after a pause of its own.
  mutating func retry(
    _ failed: [JournalEntry], of call: Call, hasPosted: Bool, at now: Instant, _ policy: PostingPolicy
  ) {
    guard !failed.isEmpty || hasPosted else { return }
    precondition(call.purpose == .post, "documents failed in a call that posts nothing")
    states.move(failed.count, from: .posting, to: .retrying)
    retries.conclude(
      callFrom: call.started, hasPosted: hasPosted, hasFailed: !failed.isEmpty, at: now, policy,
      &backoff.jitter)
    retries.rest(failed, at: now, policy, &backoff.jitter)
  }

  /// A document may be there already, whatever its number says: looked up after a pause of its own.
  mutating func doubt(_ document: JournalEntry, at now: Instant, _ policy: PostingPolicy) {
    let pause = retries.pause(afterFailureOf: document.key, policy)
    markUnknown([document], until: now + backoff.spread(pause), at: now)
  }

  /// Puts documents back at the front that were looked up and not found, to be posted next.
  mutating func requeue(_ documents: [JournalEntry]) {
    states.move(documents.count, from: .lookingUp, to: .waiting)
    waiting.prepend(contentsOf: documents)
  }

  /// Applies a posting schedule to the waiting documents.
  mutating func applySchedule(at now: Instant, for schedule: PostingSchedule) {
    switch schedule {
    case .continuous: return
    case .linger(let span):
      if waiting.isEmpty {
        isOpen = false
        heldUntil = nil
      } else if heldUntil == nil, !isOpen {
        heldUntil = now + span
      }
    case .nightly(let time, let length):
      let opening = now.floored(to: .days(1)) + time
      if now >= opening, now < opening + length {
        heldUntil = nil
      } else {
        heldUntil = now < opening ? opening : opening + .days(1)
      }
      assert(heldUntil.map { $0 > now } ?? true, "documents are held until an instant that has passed")
    }
  }

  /// Ends a hold whose time has come.
  mutating func open(at now: Instant) {
    guard let held = heldUntil, held <= now else { return }
    heldUntil = nil
    isOpen = true
  }

  /// Whether documents may be sent now.
  private func maySend(_ batchSize: Int, _ schedule: PostingSchedule) -> Bool {
    guard heldUntil != nil else { return true }
    if case .linger = schedule { return waiting.count >= batchSize }
    return false
  }

  /// A call has succeeded: what failed before is over.
  mutating func succeed(at now: Instant, _ policy: PostingPolicy) { backoff.succeed(at: now, policy) }

  /// A call has failed as a whole: it is made again after a pause, by the same worker or by whoever is free then.
  mutating func fail(_ failure: Backoff.Failure, of call: Call, at now: Instant, _ policy: PostingPolicy) {
    var held: Call?
    switch call.purpose {
    case .post, .lookUp:
      var left = call
      if call.purpose == .post { left.documents = giveUp(call.documents, after: policy.attempts) }
      if policy.backoffStrategy == .perCall, !left.documents.isEmpty {
        states.move(left.documents.count, from: Self.underWay(call.purpose), to: Self.resting(call.purpose))
        held = left
      } else {
        requeue(left)
      }
    case .statement, .closing: requeue(call)
    }
    backoff.fail(failure, of: call, holding: held, underWay: inFlight.count, at: now, policy)
  }

  /// A call was never answered, and its documents are looked up: its worker waits, as after a refusal.
  mutating func pauseAfterSilence(of call: Call, at now: Instant, _ policy: PostingPolicy) {
    backoff.fail(.unavailable, of: call, holding: nil, underWay: inFlight.count, at: now, policy)
  }

  /// Counts an attempt of documents, and takes out those that have been tried often enough.
  private mutating func giveUp(_ documents: [JournalEntry], after maximum: Int?) -> [JournalEntry] {
    guard let maximum else { return documents }
    return documents.filter { document in
      attempts[document.key, default: 0] += 1
      guard attempts[document.key, default: 0] >= maximum else { return true }
      complete(document, after: .post)
      return false
    }
  }

  private mutating func requeue(_ call: Call) {
    switch call.purpose {
    case .post:
      states.move(call.documents.count, from: .posting, to: .waiting)
      waiting.prepend(contentsOf: call.documents)
    case .lookUp:
      states.move(call.documents.count, from: .lookingUp, to: .unknown)
      unknown.prepend(contentsOf: call.documents)
    case .statement:
      needsStatement = true
      statementDue = .distantPast
    case .closing(let period): closings.append(period)
    }
  }
}
