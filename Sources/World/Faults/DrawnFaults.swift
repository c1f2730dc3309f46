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
  public func includes(_ kind: FaultKind, _ target: FaultTarget) -> Bool {
    let name = "\(kind.name) \(target.family.rawValue)"
    return switch self {
    case .without(let names): !names.contains(name)
    case .only(let names): names.contains(name)
    }
  }
}

extension WorldConfiguration {
  /// The faults that wait for a condition, with the targets that they may hit in this run.
  var chosenConditions: [ConditionalFault] {
    conditionalFaults.compactMap { fault in
      var fault = fault
      fault.targets.removeAll { !has($0) || faultChoice?.includes(fault.kind, $0) == false }
      return fault.targets.isEmpty ? nil : fault
    }
  }

  /// Whether a target takes part in a run: a fault of anything else changes nothing.
  func has(_ target: FaultTarget) -> Bool {
    switch target {
    case .erp(let entity): Int(entity.index) < erps.count
    case .account(let number): number < catalog.erpAccounts.count
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

  /// The faults at known moments, and those at random ones within the horizon as a seed draws them.
  func drawnFaults(seed: UInt64) -> [FaultWindow] {
    var draws = randomDraws(seed: seed)
    return drawnFaults(&draws)
  }

  /// What draws the faults at random moments, each from a stream of its own.
  func randomDraws(seed: UInt64) -> [RandomDraw] {
    randomFaults.enumerated().map { number, fault in
      RandomDraw(fault, stream: RandomStream(rootSeed: seed, name: "faults/\(number)"), from: start)
    }
  }

  /// The faults at known moments, and those at random ones within the horizon.
  ///
  /// - Parameter draws: each is left at its first window after the horizon.
  func drawnFaults(_ draws: inout [RandomDraw]) -> [FaultWindow] {
    var windows = faults
    for index in draws.indices {
      while draws[index].next.start < horizon { windows.append(draws[index].dequeue()) }
    }
    return windows.filter(happens)
  }

  /// Whether a declared fault hits anything that takes part in a run.
  ///
  /// - Parameter number: its place among the scenario's faults.
  public func canHappen(declared number: Int) -> Bool { targets(ofDeclared: number).contains(where: has) }

  /// How often a fault that comes at random begins within the horizon.
  ///
  /// - Parameter number: its place among the scenario's faults.
  public func happenings(ofDeclared number: Int, seed: UInt64) -> Int {
    drawnFaults(seed: seed).count { $0.declared == number }
  }

  /// Whether a drawn fault happens.
  func happens(_ window: FaultWindow) -> Bool {
    has(window.target) && faultChoice?.includes(window.kind, window.target) != false
  }
}

/// Draws the windows of one fault that comes at random, one after another without end.
struct RandomDraw: Sendable {
  private let fault: RandomFault
  private var stream: RandomStream
  /// The window that comes next.
  private(set) var next: FaultWindow

  init(_ fault: RandomFault, stream: RandomStream, from start: Instant) {
    self.fault = fault
    self.stream = stream
    next = Self.window(of: fault, &self.stream, after: start)
  }

  /// What may come next, one for each target.
  var windows: [FaultWindow] {
    fault.targets.map { FaultWindow(kind: fault.kind, target: $0, start: next.start, end: next.end) }
  }

  /// The window that comes next, after which the one that follows is drawn.
  mutating func dequeue() -> FaultWindow {
    defer { next = Self.window(of: fault, &stream, after: next.start) }
    return next
  }

  private static func window(
    of fault: RandomFault, _ stream: inout RandomStream, after instant: Instant
  ) -> FaultWindow {
    let at = instant + Span(seconds: stream.exponential(mean: fault.every.seconds))
    let target = fault.targets[Int(stream.below(UInt64(fault.targets.count)))]
    return FaultWindow(
      kind: fault.kind, target: target, start: at, end: fault.duration.map { at + $0 } ?? .distantFuture,
      declared: fault.declared)
  }
}
