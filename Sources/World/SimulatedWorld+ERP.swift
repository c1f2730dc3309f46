import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// Calls to the ERPs over the network, and their answers.
extension SimulatedWorld {
  private mutating func withERP<Result>(
    of call: ERPCall, _ body: (inout SimulatedERP, inout ERPAccount) -> Result
  ) -> Result {
    let entity = Int(call.entity.index)
    // A call to a successor is made only where there is one.
    guard call.system > 0, let successor = successor(of: entity) else {
      return body(&erps[entity], &accounts.all[accounts.ofERP[entity]])
    }
    return body(&successors[successor], &accounts.all[accounts.ofSuccessor[successor]])
  }

  /// The faults that hold at a call's ERP.
  private mutating func faults(of call: ERPCall) -> ActiveFaults {
    withERP(of: call) { erp, _ in erp.faults }
  }

  /// The place of an entity's successor, if it has one.
  func successor(of entity: Int) -> Int? {
    successorOf.indices.contains(entity) ? successorOf[entity] : nil
  }

  /// Takes note of what is in use, for each entity that has a part in what a call has changed.
  mutating func noteUse(of call: ERPCall) {
    let entity = Int(call.entity.index)
    guard let others = sharing[entity] else {
      noteUse(entity)
      return
    }
    for other in others { noteUse(other) }
    for number in configuration.accounts(of: entity) { noteAccount(number) }
  }

  /// Takes note of what is in use of an account that several entities share.
  mutating func noteAccount(_ number: Int) {
    var state = PostingUse.State()
    state.workers = 0
    var condition = ERPCondition.up
    for system in sharers[number] {
      // Documents of an entity wait for the ERP that it has at the time.
      let cutOver = configuration.catalog.entities[system.entity].cutOver
      let isCurrent = cutOver.map { ($0 <= kernel.now) == system.isSuccessor } ?? true
      let own = process.use(of: EntityID(index: UInt32(system.entity)))
      if isCurrent {
        state.depth += own.depth
        state.pending += own.calls
        state.workers += own.workers
        state.waitsAfterRefusals = state.waitsAfterRefusals || own.waitsAfterRefusals
      }
      if !system.isSuccessor {
        (condition, state.share) = erps[system.entity].state()
      } else if let successor = successor(of: system.entity) {
        (condition, state.share) = successors[successor].state()
      }
    }
    let account = accounts.shared[number]
    let now = accounts.all[account].use(share: state.share)
    (state.calls, state.places) = (now.calls, now.places)
    state.isDown = condition == .down
    for index in 0..<now.limits {
      observations.accountUse[number].note(
        taken: accounts.all[account].taken(ofLimit: index), ofLimit: index, at: kernel.now)
    }
    observations.accountUse[number].note(state, at: kernel.now)
  }

  /// Takes note of what is in use of an entity's ERP and of the calls that the core may make at once.
  ///
  /// - Returns: the documents in its outbox.
  @discardableResult
  mutating func noteUse(_ entity: Int) -> Int {
    let own = process.use(of: EntityID(index: UInt32(entity)))
    // In place: to read a property of an ERP in an array may copy the ERP.
    let next = successor(of: entity)
    let then = next.map { accounts.all[accounts.ofSuccessor[$0]].calls() } ?? 0
    // Where nothing waited and nothing is in use there is nothing to note: most of the time.
    if own.depth == 0, own.calls == 0, then == 0, accounts.all[accounts.ofERP[entity]].calls() == 0,
      observations.postingUse[entity].isAtRest
    {
      return 0
    }
    let account = accounts.ofERP[entity]
    let (condition, share) = erps[entity].state()
    let first = accounts.all[account].use(share: share)
    var state = PostingUse.State(
      depth: own.depth, calls: first.calls + then, places: first.places, pending: own.calls,
      workers: own.workers, isDown: condition == .down, waitsAfterRefusals: own.waitsAfterRefusals,
      share: share)
    if let next, isInSharedAccount(successorOf: entity) {
      // Calls of others are among those of a shared account: from the cut-over on it is that one that is in use.
      let (condition, share) = successors[next].state()
      let own = accounts.all[accounts.ofSuccessor[next]].use(share: share)
      (state.calls, state.places) = (own.calls, own.places)
      (state.isDown, state.share) = (condition == .down, share)
    } else if next != nil, configuration.catalog.entities[entity].successorAccount != nil {
      state.calls = first.calls
    }
    for index in 0..<first.limits {
      observations.postingUse[entity].note(
        taken: accounts.all[account].taken(ofLimit: index), ofLimit: index, at: kernel.now)
    }
    observations.postingUse[entity].note(state, at: kernel.now)
    observations.postingTime.note(entity, waits: own.depth > 0, at: kernel.now)
    return own.depth
  }

  /// Whether an entity has changed to an ERP whose account it shares.
  private func isInSharedAccount(successorOf entity: Int) -> Bool {
    let own = configuration.catalog.entities[entity]
    return own.successorAccount != nil && own.cutOver.map { $0 <= kernel.now } ?? false
  }

  /// The last note of what was in use.
  mutating func concludeUse() {
    for index in erps.indices {
      noteUse(index)
      let limiters = accounts.all[accounts.ofERP[index]].limiters
      for limit in limiters.indices {
        observations.postingUse[index].limits[limit].peak = limiters[limit].peak
      }
    }
    for (number, account) in accounts.shared.enumerated() {
      noteAccount(number)
      let limiters = accounts.all[account].limiters
      for limit in limiters.indices {
        observations.accountUse[number].limits[limit].peak = limiters[limit].peak
      }
    }
    observations.postingTime.conclude(at: kernel.now)
    observations.logRecords = process.log.written
    observations.undrained = drainWatch.map { (EntityID(index: UInt32($0.entity)), $0.fault) }
  }

  mutating func send(_ call: ERPCall) {
    let entity = Int(call.entity.index)
    defer { noteUse(of: call) }
    observations.peakOutbox[entity] = max(
      observations.peakOutbox[entity], process.use(of: call.entity).depth)
    if call.system == 1, case .post(let requests) = call.request {
      observations.count(.postedToSuccessor, requests.count)
    }
    sink.record(.erpCalled(call.entity, isSuccessor: call.system == 1), at: kernel.now)
    witness?.saw(.called(call), at: kernel.now)
    let faults = faults(of: call)
    guard !isLost(faults) else {
      witness?.saw(.requestLost(call.id), at: kernel.now)
      return observations.count(.requestLost)
    }
    let pending = PendingCall(call: call, life: machines.life(of: .posting))
    let delay = delay(faults)
    if let share = faults.duplicates, networkStream.bernoulli(share) {
      observations.count(.requestDuplicated)
      countHits(faults, .duplicate)
      witness?.saw(.requestDoubled(call.id), at: kernel.now)
      var copy = pending
      copy.isCopy = true
      schedule(
        WorldEvent(.arrive, index: calls.insert(copy), detail: call.id.number),
        at: kernel.now + delay + .milliseconds(Int64(networkStream.below(5_000))))
    }
    let slot = calls.insert(pending)
    if delay > .zero {
      schedule(WorldEvent(.arrive, index: slot, detail: call.id.number), at: kernel.now + delay)
    } else {
      arrive(slot: slot)
    }
  }

  // MARK: The network

  /// Whether a message gets lost.
  mutating func isLost(_ faults: ActiveFaults) -> Bool {
    if faults.isCutOff {
      countHits(faults, .partition)
      return true
    }
    guard let share = faults.drops, networkStream.bernoulli(share) else { return false }
    countHits(faults, .drop)
    return true
  }

  /// By how much a message is delayed.
  mutating func delay(_ faults: ActiveFaults) -> Span {
    guard let most = faults.delay, most > .zero else { return .zero }
    observations.count(.messageDelayed)
    countHits(faults, .delay)
    return Span(nanoseconds: Int64(networkStream.below(UInt64(most.nanoseconds))))
  }

  // MARK: At the ERP

  /// A call reaches its ERP.
  mutating func arrive(slot: Int) {
    let call = calls[slot].call
    let now = kernel.now
    defer { noteUse(of: call) }
    proceed(slot, withERP(of: call) { $0.receive(call.request, slot: slot, at: now, account: &$1) })
  }

  private mutating func proceed(_ slot: Int, _ reception: SimulatedERP.Reception) {
    let id = calls[slot].call.id.number
    switch reception {
    case .working(let span):
      schedule(WorldEvent(.commit, index: slot, detail: id), at: kernel.now + span)
    case .abandoned(let span):
      calls[slot].isAbandoned = true
      schedule(WorldEvent(.commit, index: slot, detail: id), at: kernel.now + span)
    case .queued(let span):
      observations.count(.queuedAtERP)
      schedule(WorldEvent(.queueExpired, index: slot, detail: id), at: kernel.now + span)
    case .refused(let answer, let delay):
      refusedSinceSample += 1
      witness?.saw(.refused(calls[slot].call.id, answer), at: kernel.now)
      switch answer {
      case .throttled: observations.count(.throttled)
      case .posted(let results): observations.count(.postingRefused, results.count)
      default: observations.count(.calledDuringOutage)
      }
      respond(slot, answer, after: delay)
    }
  }

  /// A call has waited for its place for as long as the ERP lets it, unless it has its place by now.
  mutating func expireQueued(slot: Int, id: UInt64) {
    guard calls[slot].call.id.number == id else { return }
    let call = calls[slot].call
    if withERP(of: call, { $0.expire(slot: slot, account: &$1) }) {
      respond(slot, .unavailable, after: .zero)
    }
  }

  /// An ERP has worked off a call, or has given up on it.
  mutating func commit(slot: Int) {
    let call = calls[slot].call
    let now = kernel.now
    defer {
      startQueued(after: call)
      noteUse(of: call)
    }
    guard !calls[slot].isAbandoned else {
      withERP(of: call) { $0.abandon(account: &$1) }
      witness?.saw(.abandoned(call.id), at: now)
      observations.count(.diedDuringCall)
      return calls.free(slot)
    }
    let completion = observing(call) { erp, account, posted in
      erp.commit(call.request, at: now, account: &account) { posted.append($0) }
    }
    testify(call, completion, isCopy: calls[slot].isCopy)
    switch completion {
    case .silence: calls.free(slot)
    case .answer(let answer): respond(slot, answer, after: .milliseconds(20))
    case .job(let span):
      observations.count(.acceptedByJob)
      respond(calls.insert(calls[slot]), .accepted, after: .milliseconds(20))
      schedule(WorldEvent(.job, index: slot, detail: call.id.number), at: now + span)
    }
  }

  private func testify(_ call: ERPCall, _ completion: SimulatedERP.Completion, isCopy: Bool) {
    guard let witness else { return }
    switch completion {
    case .silence: witness.saw(.worked(call.id, nil, isCopy: isCopy), at: kernel.now)
    case .answer(let answer): witness.saw(.worked(call.id, answer, isCopy: isCopy), at: kernel.now)
    case .job: witness.saw(.worked(call.id, .accepted, isCopy: isCopy), at: kernel.now)
    }
  }

  /// An ERP's job has come to its end.
  mutating func completeJob(slot: Int) {
    let call = calls[slot].call
    let now = kernel.now
    let completion = observing(call) { erp, _, posted in
      erp.complete(call.request, at: now) { posted.append($0) }
    }
    testify(call, completion, isCopy: calls[slot].isCopy)
    if case .answer(let answer) = completion {
      if case .posted(let results) = answer {
        let rejected = results.count {
          if case .refused = $0 { true } else { false }
        }
        observations.count(.rejectedAfterAccepted, rejected)
      }
      respond(slot, answer, after: .milliseconds(20))
    } else {
      calls.free(slot)
    }
  }

  /// Has an ERP work, notes what it posts, and counts what it came across.
  private mutating func observing(
    _ call: ERPCall,
    _ body: (inout SimulatedERP, inout ERPAccount, inout [LedgerDocument]) -> SimulatedERP.Completion
  ) -> SimulatedERP.Completion {
    var posted: [LedgerDocument] = []
    let before = withERP(of: call) { erp, _ in erp.statistics }
    let completion = withERP(of: call) { body(&$0, &$1, &posted) }
    let after = withERP(of: call) { erp, _ in erp.statistics }
    for document in posted { notePosted(document) }
    observations.count(.timeoutAfterCommit, after.answersLost - before.answersLost)
    observations.count(.diedDuringCall, after.dropped - before.dropped)
    observations.count(.postingRefused, after.refused - before.refused)
    observations.count(.idempotencyKeyHit, after.keyHits - before.keyHits)
    observations.count(.keyExpiredBeforeRetry, after.keysExpired - before.keysExpired)
    observations.count(.keyReusedWithOtherBody, after.keyConflicts - before.keyConflicts)
    observations.count(.hiddenByIndexLag, after.hiddenByLag - before.hiddenByLag)
    observations.count(.batchHalfSucceeded, after.failed > before.failed && !posted.isEmpty ? 1 : 0)
    observations.count(.movedToOpenPeriod, after.movedToOpenPeriod - before.movedToOpenPeriod)
    return completion
  }

  /// Gives the places that are free now to calls that wait for them.
  private mutating func startQueued(after call: ERPCall) {
    let now = kernel.now
    while let slot = withERP(of: call, { $0.takeQueued(of: &$1) }) {
      // It may be another entity's, where several share the account.
      let next = calls[slot].call
      proceed(slot, withERP(of: next) { $0.begin(next.request, at: now, account: &$1) })
    }
  }

  private mutating func respond(_ slot: Int, _ answer: ERPAnswer, after span: Span) {
    let faults = faults(of: calls[slot].call)
    guard !calls[slot].isCopy, !isLost(faults) else {
      if !calls[slot].isCopy {
        observations.count(.answerLost)
        witness?.saw(.answerLost(calls[slot].call.id), at: kernel.now)
      }
      return calls.free(slot)
    }
    calls[slot].answer = answer
    schedule(
      WorldEvent(.answer, index: slot, detail: calls[slot].call.id.number),
      at: kernel.now + span + delay(faults))
  }

  private mutating func notePosted(_ document: LedgerDocument) {
    let now = kernel.now
    observations.documentsPosted += 1
    let entity = Int(document.entity.index)
    let key = document.entry.key
    kernel.absorb(UInt64(document.number) << 32 | UInt64(key.sequence) | UInt64(key.part) << 56)
    if key.isLast, let invoice = key.invoice, let issued = issuedAt[invoice] {
      observations.record(latency: now - issued, of: entity)
      if configuration.measuresPeriods {
        observations.record(
          latency: now - issued, in: EntityPeriod(entity: document.entity, period: document.entry.period))
      }
    }
    if let calendar = configuration.catalog.accountingCalendar {
      if document.entry.period.end + calendar.closeAfter <= now { observations.count(.postedWhileReopened) }
      if let invoice = key.invoice, let period = periodOf[invoice],
        period != document.entry.period
      {
        observations.count(.datedToNextPeriod)
      }
    }
    observations.lastPosted[EntityPeriod(entity: document.entity, period: document.entry.period)] = now
    if key.part == 1 { observations.count(.documentSplit) }
    sink.record(.documentPosted(document), at: now)
  }

  /// An ERP's answer reaches the core.
  mutating func answer(slot: Int) {
    let pending = calls.take(slot)
    guard let answer = pending.answer else { return }
    let now = kernel.now
    guard pending.life == machines.life(of: .posting) else {
      if case .posted = answer { observations.count(.crashBetweenPostAndAcknowledge) }
      witness?.saw(.answeredDeadProcess(pending.call.id), at: now)
      return observations.count(.answeredDeadProcess)
    }
    // The core has given the call up, and hears nothing of its answer.
    let isThrottled = if case .throttled(_?) = answer { true } else { false }
    let isLate =
      (isThrottled || witness != nil)
      && !process.state.posting.callsUnderWay.contains(pending.call.id)
    if let witness {
      witness.saw(.answered(pending.call.id, answer, isLate: isLate), at: now)
    }
    if case .found(let numbers) = answer {
      observations.count(.unknownResolvedPosted, numbers.count { $0 != nil })
      observations.count(.unknownResolvedNotPosted, numbers.count { $0 == nil })
    }
    tell(.erp(answer, to: pending.call.id, of: pending.call.entity))
    noteUse(of: pending.call)
    if case .throttled(let span?) = answer, !isLate, !machines.isDown(.posting) {
      sink.record(
        .erpThrottled(pending.call.entity, isSuccessor: pending.call.system == 1, until: now + span), at: now)
    }
  }

  /// Notes how long the backlog took to drain after the faults that left one.
  mutating func noteDrain(_ entity: Int) {
    let id = EntityID(index: UInt32(entity))
    guard drainWatch.contains(where: { $0.entity == entity }), process.use(of: id).depth == 0 else { return }
    for watch in drainWatch where watch.entity == entity {
      observations.drains.append((id, watch.fault, watch.ended, kernel.now - watch.ended))
    }
    drainWatch.removeAll { $0.entity == entity }
    note(erpName(entity), "outbox drained")
  }

  func erpName(_ entity: Int) -> String { "erp/\(configuration.catalog.entities[entity].name)" }

  mutating func takeSample() {
    for index in erps.indices {
      observations.peakOutbox[index] = max(observations.peakOutbox[index], noteUse(index))
    }
    observeLag()
    guard configuration.keepsHistory else { return }
    var sample = Sample(
      at: kernel.now, delivered: deliveredSinceSample, outboxDepth: [], refused: refusedSinceSample,
      posted: [],
      openWindows: process.openWindows, brokerLag: brokerLag)
    sample.outboxDepth.reserveCapacity(erps.count)
    sample.posted.reserveCapacity(erps.count)
    for index in erps.indices {
      sample.outboxDepth.append(process.use(of: EntityID(index: UInt32(index))).depth)
      sample.posted.append(erps[index].ledger.count)
    }
    observations.samples.append(sample)
    deliveredSinceSample = 0
    refusedSinceSample = 0
  }
}
