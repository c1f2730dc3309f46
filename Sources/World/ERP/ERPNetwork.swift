import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// The ERPs of all entities, those after a cut-over among them, and the life of a call to one: sent, lost or doubled on its way, waiting
/// for its place, processed, given to a job, answered.
struct ERPNetwork: Sendable {
  /// A call on its way to an ERP or back.
  struct PendingCall: Sendable {
    var call: ERPCall
    var answer: ERPAnswer?
    /// The life of the process that waits for the answer.
    var life: UInt32
    /// Whether the network made it: nobody waits for its answer.
    var isCopy = false
    /// Whether the ERP gives up on it.
    var isAbandoned = false
  }

  let configuration: WorldConfiguration
  var erps: [SimulatedERP]
  /// What the ERPs have only so much of, shared or not.
  var accounts: ERPAccounts
  /// Per entity, those that share an account with it, it included; `nil`: none does.
  let sharing: [[Int]?]
  /// The ERPs of each account that is shared.
  let sharers: [[ERPSystem]]
  /// The ERPs after a cut-over, by entity.
  var successors: [SimulatedERP] = []
  /// Per entity, the place of its successor among them.
  private let successorOf: [Int?]
  private var calls = Slab<PendingCall>()
  /// Calls that were refused since the last sample.
  var refusedSinceSample = 0

  init(_ world: WorldConfiguration, seed: UInt64) {
    configuration = world
    let entities = world.catalog.entities
    erps = world.erps.enumerated().map { index, profile in
      SimulatedERP(
        profile: profile, entity: EntityID(index: UInt32(index)), rootSeed: seed, name: entities[index].name,
        catalog: world.catalog)
    }
    accounts = ERPAccounts(world)
    sharing = world.erps.indices.map(world.entitiesSharing)
    let systems = world.systems
    sharers = world.catalog.erpAccounts.indices.map { number in
      systems.filter { world.account(of: $0) == number }
    }
    var places: [Int?] = []
    for (index, profile) in world.successors.enumerated() {
      places.append(profile == nil ? nil : successors.count)
      guard let profile else { continue }
      successors.append(
        SimulatedERP(
          profile: profile, entity: EntityID(index: UInt32(index)), rootSeed: seed,
          name: entities[index].name + "/successor", catalog: world.catalog))
    }
    successorOf = places
  }

  // MARK: Who is who

  /// The place of an entity's successor, if it has one.
  func successor(of entity: Int) -> Int? {
    successorOf.indices.contains(entity) ? successorOf[entity] : nil
  }

  /// The ERP that takes an entity's over.
  func following(_ entity: Int) -> SimulatedERP? { successor(of: entity).map { successors[$0] } }

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

  /// Does something with the faults of an ERP, if there is one.
  mutating func withFaults(of system: ERPSystem, _ body: (inout ActiveFaults) -> Void) {
    if !system.isSuccessor {
      body(&erps[system.entity].faults)
    } else if let successor = successor(of: system.entity) {
      body(&successors[successor].faults)
    }
  }

  /// The faults of an ERP, if there is one.
  func faults(of system: ERPSystem) -> ActiveFaults? {
    system.isSuccessor ? following(system.entity)?.faults : erps[system.entity].faults
  }

  /// Whether an entity's ERP is down.
  func isDown(_ entity: Int) -> Bool { erps[entity].isDown }

  /// How an entity's ERP fares, and what is in its ledger.
  mutating func look(at entity: Int) -> (condition: ERPCondition, posted: Int) {
    (erps[entity].state().condition, erps[entity].ledger.count)
  }

  // MARK: The way there

  /// The core calls.
  mutating func send(_ call: ERPCall, _ caller: inout some ERPCaller, _ surroundings: inout Surroundings) {
    let entity = Int(call.entity.index)
    defer { noteUse(of: call, &caller, &surroundings) }
    surroundings.observations.peakOutbox[entity] = max(
      surroundings.observations.peakOutbox[entity], caller.use(of: call.entity).depth)
    if call.system == 1, case .post(let requests) = call.request {
      surroundings.count(.postedToSuccessor, requests.count)
    }
    surroundings.record(.erpCalled(call.entity, isSuccessor: call.system == 1))
    surroundings.saw(.called(call))
    guard !withERP(of: call, { erp, _ in surroundings.isLost(&erp.faults) }) else {
      surroundings.saw(.requestLost(call.id))
      return surroundings.count(.requestLost)
    }
    let pending = PendingCall(call: call, life: caller.life)
    let delay = withERP(of: call) { erp, _ in surroundings.delay(&erp.faults) }
    if withERP(of: call, { erp, _ in surroundings.isDoubled(&erp.faults, .requestDuplicated) }) {
      surroundings.saw(.requestDoubled(call.id))
      let steps = withERP(of: call) { erp, _ in erp.profile.copySteps }
      var copy = pending
      copy.isCopy = true
      surroundings.schedule(
        WorldEvent(.arrive, index: calls.insert(copy), detail: call.id.number),
        at: surroundings.now + delay + .milliseconds(surroundings.lag(below: steps)))
    }
    let slot = calls.insert(pending)
    if delay > .zero {
      surroundings.schedule(
        WorldEvent(.arrive, index: slot, detail: call.id.number), at: surroundings.now + delay)
    } else {
      arrive(slot, &caller, &surroundings)
    }
  }

  /// A call reaches its ERP.
  mutating func arrive(_ slot: Int, _ caller: inout some ERPCaller, _ surroundings: inout Surroundings) {
    let call = calls[slot].call
    let now = surroundings.now
    assert(calls[slot].answer == nil, "a call arrives before it is answered")
    proceed(
      slot, withERP(of: call) { $0.receive(call.request, slot: slot, at: now, account: &$1) }, &surroundings)
    noteUse(of: call, &caller, &surroundings)
  }

  private mutating func proceed(
    _ slot: Int, _ reception: SimulatedERP.Reception, _ surroundings: inout Surroundings
  ) {
    let id = calls[slot].call.id.number
    switch reception {
    case .working(let span):
      surroundings.schedule(WorldEvent(.commit, index: slot, detail: id), at: surroundings.now + span)
    case .abandoned(let span):
      calls[slot].isAbandoned = true
      surroundings.schedule(WorldEvent(.commit, index: slot, detail: id), at: surroundings.now + span)
    case .queued(let span):
      surroundings.count(.queuedAtERP)
      surroundings.schedule(WorldEvent(.queueExpired, index: slot, detail: id), at: surroundings.now + span)
    case .refused(let answer, let delay):
      refusedSinceSample += 1
      surroundings.saw(.refused(calls[slot].call.id, answer))
      switch answer {
      case .throttled: surroundings.count(.throttled)
      case .posted(let results): surroundings.count(.postingRefused, results.count)
      default: surroundings.count(.calledDuringOutage)
      }
      respond(slot, answer, after: delay, &surroundings)
    }
  }

  // MARK: At the ERP

  /// A call has waited for its place for as long as the ERP lets it, unless it has its place by now.
  mutating func expireQueued(_ slot: Int, id: UInt64, _ surroundings: inout Surroundings) {
    guard calls[slot].call.id.number == id else { return }
    let call = calls[slot].call
    if withERP(of: call, { $0.expire(slot: slot, account: &$1) }) {
      respond(slot, .unavailable, after: .zero, &surroundings)
    }
  }

  /// An ERP has processed a call, or has given up on it.
  mutating func commit(
    _ slot: Int, _ caller: inout some ERPCaller, _ register: inout InvoiceRegister,
    _ surroundings: inout Surroundings
  ) {
    let call = calls[slot].call
    work(off: call, slot, &register, &surroundings)
    startQueued(after: call, &surroundings)
    noteUse(of: call, &caller, &surroundings)
  }

  private mutating func work(
    off call: ERPCall, _ slot: Int, _ register: inout InvoiceRegister, _ surroundings: inout Surroundings
  ) {
    let now = surroundings.now
    guard !calls[slot].isAbandoned else {
      withERP(of: call) { $0.abandon(account: &$1) }
      surroundings.saw(.abandoned(call.id))
      surroundings.count(.diedDuringCall)
      return calls.free(slot)
    }
    assert(calls[slot].answer == nil, "a call is processed before it is answered")
    let completion = observing(call, &register, &surroundings) { erp, account, posted in
      erp.commit(call.request, at: now, account: &account) { posted.append($0) }
    }
    testify(call, completion, isCopy: calls[slot].isCopy, surroundings)
    switch completion {
    case .silence: calls.free(slot)
    case .answer(let answer): respond(slot, answer, after: answerAfter(call), &surroundings)
    case .job(let span):
      surroundings.count(.acceptedByJob)
      respond(calls.insert(calls[slot]), .accepted, after: answerAfter(call), &surroundings)
      surroundings.schedule(WorldEvent(.job, index: slot, detail: call.id.number), at: now + span)
    }
  }

  private func testify(
    _ call: ERPCall, _ completion: SimulatedERP.Completion, isCopy: Bool,
    _ surroundings: borrowing Surroundings
  ) {
    switch completion {
    case .silence: surroundings.saw(.worked(call.id, nil, isCopy: isCopy))
    case .answer(let answer): surroundings.saw(.worked(call.id, answer, isCopy: isCopy))
    case .job: surroundings.saw(.worked(call.id, .accepted, isCopy: isCopy))
    }
  }

  /// An ERP's job has come to its end.
  mutating func completeJob(
    _ slot: Int, _ register: inout InvoiceRegister, _ surroundings: inout Surroundings
  ) {
    let call = calls[slot].call
    let now = surroundings.now
    assert(!calls[slot].isAbandoned, "a call that its ERP gave up leaves no job behind")
    let completion = observing(call, &register, &surroundings) { erp, _, posted in
      erp.complete(call.request, at: now) { posted.append($0) }
    }
    testify(call, completion, isCopy: calls[slot].isCopy, surroundings)
    guard case .answer(let answer) = completion else { return calls.free(slot) }
    if case .posted(let results) = answer {
      let rejected = results.count {
        if case .refused = $0 { true } else { false }
      }
      surroundings.count(.rejectedAfterAccepted, rejected)
    }
    respond(slot, answer, after: answerAfter(call), &surroundings)
  }

  /// Has an ERP work, notes what it posts, and counts what it came across.
  private mutating func observing(
    _ call: ERPCall, _ register: inout InvoiceRegister, _ surroundings: inout Surroundings,
    _ body: (inout SimulatedERP, inout ERPAccount, inout [LedgerDocument]) -> SimulatedERP.Completion
  ) -> SimulatedERP.Completion {
    var posted: [LedgerDocument] = []
    let before = withERP(of: call) { erp, _ in erp.statistics }
    let completion = withERP(of: call) { body(&$0, &$1, &posted) }
    let after = withERP(of: call) { erp, _ in erp.statistics }
    assert(
      after.refused >= before.refused && after.keyHits >= before.keyHits && after.dropped >= before.dropped,
      "the figures of an ERP are counted up")
    for document in posted { register.notePosted(document, &surroundings) }
    surroundings.count(.timeoutAfterCommit, after.answersLost - before.answersLost)
    surroundings.count(.diedDuringCall, after.dropped - before.dropped)
    surroundings.count(.postingRefused, after.refused - before.refused)
    surroundings.count(.idempotencyKeyHit, after.keyHits - before.keyHits)
    surroundings.count(.keyExpiredBeforeRetry, after.keysExpired - before.keysExpired)
    surroundings.count(.keyReusedWithOtherBody, after.keyConflicts - before.keyConflicts)
    surroundings.count(.hiddenByIndexLag, after.hiddenByLag - before.hiddenByLag)
    surroundings.count(.batchHalfSucceeded, after.failed > before.failed && !posted.isEmpty ? 1 : 0)
    surroundings.count(.movedToOpenPeriod, after.movedToOpenPeriod - before.movedToOpenPeriod)
    return completion
  }

  /// Gives the places that are free now to calls that wait for them.
  private mutating func startQueued(after call: ERPCall, _ surroundings: inout Surroundings) {
    let now = surroundings.now
    while let slot = withERP(of: call, { $0.takeQueued(of: &$1) }) {
      // It may be another entity's, where several share the account.
      let next = calls[slot].call
      proceed(slot, withERP(of: next) { $0.begin(next.request, at: now, account: &$1) }, &surroundings)
    }
  }

  // MARK: The way back

  private mutating func answerAfter(_ call: ERPCall) -> Span {
    withERP(of: call) { erp, _ in erp.profile.answerAfter }
  }

  private mutating func respond(
    _ slot: Int, _ answer: ERPAnswer, after span: Span, _ surroundings: inout Surroundings
  ) {
    let call = calls[slot].call
    guard !calls[slot].isCopy else { return calls.free(slot) }
    guard !withERP(of: call, { erp, _ in surroundings.isLost(&erp.faults) }) else {
      surroundings.count(.answerLost)
      surroundings.saw(.answerLost(call.id))
      return calls.free(slot)
    }
    assert(calls[slot].answer == nil, "a call is answered once")
    assert(span >= .zero, "an answer does not leave before it is given")
    calls[slot].answer = answer
    let delay = withERP(of: call) { erp, _ in surroundings.delay(&erp.faults) }
    surroundings.schedule(
      WorldEvent(.answer, index: slot, detail: call.id.number), at: surroundings.now + span + delay)
  }

  /// An answer that reaches the core.
  struct Arrival {
    var call: ERPCall
    var answer: ERPAnswer
    /// Whether the core has given the call up, and hears nothing of its answer.
    var isLate: Bool
  }

  /// An ERP's answer arrives; `nil` where the process that waited for it is dead.
  mutating func takeAnswer(
    _ slot: Int, _ caller: inout some ERPCaller, _ surroundings: inout Surroundings
  ) -> Arrival? {
    let pending = calls.take(slot)
    guard let answer = pending.answer else { return nil }
    assert(pending.life <= caller.life, "no answer is for a life that is still to come")
    assert(!pending.isCopy, "nobody waits for the answer to a copy")
    guard pending.life == caller.life else {
      if case .posted = answer { surroundings.count(.crashBetweenPostAndAcknowledge) }
      surroundings.saw(.answeredDeadProcess(pending.call.id))
      surroundings.count(.answeredDeadProcess)
      return nil
    }
    let isThrottled = if case .throttled(_?) = answer { true } else { false }
    let isLate =
      (isThrottled || surroundings.witness != nil) && !caller.waits(for: pending.call.id)
    surroundings.saw(.answered(pending.call.id, answer, isLate: isLate))
    if case .found(let numbers) = answer {
      surroundings.count(.unknownResolvedPosted, numbers.count { $0 != nil })
      surroundings.count(.unknownResolvedNotPosted, numbers.count { $0 == nil })
    }
    return Arrival(call: pending.call, answer: answer, isLate: isLate)
  }
}
