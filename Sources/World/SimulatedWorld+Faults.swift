import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// A fault that waits for its condition.
struct PendingCondition: Sendable {
  let fault: ConditionalFault
  /// How often it may still come.
  var left: Int
  /// The count of the situation at which it comes next.
  var threshold: Int
  /// Until when the one before lasts.
  var over = Instant.distantPast

  init(_ fault: ConditionalFault) {
    self.fault = fault
    left = fault.times
    threshold = if case .situation(_, let times) = fault.condition { times } else { 0 }
  }
}

/// Faults that begin and end.
extension SimulatedWorld {
  /// A fault after the horizon begins: from now on the run waits for its end.
  mutating func awaitFault(_ index: Int) {
    awaited[index] = true
    awaitedFaults += 1
    essential &+= 1
  }

  /// Schedules the next random fault after the horizon. None begins in the time in which the queues have to drain after the last
  /// fault, so that it can be judged whether they do.
  mutating func drawLate(_ draw: Int) {
    guard lateDraws[draw].windows.contains(where: configuration.happens) else { return }
    var window = lateDraws[draw].take()
    while !configuration.happens(window), window.start < .distantFuture { window = lateDraws[draw].take() }
    guard window.end <= deadline - configuration.drainWithin else { return }
    drawOf[faultWindows.count] = draw
    kernel.schedule(WorldEvent(.faultStart, index: faultWindows.count), at: window.start)
    kernel.schedule(WorldEvent(.faultEnd, index: faultWindows.count), at: window.end)
    faultWindows.append(window)
    hasBegun.append(false)
    awaited.append(false)
  }

  mutating func faultStarts(_ index: Int) {
    let fault = faultWindows[index]
    if case .process = fault.target {} else { hasBegun[index] = true }
    switch fault.target {
    case .erp(let id):
      erps[Int(id.index)].faults.begin(fault, index)
      if let successor = successor(of: Int(id.index)) { successors[successor].faults.begin(fault, index) }
      noteUse(Int(id.index))
    case .tax: taxEngine.faults.begin(fault, index)
    case .gateway: gateway?.faults.begin(fault, index)
    case .webhooks: webhookFaults.begin(fault, index)
    case .crm: crmFaults.begin(fault, index)
    case .exchange: exchangeFaults.begin(fault, index)
    case .broker: brokerFaults.begin(fault, index)
    case .producers: break  // applied to what they emit
    case .process(let service):
      // At any of its next boundaries: within an input as well as between two.
      machines.arm(
        service, boundaries: 1 + Int(machineStream.below(8)), restartAfter: fault.end - fault.start,
        fault: index)
      return
    }
    note(name(of: fault.target), "\(fault.kind.name) begins, for \(fault.end - fault.start)")
  }

  mutating func faultEnds(_ index: Int) {
    let fault = faultWindows[index]
    var waiting = ""
    switch fault.target {
    case .process: return
    case .tax:
      taxEngine.faults.end(index)
      let depth = process.state.billing.waitingForTax
      if depth > 0 { waiting = ", \(depth) drafts wait" }
    case .gateway: gateway?.faults.end(index)
    case .webhooks: webhookFaults.end(index)
    case .producers: break
    case .crm: crmFaults.end(index)
    case .exchange: exchangeFaults.end(index)
    case .broker:
      brokerFaults.end(index)
      if fault.kind == .rebalance { rebalanced() }
    case .erp(let id):
      let entity = Int(id.index)
      erps[entity].faults.end(index)
      if let successor = successor(of: entity) { successors[successor].faults.end(index) }
      noteUse(entity)
      let depth = process.use(of: id).depth
      if depth > 0 {
        waiting = ", \(depth) documents wait"
        drainWatch.append((entity, fault.kind.name, kernel.now))
      }
    }
    note(name(of: fault.target), "\(fault.kind.name) ends\(waiting)")
  }

  /// The name of a target in scenario files.
  func name(of target: FaultTarget) -> String {
    switch target {
    case .erp(let entity): erpName(Int(entity.index))
    case .tax: "tax"
    case .gateway: "gateway"
    case .webhooks: "webhooks"
    case .crm: "crm"
    case .exchange: "fx"
    case .broker: "broker"
    case .producers: "producers"
    case .process(let service): "process/\(service.name)"
    }
  }

  /// How often a fault of the scenario has begun so far, and why not if it has not.
  ///
  /// - Parameter number: its place in the scenario's list of faults.
  public func tally(ofDeclared number: Int) -> FaultTally {
    let own = faultWindows.indices.filter {
      faultWindows[$0].declared == number && (drawOf[$0] == nil || hasBegun[$0])
    }
    // A window over a system that nothing uses is no fault that has happened.
    let began = own.count { hasBegun[$0] && isUsed(faultWindows[$0].target) }
    if began > 0 { return FaultTally(began: began, reason: nil) }
    let isPossible = configuration.targets(ofDeclared: number).contains { isUsed($0) }
    let reason: FaultTally.Reason =
      if !isPossible {
        .noTarget
      } else if conditions.contains(where: { $0.fault.declared == number && $0.left == $0.fault.times }) {
        .conditionNotMet
      } else if own.isEmpty {
        .notDrawn
      } else if own.allSatisfy({ faultWindows[$0].start > kernel.now }) {
        .afterEnd
      } else {
        .processIdle
      }
    return FaultTally(began: 0, reason: reason)
  }

  /// Whether anything is ever sent to a target in this run: without taxes nobody asks the tax engine.
  private func isUsed(_ target: FaultTarget) -> Bool {
    switch target {
    case .crm: !contractFeed.isEmpty || !identityFeed.isEmpty
    case .tax: !configuration.catalog.jurisdictions.isEmpty
    default: configuration.has(target)
    }
  }

  /// Begins the faults whose condition holds now.
  mutating func checkConditions() {
    var someHold = false
    for index in conditions.indices where conditions[index].over <= kernel.now {
      var holds = false
      switch conditions[index].fault.condition {
      case .situation(let situation, let times):
        let count = observations.situations[situation]
        holds = count >= conditions[index].threshold
        if holds { conditions[index].threshold = count + times }
      case .outbox(let most):
        for entity in erps.indices where process.use(of: EntityID(index: UInt32(entity))).depth > most {
          holds = true
        }
      case .inFlight(let most):
        for entity in erps.indices where process.use(of: EntityID(index: UInt32(entity))).calls > most {
          holds = true
        }
      case .brokerLag(let most):
        holds = brokerLag > most
      }
      guard holds else { continue }
      someHold = true
      let pending = conditions[index]
      let start = kernel.now + pending.fault.after
      conditions[index].over = start + pending.fault.duration
      conditions[index].left -= 1
      for target in pending.fault.targets {
        let window = FaultWindow(
          kind: pending.fault.kind, target: target, start: start, end: start + pending.fault.duration,
          declared: pending.fault.declared)
        faultWindows.append(window)
        hasBegun.append(false)
        awaited.append(true)
        awaitedFaults += 1
        schedule(WorldEvent(.faultStart, index: faultWindows.count - 1), at: window.start)
        schedule(WorldEvent(.faultEnd, index: faultWindows.count - 1), at: window.end)
      }
    }
    if someHold { conditions.removeAll { $0.left == 0 } }
  }
}
