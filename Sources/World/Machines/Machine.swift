import CanonicalModel
import Chronology
import CoreInterface

/// How a process of the core is to die at one of its effect boundaries, counted from 0: for systematic crash testing.
public struct CrashPoint: Hashable, Sendable {
  /// The service at whose boundary its process dies.
  public var service: CoreService
  /// The boundary.
  public var boundary: Int
  /// From the crash until it starts again.
  public var restartAfter: Span

  /// Makes a point.
  public init(service: CoreService, boundary: Int, restartAfter: Span) {
    self.service = service
    self.boundary = boundary
    self.restartAfter = restartAfter
  }
}

/// How the machines of the core crash. The figures are assumed.
public struct MachineConfiguration: Hashable, Sendable {
  /// The share of crashes within a write that leave a part of it on disk.
  public var tornShare = 0.5
  /// The effect boundaries of its process at one of which a crash comes, each alike often: one or more.
  public var crashWithin = 8

  /// Makes the defaults.
  public init() {}
}

/// The crash of a process.
struct Crash {
  /// From the crash until it starts again; `nil`: it never does.
  var restartAfter: Span?
}

/// A process of the core on its machine.
struct Machine {
  /// What it runs.
  let services: Set<CoreService>
  /// Where it stands in its lives.
  fileprivate(set) var state = ProcessState.running
  /// Counts its lives: an answer to an earlier one reaches nobody.
  var life: UInt32 = 0
  /// Boundaries until it dies; `nil`: it is not about to.
  var fuse: (boundaries: Int, crash: Crash, fault: Int?)?
  /// Effects that its next life performs again.
  var unconfirmed: [Effect] = []
  /// What was sent to it and not acknowledged: its senders send it again.
  var unacknowledged: [CoreInput] = []

  init(_ services: Set<CoreService>) { self.services = services }

  /// Until when it is down, the distant future: for good; `nil`: it is not.
  var downUntil: Instant? { state.downUntil }
  var isDown: Bool { downUntil != nil }
  /// `ingestion`, or `billing+posting` where it runs several.
  var name: String { services.sorted().map(\.name).joined(separator: "+") }
}

/// The processes of the core.
struct Machines {
  private(set) var all: [Machine]
  private let host: [Int]
  private let point: CrashPoint?
  private let isAlwaysWatched: Bool
  /// Effect boundaries so far, by service.
  private(set) var boundaries = [Int](repeating: 0, count: CoreService.allCases.count)
  /// Whether boundaries matter at the moment: they are counted, or a process is about to die at one.
  private(set) var isWatched: Bool
  private(set) var isAnyDown = false
  /// Those that have died within the input at hand, in that order.
  private(set) var dying: [Int] = []

  /// - Parameter counts: whether boundaries are counted though nothing is to die at them.
  init(_ topology: [Set<CoreService>], point: CrashPoint?, counts: Bool) {
    all = topology.map(Machine.init)
    host = CoreService.allCases.map { service in
      topology.firstIndex { $0.contains(service) } ?? 0
    }
    self.point = point
    isAlwaysWatched = counts || point != nil
    isWatched = isAlwaysWatched
  }

  func host(of service: CoreService) -> Int { host[Int(service.rawValue)] }
  func isDown(_ service: CoreService) -> Bool { isAnyDown && all[host(of: service)].isDown }
  func life(of service: CoreService) -> UInt32 { all[host(of: service)].life }
  /// Whether no process runs.
  var areAllDown: Bool { isAnyDown && all.allSatisfy(\.isDown) }

  mutating func arm(_ service: CoreService, boundaries: Int, restartAfter: Span?, fault: Int? = nil) {
    assert(boundaries > 0, "a process dies at a boundary that is still to come")
    all[host(of: service)].fuse = (boundaries, Crash(restartAfter: restartAfter), fault)
    isWatched = true
  }

  /// A service passes one of its effect boundaries; returns the crash if its process dies there.
  mutating func pass(_ service: CoreService) -> Crash? {
    let number = boundaries[Int(service.rawValue)]
    boundaries[Int(service.rawValue)] += 1
    if let point, point.service == service, point.boundary == number {
      return Crash(restartAfter: point.restartAfter)
    }
    let machine = host(of: service)
    guard let fuse = all[machine].fuse else { return nil }
    assert(fuse.boundaries > 0, "a process that was to die has died")
    if fuse.boundaries > 1 {
      all[machine].fuse?.boundaries -= 1
      return nil
    }
    return fuse.crash
  }

  /// The fault by which a service's process is about to die, by the number of its window.
  func fault(of service: CoreService) -> Int? { all[host(of: service)].fuse?.fault }

  /// A process dies; what it leaves is for `recover` to find.
  mutating func crash(_ machine: Int, until instant: Instant) {
    assert(
      all[machine].state == .resuming
        || all[machine].unconfirmed.isEmpty && all[machine].unacknowledged.isEmpty,
      "a process that runs has taken up what its last life left")
    all[machine].state.become(.crashed(until: instant))
    dying.append(machine)
    all[machine].life += 1
    all[machine].fuse = nil
    isAnyDown = true
    isWatched = isAlwaysWatched || all.contains { $0.fuse != nil }
  }

  /// What the processes that have died within the input at hand leave is recovered.
  ///
  /// - Returns: those processes, in the order in which they died.
  mutating func recover() -> [Int] {
    for machine in dying {
      guard let until = all[machine].downUntil else { preconditionFailure("whoever has died is down") }
      all[machine].state.become(.stopped(until: until))
    }
    assert(Set(dying).count == dying.count, "a process dies once within an input")
    defer { dying = [] }
    return dying
  }

  /// A process that was stopped starts again; before anything else it takes what its last life has left (`take`).
  mutating func start(_ machine: Int) {
    all[machine].state.become(.resuming)
    isAnyDown = all.contains(where: \.isDown)
  }

  mutating func keep(_ effects: [Effect], for machine: Int) {
    assert(all[machine].isDown, "effects are kept for a process that is down")
    all[machine].unconfirmed += effects
  }
  mutating func keep(_ input: CoreInput, for machine: Int) {
    assert(all[machine].isDown, "inputs are kept for a process that is down")
    all[machine].unacknowledged.append(input)
  }

  /// Dequeues the work that a restarted process must do first.
  mutating func dequeueRestartWork(_ machine: Int) -> (effects: [Effect], inputs: [CoreInput]) {
    all[machine].state.become(.running)
    defer {
      all[machine].unconfirmed = []
      all[machine].unacknowledged = []
    }
    return (all[machine].unconfirmed, all[machine].unacknowledged)
  }
}
