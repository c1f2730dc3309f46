import CanonicalModel
import Chronology
import CoreInterface

/// What an ERP's ledger holds, beside what it has confirmed.
struct ERPStatement: Sendable {
  var outbox: Int
  var read: ControlTotal
  var acknowledged: ControlTotal
}

/// The fifth stage: an outbox for each ERP. Posts journal entries in micro-batches, resolves unknown outcomes
/// before it retries, backs off with jitter, honours `Retry-After`.
///
/// Jitter comes from a hash of the policy's seed, not from a random stream: the core draws nothing.
public struct Posting: Sendable {
  private let policy: PostingPolicy
  let planted: PlantedDefects
  let catalog: Catalog
  private let gate: PeriodGate
  private let mapping: PayloadMapping
  /// The shape that each ERP takes, in the order of the outboxes.
  private let shapes: [PayloadShape]
  /// Accounting periods that documents stand in and that are still to close, in order.
  private var closings: [Closing] = []
  private var knownClosings: Set<Closing> = []
  /// The period of each entity's last document that was sent.
  private var lastNoted: DenseTable<EntityID, Period?>
  /// What the ERPs have said so far of periods that are being read back, in the order of the closes: one that was reopened may
  /// close again while an ERP still owes the answer of the first.
  private var readings: [PeriodReading.Key: [PeriodReading]] = [:]
  /// One an entity, then one for each entity's ERP after a cut-over.
  var outboxes: [Outbox]
  let entityCount: Int
  /// What a cut-over moves.
  var carried: CarriedBalances
  /// Balances that were moved, until reconciliation knows of them.
  var transfers: [BalanceTransfer] = []
  private var nextCall: UInt64 = 1
  /// Cut-overs that are still to come, in order.
  private var cutOvers: [Instant]
  /// What each ERP has confirmed, in the order of the outboxes.
  private(set) var acknowledgedIn: [ControlTotal]
  /// What the ERPs have confirmed, per entity.
  public var acknowledged: [ControlTotal] {
    (0..<entityCount).map { acknowledgedIn[$0] + acknowledgedIn[$0 + entityCount] }
  }
  /// Periods that have been read back since the last time.
  private(set) var closed: [ClosedPeriod] = []
  /// A document as an ERP takes it. Mapping one takes longer than all else of an attempt, and attempts are many where an ERP is
  /// down.
  private struct Prepared: Sendable {
    var entry: JournalEntry
    var outbox: Int
    var payload: ERPPayload
    var key: String
  }

  /// What has been sent and is not confirmed yet, as it was sent last.
  private var prepared: [PostingKey: Prepared] = [:]
  /// Documents that an ERP has refused, until they are sent again.
  private var deadLetters: [PostingKey: JournalEntry] = [:]
  /// What the ERPs have refused and finance has to look at, per entity.
  public private(set) var excepted: [ControlTotal]

  /// Per entity, the documents that there are more of since some were split.
  private(set) var splitOff: DenseTable<EntityID, Int>

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, policy: PostingPolicy, planted: PlantedDefects = []) {
    self.policy = policy
    self.planted = planted
    self.catalog = catalog
    gate = PeriodGate(catalog: catalog, planted: planted)
    mapping = PayloadMapping(catalog: catalog, planted: planted)
    shapes = (0..<2 * catalog.entities.count).map {
      policy.systems.indices.contains($0) ? policy.systems[$0].shape : ERPTraits().shape
    }
    entityCount = catalog.entities.count
    carried = CarriedBalances(catalog: catalog)
    outboxes = (0..<2 * entityCount).map {
      Outbox(jitter: Jitter(seed: policy.jitterSeed, outbox: $0), planted: planted)
    }
    acknowledgedIn = outboxes.map { _ in ControlTotal() }
    excepted = catalog.entities.map { _ in ControlTotal() }
    splitOff = DenseTable(repeating: 0, count: entityCount)
    lastNoted = DenseTable(repeating: nil, count: entityCount)
    cutOvers = catalog.entities.compactMap(\.cutOver).sorted()
  }

  /// What an entity's outbox holds, what it has under way, and how many calls that may be.
  @inline(__always)
  func use(of entity: EntityID) -> OutboxUse {
    outboxes.withUnsafeBufferPointer {
      let (own, successor) = places(of: entity)
      return OutboxUse(
        depth: $0[own].depth + $0[successor].depth, calls: $0[own].callCount + $0[successor].callCount,
        workers: policy.concurrency,
        waitsAfterRefusals: $0[own].isBackingOff(policy) || $0[successor].isBackingOff(policy))
    }
  }

  /// The outboxes of an entity: of its first ERP, and of the one that takes over.
  @inline(__always)
  private func places(of entity: EntityID) -> (own: Int, successor: Int) {
    (Int(entity.index), Int(entity.index) + entityCount)
  }

  /// Documents that are not confirmed yet, for an entity.
  public func depth(of entity: EntityID) -> Int {
    let (own, successor) = places(of: entity)
    return outboxes[own].depth + outboxes[successor].depth
  }
  /// The receivables of the documents that are not confirmed yet.
  public func pendingAmount(of entity: EntityID) -> Money {
    let (own, successor) = places(of: entity)
    return outboxes[own].pendingAmount + outboxes[successor].pendingAmount
  }
  /// Calls that are under way, for an entity.
  public func inFlight(of entity: EntityID) -> Int {
    let (own, successor) = places(of: entity)
    return outboxes[own].callCount + outboxes[successor].callCount
  }
  /// Documents whose outcome is not known, for an entity.
  public func unknown(of entity: EntityID) -> Int {
    let (own, successor) = places(of: entity)
    return outboxes[own].unknownCount + outboxes[successor].unknownCount
  }

  /// Whether the process that posts is down: documents wait in the outboxes, which are in the log.
  var isStopped = false {
    didSet { changes &+= 1 }
  }
  /// Grows with whatever can change ``nextDeadline`` or ``isIdle``.
  private(set) var changes: UInt64 = 0

  /// The process that posts has started again: what it kept in memory alone is gone.
  mutating func forgetMemory() {
    guard policy.store == .memory else { return }
    changes &+= 1
    for index in outboxes.indices { outboxes[index].forget() }
  }

  /// Whether no ERP has anything left to receive, resolve or read back.
  @inline(__always)
  public var isIdle: Bool {
    guard closings.isEmpty else { return false }
    return outboxes.withUnsafeBufferPointer { outboxes in
      for index in outboxes.indices where !outboxes[index].isIdle { return false }
      return true
    }
  }

  /// The next instant at which a call times out or a pause ends.
  @inline(__always)
  var nextDeadline: Instant? {
    var deadline: Instant?
    var isIdle = true
    // Through a pointer: a loop over the outboxes, or a question to one in the array, would copy each.
    outboxes.withUnsafeBufferPointer { outboxes in
      for index in outboxes.indices where !outboxes[index].isIdle {
        isIdle = false
        deadline = earlier(deadline, outboxes[index].nextDeadline())
      }
    }
    deadline = earlier(deadline, closings.first?.at)
    return isIdle && carried.isEmpty ? deadline : earlier(deadline, cutOvers.first)
  }

  /// The outbox for a document that is to be sent now.
  func current(_ entity: Int, at now: Instant) -> Int {
    catalog.entities[entity].cutOver.map { $0 <= now } ?? false ? entity + entityCount : entity
  }

  /// Dequeues the periods that have been read back.
  mutating func dequeueClosed() -> [ClosedPeriod] {
    guard !closed.isEmpty else { return [] }
    defer { closed.removeAll() }
    return closed
  }

  /// Hands what has not been sent, or with the wrong strategy all that is not confirmed, to the new ERP.
  private mutating func cutOver(at now: Instant) {
    while let first = cutOvers.first, first <= now { cutOvers.removeFirst() }
    for entity in 0..<entityCount where current(entity, at: now) != entity {
      precondition(entity + entityCount < outboxes.count, "no outbox stands for the ERP that takes over")
      let moved = outboxes[entity].dequeueWaiting(andUnknown: planted.contains(.cutOverWithoutLookUp))
      // What is found not to be at the old ERP comes late, and before what its customer has had since.
      outboxes[entity + entityCount].enqueueFirst(moved)
    }
  }

  /// Puts journal entries into the outbox of their entity and starts posting.
  mutating func handle(_ entries: [JournalEntry], at now: Instant, effects: inout Effects) {
    changes &+= 1
    for entry in entries {
      assert(
        entry.isBalanced || planted.contains(.taxLeftOffTheTotal), "a journal entry does not balance")
      precondition(entry.key.part == 0, "a part of a document is split again")
      let parts = parts(of: entry, at: now)
      for part in planted.contains(.splitSendsFirstPart) ? parts.prefix(1) : parts[...] {
        outboxes[current(route(entry.key), at: now)].enqueue(part)
      }
    }
    pumpAll(at: now, effects: &effects)
  }

  /// A document in as many parts as its ERPs take it.
  mutating func parts(of entry: JournalEntry, at now: Instant) -> [JournalEntry] {
    let dated = policy.periodCheck == .atEnqueue ? gate.dated(entry, from: now, to: now) : entry
    let parts = dated.split(into: catalog[entry.key.entity].linesPerDocument)
    precondition(!parts.isEmpty, "a document is split into nothing")
    splitOff[entry.key.entity] += parts.count - 1
    return parts
  }

  /// The entity whose ERP takes a document.
  private func route(_ key: PostingKey) -> Int {
    let entity = Int(key.entity.index)
    guard planted.contains(.entitiesSwapped), key.kind == .creditMemo, entity < 2, entityCount > 1 else {
      return entity
    }
    assert(entity == 0 || entity == 1, "a document is swapped beyond the first two entities")
    return 1 - entity
  }

  /// Takes an ERP's answer; an answer to a call that has timed out is ignored.
  ///
  /// - Returns: what the ERP's ledger holds, where it was read back.
  mutating func handle(
    _ answer: ERPAnswer, to id: ERPCallID, of entity: EntityID, at now: Instant, effects: inout Effects
  ) -> ERPStatement? {
    changes &+= 1
    var index = Int(entity.index)
    var finished = outboxes[index].finish(id)
    if finished == nil {
      index += entityCount
      finished = outboxes[index].finish(id)
    }
    guard let call = finished else { return nil }
    var statement: ERPStatement?
    switch answer {
    case .posted(let results) where call.purpose == .post && results.count == call.documents.count:
      outboxes[index].succeed(at: now, policy)
      conclude(call, judged(results), index, now, &effects)
    case .accepted where call.purpose == .post && policy.trustsAcceptance:
      for document in call.documents { confirm(document, 0, index, after: .post, &effects) }
    case .accepted where call.purpose == .post:
      outboxes[index].wait(for: id, call, until: now + traits(index).jobTimeout)
    case .found(let numbers) where call.purpose == .lookUp && numbers.count == call.documents.count:
      outboxes[index].succeed(at: now, policy)
      for (document, number) in zip(call.documents, numbers) {
        if let number { confirm(document, number, index, after: .lookUp, &effects) }
      }
      outboxes[index].requeue(zip(call.documents, numbers).filter { $0.1 == nil }.map(\.0))
    case .statement(let documents, let receivable) where call.purpose == .statement:
      outboxes[index].succeed(at: now, policy)
      guard call.postsBefore == outboxes[index].postsStarted else {
        // Documents were on their way while the ledger was read: it is read again once they are through.
        outboxes[index].requestStatement()
        break
      }
      statement = ERPStatement(
        outbox: index, read: ControlTotal(count: Int64(documents), amount: receivable),
        acknowledged: acknowledgedIn[index])
    case .closing(let documents, let debits, let asOf):
      outboxes[index].succeed(at: now, policy)
      if case .closing(let period) = call.purpose {
        let key = PeriodReading.Key(entity: entity, period: period)
        if let own = readings[key]?.firstIndex(where: { $0.awaited.contains(index) }) {
          readings[key]?[own].add(documents, debits, asOf, from: index)
        }
        while let reading = readings[key]?.first, reading.awaited.isEmpty {
          closed.append(
            ClosedPeriod(
              entity: entity, period: period, documents: reading.documents, debits: reading.debits,
              asOf: reading.asOf))
          readings[key]?.removeFirst()
        }
      }
    case .throttled(let retryAfter):
      outboxes[index].fail(
        .throttled(policy.honoursRetryAfter ? retryAfter : nil), of: call, at: now, policy)
    default: outboxes[index].fail(.unavailable, of: call, at: now, policy)
    }
    cutOver(at: now)
    transferBalances(at: now, effects: &effects)
    pumpAll(at: now, effects: &effects)
    return statement
  }

  /// The calls whose answers are waited for.
  public var callsUnderWay: Set<ERPCallID> { outboxes.reduce(into: []) { $0.formUnion($1.inFlight.keys) } }

  /// Takes what became of each document of a call to post.
  private mutating func conclude(
    _ call: Outbox.Call, _ results: [PostingResult], _ index: Int, _ now: Instant, _ effects: inout Effects
  ) {
    var failed: [JournalEntry] = []
    precondition(call.purpose == .post, "results of posting for a call that posts nothing")
    precondition(
      results.count == call.documents.count, "what is judged of a call is not one result a document")
    var hasPosted = false
    for (document, result) in zip(call.documents, results) {
      switch result {
      case .posted(let number), .alreadyPosted(let number):
        confirm(document, number, index, after: .post, &effects)
        hasPosted = true
      case .refused(let reason): except(document, reason, index, now, &effects)
      case .failed: failed.append(document)
      case .duplicate: outboxes[index].doubt(document, at: now, policy)
      // The period was closed between sending and posting: the next call dates it anew.
      case .periodClosed where policy.periodCheck == .atPosting: failed.append(document)
      case .periodClosed: except(document, "the accounting period is closed", index, now, &effects)
      }
    }
    outboxes[index].retry(failed, of: call, hasPosted: hasPosted, at: now, policy)
  }

  /// Puts a refused document back into the outbox; once, however often it is asked for.
  mutating func replay(_ key: PostingKey, at now: Instant, effects: inout Effects) {
    guard let document = deadLetters.removeValue(forKey: key) else { return }
    changes &+= 1
    let entity = Int(key.entity.index)
    excepted[entity].count -= 1
    precondition(excepted[entity].count >= 0, "more refused documents are sent again than were refused")
    excepted[entity].amount -= document.receivable
    outboxes[key.kind == .closingBalance ? entity : current(entity, at: now)].enqueue(document)
    pumpAll(at: now, effects: &effects)
  }

  /// Makes the calls that silence has outlasted unknown, and goes on.
  mutating func advance(to now: Instant, effects: inout Effects) {
    guard !isStopped else { return }
    changes &+= 1
    while let first = closings.first, first.at <= now {
      closings.removeFirst()
      // After a cut-over both ERPs hold documents of the entity.
      let old = Int(first.entity.index)
      let systems = current(old, at: now) == old ? [old] : [old, old + entityCount]
      readings[PeriodReading.Key(entity: first.entity, period: first.period), default: []].append(
        PeriodReading(awaited: systems))
      for index in systems { outboxes[index].requestClosing(first.period) }
    }
    for index in outboxes.indices where !outboxes[index].isIdle {
      outboxes[index].releaseLookUps(at: now)
      outboxes[index].resume(at: now)
      outboxes[index].open(at: now)
      for (_, call) in outboxes[index].expire(at: now) {
        if call.purpose == .post && policy.unknownOutcome == .lookUp {
          outboxes[index].markUnknown(
            call.documents, until: call.started + traits(index).settlesAfter, at: now)
          outboxes[index].pauseAfterSilence(of: call, at: now, policy)
        } else {
          outboxes[index].fail(.unavailable, of: call, at: now, policy)
        }
      }
    }
    cutOver(at: now)
    transferBalances(at: now, effects: &effects)
    pumpAll(at: now, effects: &effects)
  }

  private func traits(_ index: Int) -> ERPTraits {
    policy.systems.indices.contains(index) ? policy.systems[index] : ERPTraits()
  }

  private mutating func pumpAll(at now: Instant, effects: inout Effects) {
    guard !isStopped else { return }
    for index in outboxes.indices where !outboxes[index].isIdle { pump(index, at: now, effects: &effects) }
  }

  private mutating func pump(_ index: Int, at now: Instant, effects: inout Effects) {
    let entity = EntityID(index: UInt32(index % entityCount))
    let other = index < entityCount ? index + entityCount : index - entityCount
    assert(outboxes[index].isConsistent, "a document of an outbox is in two places, or in none")
    outboxes[index].applySchedule(at: now, for: policy.schedule)
    // Through a pointer, as in ``nextDeadline``.
    let busy = outboxes.withUnsafeBufferPointer { $0[other].depth == 0 ? [] : $0[other].busyAccounts }
    let batchSize = min(policy.batchSize, traits(index).documentsPerCall ?? policy.batchSize)
    while let (documents, purpose, refusals) = outboxes[index].dequeue(
      at: now, policy: policy, batchSize: batchSize, besides: busy)
    {
      let id = ERPCallID(number: nextCall)
      nextCall += 1
      precondition(
        purpose != .post && purpose != .lookUp || !documents.isEmpty, "a call is made for no document")
      assert(documents.count <= batchSize || refusals > 0, "a call holds more documents than an ERP takes")
      outboxes[index].start(
        id, documents, purpose, refusals: refusals, at: now, deadline: now + policy.timeout)
      let request: ERPRequest =
        switch purpose {
        case .post:
          .post(
            documents.map { document in
              let dated =
                policy.periodCheck == .atPosting
                ? gate.dated(document, from: now, to: now + policy.timeout) : document
              scheduleReadBack(of: dated.period, entity)
              let prepared = prepare(dated, for: index)
              return PostingRequest(
                payload: prepared.payload, idempotencyKey: idempotencyKey(prepared.key, at: now))
            })
        case .lookUp: .lookUp(documents.map(\.key))
        case .statement: .statement
        case .closing(let period): .closing(period)
        }
      effects.outputs.append(
        .call(ERPCall(id: id, entity: entity, system: index / entityCount, request: request)))
    }
  }

  /// Sees to it that a period is read back when it closes, and again after each reopening.
  private mutating func scheduleReadBack(of period: Period, _ entity: EntityID) {
    guard let calendar = catalog.accountingCalendar, lastNoted[entity] != period else { return }
    lastNoted[entity] = period
    var moments = [period.end + calendar.closeAfter]
    if !planted.contains(.secondCloseNotReadBack) {
      for reopening in calendar.reopenings where reopening.entity == entity && reopening.period == period {
        moments.append(reopening.until)
      }
    }
    for moment in moments {
      let closing = Closing(at: moment, entity: entity, period: period)
      guard knownClosings.insert(closing).inserted else { continue }
      let position = closings.firstIndex { closing < $0 } ?? closings.endIndex
      closings.insert(closing, at: position)
      assert(
        position == 0 || closings[position - 1] < closing, "the closes of periods are not in their order")
    }
  }

  /// What the strategy makes of the results of a call.
  private func judged(_ results: [PostingResult]) -> [PostingResult] {
    switch policy.partialSuccess {
    case .perDocument: return results
    case .allOrNothing:
      let hasFailed = results.contains {
        switch $0 {
        case .posted, .alreadyPosted, .duplicate: false
        default: true
        }
      }
      return hasFailed ? results.map { _ in .failed } : results
    case .ignored:
      return results.map { result in
        switch result {
        case .posted, .alreadyPosted: result
        default: .posted(documentNumber: 0)
        }
      }
    }
  }

  private mutating func prepare(_ entry: JournalEntry, for outbox: Int) -> Prepared {
    if let known = prepared[entry.key], known.outbox == outbox, known.entry == entry { return known }
    let new = Prepared(
      entry: entry, outbox: outbox, payload: mapping.payload(entry, for: shapes[outbox]),
      key: entry.key.text(in: catalog))
    prepared[entry.key] = new
    return new
  }

  private func idempotencyKey(_ key: String, at now: Instant) -> String? {
    switch policy.idempotency {
    case .documentDerived: key
    case .perAttempt: "\(key)@\(now.index(of: .minutes(1)))"
    case .none: nil
    }
  }

  private mutating func confirm(
    _ document: JournalEntry, _ number: UInt32, _ index: Int, after purpose: Outbox.Purpose,
    _ effects: inout Effects
  ) {
    prepared[document.key] = nil
    acknowledgedIn[index].count += 1
    acknowledgedIn[index].amount += document.receivable
    outboxes[index].complete(document, after: purpose)
    if catalog[document.key.entity].cutOver != nil {
      carried.confirm(document, isCarried: index < entityCount)
    }
    effects.outputs.append(.acknowledged(document.key, documentNumber: number))
  }

  /// Puts a refused document aside, in a case for finance: it has left the outbox, and is not posted.
  private mutating func except(
    _ document: JournalEntry, _ reason: String, _ index: Int, _ now: Instant, _ effects: inout Effects
  ) {
    prepared[document.key] = nil
    let owner = Int(document.key.entity.index)  // whatever ERP it went to
    excepted[owner] += ControlTotal(count: 1, amount: document.receivable)
    outboxes[index].complete(document, after: .post)
    deadLetters[document.key] = document
    effects.outputs.append(
      .raise(
        ExceptionCase(subject: .postingRejected(document.key, reason: reason), owner: .finance, raised: now)))
  }
}
