import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// The core under test on its machines: the processes that it runs in, which can die at every effect boundary (when an input is written,
/// when it is synced, before each effect, and after the last one, before the input is acknowledged), and the effects that it asks for.
struct CoreHost {
  var core: any Core
  var machines: Machines
  private let configuration: MachineConfiguration
  private var stream: RandomStream
  /// What the core asked for and nobody has performed yet.
  var effects = Effects()
  private var wakeScheduledFor = Instant.distantFuture

  init(_ world: WorldConfiguration, core: any Core, seed: UInt64) {
    self.core = core
    configuration = world.machines
    precondition(
      world.machines.crashWithin > 0 && (0...1).contains(world.machines.tornShare),
      "a crash comes at a boundary, and tears a share of the writes")
    machines = Machines(world.processes, point: world.crashPoint, counts: world.countsBoundaries)
    stream = RandomStream(rootSeed: seed, name: "machines")
  }

  // MARK: Time

  /// Sees to it that the core is woken at its next deadline.
  mutating func wakeIfDue(_ surroundings: inout Surroundings) {
    assert(wakeScheduledFor >= surroundings.now, "no wake-up was passed over")
    if let deadline = core.nextDeadline, deadline < wakeScheduledFor, !machines.areAllDown {
      let at = max(deadline, surroundings.now)
      wakeScheduledFor = at
      surroundings.schedule(WorldEvent(.wake), at: at)
    }
  }

  /// Whether a wake is the one that is awaited; others have been overtaken by an earlier one, which has planned anew.
  mutating func isAwake(at now: Instant) -> Bool {
    assert(now <= wakeScheduledFor, "the core is not woken later than it wants to be")
    guard now == wakeScheduledFor else { return false }
    wakeScheduledFor = .distantFuture
    return true
  }

  // MARK: Inputs

  /// Answers reach nobody but the process that asked; everything else is sent until it is acknowledged.
  mutating func resendLater(_ input: CoreInput, _ surroundings: inout Surroundings) {
    assert(machines.isDown(input.service), "only what a dead process was told is sent again")
    switch input {
    case .erp, .tax, .charge, .service: surroundings.count(.answeredDeadProcess)
    default:
      surroundings.count(.inputSentAgain)
      machines.keep(input, for: machines.host(of: input.service))
    }
  }

  /// Whether the core still waits for the answer to a call.
  mutating func waits(for call: ERPCallID) -> Bool { core.waits(for: call) }

  /// The calls that the core waits for.
  mutating func callsUnderWay() -> Set<ERPCallID> { core.callsUnderWay }

  // MARK: Crashes

  /// A process that has died at an effect boundary.
  struct Death {
    var machine: Int
    /// From the crash until it starts again; `nil`: it never does.
    var restartAfter: Span?
    /// The fault by which it died, by the number of its window.
    var fault: Int?
  }

  /// A fault is to kill a service's process at any of its next boundaries: within an input as well as between two.
  mutating func arm(_ service: CoreService, by fault: Int, restartAfter: Span?) {
    machines.arm(
      service, boundaries: 1 + Int(stream.below(UInt64(configuration.crashWithin))),
      restartAfter: restartAfter, fault: fault)
  }

  /// Passes an effect boundary of a service; marks its process as gone if it dies there.
  mutating func pass(_ service: CoreService, _ surroundings: inout Surroundings) -> Death? {
    assert(!machines.isDown(service), "a dead process passes no boundary")
    guard let crash = machines.pass(service) else { return nil }
    let death = Death(
      machine: machines.host(of: service), restartAfter: crash.restartAfter,
      fault: machines.fault(of: service))
    machines.crash(
      death.machine, until: crash.restartAfter.map { surroundings.now + $0 } ?? .distantFuture)
    surroundings.count(.processCrashed)
    return death
  }

  /// A process that died starts again after its time; what waits for one that never does is left when time is up.
  func arrangeRestart(after death: Death, _ surroundings: inout Surroundings) {
    if let span = death.restartAfter {
      surroundings.schedule(WorldEvent(.restart, index: death.machine), at: surroundings.now + span)
    } else {
      surroundings.expect()
    }
  }

  /// What processes leave that have died.
  struct Remains {
    var machines: [Int]
    /// Effects that may not have been performed.
    var unconfirmed: [Effect]
  }

  /// The processes that have died are gone; what is left is what the log holds.
  ///
  /// - Parameter write: what one of them was writing: it is lost, and may leave a torn record.
  mutating func recover(
    during write: UnfinishedWrite? = nil, _ surroundings: inout Surroundings
  ) -> Remains {
    precondition(!machines.dying.isEmpty, "where nobody died there is nothing to recover")
    let torn = core.logUse.torn
    let isTorn = write != nil && stream.bernoulli(configuration.tornShare)
    let unconfirmed = core.restart(during: write, isTorn: isTorn, at: surroundings.now)
    surroundings.count(.tornWriteDetected, core.logUse.torn - torn)
    return Remains(machines: machines.recover(), unconfirmed: unconfirmed)
  }

  /// Tells the core that the services of a process have stopped.
  mutating func bury(_ machine: Int, _ remains: Remains, _ surroundings: inout Surroundings) {
    precondition(machines.all[machine].isDown, "only the dead are buried")
    let services = machines.all[machine].services
    machines.keep(remains.unconfirmed.filter { services.contains($0.service) }, for: machine)
    surroundings.record(.recovered(core.capture))
    core.handle(.service(.stopped(services)), at: surroundings.now, effects: &effects)
  }
}
