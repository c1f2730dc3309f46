import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// The world around one core, on the virtual clock: telemetry, broker, ERPs and faults. It performs the
/// core's effects and reports facts; it does not judge.
public struct SimulatedWorld: ~Copyable {
  let configuration: WorldConfiguration
  var surroundings: Surroundings
  var host: CoreHost
  var producers: Producers
  var broker: BrokerCluster
  var feeds: MasterDataFeeds
  var taxEngine: TaxEngine
  var cash: CashCounterparts
  var staff: FinanceStaff
  var network: ERPNetwork
  var invoices: InvoiceRegister
  var faultSchedule: FaultSchedule
  /// Faults of ERPs that left documents waiting at their end.
  var drainWatch: [(entity: Int, fault: String, ended: Instant)] = []
  /// The days on which billing periods begin.
  private let billingDays: [UInt8]
  /// The last instant at which a contract with an end is in force; the horizon if there is none.
  private let contractsEnd: Instant
  /// The deadline as it was found last, and from what.
  private var lastDeadline = (lastDelivery: Instant.distantPast, faults: -1, at: Instant.distantPast)
  /// Events of the instant at hand, deliveries apart.
  private var atInstant = (time: Instant.distantPast, events: 0)
  /// The depth of each outbox at the last noteworthy moment.
  var depthAtMoment: [Int]
  var deliveredSinceSample = 0

  /// Builds a world around a core with a policy.
  public init(
    configuration: WorldConfiguration, policy: PipelinePolicy, seed: UInt64, sink: any FactSink
  ) {
    self.configuration = configuration
    surroundings = Surroundings(configuration, seed: seed, sink: sink)
    host = CoreHost(configuration, policy: policy, seed: seed)
    let targets =
      configuration.faults.map(\.target) + configuration.randomFaults.flatMap(\.targets)
      + configuration.conditionalFaults.flatMap(\.targets)
    producers = Producers(configuration, seed: seed, isHit: targets.contains(.producers))
    broker = BrokerCluster(configuration, seed: seed, isHit: targets.contains(.broker))
    feeds = MasterDataFeeds(configuration, seed: seed)
    taxEngine = TaxEngine(catalog: configuration.catalog, rootSeed: seed)
    cash = CashCounterparts(configuration, rootSeed: seed)
    staff = FinanceStaff(configuration, rootSeed: seed)
    network = ERPNetwork(configuration, seed: seed)
    invoices = InvoiceRegister(configuration)
    faultSchedule = FaultSchedule(configuration, seed: seed)
    billingDays = configuration.catalog.billingDays
    contractsEnd =
      configuration.catalog.subscriptions.map(\.ends).filter { $0 < .distantFuture }.max()
      .map { $0 - Span(nanoseconds: 1) } ?? configuration.horizon
    depthAtMoment = configuration.catalog.entities.map { _ in 0 }
    for (index, profile) in configuration.erps.enumerated() {
      surroundings.observations.postingUse[index] = PostingUse(limits: profile.limits)
    }
    surroundings.observations.accountUse = network.accounts.shared.map {
      PostingUse(limits: network.accounts.all[$0].limiters.map(\.rule))
    }
  }

  /// The current virtual time.
  public var now: Instant { surroundings.now }
  /// Kernel events processed.
  public var kernelEvents: UInt64 { surroundings.kernel.processed }
  /// The hash over everything that happened.
  public var fingerprint: Fingerprint { surroundings.kernel.fingerprint }
  /// What was noted down.
  public var observations: Observations { surroundings.observations }
  /// Hears of what happens between the core and its counterparts; `nil`: nobody does.
  public var witness: (any Witness)? {
    get { surroundings.witness }
    set { surroundings.witness = newValue }
  }

  /// Runs to quiescence, or to the deadline by which everything should have drained.
  ///
  /// - Parameters:
  ///   - limit: after which nothing happens any more: the run stands still there.
  ///   - progress: called with the virtual time now and then; returns `false` to interrupt.
  ///   - trace: called with each event's running number, time and fingerprint words.
  public mutating func run(
    until limit: Instant = .distantFuture, progress: (Instant) -> Bool = { _ in true },
    trace: ((UInt64, Instant, (UInt64, UInt64)) -> Void)? = nil
  ) -> RunEnd {
    begin()
    var sinceProgress = 0
    while true {
      let arrival = producers.firstKey
      if arrival < surroundings.kernel.peekKey(), arrival._high <= limit.nanoseconds {
        let (slot, usage) = producers.popFirst()
        let event = WorldEvent(delivery: usage, slot: slot)
        surroundings.kernel.process(event, key: arrival)
        if let trace { trace(kernelEvents, now, event.fingerprintWords) }
        surroundings.met()
        deliver(usage)
      } else {
        guard let event = surroundings.kernel.next(until: limit) else { break }
        if let trace { trace(kernelEvents, now, event.fingerprintWords) }
        handle(event)
        if event.kind != .deliver, let reason = reasonToStop() { return reason }
      }
      sinceProgress += 1
      if sinceProgress == 65_536 {
        sinceProgress = 0
        if !progress(now) {
          note("run", "interrupted")
          return .interrupted
        }
      }
    }
    if surroundings.kernel.pending > 0 || producers.firstKey < .max { return .paused }
    conclude()
    return .quiescent
  }

  /// Whether the run has come to its end with the event at hand, and why.
  @inline(__always)
  private mutating func reasonToStop() -> RunEnd? {
    if !faultSchedule.conditions.isEmpty { checkConditions() }
    if now == atInstant.time {
      atInstant.events += 1
    } else {
      atInstant = (now, 0)
    }
    if atInstant.events > Self.livelock {
      note("run", "nothing but work that makes work: time stands still")
      conclude(leaving: left(or: "time to pass: the core asks for something again and again"))
      return .overdue
    }
    if now >= configuration.horizon, surroundings.essential == 0, host.process.isIdle {
      conclude()
      return .quiescent
    }
    if now > configuration.horizon, isOverdue() {
      conclude(leaving: left(or: "what happens after the deadline"))
      return .overdue
    }
    return nil
  }

  /// Events of one instant, deliveries apart, after which the run is stopped: the core asks for something again and
  /// again without time passing.
  private static var livelock: Int { 20_000_000 }

  // MARK: The deadline

  /// Whether the deadline is over. It is found anew where something has moved it.
  private mutating func isOverdue() -> Bool {
    let (delivery, faults) = (producers.lastDelivery, faultSchedule.awaitedCount)
    if lastDeadline.lastDelivery != delivery || lastDeadline.faults != faults {
      lastDeadline = (delivery, faults, deadline)
    }
    return now > lastDeadline.at
  }

  /// The latest instant by which the queues must be empty: some time after the last usage, the last fault and
  /// the end of the billing period that follows them.
  public var deadline: Instant {
    let last = faultSchedule.lastAwaited(
      after: max(configuration.horizon, producers.lastDelivery, contractsEnd))
    var periodEnd = last
    for day in billingDays {
      periodEnd = max(periodEnd, Period(holding: last, day: day).end)
    }
    if let calendar = configuration.catalog.accountingCalendar {
      // What comes last may be dated to the month after, which closes in its turn.
      periodEnd = Period(holding: periodEnd).end + calendar.closeAfter
      for reopening in calendar.reopenings { periodEnd = max(periodEnd, reopening.until) }
    }
    return periodEnd + .days(1) + configuration.drainWithin + configuration.collection + configuration.credits
  }

  // MARK: Events

  private mutating func begin() {
    note("run", "begins")
    let today = now.floored(to: .days(1))
    if !configuration.exchange.isEmpty {
      fixRates(for: today)
      // At six in the evening, for the day that follows.
      surroundings.schedule(WorldEvent(.fixRates), at: max(today + .hours(18), now))
    }
    producers.begin(&surroundings)
    faultSchedule.begin(&surroundings)
    for draw in faultSchedule.draws { drawLate(draw) }
    feeds.begin(&surroundings)
    producers.beginBackfills(&surroundings)
    for (index, change) in configuration.schemaChanges.enumerated() {
      surroundings.schedule(WorldEvent(.schema, index: index), at: change.registered)
      surroundings.schedule(WorldEvent(.schema, index: index), at: change.registered + .hours(1))
    }
    feeds.arrangeContract(0, &surroundings)
    host.wakeIfDue(&surroundings)
    surroundings.schedule(WorldEvent(.sample), at: configuration.start)
  }

  @inline(__always)
  private mutating func handle(_ event: WorldEvent) {
    let index = Int(event.index)
    if event.kind.isEssential { surroundings.met() }
    switch event.kind {
    case .deliver: deliver(producers.takeDelivery(index))
    case .generate: producers.generate(index, &faultSchedule, &surroundings)
    case .poll: if broker.isTurn(index, event.detail) { handOver(partition: index) }
    case .redeliver: redeliver(index)
    case .wake: if host.isAwake(at: now) { tellTime() }
    case .arrive: network.arrive(index, &host, &surroundings)
    case .queueExpired: network.expireQueued(index, id: event.detail, &surroundings)
    case .commit: network.commit(index, &host, &invoices, &surroundings)
    case .job: network.completeJob(index, &invoices, &surroundings)
    case .answer: answer(index)
    case .faultStart: faultStarts(index)
    case .faultEnd: faultEnds(index)
    case .taxAnswer: answerTax(index)
    case .chargeAnswer: answerCharge(index)
    case .payout: if let event = cash.payOut(index, at: now) { move(event) }
    case .cash: move(cash.takeMovement(index))
    case .notice: tell(.cash(cash.takeNotice(index)))
    case .credit: tell(.credit(staff.takeRequest(index, &surroundings)))
    case .replay: tell(.replay(staff.takeReplay(index, &surroundings)))
    case .release: tell(.release(heldCharges: UInt32(index)))
    case .correction: tell(.correction(producers.takeCorrection(index, &surroundings)))
    case .backfill: backfill(source: index, isMisdeclared: event.detail == 1)
    case .identity: feed(feeds.identity(index, &surroundings), from: .crm)
    case .contracts: tellContracts(from: index)
    case .fixRates:
      fixRates(for: now.floored(to: .days(1)) + .days(1))
      surroundings.schedule(WorldEvent(.fixRates), at: now + .days(1))
    case .feed: if let input = feeds.deliver(index, &surroundings) { tell(input) }
    case .schema: registerSchema(index)
    case .restart: restart(index)
    case .sample:
      takeSample()
      surroundings.schedule(WorldEvent(.sample), at: now + configuration.sampleInterval)
    }
  }

  // MARK: Answers

  /// An ERP's answer reaches the core.
  private mutating func answer(_ slot: Int) {
    guard let arrival = network.takeAnswer(slot, &host, &surroundings) else { return }
    tell(.erp(arrival.answer, to: arrival.call.id, of: arrival.call.entity))
    network.noteUse(of: arrival.call, &host, &surroundings)
    if case .throttled(let span?) = arrival.answer, !arrival.isLate, !host.machines.isDown(.posting) {
      surroundings.record(
        .erpThrottled(arrival.call.entity, isSuccessor: arrival.call.system == 1, until: now + span))
    }
  }

  private mutating func answerTax(_ slot: Int) {
    let pending = taxEngine.takeAnswer(slot)
    guard pending.life == host.machines.life(of: .billing) else {
      return surroundings.count(.answeredDeadProcess)
    }
    if pending.answer == .unavailable { surroundings.record(.taxRefused(pending.call.number)) }
    tell(.tax(pending.answer, to: pending.call))
  }

  private mutating func answerCharge(_ slot: Int) {
    let pending = cash.takeAnswer(slot)
    guard pending.life == host.machines.life(of: .payments) else {
      return surroundings.count(.answeredDeadProcess)
    }
    tell(.charge(pending.answer, to: pending.key))
  }

  // MARK: What the core is told

  /// Money moves, and billing is told.
  private mutating func move(_ event: CashEvent) {
    if let notice = cash.notify(of: event, &surroundings) { tell(.cash(notice)) }
  }

  /// A message of a feed is sent to the core.
  private mutating func feed(_ input: PipelineInput, from feed: MasterDataFeeds.Feed) {
    if let input = feeds.send(input, from: feed, &surroundings) { tell(input) }
  }

  /// Each evening fixes the rates of the next day.
  private mutating func fixRates(for day: Instant) {
    var place = 0
    while let fixing = feeds.fixRate(place, for: day, &surroundings) {
      feed(fixing, from: .exchange)
      place += 1
    }
  }

  /// CRM tells of the changes of contract that are due.
  private mutating func tellContracts(from first: Int) {
    var next = first
    while let change = feeds.contract(next, &surroundings) {
      feed(change, from: .crm)
      next += 1
    }
    if next > first { note("crm", "\(next - first) changes of contract") }
    feeds.arrangeContract(next, &surroundings)
  }

  /// A load source's producers send what they could not send in time.
  private mutating func backfill(source: Int, isMisdeclared: Bool) {
    for backfill in producers.backfills(source, isMisdeclared: isMisdeclared) {
      surroundings.count(.backfilled, backfill.events.count)
      surroundings.observations.delivered += backfill.events.count
      surroundings.record(.backfillDeclared(backfill))
      tell(.backfill(backfill))
    }
    if let text = producers.backfillNote(source, isMisdeclared: isMisdeclared) { note("platform", text) }
  }

  /// The platform registers a schema version, and tells billing.
  private mutating func registerSchema(_ index: Int) {
    let change = configuration.schemaChanges[index]
    let before = host.process.state.ingestion.totals.accepted
    tell(
      .schema(SchemaRegistration(type: change.type, version: change.version, fields: change.fields)))
    let replayed = Int(host.process.state.ingestion.totals.accepted - before)
    surroundings.count(.quarantineReplayed, replayed)
    note("platform", "schema version \(change.version) registered, \(replayed) events replayed")
  }
}

extension WorldConfiguration {
  /// How long after the last invoice credits on it may be asked for, again two hours later, and approved the day after.
  fileprivate var credits: Span {
    guard catalog.creditLimit != nil, let finance else { return .zero }
    return finance.delay + .days(2)
  }

  /// How long payments may take after the last invoice.
  fileprivate var collection: Span {
    guard let terms = catalog.paymentTerms else { return .zero }
    return terms.retries.reduce(terms.dueAfter + .days(90)) { $0 + $1 }
  }
}
