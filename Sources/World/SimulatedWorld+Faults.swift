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
  /// A fault after the horizon begins: from now on the run waits for its end, if it has one.
  mutating func awaitFault(_ index: Int) {
    awaited[index] = true
    awaitedFaults += 1
    if !faultWindows[index].isEndless { essential &+= 1 }
  }

  /// The faults of a sort that hold at a counterpart have hit something.
  mutating func countHits(_ faults: ActiveFaults, _ sort: FaultKind.Sort, _ times: Int = 1) {
    for index in faults.indices(of: sort) { faultHits[index] += times }
  }

  /// A new window has been found.
  private mutating func append(_ window: FaultWindow, isAwaited: Bool) -> Int {
    faultWindows.append(window)
    hasBegun.append(false)
    faultHits.append(0)
    awaited.append(isAwaited)
    return faultWindows.count - 1
  }

  /// Does something with the faults of each counterpart that a fault hits.
  private mutating func forEachCounterpart(of index: Int, _ body: (inout ActiveFaults) -> Void) {
    let fault = faultWindows[index]
    switch fault.target {
    case .erp, .account:
      for system in configuration.systems(hitBy: fault.kind, at: fault.target) {
        if !system.isSuccessor {
          body(&erps[system.entity].faults)
        } else if let successor = successor(of: system.entity) {
          body(&successors[successor].faults)
        }
      }
    case .tax: body(&taxEngine.faults)
    case .gateway: if gateway != nil { body(&gateway!.faults) }
    case .webhooks: body(&webhookFaults)
    case .crm: body(&crmFaults)
    case .exchange: body(&exchangeFaults)
    case .broker: body(&brokerFaults)
    case .producers, .process: break  // applied to what they emit, and to the boundaries that they pass
    }
  }

  /// Schedules the next random fault after the horizon. None begins in the time in which the queues have to drain after the last
  /// fault, so that it can be judged whether they do.
  mutating func drawLate(_ draw: Int) {
    guard lateDraws[draw].windows.contains(where: configuration.happens) else { return }
    var window = lateDraws[draw].take()
    while !configuration.happens(window), window.start < .distantFuture { window = lateDraws[draw].take() }
    guard window.end <= deadline - configuration.drainWithin else { return }
    let index = append(window, isAwaited: false)
    drawOf[index] = draw
    kernel.schedule(WorldEvent(.faultStart, index: index), at: window.start)
    kernel.schedule(WorldEvent(.faultEnd, index: index), at: window.end)
  }

  mutating func faultStarts(_ index: Int) {
    let fault = faultWindows[index]
    if case .process = fault.target {} else { hasBegun[index] = true }
    if case .process(let service) = fault.target {
      // At any of its next boundaries: within an input as well as between two.
      machines.arm(
        service, boundaries: 1 + Int(machineStream.below(8)),
        restartAfter: fault.isEndless ? nil : fault.end - fault.start, fault: index)
      return
    }
    forEachCounterpart(of: index) { $0.begin(fault, index) }
    noteUse(after: fault)
    let length = fault.isEndless ? "and never ends" : "for \(fault.end - fault.start)"
    note(configuration.catalog.name(of: fault.target), "\(fault.kind.name) begins, \(length)")
  }

  /// Takes note of what is in use of the ERPs that a fault hits.
  private mutating func noteUse(after fault: FaultWindow) {
    let entities = configuration.entities(hitBy: fault.kind, at: fault.target)
    for entity in entities { noteUse(entity) }
    for number in Set(entities.flatMap { configuration.accounts(of: $0) }).sorted() { noteAccount(number) }
  }

  mutating func faultEnds(_ index: Int) {
    let fault = faultWindows[index]
    var waiting = ""
    var hits = 0
    forEachCounterpart(of: index) { hits += $0.end(index) }
    switch fault.target {
    case .process: return
    case .tax:
      let depth = process.state.billing.waitingForTax
      if depth > 0 { waiting = ", \(depth) drafts wait" }
    case .broker where fault.kind == .rebalance: hits += rebalanced()
    case .erp, .account:
      var depth = 0
      noteUse(after: fault)
      for entity in configuration.entities(hitBy: fault.kind, at: fault.target) {
        let own = process.use(of: EntityID(index: UInt32(entity))).depth
        if own > 0 { drainWatch.append((entity, fault.kind.name, kernel.now)) }
        depth += own
      }
      if depth > 0 { waiting = ", \(depth) documents wait" }
    case .gateway, .webhooks, .producers, .crm, .exchange, .broker: break
    }
    faultHits[index] += hits
    note(configuration.catalog.name(of: fault.target), "\(fault.kind.name) ends\(waiting)")
  }

  /// The faults that have begun, drawn ones included, in the order in which they were scheduled.
  public var faults: [FaultWindow] { faultWindows.indices.filter { hasBegun[$0] }.map { happened($0) } }
  /// The same, each with the entities whose ERPs it hit, and with how much it hit.
  public var faultsMet: [(window: FaultWindow, entities: [Int], hits: Int)] {
    faultWindows.indices.filter { hasBegun[$0] }.map { index in
      let window = happened(index)
      return (window, configuration.entities(hitBy: window.kind, at: window.target), hits(of: index))
    }
  }

  /// A fault as it happened: a process dies at one of its next boundaries, and not when that was asked for.
  private func happened(_ index: Int) -> FaultWindow {
    var window = faultWindows[index]
    if let crash = crashes[index] { (window.start, window.end) = crash }
    return window
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
    let hits = own.reduce(0) { $0 + self.hits(of: $1) }
    if began > 0 { return FaultTally(began: began, reason: nil, hits: hits) }
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

  /// What a fault has hit so far: calls, messages, documents and events.
  func hits(of index: Int) -> Int {
    let fault = faultWindows[index]
    let held: [ActiveFaults] =
      switch fault.target {
      case .erp, .account:
        configuration.systems(hitBy: fault.kind, at: fault.target).compactMap { system in
          guard system.isSuccessor else { return erps[system.entity].faults }
          return successor(of: system.entity).map { successors[$0].faults }
        }
      case .tax: [taxEngine.faults]
      case .gateway: gateway.map { [$0.faults] } ?? []
      default: []
      }
    return held.reduce(faultHits[index]) { $0 + $1.hits(of: index) }
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
      let end = pending.fault.duration.map { start + $0 } ?? .distantFuture
      conditions[index].over = end
      conditions[index].left -= 1
      for target in pending.fault.targets {
        let window = FaultWindow(
          kind: pending.fault.kind, target: target, start: start, end: end, declared: pending.fault.declared)
        let number = append(window, isAwaited: true)
        awaitedFaults += 1
        schedule(WorldEvent(.faultStart, index: number), at: start)
        if !window.isEndless { schedule(WorldEvent(.faultEnd, index: number), at: end) }
      }
    }
    if someHold { conditions.removeAll { $0.left == 0 } }
  }
}
