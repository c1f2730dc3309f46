import CanonicalModel
import Chronology
import SimulationKernel

/// Which of the faults of a scenario happen: a run is repeated without some of them, or with them alone, to see what a failure
/// comes from. Every fault keeps its own random stream, so that those that are left happen as they did.
public enum FaultChoice: Hashable, Sendable {
  /// All but these.
  case without(Set<String>)
  /// Only these.
  case only(Set<String>)

  /// Whether a fault happens. Faults are named as a campaign names them: `outage erp`.
  public func takes(_ kind: FaultKind, _ target: FaultTarget) -> Bool {
    let name = "\(kind.name) \(target.family)"
    return switch self {
    case .without(let names): !names.contains(name)
    case .only(let names): names.contains(name)
    }
  }
}

extension FaultTarget {
  /// The kind of counterpart, as the name in scenario files begins.
  public var family: String {
    switch self {
    case .erp: "erp"
    case .tax: "tax"
    case .gateway: "gateway"
    case .webhooks: "webhooks"
    case .crm: "crm"
    case .exchange: "fx"
    case .broker: "broker"
    case .producers: "producers"
    case .process: "process"
    }
  }
}

extension WorldConfiguration {
  /// The faults that wait for a condition, with the targets that they may hit in this run.
  var chosenConditions: [ConditionalFault] {
    conditionalFaults.compactMap { fault in
      var fault = fault
      fault.targets.removeAll { !has($0) || faultChoice?.takes(fault.kind, $0) == false }
      return fault.targets.isEmpty ? nil : fault
    }
  }

  /// Whether a target takes part in a run: a fault of anything else changes nothing.
  func has(_ target: FaultTarget) -> Bool {
    switch target {
    case .erp(let entity): Int(entity.index) < erps.count
    case .gateway, .webhooks: cash != nil
    case .exchange: !exchange.isEmpty
    case .broker: !broker.isDirect
    case .process(let service): processes.contains { $0.contains(service) }
    case .tax, .crm, .producers: true
    }
  }

  /// What a declared fault may hit.
  func targets(ofDeclared number: Int) -> [FaultTarget] {
    faults.filter { $0.declared == number }.map(\.target)
      + randomFaults.filter { $0.declared == number }.flatMap(\.targets)
      + conditionalFaults.filter { $0.declared == number }.flatMap(\.targets)
  }

  /// The faults at known moments, and those at random ones as a seed draws them.
  func drawnFaults(seed: UInt64) -> [FaultWindow] {
    var windows = faults
    for (number, fault) in randomFaults.enumerated() {
      var stream = RandomStream(rootSeed: seed, name: "faults/\(number)")
      var at = start
      while true {
        at += Span(seconds: stream.exponential(mean: fault.every.seconds))
        let target = fault.targets[Int(stream.below(UInt64(fault.targets.count)))]
        guard at < horizon else { break }
        windows.append(
          FaultWindow(
            kind: fault.kind, target: target, start: at, end: at + fault.duration, declared: fault.declared))
      }
    }
    return windows.filter { has($0.target) && faultChoice?.takes($0.kind, $0.target) != false }
  }
}
