import CanonicalModel
import Chronology
import CoreInterface

/// What reaches the core, the deaths of its processes, and what it asks for.
extension CoreHost {
  /// Delivers an input to the core; its sender retries an input that the process cannot accept or does not acknowledge.
  mutating func deliver(_ input: CoreInput, _ outside: inout Outside) {
    let service = input.service
    guard !machines.isDown(service) else { return resendLater(input, &outside.surroundings) }
    if machines.isWatched, dies(service, &outside) {
      recoverFromCrash(&outside, during: .input(input))
      return resendLater(input, &outside.surroundings)
    }
    if case .cash(let notice) = input { outside.surroundings.saw(.noticeArrived(notice)) }
    core.handle(input, at: outside.now, effects: &effects)
    outside.surroundings.recordCapture(of: input, claim: effects.claim)
    if machines.isWatched { _ = dies(service, &outside) }
    perform(&outside)
    if let fact = input.masterData { outside.surroundings.record(fact) }
    if machines.isWatched, !machines.isDown(service), dies(service, &outside) { recoverFromCrash(&outside) }
    if machines.isDown(service) { resendLater(input, &outside.surroundings) }
  }

  /// Delivers a batch to the core.
  ///
  /// - Returns: whether it was acknowledged.
  mutating func deliver(_ batch: UnsafeBufferPointer<UsageEvent>, _ outside: inout Outside) -> Bool {
    if machines.isWatched, dies(.ingestion, &outside) {
      recoverFromCrash(&outside, during: .delivery(batch))
      return false
    }
    core.handle(batch, at: outside.now, effects: &effects)
    outside.surroundings.recordCaptured(batch, claim: effects.claim)
    if machines.isWatched { _ = dies(.ingestion, &outside) }
    perform(&outside)
    if machines.isWatched, !machines.isDown(.ingestion), dies(.ingestion, &outside) {
      recoverFromCrash(&outside)
    }
    return !machines.isDown(.ingestion)
  }

  /// Advances the core's time.
  mutating func advanceTime(_ outside: inout Outside) {
    guard outside.surroundings.witness != nil else { return passTime(&outside) }
    // For whoever listens: which calls the core gives up waiting for. A process that dies forgets its calls, which is no timeout.
    let (before, life) = (callsUnderWay(), machines.life(of: .posting))
    passTime(&outside)
    guard life == machines.life(of: .posting) else { return }
    for id in before.subtracting(callsUnderWay()).sorted() { outside.surroundings.saw(.timedOut(id)) }
  }

  private mutating func passTime(_ outside: inout Outside) {
    guard !machines.areAllDown else { return }
    guard machines.isWatched else {
      core.advance(to: outside.now, effects: &effects)
      return perform(&outside)
    }
    let due = core.deadlines.due(at: outside.now)
    for service in due where !machines.isDown(service) && dies(service, &outside) {
      recoverFromCrash(&outside, during: .wake)
    }
    guard !machines.areAllDown else { return }
    core.advance(to: outside.now, effects: &effects)
    for service in due where !machines.isDown(service) { _ = dies(service, &outside) }
    perform(&outside)
    for service in due where !machines.isDown(service) && dies(service, &outside) {
      recoverFromCrash(&outside)
    }
  }

  // MARK: Deaths

  /// Passes an effect boundary of a service.
  ///
  /// - Returns: whether its process dies there.
  private mutating func dies(_ service: CoreService, _ outside: inout Outside) -> Bool {
    guard let death = pass(service, &outside.surroundings) else { return false }
    if let fault = death.fault {
      outside.faultSchedule.recordCrash(
        fault, at: outside.now, until: death.restartAfter.map { outside.now + $0 } ?? .distantFuture)
    }
    let name = machines.all[death.machine].name
    outside.recordMoment(
      &self, "process/\(name)",
      "crashes, " + (death.restartAfter.map { "starts again in \($0)" } ?? "and never starts again"))
    outside.surroundings.saw(.processDied(name))
    arrangeRestart(after: death, &outside.surroundings)
    return true
  }

  /// Discards the state of crashed processes and recovers the core from its log.
  private mutating func recoverFromCrash(_ outside: inout Outside, during write: UnfinishedWrite? = nil) {
    let remains = recover(during: write, &outside.surroundings)
    for machine in remains.machines {
      bury(machine, remains, &outside.surroundings)
      perform(&outside)
    }
    wakeIfDue(&outside.surroundings)
  }

  /// A process starts again: it stands where the log says, and does again what may not have been done.
  mutating func restart(_ machine: Int, _ outside: inout Outside) {
    precondition(machines.all[machine].downUntil == outside.now, "a process starts again when it is due")
    machines.start(machine)
    let name = machines.all[machine].name
    outside.recordMoment(&self, "process/\(name)", "starts again")
    outside.surroundings.saw(.processStarted(name))
    let services = machines.all[machine].services
    core.handle(.service(.started(services)), at: outside.now, effects: &effects)
    perform(&outside)
    // Dead again before it came to that: its next life has it to do.
    guard !machines.all[machine].isDown else { return }
    let (unconfirmed, inputs) = machines.dequeueRestartWork(machine)
    for effect in unconfirmed {
      outside.surroundings.count(.effectRepeated)
      outside.perform(effect, &self)
    }
    for input in inputs { deliver(input, &outside) }
    if !machines.isDown(.ingestion) {
      for partition in outside.broker.partitions.indices { outside.handOver(partition: partition, &self) }
    }
    wakeIfDue(&outside.surroundings)
  }

  /// Performs the effects of one input, in order, and sees to it that the core is woken in time.
  private mutating func perform(_ outside: inout Outside) {
    if !effects.summaries.isEmpty {
      effects.summaries.withUnsafeBufferPointer { outside.surroundings.recordSummaries($0) }
    }
    if machines.isWatched || machines.isAnyDown || !machines.dying.isEmpty {
      performUnlessDead(&outside)
    } else {
      for index in effects.outputs.indices { outside.perform(effects.outputs[index], &self) }
      effects.removeAll()
    }
    wakeIfDue(&outside.surroundings)
  }

  /// Performs effects as long as the process that has to is alive. What is the core's own state is there with the log.
  private mutating func performUnlessDead(_ outside: inout Outside) {
    // The buffer is used again where a process dies.
    var outputs: [Effect] = []
    swap(&outputs, &effects.outputs)
    effects.removeAll()
    for effect in outputs {
      let isDown = effect.isExternal && machines.isDown(effect.service)
      if isDown || effect.isExternal && dies(effect.service, &outside) {
        outside.surroundings.count(.effectLost)
        // Of one that has just died, the log has the rest; what another process asks of a dead one waits for it.
        let machine = machines.host(of: effect.service)
        if isDown, effect.isRedelivered, !machines.dying.contains(machine) {
          machines.keep([effect], for: machine)
        }
        // The invoice is final with the log, though its customer does not have it yet.
        if case .issue(let invoice) = effect { outside.finalise(invoice, &self) }
      } else {
        outside.perform(effect, &self)
      }
    }
    if effects.outputs.isEmpty {
      outputs.removeAll(keepingCapacity: true)
      swap(&outputs, &effects.outputs)
    }
    if !machines.dying.isEmpty { recoverFromCrash(&outside) }
  }
}
