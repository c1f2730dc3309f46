import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// What reaches the core goes through its processes, which can die at every effect boundary: when an input is written,
/// when it is synced, before each effect, and after the last one, before the input is acknowledged.
extension SimulatedWorld {
  /// Hands an input to the core; what its process cannot take, or does not acknowledge, its sender sends again.
  mutating func tell(_ input: PipelineInput) {
    let service = input.service
    guard !machines.isDown(service) else { return resendLater(input) }
    if machines.isWatched, dies(service) {
      settle { $0.append(input: input, at: $1) }
      return resendLater(input)
    }
    if let witness, case .cash(let notice) = input { witness.saw(.noticeArrived(notice), at: kernel.now) }
    process.handle(input, at: kernel.now, effects: &effects)
    capture(input)
    if machines.isWatched { _ = dies(service) }
    perform()
    if let fact = input.masterData { sink.record(fact, at: kernel.now) }
    if machines.isWatched, !machines.isDown(service), dies(service) { settle() }
    if machines.isDown(service) { resendLater(input) }
  }

  /// Hands a batch to the core.
  ///
  /// - Returns: whether it was acknowledged.
  mutating func tell(_ batch: UnsafeBufferPointer<UsageEvent>) -> Bool {
    if machines.isWatched, dies(.ingestion) {
      settle { $0.append(delivery: batch, at: $1) }
      return false
    }
    process.handle(batch, at: kernel.now, effects: &effects)
    sink.captured(batch, claim: effects.claim, at: kernel.now)
    if machines.isWatched { _ = dies(.ingestion) }
    perform()
    if machines.isWatched, !machines.isDown(.ingestion), dies(.ingestion) { settle() }
    return !machines.isDown(.ingestion)
  }

  /// Time passes for the core.
  mutating func tellTime() {
    guard let witness else { return passTime() }
    // For whoever listens: which calls the core gives up waiting for. A process that dies forgets its calls, which is no timeout.
    let (before, life) = (process.state.posting.callsUnderWay, machines.life(of: .posting))
    passTime()
    guard life == machines.life(of: .posting) else { return }
    for id in before.subtracting(process.state.posting.callsUnderWay).sorted() {
      witness.saw(.timedOut(id), at: kernel.now)
    }
  }

  private mutating func passTime() {
    guard !machines.areAllDown else { return }
    guard machines.isWatched else {
      process.advance(to: kernel.now, effects: &effects)
      return perform()
    }
    let due = process.deadlines.due(at: kernel.now)
    for service in due where !machines.isDown(service) && dies(service) {
      settle { $0.append(wakeAt: $1) }
    }
    guard !machines.areAllDown else { return }
    process.advance(to: kernel.now, effects: &effects)
    for service in due where !machines.isDown(service) { _ = dies(service) }
    perform()
    for service in due where !machines.isDown(service) && dies(service) { settle() }
  }

  /// What ingestion says of events that an input has carried.
  private mutating func capture(_ input: PipelineInput) {
    if case .backfill(let backfill) = input {
      return backfill.events.withUnsafeBufferPointer {
        sink.captured($0, claim: effects.claim, at: kernel.now)
      }
    }
    guard effects.claim != CaptureClaim() else { return }
    let events: [UsageEvent] =
      switch input {
      case .correction(let correction): correction.replacement.map { [$0] } ?? []
      default: []
      }
    events.withUnsafeBufferPointer {
      let taken = UnsafeBufferPointer(rebasing: $0.prefix(Int(effects.claim.received)))
      sink.captured(taken, claim: effects.claim, at: kernel.now)
    }
  }

  /// Answers reach nobody but the process that asked; everything else is sent until it is acknowledged.
  private mutating func resendLater(_ input: PipelineInput) {
    switch input {
    case .erp, .tax, .charge, .service: observations.count(.answeredDeadProcess)
    default:
      observations.count(.inputSentAgain)
      machines.keep(input, for: machines.host(of: input.service))
    }
  }

  // MARK: Crashes

  /// Passes an effect boundary of a service; marks its process as gone if it dies there.
  mutating func dies(_ service: CoreService) -> Bool {
    guard let crash = machines.pass(service) else { return false }
    if let fault = machines.fault(of: service) {
      hasBegun[fault] = true
      faultHits[fault] += 1
      // It was to happen at the next of some boundaries: that is when it happens.
      crashes[fault] = (kernel.now, crash.restartAfter.map { kernel.now + $0 } ?? .distantFuture)
    }
    let machine = machines.host(of: service)
    machines.stop(machine, until: crash.restartAfter.map { kernel.now + $0 } ?? .distantFuture)
    dying.append(machine)
    observations.count(.processCrashed)
    note(
      "process/\(machines.all[machine].name)",
      "crashes, "
        + (crash.restartAfter.map { "starts again in \($0)" } ?? "and never starts again"))
    witness?.saw(.processDied(machines.all[machine].name), at: kernel.now)
    if let span = crash.restartAfter {
      schedule(WorldEvent(.restart, index: machine), at: kernel.now + span)
    } else {
      essential &+= 1  // what waits for the process is left when time is up
    }
    return true
  }

  /// A process died while it wrote an input, which is lost and may have left a torn record.
  private mutating func settle(whileWriting write: (inout DiskLog, Instant) -> Void) {
    let isTorn = machineStream.bernoulli(0.5)
    let now = kernel.now
    recover { log in
      write(&log, now)
      log.crash(tearing: isTorn)
    }
  }

  /// A process died with nothing half written.
  mutating func settle() { recover { $0.crash(tearing: false) } }

  /// The processes that have died are gone; what is left is what the log holds.
  private mutating func recover(_ damage: (inout DiskLog) -> Void) {
    let torn = process.log.tornRecords
    let unconfirmed = process.restart(damage)
    observations.count(.tornWriteDetected, process.log.tornRecords - torn)
    let died = dying
    dying.removeAll()
    for machine in died {
      let services = machines.all[machine].services
      machines.keep(unconfirmed.filter { services.contains($0.service) }, for: machine)
      sink.record(.recovered(process.state.ingestion.totals), at: kernel.now)
      process.handle(.service(.stopped(services)), at: kernel.now, effects: &effects)
      perform()
    }
    wakeIfDue()
  }

  /// A process starts again: it stands where the log says, and does again what may not have been done.
  mutating func restart(_ machine: Int) {
    machines.start(machine)
    note("process/\(machines.all[machine].name)", "starts again")
    witness?.saw(.processStarted(machines.all[machine].name), at: kernel.now)
    process.handle(
      .service(.started(machines.all[machine].services)), at: kernel.now, effects: &effects)
    perform()
    // Dead again before it came to that: its next life has it to do.
    guard !machines.all[machine].isDown else { return }
    let (unconfirmed, inputs) = machines.take(machine)
    for effect in unconfirmed {
      observations.count(.effectRepeated)
      perform(effect)
    }
    for input in inputs { tell(input) }
    if !machines.isDown(.ingestion) {
      for partition in partitions.indices { handOver(partition: partition) }
    }
    wakeIfDue()
  }
}
