import CanonicalModel
import Chronology
import Foundation
import UsageToCash

/// What became of events that were handed to the pipeline.
public enum Submission: Sendable {
  /// They are in the log, and will be there whatever happens.
  case taken
  /// There is too much in front of them: they are to be sent again.
  case full
  /// The pipeline can make nothing durable any more.
  case failed(String)
}

/// The core on the real clock: one thread takes what has come in, writes it to the log in one go, and performs the effects. Whoever
/// hands events in hears of it when they are durable, never before.
final class PipelineEngine: @unchecked Sendable {
  private struct Delivery {
    var events: [UsageEvent]
    var answered: @Sendable (Submission) -> Void
  }

  /// What is known of the core from outside.
  struct Status: Sendable {
    var instant: Instant
    var totals = CaptureClaim()
    var queuedEvents = 0
    var depths: [Int] = []
    var openWindows = 0
    var isIdle = false
    var logBytes: Int64 = 0
    var syncs = 0
    var batches = 0
    var failure: String?
  }

  private let clock: LiveClock
  private let catalog: Catalog
  private let caller: any ERPCaller
  private let contracts: [(at: Instant, event: ContractEvent)]
  private let condition = NSCondition()
  // Under the condition:
  private var deliveries: [Delivery] = []
  private var queued = 0
  private var inputs: [PipelineInput] = []
  private var isStopping = false
  private var hasStopped = false
  private var status: Status
  /// Events that may wait; more are turned away.
  private let most: Int
  // Of the thread alone:
  private var pipeline: DurablePipeline<FileLog>
  private var effects = Effects()
  private var nextContract = 0
  private var now: Instant

  init(
    catalog: Catalog, policy: PipelinePolicy, log: FileLog, contracts: [(at: Instant, event: ContractEvent)],
    clock: LiveClock, caller: any ERPCaller, most: Int = 200_000
  ) {
    self.catalog = catalog
    self.clock = clock
    self.caller = caller
    self.contracts = contracts
    self.most = most
    now = max(log.last, clock.start)
    status = Status(instant: now)
    pipeline = DurablePipeline(catalog: catalog, policy: policy, log: log)
    log.read { input, _ in
      if case .input(.contract) = input { nextContract += 1 }
    }
    note()
  }

  /// Starts the thread.
  func start() {
    let thread = Thread { self.work() }
    thread.name = "pipeline"
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Hands events in; the answer comes when they are durable.
  func submit(_ events: [UsageEvent], answered: @escaping @Sendable (Submission) -> Void) {
    condition.lock()
    if let failure = status.failure {
      condition.unlock()
      return answered(.failed(failure))
    }
    guard queued + events.count <= most, !isStopping else {
      condition.unlock()
      return answered(.full)
    }
    queued += events.count
    deliveries.append(Delivery(events: events, answered: answered))
    condition.signal()
    condition.unlock()
  }

  /// Tells the core what a counterpart has answered.
  func tell(_ input: PipelineInput) {
    condition.lock()
    inputs.append(input)
    condition.signal()
    condition.unlock()
  }

  /// What is known of the core.
  var current: Status {
    condition.lock()
    defer { condition.unlock() }
    var status = status
    status.queuedEvents = queued
    return status
  }

  /// Takes nothing more, and waits until what was taken has been worked off.
  func stop() {
    condition.lock()
    isStopping = true
    condition.signal()
    while !hasStopped { condition.wait() }
    condition.unlock()
  }

  // MARK: The thread

  private func work() {
    while true {
      condition.lock()
      while deliveries.isEmpty, inputs.isEmpty, !isStopping, !isDue() {
        _ = condition.wait(until: Date(timeIntervalSinceNow: pause()))
      }
      let (taken, told) = (deliveries, inputs)
      let isOver = isStopping && taken.isEmpty && told.isEmpty
      deliveries = []
      inputs = []
      condition.unlock()
      if isOver { break }
      now = max(now, clock.now)
      take(taken)
      for input in told {
        pipeline.handle(input, at: now, effects: &effects)
        perform()
      }
      tellContracts()
      if let deadline = pipeline.deadlines.next, deadline <= now {
        pipeline.advance(to: now, effects: &effects)
        perform()
      }
      note()
    }
    condition.lock()
    hasStopped = true
    condition.broadcast()
    condition.unlock()
  }

  /// One delivery of all that have come in: they become durable together.
  private func take(_ taken: [Delivery]) {
    guard !taken.isEmpty else { return }
    let events = taken.count == 1 ? taken[0].events : taken.flatMap(\.events)
    events.withUnsafeBufferPointer { pipeline.handle($0, at: now, effects: &effects) }
    let failure = pipeline.log.failure
    condition.lock()
    queued -= events.count
    status.batches += 1
    if let failure { status.failure = failure.description }
    condition.unlock()
    for delivery in taken { delivery.answered(failure.map { .failed($0.description) } ?? .taken) }
    perform()
  }

  private func isDue() -> Bool {
    let next = min(pipeline.deadlines.next ?? .distantFuture, nextNotice)
    return next <= clock.now
  }

  private var nextNotice: Instant {
    nextContract < contracts.count ? contracts[nextContract].at : .distantFuture
  }

  /// How long there is nothing to do, in seconds; not for long, as nobody tells when somebody sets the clock.
  private func pause() -> Double {
    let next = min(pipeline.deadlines.next ?? .distantFuture, nextNotice)
    return next == .distantFuture ? 0.05 : min(0.05, max(0.0002, clock.until(next).seconds))
  }

  private func tellContracts() {
    while nextContract < contracts.count, contracts[nextContract].at <= now {
      pipeline.handle(.contract(contracts[nextContract].event), at: now, effects: &effects)
      nextContract += 1
      perform()
    }
  }

  /// Calls the ERPs; everything else is the core's own state, which the log has.
  private func perform() {
    let outputs = effects.outputs
    effects.removeAll()
    // What is not durable has not happened.
    guard pipeline.log.failure == nil else { return }
    for case .call(let call) in outputs {
      let caller = caller
      Task {
        await caller.call(call) { answer in self.tell(.erp(answer, to: call.id, of: call.entity)) }
      }
    }
  }

  private func note() {
    let state = pipeline.state
    condition.lock()
    status.instant = now
    status.totals = state.ingestion.totals
    status.depths = catalog.entities.indices.map { state.posting.depth(of: EntityID(index: UInt32($0))) }
    status.openWindows = state.metering.openWindows
    status.isIdle = pipeline.isIdle
    status.logBytes = pipeline.log.bytes
    status.syncs = pipeline.log.syncs
    condition.unlock()
  }
}
