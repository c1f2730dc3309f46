import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// Faults that begin and end.
extension SimulatedWorld {
  mutating func faultStarts(_ index: Int) {
    let fault = faultWindows[index]
    switch (fault.target, fault.kind) {
    case (.erp(let id), .outage):
      erps[Int(id.index)].outages += 1
      successors[Int(id.index)]?.outages += 1
    case (.erp(let id), .throttle(let share)):
      erps[Int(id.index)].throttles[index] = share
      successors[Int(id.index)]?.throttles[index] = share
    case (.erp(let id), .timeoutAfterCommit(let share)):
      erps[Int(id.index)].lostAnswers[index] = share
      successors[Int(id.index)]?.lostAnswers[index] = share
    case (.tax, .outage): taxEngine.outages += 1
    case (.tax, .timeoutAfterCommit(let share)): taxEngine.lostAnswers[index] = share
    case (.gateway, .outage): gateway?.outages += 1
    case (.gateway, .timeoutAfterCommit(let share)): gateway?.lostAnswers[index] = share
    // These have no limits to shrink; scenarios are refused.
    case (.gateway, .throttle), (.tax, .throttle), (.gateway, .refusals), (.tax, .refusals): break
    case (.erp(let id), .refusals(let share)):
      erps[Int(id.index)].refusals[index] = share
      successors[Int(id.index)]?.refusals[index] = share
    }
    note(name(of: fault.target), "\(fault.kind.name) begins, for \(fault.end - fault.start)")
  }

  mutating func faultEnds(_ index: Int) {
    let fault = faultWindows[index]
    switch fault.target {
    case .tax:
      switch fault.kind {
      case .outage: taxEngine.outages -= 1
      case .timeoutAfterCommit: taxEngine.lostAnswers[index] = nil
      case .throttle, .refusals: break
      }
      let depth = process.state.billing.waitingForTax
      note("tax", "\(fault.kind.name) ends\(depth > 0 ? ", \(depth) drafts wait" : "")")
    case .gateway:
      switch fault.kind {
      case .outage: gateway?.outages -= 1
      case .timeoutAfterCommit: gateway?.lostAnswers[index] = nil
      case .throttle, .refusals: break
      }
      note("gateway", "\(fault.kind.name) ends")
    case .erp(let id):
      let entity = Int(id.index)
      switch fault.kind {
      case .outage:
        erps[entity].outages -= 1
        successors[entity]?.outages -= 1
      case .refusals:
        erps[entity].refusals[index] = nil
        successors[entity]?.refusals[index] = nil
      case .throttle:
        erps[entity].throttles[index] = nil
        successors[entity]?.throttles[index] = nil
      case .timeoutAfterCommit:
        erps[entity].lostAnswers[index] = nil
        successors[entity]?.lostAnswers[index] = nil
      }
      let depth = process.state.posting.depth(of: id)
      note(erpName(entity), "\(fault.kind.name) ends\(depth > 0 ? ", \(depth) documents wait" : "")")
      if depth > 0 { drainWatch.append((entity, fault.kind.name, kernel.now)) }
    }
  }

  /// The name of a target in scenario files.
  func name(of target: FaultTarget) -> String {
    switch target {
    case .erp(let entity): erpName(Int(entity.index))
    case .tax: "tax"
    case .gateway: "gateway"
    }
  }
}
