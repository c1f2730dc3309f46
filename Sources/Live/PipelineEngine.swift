import CanonicalModel
import Chronology
import CoreInterface
import Dispatch
import Foundation
import Synchronization
import UsageToCash

/// What became of events that were handed to the pipeline.
package enum Submission: Sendable {
  /// They are in the log, and will be there whatever happens.
  case taken
  /// There is too much in front of them: they are to be sent again.
  case full
  /// They could not be made durable, and are to be sent again.
  case failed(String)
  /// The same, as the disk is full.
  case noRoom(String)
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
    /// Why nothing can be made durable at the moment; `nil`: it can.
    var failure: FileLogError?
    /// How often that has begun.
    var failures = 0
  }

  /// How far the thread's life has come.
  private enum Phase {
    case made
    case working
    /// Nothing more is accepted; what was accepted is processed.
    case stopping
    case stopped
  }

  private let clock: LiveClock
  private let catalog: Catalog
  private let caller: any ERPCaller
  private let contracts: [(at: Instant, event: ContractEvent)]
  /// What the thread shares with those who hand something in, and with those who ask.
  private struct Shared {
    var deliveries: [Delivery] = []
    /// Events that were accepted and are not processed, those in the thread's hands included.
    var queued = 0
    var inputs: [LiveInput] = []
    var phase = Phase.made
    var status: Status

    var isOpen: Bool { phase == .made || phase == .working }

    /// The one way from a phase to the next.
    mutating func move(to next: Phase) {
      switch (phase, next) {
      case (.made, .working), (.working, .stopping), (.stopping, .stopped): phase = next
      default: preconditionFailure("an engine does not go from \(phase) to \(next)")
      }
    }
  }

  /// What the thread does next.
  private enum Turn {
    /// It takes these deliveries, and these inputs if it goes on with anything else.
    case work([Delivery], [LiveInput], goesOn: Bool)
    /// It waits.
    case wait
    /// It ends.
    case end
  }

  private let shared: Mutex<Shared>
  /// Wakes the thread: there may be something to do.
  private let bell = DispatchSemaphore(value: 0)
  /// Left when the thread has ended.
  private let life = DispatchGroup()
  /// Events that may wait; more are turned away.
  private let maximum: Int
  // Of the thread alone:
  private var pipeline: DurablePipeline<FileLog>
  private var effects = Effects()
  private var nextContract = 0
  private var now: Instant
  /// Nanoseconds of the machine's at which writing is tried again; `nil`: it works.
  private var retryAt: Int64?
  /// How long writing is left alone after it has failed.
  private static let pauseAfterFailure: Int64 = 250_000_000
  /// Told that nothing can be made durable any more, and that it can again.
  private let report: @Sendable (String) -> Void

  init(
    catalog: Catalog, policy: PipelinePolicy, log: FileLog, contracts: [(at: Instant, event: ContractEvent)],
    clock: LiveClock, caller: any ERPCaller, maximum: Int = 200_000,
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(FileLogError) {
    precondition(maximum > 0, "an engine into which nothing fits answers nobody")
    assert(
      zip(contracts, contracts.dropFirst()).allSatisfy { $0.at <= $1.at },
      "changes of contract are delivered in the order of time")
    self.catalog = catalog
    self.clock = clock
    self.caller = caller
    self.contracts = contracts
    self.maximum = maximum
    self.report = report
    now = max(log.last, clock.start)
    shared = Mutex(Shared(status: Status(instant: now)))
    pipeline = try DurablePipeline(catalog: catalog, policy: policy, log: log)
    var told = 0
    try log.read { input, _ in
      if case .input(.contract) = input { told += 1 }
    }
    nextContract = told
    publishStatus()
  }

  /// Starts the thread.
  func start() {
    shared.withLock { $0.move(to: .working) }
    life.enter()
    let thread = Thread { self.work() }
    thread.name = "pipeline"
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Hands events in; the answer comes when they are durable.
  func submit(_ events: [UsageEvent], answered: @escaping @Sendable (Submission) -> Void) {
    assert(!events.isEmpty, "a delivery holds an event")
    let isTaken = shared.withLock { shared in
      guard shared.isOpen, shared.queued + events.count <= maximum else { return false }
      shared.queued += events.count
      shared.deliveries.append(Delivery(events: events, answered: answered))
      return true
    }
    if isTaken { bell.signal() } else { answered(.full) }
  }

  /// Delivers a counterpart's answer to the core.
  func deliver(_ input: LiveInput) {
    shared.withLock { $0.inputs.append(input) }
    bell.signal()
  }

  /// What is known of the core.
  var current: Status {
    shared.withLock { shared in
      var status = shared.status
      status.queuedEvents = shared.queued
      return status
    }
  }

  /// Accepts nothing more, and waits until what was accepted has been processed. A second call waits as well.
  func stop() {
    shared.withLock { shared in
      // Without a thread nobody would ever answer.
      precondition(shared.phase != .made, "an engine is started before it is stopped")
      if shared.phase == .working { shared.move(to: .stopping) }
    }
    bell.signal()
    life.wait()
  }

  // MARK: The thread

  private func work() {
    loop: while true {
      switch nextTurn() {
      case .wait: _ = bell.wait(timeout: .now() + pause())
      case .work(let taken, let told, let goesOn):
        now = max(now, clock.now)
        assert(now >= pipeline.log.last, "an input is never older than the last one in the log")
        process(taken)
        if goesOn { goOn(told) }
        publishStatus()
      case .end: break loop
      }
    }
    shared.withLock { shared in
      assert(shared.deliveries.isEmpty && shared.queued == 0, "whoever handed events in was answered")
      shared.move(to: .stopped)
    }
    life.leave()
  }

  private func nextTurn() -> Turn {
    shared.withLock { shared in
      let goesOn = mayGoOn(shared.inputs)
      guard !shared.deliveries.isEmpty || goesOn || shared.phase != .working else { return .wait }
      // What cannot be written when the process ends is found out by its next life.
      if shared.phase == .stopping, shared.deliveries.isEmpty, shared.inputs.isEmpty || retryAt != nil {
        return .end
      }
      let turn = Turn.work(shared.deliveries, goesOn ? shared.inputs : [], goesOn: goesOn)
      shared.deliveries = []
      if goesOn { shared.inputs = [] }
      return turn
    }
  }

  /// Whether there is anything to do beside deliveries, and writing is not left alone for the moment.
  private func mayGoOn(_ inputs: [LiveInput]) -> Bool {
    if let retryAt { return LiveClock.machineTime >= retryAt }
    return !inputs.isEmpty || isDue()
  }

  /// Takes in what has come beside deliveries; what cannot be written waits in its place.
  private func goOn(_ told: [LiveInput]) {
    assert(effects.outputs.isEmpty, "the effects of one input are performed before the next")
    for (index, input) in told.enumerated() {
      guard
        case nil = attempt({ () throws(FileLogError) in try pipeline.handle(input, at: now, effects: &effects)
        })
      else {
        shared.withLock { $0.inputs = Array(told[index...]) + $0.inputs }
        return
      }
      perform()
    }
    guard deliverContracts() else { return }
    // After a failure, that time has passed is what is written on trial.
    if retryAt != nil || pipeline.deadlines.next.map({ $0 <= now }) == true {
      if case nil = attempt({ () throws(FileLogError) in try pipeline.advance(to: now, effects: &effects) }) {
        perform()
      }
    }
  }

  /// Writes something, and notices when that begins to fail and when it works again.
  ///
  /// - Returns: why it failed.
  private func attempt(_ body: () throws(FileLogError) -> Void) -> FileLogError? {
    do throws(FileLogError) {
      try body()
      if retryAt != nil {
        retryAt = nil
        shared.withLock { $0.status.failure = nil }
        report(
          "the log can be written again: usage is accepted, and nothing that was acknowledged is missing")
      }
      return nil
    } catch {
      if retryAt == nil {
        shared.withLock { $0.status.failures += 1 }
        report("\(error.description): usage is refused until it can be written again")
      }
      retryAt = LiveClock.machineTime + Self.pauseAfterFailure
      shared.withLock { $0.status.failure = error }
      return error
    }
  }

  /// Processes all waiting deliveries as one: they become durable together.
  private func process(_ taken: [Delivery]) {
    guard !taken.isEmpty else { return }
    assert(effects.outputs.isEmpty, "the effects of one input are performed before the next")
    let events = taken.count == 1 ? taken[0].events : taken.flatMap(\.events)
    let failure = attempt { () throws(FileLogError) in
      // Typed errors do not pass through the buffer's closure.
      let result = events.withUnsafeBufferPointer { buffer -> FileLogError? in
        do throws(FileLogError) {
          try pipeline.handle(buffer, at: now, effects: &effects)
          return nil
        } catch {
          return error
        }
      }
      if let result { throw result }
    }
    shared.withLock { shared in
      shared.queued -= events.count
      assert(shared.queued >= 0, "events that are processed were counted when they came")
      if failure == nil { shared.status.batches += 1 }
    }
    let outcome = failure.map {
      $0.isForLackOfRoom ? Submission.noRoom($0.description) : .failed($0.description)
    }
    for delivery in taken { delivery.answered(outcome ?? .taken) }
    if failure == nil { perform() }
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

  /// - Returns: whether all that CRM has told by now is written.
  private func deliverContracts() -> Bool {
    while nextContract < contracts.count, contracts[nextContract].at <= now {
      let input = LiveInput.contract(nextContract, contracts[nextContract].event)
      guard
        case nil = attempt({ () throws(FileLogError) in try pipeline.handle(input, at: now, effects: &effects)
        })
      else { return false }
      nextContract += 1
      perform()
    }
    return true
  }

  /// Calls the ERPs; everything else is the core's own state, which the log has.
  private func perform() {
    let outputs = effects.outputs
    effects.removeAll()
    for case .call(let call) in outputs {
      let caller = caller
      Task {
        await caller.call(call) { answer in self.deliver(.answer(answer, to: call.id, of: call.entity)) }
      }
    }
  }

  private func publishStatus() {
    let state = pipeline.state
    let depths = catalog.entities.indices.map { state.posting.depth(of: EntityID(index: UInt32($0))) }
    shared.withLock { shared in
      assert(shared.status.instant <= now, "time does not go back")
      assert(
        shared.status.totals.received <= state.ingestion.totals.received, "what was received stays received")
      assert(shared.status.logBytes <= pipeline.log.bytes, "a log never becomes shorter")
      assert(shared.status.syncs <= pipeline.log.syncs, "what is durable stays durable")
      shared.status.instant = now
      shared.status.totals = state.ingestion.totals
      shared.status.depths = depths
      shared.status.openWindows = state.metering.openWindows
      shared.status.isIdle = pipeline.isIdle
      shared.status.logBytes = pipeline.log.bytes
      shared.status.syncs = pipeline.log.syncs
    }
  }
}
