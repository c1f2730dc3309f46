import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// Faults at their counterparts.
extension Outside {
  /// Does something with the faults of each counterpart that a fault hits.
  private mutating func forEachCounterpart(of index: Int, _ body: (inout ActiveFaults) -> Void) {
    let fault = faultSchedule.windows[index]
    switch fault.target {
    case .erp, .account:
      for system in configuration.systems(hitBy: fault.kind, at: fault.target) {
        network.withFaults(of: system, body)
      }
    case .tax: body(&taxEngine.faults)
    case .gateway: body(&cash.gatewayFaults)
    case .webhooks: body(&cash.webhookFaults)
    case .crm: body(&feeds.crm.faults)
    case .exchange: body(&feeds.rateBank.faults)
    case .broker: body(&broker.faults)
    case .producers, .process: break  // applied to what they emit, and to the boundaries that they pass
    }
  }

  /// A fault begins.
  mutating func begin(_ index: Int, _ host: inout CoreHost) {
    let fault = faultSchedule.windows[index]
    assert(fault.start <= now, "a fault begins when it is due")
    if case .process(let service) = fault.target {
      return host.arm(service, by: index, restartAfter: fault.isEndless ? nil : fault.end - fault.start)
    }
    faultSchedule.recordBegun(index)
    forEachCounterpart(of: index) { $0.begin(fault, index) }
    network.recordUse(after: fault, &host, &surroundings)
    let length = fault.isEndless ? "and never ends" : "for \(fault.end - fault.start)"
    recordMoment(&host, configuration.catalog.name(of: fault.target), "\(fault.kind.name) begins, \(length)")
  }

  /// A fault ends.
  mutating func end(_ index: Int, _ host: inout CoreHost) {
    let fault = faultSchedule.windows[index]
    assert(fault.end <= now, "a fault ends when it is due")
    var waiting = ""
    var hits = 0
    forEachCounterpart(of: index) { hits += $0.end(index) }
    switch fault.target {
    case .process: return
    case .tax:
      let depth = host.core.draftsWaitingForTax
      if depth > 0 { waiting = ", \(depth) drafts wait" }
    case .broker where fault.kind == .rebalance: hits += rebalance(&host)
    case .erp, .account:
      var depth = 0
      network.recordUse(after: fault, &host, &surroundings)
      for entity in configuration.entities(hitBy: fault.kind, at: fault.target) {
        let own = host.core.use(of: EntityID(index: UInt32(entity))).depth
        if own > 0 { drainWatch.append((entity, fault.kind.name, now)) }
        depth += own
      }
      if depth > 0 { waiting = ", \(depth) documents wait" }
    case .gateway, .webhooks, .producers, .crm, .exchange, .broker: break
    }
    faultSchedule.addHits(hits, to: index)
    recordMoment(&host, configuration.catalog.name(of: fault.target), "\(fault.kind.name) ends\(waiting)")
  }

  /// The partitions have new consumers.
  ///
  /// - Returns: the events that come again.
  private mutating func rebalance(_ host: inout CoreHost) -> Int {
    surroundings.count(.rebalanced)
    var repeated = 0
    for partition in broker.partitions.indices {
      repeated += broker.repeatLast(partition, &surroundings)
      handOver(partition: partition, &host)
    }
    return repeated
  }

  /// Records how long the backlog took to drain after the faults that left one.
  mutating func recordDrain(_ entity: Int, _ host: inout CoreHost) {
    let id = EntityID(index: UInt32(entity))
    guard drainWatch.contains(where: { $0.entity == entity }), host.core.use(of: id).depth == 0 else {
      return
    }
    for watch in drainWatch where watch.entity == entity {
      assert(watch.ended <= now, "a queue drains after the fault that filled it")
      surroundings.observations.drains.append((id, watch.fault, watch.ended, now - watch.ended))
    }
    drainWatch.removeAll { $0.entity == entity }
    recordMoment(&host, "erp/\(configuration.catalog.entities[entity].name)", "outbox drained")
  }

  /// Begins the faults whose condition holds now.
  mutating func checkConditions(_ host: inout CoreHost) {
    var someHold = false
    for index in faultSchedule.conditions.indices where faultSchedule.conditions[index].over <= now {
      let holds =
        switch faultSchedule.conditions[index].fault.condition {
        case .situation: faultSchedule.isReached(index, surroundings.observations.situations)
        case .outbox(let maximum): hasUse(&host) { $0.depth > maximum }
        case .inFlight(let maximum): hasUse(&host) { $0.calls > maximum }
        case .brokerLag(let maximum): broker.lag > maximum
        }
      guard holds else { continue }
      someHold = true
      faultSchedule.trigger(index, &surroundings)
    }
    if someHold { faultSchedule.removeSpentConditions() }
  }

  /// Whether something holds of the outbox of any entity.
  private func hasUse(_ host: inout CoreHost, where holds: (OutboxUse) -> Bool) -> Bool {
    for entity in configuration.erps.indices
    where holds(host.core.use(of: EntityID(index: UInt32(entity)))) { return true }
    return false
  }

  /// What a fault has hit so far: calls, messages, documents and events.
  func hits(of index: Int) -> Int {
    let fault = faultSchedule.windows[index]
    let held: [ActiveFaults] =
      switch fault.target {
      case .erp, .account:
        configuration.systems(hitBy: fault.kind, at: fault.target).compactMap(network.faults)
      case .tax: [taxEngine.faults]
      case .gateway: [cash.gatewayFaults]
      case .webhooks: [cash.webhookFaults]
      case .crm: [feeds.crm.faults]
      case .exchange: [feeds.rateBank.faults]
      case .broker: [broker.faults]
      case .producers, .process: []
      }
    return held.reduce(faultSchedule.hits[index]) { $0 + $1.hits(of: index) }
  }

  /// Whether anything is ever sent to a target in this run: without taxes nobody asks the tax engine.
  func isUsed(_ target: FaultTarget) -> Bool {
    switch target {
    case .crm: !feeds.contracts.isEmpty || !feeds.identities.isEmpty
    case .tax: !configuration.catalog.jurisdictions.isEmpty
    default: configuration.has(target)
    }
  }
}
