import CanonicalModel
import Chronology
import CoreInterface
import HeapModule
import SimulationKernel

/// The ERPs of a scenario on whatever clock their driver has: their calls are those of the simulation (``ERPCalls``), and what is due when
/// is kept here. It reads no clock and does no I/O.
package struct ERPStation: Sendable {
  /// What a caller hears.
  package struct Answer: Sendable {
    /// The call's number.
    package var call: Int
    /// What it hears; `nil`: nothing, ever.
    package var answer: ERPAnswer?
    /// Whether this is what became of a job that an earlier answer has announced.
    package var isOfJob: Bool
  }

  private enum Step: Sendable {
    case call(CallStep)
    case faultStart(Int)
    case faultEnd(Int)
  }

  private struct Due: Comparable, Sendable {
    var at: Instant
    var order: UInt64
    var step: Step

    static func < (a: Due, b: Due) -> Bool { (a.at, a.order) < (b.at, b.order) }
    static func == (a: Due, b: Due) -> Bool { a.order == b.order }
  }

  /// The clock, the network, and what there is to hear of the calls.
  private struct Surroundings: CallSurroundings, Sendable {
    var now: Instant
    var network: MessageNetwork
    var documents: [(at: Instant, document: LedgerDocument)] = []
    /// What callers hear that has not been taken.
    var answers: [Answer] = []

    mutating func isLost(_ faults: inout ActiveFaults) -> Bool { network.isLost(&faults) }
    mutating func delay(_ faults: inout ActiveFaults) -> Span { network.delay(&faults) ?? .zero }
    mutating func isDuplicated(_ faults: inout ActiveFaults) -> Bool { network.isDuplicated(&faults) }
    mutating func lag(below steps: UInt64) -> Int64 { network.lag(below: steps) }

    mutating func record(_ fact: CallFact, of call: borrowing PendingCall) {
      switch fact {
      case .requestLost, .abandoned, .processed(nil), .answerLost:
        // Nobody waits for the answer to a copy.
        guard !call.isCopy else { return }
        var isOfJob = false
        if case .inJob = call.state { isOfJob = true }
        answers.append(Answer(call: Int(call.call.id.number), answer: nil, isOfJob: isOfJob))
      case .requestDuplicated, .queued, .begun, .refused, .processed: break
      }
    }

    mutating func recordPosted(_ document: LedgerDocument) {
      assert(documents.last.map { $0.at <= now } ?? true, "documents are posted in the order of time")
      documents.append((now, document))
    }
  }

  private let configuration: WorldConfiguration
  private var calls: ERPCalls
  private var surroundings: Surroundings
  /// The faults of the scenario; those at random come after each other without end.
  private var windows: [FaultWindow]
  /// What draws them, and which of them each window comes from that was drawn on the way.
  private var draws: [RandomDraw]
  private var drawOf: [Int: Int] = [:]
  private var due = Heap<Due>()
  private var order: UInt64 = 0
  private var callCount: UInt64 = 0

  /// Makes the ERPs of a scenario; entities that change their ERP keep the first.
  package init(_ configuration: WorldConfiguration, seed: UInt64) {
    self.configuration = configuration
    calls = ERPCalls(configuration, seed: seed)
    surroundings = Surroundings(now: configuration.start, network: MessageNetwork(rootSeed: seed))
    draws = configuration.randomDraws(seed: seed)
    windows = configuration.drawnFaults(&draws)
    for index in windows.indices { scheduleFault(index) }
    for draw in draws.indices { drawNext(draw) }
  }

  // MARK: Who is who

  /// Until when everything that is due has happened.
  package var now: Instant { surroundings.now }
  /// What the ledgers hold, in the order of posting, and since when.
  package var documents: [(at: Instant, document: LedgerDocument)] { surroundings.documents }
  /// The profile of an entity's ERP.
  package func profile(of entity: Int) -> ERPProfile { calls.erps[entity].profile }
  /// What an entity's ERP has been through.
  package func statistics(of entity: Int) -> ERPStatistics { calls.erps[entity].statistics }
  /// The document number at the sender, such as `invoice/US-000042/1`, read; `nil`: it is none.
  package func key(_ text: String, of entity: Int) -> PostingKey? { calls.erps[entity].reader.key(text) }
  /// When something is due next.
  package var next: Instant? { due.min?.at }

  // MARK: Calls

  /// A call is made, after everything that is due by then. What comes of it is among the answers of a later ``advance(to:)``.
  ///
  /// - Returns: its number.
  package mutating func call(_ request: ERPRequest, of entity: Int, at instant: Instant) -> Int {
    runDue(to: instant)
    callCount += 1
    let call = ERPCall(
      id: ERPCallID(number: callCount), entity: EntityID(index: UInt32(entity)), request: request)
    if let slot = calls.send(call, life: 0, &surroundings) { calls.arrive(slot, &surroundings) }
    scheduleSteps()
    return Int(callCount)
  }

  /// Lets everything happen that is due, and takes what callers hear.
  package mutating func advance(to instant: Instant) -> [Answer] {
    runDue(to: instant)
    defer { surroundings.answers.removeAll() }
    return surroundings.answers
  }

  private mutating func runDue(to instant: Instant) {
    while let next = due.min, next.at <= instant {
      due.removeMin()
      surroundings.now = max(now, next.at)
      switch next.step {
      case .call(let step): process(step)
      case .faultStart(let index):
        if let draw = drawOf[index] { drawNext(draw) }
        faultStarts(index)
      case .faultEnd(let index):
        for system in systems(hitBy: windows[index]) { calls.withFaults(of: system) { $0.end(index) } }
      }
    }
    surroundings.now = max(now, instant)
  }

  private mutating func process(_ step: CallStep) {
    switch step.kind {
    case .arrive: calls.arrive(step.slot, &surroundings)
    case .expire: calls.expire(step.slot, call: step.call, &surroundings)
    case .commit: calls.commit(step.slot, &surroundings) { $1.recordPosted($0) }
    case .completeJob: calls.completeJob(step.slot, &surroundings) { $1.recordPosted($0) }
    case .answer:
      let answered = calls.receiveAnswer(step.slot)
      surroundings.answers.append(
        Answer(call: Int(answered.call.id.number), answer: answered.answer, isOfJob: answered.isOfJob))
    }
    scheduleSteps()
  }

  private mutating func scheduleSteps() {
    let now = now
    calls.dequeueSteps {
      assert($0.at >= now, "what comes next of a call is not past")
      order += 1
      due.insert(Due(at: $0.at, order: order, step: .call($0)))
    }
  }

  private mutating func schedule(_ step: Step, at instant: Instant) {
    assert(instant >= now, "a fault is not due before the current instant")
    order += 1
    due.insert(Due(at: instant, order: order, step: step))
  }

  // MARK: Faults

  /// A fault begins now, beside those of the scenario.
  package mutating func begin(_ kind: FaultKind, at entity: Int, for span: Span) {
    windows.append(
      FaultWindow(kind: kind, target: .erp(EntityID(index: UInt32(entity))), start: now, end: now + span))
    faultStarts(windows.count - 1)
    schedule(.faultEnd(windows.count - 1), at: now + span)
  }

  private mutating func scheduleFault(_ index: Int) {
    let window = windows[index]
    guard !systems(hitBy: window).isEmpty else { return }
    schedule(.faultStart(index), at: max(now, window.start))
    guard window.end < .distantFuture else { return }
    schedule(.faultEnd(index), at: max(now, window.end))
  }

  /// Schedules the next random fault of a draw: they go on for as long as the service runs.
  private mutating func drawNext(_ draw: Int) {
    // What hits anything but an ERP has no place here.
    func hits(_ window: FaultWindow) -> Bool {
      configuration.happens(window) && !systems(hitBy: window).isEmpty
    }
    guard draws[draw].windows.contains(where: hits) else { return }
    var window = draws[draw].dequeue()
    while !hits(window), window.start < .distantFuture { window = draws[draw].dequeue() }
    windows.append(window)
    drawOf[windows.count - 1] = draw
    scheduleFault(windows.count - 1)
  }

  private func systems(hitBy window: FaultWindow) -> [ERPSystem] {
    configuration.systems(hitBy: window.kind, at: window.target)
  }

  private mutating func faultStarts(_ index: Int) {
    for system in systems(hitBy: windows[index]) {
      calls.withFaults(of: system) { $0.begin(windows[index], index) }
    }
  }
}
