import CanonicalModel
import Chronology
import CoreInterface

/// The ERPs of all entities, those after a cut-over among them, and the life of a call to one: sent, lost or duplicated on its way, waiting
/// for its place, processed, given to a job, answered.
///
/// It has no clock and schedules nothing. What it is told happens at the instant of its surroundings; what comes next of a call, and when, is
/// left among the ``steps`` for whoever drives it: the kernel of a simulation (``ERPNetwork``), the real clock (``ERPStation``), a queueing
/// study (``StationNetwork``).
struct ERPCalls: Sendable {
  var erps: [SimulatedERP]
  /// What the ERPs have only so much of, shared or not.
  var accounts: ERPAccounts
  /// The ERPs after a cut-over, by entity.
  var successors: [SimulatedERP] = []
  /// Per entity, the place of its successor among them.
  private let successorOf: [Int?]
  private var calls = SlotTable<PendingCall>()
  /// What comes next, in the order in which it came up: the driver takes it after each call of a method.
  private(set) var steps: [CallStep] = []
  /// Calls that were refused unprocessed.
  private(set) var refused = 0

  init(_ world: WorldConfiguration, seed: UInt64) {
    let entities = world.catalog.entities
    erps = world.erps.enumerated().map { index, profile in
      SimulatedERP(
        profile: profile, entity: EntityID(index: UInt32(index)), rootSeed: seed, name: entities[index].name,
        catalog: world.catalog)
    }
    accounts = ERPAccounts(world)
    var places: [Int?] = []
    for (index, profile) in world.successors.enumerated() {
      places.append(profile == nil ? nil : successors.count)
      guard let profile else { continue }
      successors.append(
        SimulatedERP(
          profile: profile, entity: EntityID(index: UInt32(index)), rootSeed: seed,
          name: entities[index].name + "/successor", catalog: world.catalog, isSuccessor: true))
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

  /// Does something with the ERP that a call is to, and with the account that it posts into.
  @inline(__always)
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

  /// A call, for whoever looks; in a slot that is free, the last one, which is gone.
  subscript(slot: Int) -> PendingCall { _read { yield calls[slot] } }

  /// Calls that are somewhere.
  var count: Int { calls.count }

  // MARK: What comes next

  /// Hands over what comes next of the calls, in order, and forgets it.
  @inline(__always)
  mutating func dequeueSteps(_ body: (CallStep) -> Void) {
    for step in steps { body(step) }
    steps.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  private mutating func plan(_ kind: CallStep.Kind, _ slot: Int, at instant: Instant) {
    steps.append(CallStep(kind: kind, slot: slot, call: calls[slot].call.id, at: instant))
  }

  private mutating func free(_ slot: Int) {
    calls[slot].state.become(.gone)
    calls.free(slot)
  }

  // MARK: The way there

  /// A call is made.
  ///
  /// - Returns: where it is kept, if it reaches its ERP at once: the driver calls ``arrive(_:_:)`` then.
  mutating func send(
    _ call: ERPCall, life: UInt32, _ surroundings: inout some CallSurroundings & ~Copyable
  ) -> Int? {
    let pending = PendingCall(call, life: life)
    guard !withERP(of: call, { erp, _ in surroundings.isLost(&erp.faults) }) else {
      surroundings.record(.requestLost, of: pending)
      return nil
    }
    let delay = withERP(of: call) { erp, _ in surroundings.delay(&erp.faults) }
    if withERP(of: call, { erp, _ in surroundings.isDuplicated(&erp.faults) }) {
      surroundings.record(.requestDuplicated, of: pending)
      let steps = withERP(of: call) { erp, _ in erp.profile.copySteps }
      var copy = pending
      copy.isCopy = true
      plan(
        .arrive, calls.insert(copy),
        at: surroundings.now + delay + .milliseconds(surroundings.lag(below: steps)))
    }
    let slot = calls.insert(pending)
    guard delay > .zero else { return slot }
    plan(.arrive, slot, at: surroundings.now + delay)
    return nil
  }

  /// A call reaches its ERP.
  mutating func arrive(_ slot: Int, _ surroundings: inout some CallSurroundings & ~Copyable) {
    let call = calls[slot].call
    let now = surroundings.now
    precondition(calls[slot].state == .arriving, "a call arrives once")
    proceed(
      slot, withERP(of: call) { $0.receive(call.request, slot: slot, at: now, account: &$1) }, &surroundings)
  }

  private mutating func proceed(
    _ slot: Int, _ reception: SimulatedERP.Reception,
    _ surroundings: inout some CallSurroundings & ~Copyable
  ) {
    switch reception {
    case .working(let span): begin(slot, .working, for: span, &surroundings)
    case .abandoned(let span): begin(slot, .abandoned, for: span, &surroundings)
    case .queued(let span):
      let end = surroundings.now + span
      calls[slot].state.become(.waiting(until: end))
      surroundings.record(.queued, of: calls[slot])
      plan(.expire, slot, at: end)
    case .refused(let answer, let delay):
      refused += 1
      surroundings.record(.refused(answer), of: calls[slot])
      respond(slot, answer, after: delay, &surroundings)
    }
  }

  private mutating func begin(
    _ slot: Int, _ state: CallState, for span: Span, _ surroundings: inout some CallSurroundings & ~Copyable
  ) {
    calls[slot].state.become(state)
    surroundings.record(.begun, of: calls[slot])
    plan(.commit, slot, at: surroundings.now + span)
  }

  // MARK: At the ERP

  /// A call has waited for its place for as long as the ERP lets it, unless it has its place by now.
  mutating func expire(
    _ slot: Int, call id: ERPCallID, _ surroundings: inout some CallSurroundings & ~Copyable
  ) {
    // The slot may hold another call by now, or the same one sent again after a crash: its time is not up.
    guard calls[slot].call.id == id, case .waiting(let end) = calls[slot].state, end <= surroundings.now
    else { return }
    let call = calls[slot].call
    let isQueued = withERP(of: call) { $0.expire(slot: slot, account: &$1) }
    precondition(isQueued, "a call that waits stands in the queue of its account")
    respond(slot, .unavailable, after: .zero, &surroundings)
  }

  /// An ERP has processed a call, or gives up on it.
  ///
  /// - Parameter posted: called with each new document.
  mutating func commit<Around: CallSurroundings & ~Copyable>(
    _ slot: Int, _ surroundings: inout Around, posted: (LedgerDocument, inout Around) -> Void
  ) {
    let call = calls[slot].call
    finishWork(call, slot, &surroundings, posted)
    startQueued(after: call, &surroundings)
  }

  private mutating func finishWork<Around: CallSurroundings & ~Copyable>(
    _ call: ERPCall, _ slot: Int, _ surroundings: inout Around,
    _ posted: (LedgerDocument, inout Around) -> Void
  ) {
    if calls[slot].state == .abandoned {
      withERP(of: call) { $0.abandon(account: &$1) }
      surroundings.record(.abandoned, of: calls[slot])
      return free(slot)
    }
    precondition(calls[slot].state == .working, "a call is processed that has a place")
    let completion = process(call, isJob: false, &surroundings, posted)
    switch completion {
    case .silence:
      surroundings.record(.processed(nil), of: calls[slot])
      free(slot)
    case .answer(let answer):
      surroundings.record(.processed(answer), of: calls[slot])
      respond(slot, answer, after: answerAfter(call), &surroundings)
    case .job(let span):
      surroundings.record(.processed(.accepted), of: calls[slot])
      // The announcement goes its own way, and may get lost.
      respond(calls.insert(calls[slot]), .accepted, after: answerAfter(call), &surroundings)
      calls[slot].state.become(.inJob)
      plan(.completeJob, slot, at: surroundings.now + span)
    }
  }

  /// An ERP's job has come to its end.
  ///
  /// - Parameter posted: called with each new document.
  mutating func completeJob<Around: CallSurroundings & ~Copyable>(
    _ slot: Int, _ surroundings: inout Around, posted: (LedgerDocument, inout Around) -> Void
  ) {
    let call = calls[slot].call
    precondition(calls[slot].state == .inJob, "a job ends that has begun")
    let completion = process(call, isJob: true, &surroundings, posted)
    guard case .answer(let answer) = completion else {
      surroundings.record(.processed(nil), of: calls[slot])
      return free(slot)
    }
    surroundings.record(.processed(answer), of: calls[slot])
    respond(slot, answer, after: answerAfter(call), &surroundings)
  }

  /// Has an ERP or its job process a call, and tells what it came across.
  private mutating func process<Around: CallSurroundings & ~Copyable>(
    _ call: ERPCall, isJob: Bool, _ surroundings: inout Around,
    _ posted: (LedgerDocument, inout Around) -> Void
  ) -> SimulatedERP.Completion {
    let now = surroundings.now
    var count = 0
    let before = withERP(of: call) { erp, _ in erp.statistics }
    let completion = withERP(of: call) { erp, account in
      func record(_ document: LedgerDocument) {
        count += 1
        posted(document, &surroundings)
      }
      return isJob
        ? erp.complete(call.request, at: now, posted: record)
        : erp.commit(call.request, at: now, account: &account, posted: record)
    }
    surroundings.record(from: before, to: withERP(of: call) { erp, _ in erp.statistics }, posted: count)
    return completion
  }

  /// Gives the places that are free now to calls that wait for them.
  private mutating func startQueued(
    after call: ERPCall, _ surroundings: inout some CallSurroundings & ~Copyable
  ) {
    let now = surroundings.now
    while let slot = withERP(of: call, { $0.dequeueCall(of: &$1) }) {
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
    _ slot: Int, _ answer: ERPAnswer, after span: Span,
    _ surroundings: inout some CallSurroundings & ~Copyable
  ) {
    let call = calls[slot].call
    assert(span >= .zero, "an answer does not leave before it is given")
    guard !calls[slot].isCopy else { return free(slot) }
    guard !withERP(of: call, { erp, _ in surroundings.isLost(&erp.faults) }) else {
      surroundings.record(.answerLost, of: calls[slot])
      return free(slot)
    }
    calls[slot].state.become(.answered(answer, isOfJob: calls[slot].state == .inJob))
    let delay = withERP(of: call) { erp, _ in surroundings.delay(&erp.faults) }
    plan(.answer, slot, at: surroundings.now + span + delay)
  }

  /// An answer that reaches its caller.
  struct Answered {
    var call: ERPCall
    /// The life of the process that waits for it.
    var life: UInt32
    var answer: ERPAnswer
    /// Whether it is the result of a job that an earlier answer has announced.
    var isOfJob: Bool
  }

  /// Receives an ERP's answer for its caller.
  mutating func receiveAnswer(_ slot: Int) -> Answered {
    guard case .answered(let answer, let isOfJob) = calls[slot].state else {
      preconditionFailure("an answer arrives that was given")
    }
    assert(!calls[slot].isCopy, "nobody waits for the answer to a copy")
    let answered = Answered(
      call: calls[slot].call, life: calls[slot].life, answer: answer, isOfJob: isOfJob)
    free(slot)
    return answered
  }
}
