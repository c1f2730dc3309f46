import CanonicalModel
import Chronology
import CoreInterface

/// What is in use of the ERPs and of the calls that the core may make at once.
extension ERPNetwork {
  /// Records what is in use, for each entity that has a part in what a call has changed.
  mutating func recordUse(of id: EntityID, _ caller: inout some ERPCaller, _ surroundings: inout Surroundings)
  {
    let entity = Int(id.index)
    guard let others = sharing[entity] else {
      recordUse(entity, &caller, &surroundings)
      return
    }
    for other in others { recordUse(other, &caller, &surroundings) }
    for number in configuration.accounts(of: entity) { recordAccount(number, &caller, &surroundings) }
  }

  /// Records what is in use of the ERPs that a fault hits.
  mutating func recordUse(
    after fault: FaultWindow, _ caller: inout some ERPCaller, _ surroundings: inout Surroundings
  ) {
    let entities = configuration.entities(hitBy: fault.kind, at: fault.target)
    for entity in entities { recordUse(entity, &caller, &surroundings) }
    for number in Set(entities.flatMap { configuration.accounts(of: $0) }).sorted() {
      recordAccount(number, &caller, &surroundings)
    }
  }

  /// Records what is in use of an account that several entities share.
  private mutating func recordAccount(
    _ number: Int, _ caller: inout some ERPCaller, _ surroundings: inout Surroundings
  ) {
    var state = PostingUse.State()
    state.workers = 0
    var condition = ERPCondition.up
    for system in sharers[number] {
      // Documents of an entity wait for the ERP that it has at the time.
      let cutOver = configuration.catalog.entities[system.entity].cutOver
      let isCurrent = cutOver.map { ($0 <= surroundings.now) == system.isSuccessor } ?? true
      let own = caller.use(of: EntityID(index: UInt32(system.entity)))
      if isCurrent {
        state.depth += own.depth
        state.pending += own.calls
        state.workers += own.workers
        state.waitsAfterRefusals = state.waitsAfterRefusals || own.waitsAfterRefusals
      }
      if !system.isSuccessor {
        (condition, state.share) = calls.erps[system.entity].state()
      } else if let successor = calls.successor(of: system.entity) {
        (condition, state.share) = calls.successors[successor].state()
      }
    }
    let account = calls.accounts.shared[number]
    let now = calls.accounts.all[account].use(share: state.share)
    (state.calls, state.places) = (now.calls, now.places)
    state.isDown = condition == .down
    for index in 0..<now.limits {
      surroundings.observations.accountUse[number].record(
        taken: calls.accounts.all[account].used(ofLimit: index), ofLimit: index, at: surroundings.now)
    }
    surroundings.observations.accountUse[number].record(state, at: surroundings.now)
  }

  /// Records what is in use of an entity's ERP and of the calls that the core may make at once.
  ///
  /// - Returns: the documents in its outbox.
  @discardableResult
  mutating func recordUse(
    _ entity: Int, _ caller: inout some ERPCaller, _ surroundings: inout Surroundings
  ) -> Int {
    let own = caller.use(of: EntityID(index: UInt32(entity)))
    // In place: to read a property of an ERP in an array may copy the ERP.
    let next = calls.successor(of: entity)
    let then = next.map { calls.accounts.all[calls.accounts.ofSuccessor[$0]].calls() } ?? 0
    // Where nothing waited and nothing is in use there is nothing to note: most of the time.
    if own.depth == 0, own.calls == 0, then == 0,
      calls.accounts.all[calls.accounts.ofERP[entity]].calls() == 0,
      surroundings.observations.postingUse[entity].isAtRest
    {
      return 0
    }
    let now = surroundings.now
    let account = calls.accounts.ofERP[entity]
    let (condition, share) = calls.erps[entity].state()
    let first = calls.accounts.all[account].use(share: share)
    var state = PostingUse.State(
      depth: own.depth, calls: first.calls + then, places: first.places, pending: own.calls,
      workers: own.workers, isDown: condition == .down, waitsAfterRefusals: own.waitsAfterRefusals,
      share: share)
    if let next, isInSharedAccount(successorOf: entity, at: now) {
      // Calls of others are among those of a shared account: from the cut-over on it is that one that is in use.
      let (condition, share) = calls.successors[next].state()
      let own = calls.accounts.all[calls.accounts.ofSuccessor[next]].use(share: share)
      (state.calls, state.places) = (own.calls, own.places)
      (state.isDown, state.share) = (condition == .down, share)
    } else if next != nil, configuration.catalog.entities[entity].successorAccount != nil {
      state.calls = first.calls
    }
    for index in 0..<first.limits {
      surroundings.observations.postingUse[entity].record(
        taken: calls.accounts.all[account].used(ofLimit: index), ofLimit: index, at: now)
    }
    surroundings.observations.postingUse[entity].record(state, at: now)
    surroundings.observations.postingTime.record(entity, waits: own.depth > 0, at: now)
    return own.depth
  }

  /// Whether an entity has changed to an ERP whose account it shares.
  private func isInSharedAccount(successorOf entity: Int, at now: Instant) -> Bool {
    let own = configuration.catalog.entities[entity]
    return own.successorAccount != nil && own.cutOver.map { $0 <= now } ?? false
  }

  /// The last note of what was in use.
  mutating func concludeUse(_ caller: inout some ERPCaller, _ surroundings: inout Surroundings) {
    for index in calls.erps.indices {
      recordUse(index, &caller, &surroundings)
      let limiters = calls.accounts.all[calls.accounts.ofERP[index]].limiters
      for limit in limiters.indices {
        assert(
          limit < surroundings.observations.postingUse[index].limits.count, "each limit of an ERP is observed"
        )
        surroundings.observations.postingUse[index].limits[limit].peak = limiters[limit].peak
      }
    }
    for (number, account) in calls.accounts.shared.enumerated() {
      recordAccount(number, &caller, &surroundings)
      let limiters = calls.accounts.all[account].limiters
      for limit in limiters.indices {
        assert(
          limit < surroundings.observations.accountUse[number].limits.count,
          "each limit of an account is observed")
        surroundings.observations.accountUse[number].limits[limit].peak = limiters[limit].peak
      }
    }
    surroundings.observations.postingTime.conclude(at: surroundings.now)
  }
}
