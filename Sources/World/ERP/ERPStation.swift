import CanonicalModel
import Chronology
import HeapModule
import SimulationKernel
import UsageToCash

/// The ERPs of a scenario on whatever clock their driver has: limits, latency, faults and ledgers are those of the simulation, and
/// what is due when is kept here. It reads no clock and does no I/O.
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
    case arrive
    case commit
    case abandon
    case expire
    case job
    case answer(ERPAnswer?, isOfJob: Bool)
    case faultStart(Int)
    case faultEnd(Int)
  }

  private struct Due: Comparable, Sendable {
    var at: Instant
    var order: UInt64
    var call: Int
    var step: Step

    static func < (a: Due, b: Due) -> Bool { (a.at, a.order) < (b.at, b.order) }
    static func == (a: Due, b: Due) -> Bool { a.order == b.order }
  }

  private struct Call: Sendable {
    var entity: Int
    var request: ERPRequest
    /// Whether the network made it: nobody waits for its answer.
    var isCopy: Bool
    /// Whether a job works it off, whoever hears of that.
    var hasJob = false
  }

  private var erps: [SimulatedERP]
  private var accounts: ERPAccounts
  private let configuration: WorldConfiguration
  /// The faults of the scenario; those at random come after each other without end.
  private var windows: [FaultWindow]
  /// What draws them, and which of them each window comes from that was drawn on the way.
  private var draws: [RandomDraw]
  private var drawOf: [Int: Int] = [:]
  private var due = Heap<Due>()
  private var order: UInt64 = 0
  private var calls: [Int: Call] = [:]
  private var nextCall = 0
  private var network: RandomStream
  /// What the ledgers hold, in the order of posting, and since when.
  package private(set) var documents: [(at: Instant, document: LedgerDocument)] = []
  /// What callers hear that has not been taken.
  private var answers: [Answer] = []
  /// Until when everything that is due has happened.
  package private(set) var now: Instant

  /// Makes the ERPs of a scenario; entities that change their ERP keep the first.
  package init(_ configuration: WorldConfiguration, seed: UInt64) {
    erps = configuration.erps.enumerated().map { index, profile in
      SimulatedERP(
        profile: profile, entity: EntityID(index: UInt32(index)), rootSeed: seed,
        name: configuration.catalog.entities[index].name, catalog: configuration.catalog)
    }
    self.configuration = configuration
    accounts = ERPAccounts(configuration)
    draws = configuration.randomDraws(seed: seed)
    windows = configuration.drawnFaults(&draws)
    network = RandomStream(rootSeed: seed, name: "network")
    now = configuration.start
    for index in windows.indices { scheduleFault(index) }
    for draw in draws.indices { drawNext(draw) }
  }

  private mutating func scheduleFault(_ index: Int) {
    let window = windows[index]
    guard !configuration.systems(hitBy: window.kind, at: window.target).isEmpty else { return }
    schedule(.faultStart(index), call: 0, at: max(now, window.start))
    guard window.end < .distantFuture else { return }
    schedule(.faultEnd(index), call: 0, at: max(now, window.end))
  }

  /// Schedules the next random fault of a draw: they go on for as long as the service runs.
  private mutating func drawNext(_ draw: Int) {
    // What hits anything but an ERP has no place here.
    func hits(_ window: FaultWindow) -> Bool {
      configuration.happens(window) && !configuration.systems(hitBy: window.kind, at: window.target).isEmpty
    }
    guard draws[draw].windows.contains(where: hits) else { return }
    var window = draws[draw].take()
    while !hits(window), window.start < .distantFuture { window = draws[draw].take() }
    windows.append(window)
    drawOf[windows.count - 1] = draw
    scheduleFault(windows.count - 1)
  }

  /// The entities whose ERP is hit by a fault. A station has the first ERP of each.
  private func entities(hitBy window: FaultWindow) -> [Int] {
    configuration.systems(hitBy: window.kind, at: window.target).filter { !$0.isSuccessor }.map(\.entity)
  }

  /// The profile of an entity's ERP.
  package func profile(of entity: Int) -> ERPProfile { erps[entity].profile }
  /// What an entity's ERP has been through.
  package func statistics(of entity: Int) -> ERPStatistics { erps[entity].statistics }
  /// The document number at the sender, such as `invoice/US-000042/1`, read; `nil`: it is none.
  package func key(_ text: String, of entity: Int) -> PostingKey? { erps[entity].reader.key(text) }
  /// When something is due next.
  package var next: Instant? { due.min?.at }

  /// A call is made. What comes of it is among the answers of a later ``advance(to:)``.
  ///
  /// - Returns: its number.
  package mutating func call(_ request: ERPRequest, of entity: Int, at instant: Instant) -> Int {
    now = max(now, instant)
    let faults = erps[entity].faults
    let number = register(Call(entity: entity, request: request, isCopy: false))
    if isLost(faults) {
      schedule(.answer(nil, isOfJob: false), call: number, at: now)
      return number
    }
    let delay = delay(faults)
    schedule(.arrive, call: number, at: now + delay)
    if let share = faults.duplicates, network.bernoulli(share) {
      let copy = register(Call(entity: entity, request: request, isCopy: true))
      schedule(
        .arrive, call: copy,
        at: now + delay + .milliseconds(Int64(network.below(erps[entity].profile.copySteps))))
    }
    return number
  }

  /// Lets everything happen that is due, and takes what callers hear.
  package mutating func advance(to instant: Instant) -> [Answer] {
    while let next = due.min, next.at <= instant {
      due.removeMin()
      now = max(now, next.at)
      take(next)
    }
    now = max(now, instant)
    defer { answers.removeAll() }
    return answers
  }

  /// A fault begins now, beside those of the scenario.
  package mutating func begin(_ kind: FaultKind, at entity: Int, for span: Span) {
    windows.append(
      FaultWindow(kind: kind, target: .erp(EntityID(index: UInt32(entity))), start: now, end: now + span))
    faultStarts(windows.count - 1)
    schedule(.faultEnd(windows.count - 1), call: 0, at: now + span)
  }

  // MARK: Steps

  private mutating func register(_ call: Call) -> Int {
    nextCall += 1
    calls[nextCall] = call
    return nextCall
  }

  private mutating func schedule(_ step: Step, call: Int, at instant: Instant) {
    assert(instant >= now, "a step of an ERP is not due before the current instant")
    order += 1
    due.insert(Due(at: instant, order: order, call: call, step: step))
  }

  private mutating func take(_ next: Due) {
    switch next.step {
    case .faultStart(let index):
      if let draw = drawOf[index] { drawNext(draw) }
      faultStarts(index)
    case .faultEnd(let index):
      for entity in entities(hitBy: windows[index]) { erps[entity].faults.end(index) }
    case .answer(let answer, let isOfJob):
      // After the announcement of a job comes its outcome, whether or not the announcement was heard.
      if isOfJob || calls[next.call]?.hasJob != true { calls[next.call] = nil }
      answers.append(Answer(call: next.call, answer: answer, isOfJob: isOfJob))
    case .arrive, .commit, .abandon, .expire, .job:
      guard let call = calls[next.call] else { return }
      work(next.step, next.call, call)
    }
  }

  private mutating func faultStarts(_ index: Int) {
    for entity in entities(hitBy: windows[index]) { erps[entity].faults.begin(windows[index], index) }
  }

  /// Does something with an entity's ERP and the account that it posts into.
  private mutating func withERP<Result>(
    of entity: Int, _ body: (inout SimulatedERP, inout ERPAccount) -> Result
  ) -> Result {
    body(&erps[entity], &accounts.all[accounts.ofERP[entity]])
  }

  private mutating func work(_ step: Step, _ number: Int, _ call: Call) {
    switch step {
    case .arrive:
      let now = now
      proceed(
        number,
        withERP(of: call.entity) { $0.receive(call.request, slot: number, at: now, account: &$1) })
    case .expire:
      if withERP(of: call.entity, { $0.expire(slot: number, account: &$1) }) {
        respond(number, .unavailable, after: .zero)
      }
    case .abandon:
      withERP(of: call.entity) { $0.abandon(account: &$1) }
      respond(number, nil, after: .zero)
      startQueued(call.entity)
    case .commit:
      let completion = completing(call) { erp, account, request, now, posted in
        erp.commit(request, at: now, account: &account, posted: posted)
      }
      switch completion {
      case .silence: respond(number, nil, after: .zero)
      case .answer(let answer): respond(number, answer, after: erps[call.entity].profile.answerAfter)
      case .job(let span):
        calls[number]?.hasJob = true
        respond(number, .accepted, after: erps[call.entity].profile.answerAfter)
        schedule(.job, call: number, at: now + span)
      }
      startQueued(call.entity)
    case .job:
      let completion = completing(call) { erp, _, request, now, posted in
        erp.complete(request, at: now, posted: posted)
      }
      if case .answer(let answer) = completion {
        respond(number, answer, after: erps[call.entity].profile.answerAfter, isOfJob: true)
      } else {
        respond(number, nil, after: .zero, isOfJob: true)
      }
    case .answer, .faultStart, .faultEnd: break
    }
  }

  private mutating func completing(
    _ call: Call,
    _ body: (inout SimulatedERP, inout ERPAccount, ERPRequest, Instant, (LedgerDocument) -> Void) ->
      SimulatedERP.Completion
  ) -> SimulatedERP.Completion {
    var posted: [LedgerDocument] = []
    let now = now
    let completion = withERP(of: call.entity) { body(&$0, &$1, call.request, now) { posted.append($0) } }
    assert(documents.last.map { $0.at <= now } ?? true, "documents are posted in the order of time")
    documents += posted.map { (now, $0) }
    return completion
  }

  private mutating func proceed(_ number: Int, _ reception: SimulatedERP.Reception) {
    switch reception {
    case .working(let span): schedule(.commit, call: number, at: now + span)
    case .abandoned(let span): schedule(.abandon, call: number, at: now + span)
    case .queued(let span): schedule(.expire, call: number, at: now + span)
    case .refused(let answer, let delay): respond(number, answer, after: delay)
    }
  }

  /// Gives the places that are free now to calls that wait for them.
  private mutating func startQueued(_ entity: Int) {
    let now = now
    while let number = withERP(of: entity, { $0.takeQueued(of: &$1) }) {
      // It may be another entity's, where several share the account.
      guard let call = calls[number] else { continue }
      proceed(number, withERP(of: call.entity) { $0.begin(call.request, at: now, account: &$1) })
    }
  }

  private mutating func respond(_ number: Int, _ answer: ERPAnswer?, after span: Span, isOfJob: Bool = false)
  {
    guard let call = calls[number] else { return }
    let faults = erps[call.entity].faults
    guard !call.isCopy else {
      calls[number] = nil
      return
    }
    let heard = isLost(faults) ? nil : answer
    schedule(.answer(heard, isOfJob: isOfJob), call: number, at: now + span + delay(faults))
  }

  // MARK: The network

  private mutating func isLost(_ faults: ActiveFaults) -> Bool {
    if faults.isCutOff { return true }
    guard let share = faults.drops else { return false }
    return network.bernoulli(share)
  }

  private mutating func delay(_ faults: ActiveFaults) -> Span {
    guard let most = faults.delay, most > .zero else { return .zero }
    return Span(nanoseconds: Int64(network.below(UInt64(most.nanoseconds))))
  }
}
