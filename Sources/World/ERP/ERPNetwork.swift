import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// The ERPs of a simulated world: their calls (``ERPCalls``) driven by the kernel's events, and notes of what was in use.
struct ERPNetwork: Sendable {
  let configuration: WorldConfiguration
  var calls: ERPCalls
  /// Per entity, those that share an account with it, it included; `nil`: none does.
  let sharing: [[Int]?]
  /// The ERPs of each account that is shared.
  let sharers: [[ERPSystem]]
  /// Calls that had been refused at the last sample.
  private var refusedAtSample = 0

  init(_ world: WorldConfiguration, seed: UInt64) {
    configuration = world
    calls = ERPCalls(world, seed: seed)
    sharing = world.erps.indices.map(world.entitiesSharing)
    let systems = world.systems
    sharers = world.catalog.erpAccounts.indices.map { number in
      systems.filter { world.account(of: $0) == number }
    }
  }

  // MARK: For those who look

  /// Does something with the faults of an ERP, if there is one.
  mutating func withFaults(of system: ERPSystem, _ body: (inout ActiveFaults) -> Void) {
    calls.withFaults(of: system, body)
  }

  /// The faults of an ERP, if there is one.
  func faults(of system: ERPSystem) -> ActiveFaults? { calls.faults(of: system) }

  /// Whether an entity's ERP is down.
  func isDown(_ entity: Int) -> Bool { calls.erps[entity].isDown }

  /// How an entity's ERP fares, and what is in its ledger.
  mutating func look(at entity: Int) -> (condition: ERPCondition, posted: Int) {
    (calls.erps[entity].state().condition, calls.erps[entity].ledger.count)
  }

  /// Calls that were refused since the last sample.
  var refusedSinceSample: Int { calls.refused - refusedAtSample }

  /// Records a sample.
  mutating func recordSample() {
    assert(calls.refused >= refusedAtSample, "what was refused stays refused")
    refusedAtSample = calls.refused
  }

  // MARK: Events

  /// What comes next of the calls becomes events.
  @inline(__always)
  private mutating func schedule(_ surroundings: inout Surroundings) {
    calls.dequeueSteps {
      surroundings.schedule(WorldEvent($0.kind.event, index: $0.slot, detail: $0.call.number), at: $0.at)
    }
  }

  /// The core calls.
  mutating func send(_ call: ERPCall, _ caller: inout some ERPCaller, _ surroundings: inout Surroundings) {
    let entity = Int(call.entity.index)
    surroundings.observations.peakOutbox[entity] = max(
      surroundings.observations.peakOutbox[entity], caller.use(of: call.entity).depth)
    if call.system == 1, case .post(let requests) = call.request {
      surroundings.count(.postedToSuccessor, requests.count)
    }
    surroundings.record(.erpCalled(call.entity, isSuccessor: call.system == 1))
    surroundings.saw(.called(call))
    let slot = calls.send(call, life: caller.life, &surroundings)
    if let slot { arrive(slot, &caller, &surroundings) } else { schedule(&surroundings) }
    recordUse(of: call.entity, &caller, &surroundings)
  }

  /// A call reaches its ERP.
  mutating func arrive(_ slot: Int, _ caller: inout some ERPCaller, _ surroundings: inout Surroundings) {
    let entity = calls[slot].call.entity
    calls.arrive(slot, &surroundings)
    schedule(&surroundings)
    recordUse(of: entity, &caller, &surroundings)
  }

  /// A call has waited for its place for as long as the ERP lets it, unless it has its place by now.
  mutating func expireQueued(_ slot: Int, id: UInt64, _ surroundings: inout Surroundings) {
    calls.expire(slot, call: ERPCallID(number: id), &surroundings)
    schedule(&surroundings)
  }

  /// An ERP has processed a call, or has given up on it.
  mutating func commit(
    _ slot: Int, _ caller: inout some ERPCaller, _ register: inout InvoiceRegister,
    _ surroundings: inout Surroundings
  ) {
    let entity = calls[slot].call.entity
    calls.commit(slot, &surroundings) { register.recordPosted($0, &$1) }
    schedule(&surroundings)
    recordUse(of: entity, &caller, &surroundings)
  }

  /// An ERP's job has come to its end.
  mutating func completeJob(
    _ slot: Int, _ register: inout InvoiceRegister, _ surroundings: inout Surroundings
  ) {
    calls.completeJob(slot, &surroundings) { register.recordPosted($0, &$1) }
    schedule(&surroundings)
  }

  /// An answer that reaches the core.
  struct Arrival {
    var call: ERPCall
    var answer: ERPAnswer
    /// Whether the core has given the call up, and hears nothing of its answer.
    var isLate: Bool
  }

  /// An ERP's answer arrives; `nil` where the process that waited for it is dead.
  mutating func receiveAnswer(
    _ slot: Int, _ caller: inout some ERPCaller, _ surroundings: inout Surroundings
  ) -> Arrival? {
    let answered = calls.receiveAnswer(slot)
    let (call, answer) = (answered.call, answered.answer)
    assert(answered.life <= caller.life, "no answer is for a life that is still to come")
    guard answered.life == caller.life else {
      if case .posted = answer { surroundings.count(.crashBetweenPostAndAcknowledge) }
      surroundings.saw(.answeredDeadProcess(call.id))
      surroundings.count(.answeredDeadProcess)
      return nil
    }
    let isThrottled = if case .throttled(_?) = answer { true } else { false }
    let isLate =
      (isThrottled || surroundings.witness != nil) && !caller.waits(for: call.id)
    surroundings.saw(.answered(call.id, answer, isLate: isLate))
    if case .found(let numbers) = answer {
      surroundings.count(.unknownResolvedPosted, numbers.count { $0 != nil })
      surroundings.count(.unknownResolvedNotPosted, numbers.count { $0 == nil })
    }
    return Arrival(call: call, answer: answer, isLate: isLate)
  }
}

extension CallStep.Kind {
  /// The kernel's event for what is due.
  fileprivate var event: WorldEventKind {
    switch self {
    case .arrive: .arrive
    case .expire: .queueExpired
    case .commit: .commit
    case .completeJob: .job
    case .answer: .answer
    }
  }
}
