import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// The world around one core, on the virtual clock: telemetry, broker, ERPs and faults. It performs the
/// core's effects and reports facts; it does not judge.
public struct SimulatedWorld: ~Copyable {
  let configuration: WorldConfiguration
  let sink: any FactSink
  /// Hears of what happens between the core and its counterparts; `nil`: nobody does.
  public var witness: (any Witness)?
  var kernel: Kernel<WorldEvent>
  var process: DurablePipeline<DiskLog>
  var machines: Machines
  /// Processes that have died within the input at hand.
  var dying: [Int] = []
  var machineStream: RandomStream
  var networkStream: RandomStream
  /// Faults that wait for their condition.
  var conditions: [PendingCondition]
  /// Faults that hit notices.
  var webhookFaults = ActiveFaults()
  /// Faults of CRM and CPQ at the moment.
  var crmFaults = ActiveFaults()
  /// Faults of the feed of exchange rates at the moment.
  var exchangeFaults = ActiveFaults()
  /// Faults that hit the broker.
  var brokerFaults = ActiveFaults()
  /// Whether the broker can refuse, lose or repeat anything.
  let hasBrokerLimits: Bool
  /// Whether producers can die or have wrong clocks.
  let hasProducerFaults: Bool
  var effects = Effects()
  var sources: [LoadSource]
  var deliveryStream: RandomStream
  var brokerStream: RandomStream
  var arrivals: ContiguousArray<UsageEvent> = []
  /// Usage events on their way to the broker.
  var deliveries = DelayLine<UsageEvent>()
  /// How far ahead each load source has sent, in nanoseconds.
  var reaches: [Int64]
  var partitions: [BrokerPartition]
  let partitionOf: Modulus
  var corrections = Slab<UsageCorrection>()
  var correctionStream: RandomStream
  /// Corrections that the sources have made, so that a copy is no second one.
  var madeCorrections: Set<UsageEventKey> = []
  var redeliveries = Slab<ContiguousArray<UsageEvent>>()
  var erps: [SimulatedERP]
  /// What the ERPs have only so much of, shared or not.
  var accounts: ERPAccounts
  /// Per entity, those that share an account with it, it included; `nil`: none does.
  let sharing: [[Int]?]
  /// The ERPs of each account that is shared.
  let sharers: [[ERPSystem]]
  /// The ERPs after a cut-over, by entity.
  var successors: [SimulatedERP] = []
  /// Per entity, the place of its successor among them.
  var successorOf: [Int?] = []
  var taxEngine: SimulatedTaxEngine
  var taxAnswers = Slab<PendingTaxAnswer>()
  var gateway: SimulatedGateway?
  var charges = Slab<PendingCharge>()
  var cashEvents = Slab<CashEvent>()
  var bankStream: RandomStream
  var financeStream: RandomStream
  var exchangeStream: RandomStream
  /// The latest rate of each entity that bills in another currency than that of its books.
  var exchangeRates: [EntityID: Price]
  var creditRequests = Slab<CreditRequest>()
  var notices = Slab<CashNotice>()
  var feedMessages = Slab<FeedMessage>()
  /// Identifiers whose account billing has been told.
  var linkedSubjects: Set<SubjectID> = []
  var nextNotice: UInt32 = 0
  /// Credit memos for which money was given back: a repeated order is known.
  var refunded: Set<PostingKey> = []
  var nextCreditRequest: UInt32 = 0
  var calls = Slab<PendingCall>()
  var replays = Slab<PostingKey>()
  var faultWindows: [FaultWindow]
  /// Which of them have begun.
  var hasBegun: [Bool]
  /// When processes have died by a fault, and when they start again, by the number of its window.
  var crashes: [Int: (start: Instant, end: Instant)] = [:]
  /// What each of them has hit, but for what its counterpart still counts.
  var faultHits: [Int]
  /// Which of them the run waits for. A fault that begins after the horizon does not keep a run going of which nothing is left:
  /// it happens if queues are still draining then, and the run waits for its end once it has begun.
  var awaited: [Bool]
  /// How many those are.
  var awaitedFaults = 0
  /// What draws random faults after the horizon. They go on while anything is under way, but no run waits for them.
  var lateDraws: [RandomDraw]
  /// Which draw each fault after the horizon comes from; `nil`: from none.
  var drawOf: [Int: Int] = [:]
  let contractFeed: [ContractNotice]
  let identityFeed: [IdentityNotice]
  /// What waits for a broker or a feed that is down for good, by the name of its queue.
  var stranded: [(queue: String, depth: Int)] = [("broker", 0), ("crm", 0), ("fx", 0)]
  /// Events that are traced at the end.
  var sampled: [UsageEvent] = []
  /// What each load source could not send in its time.
  var unsent: [[UsageEvent]]
  /// The days on which billing periods begin.
  let billingDays: [UInt8]
  /// The last instant at which a contract with an end is in force; the horizon if there is none.
  let contractsEnd: Instant
  /// Whether customers sign up after the start.
  let hasSignUps: Bool
  var issuedAt: [InvoiceNumber: Instant] = [:]
  /// The newest payment status that CRM has of each invoice.
  var statusRevisions: [InvoiceNumber: UInt32] = [:]
  var periodOf: [InvoiceNumber: Period] = [:]
  /// Invoices that their customers have.
  var delivered: Set<InvoiceNumber> = []
  var invoicedPeriods: Set<EntityPeriod> = []
  var drainWatch: [(entity: Int, fault: String, ended: Instant)] = []
  var wakeScheduledFor = Instant.distantFuture
  /// Pending kernel events that are neither a wake of the core nor a sample.
  var essential = 0
  var lastDelivery: Instant
  /// The deadline as it was found last, and from what.
  private var lastDeadline = (lastDelivery: Instant.distantPast, faults: -1, at: Instant.distantPast)
  /// Events of the instant at hand, deliveries apart.
  private var atInstant = (time: Instant.distantPast, events: 0)
  /// The depth of each outbox at the last noteworthy moment.
  var depthAtMoment: [Int]
  var refusedSinceSample = 0
  var deliveredSinceSample = 0
  /// What was noted down.
  public internal(set) var observations: Observations

  /// A call on its way to an ERP or back.
  struct PendingCall {
    var call: ERPCall
    var answer: ERPAnswer?
    /// The life of the process that waits for the answer.
    var life: UInt32
    /// Whether the network made it: nobody waits for its answer.
    var isCopy = false
    /// Whether the ERP gives up on it.
    var isAbandoned = false
  }

  /// Builds a world around a core with a policy.
  public init(
    configuration: WorldConfiguration, policy: PipelinePolicy, seed: UInt64, sink: any FactSink
  ) {
    self.configuration = configuration
    self.sink = sink
    kernel = Kernel(start: configuration.start, minimumCapacity: 4096)
    process = DurablePipeline(
      catalog: configuration.catalog, policy: policy.seeded(by: seed), log: DiskLog())
    machines = Machines(
      configuration.processes, point: configuration.crashPoint, counts: configuration.countsBoundaries)
    machineStream = RandomStream(rootSeed: seed, name: "machines")
    networkStream = RandomStream(rootSeed: seed, name: "network")
    conditions = configuration.chosenConditions.map(PendingCondition.init)
    let customers = AliasTable.zipf(
      count: configuration.catalog.subscriptions.count, exponent: configuration.zipfExponent)
    sources = configuration.load.map {
      LoadSource($0, world: configuration, customers: customers, rootSeed: seed)
    }
    reaches = configuration.load.map { _ in .max }
    deliveryStream = RandomStream(rootSeed: seed, name: "delivery")
    correctionStream = RandomStream(rootSeed: seed, name: "corrections")
    brokerStream = RandomStream(rootSeed: seed, name: "broker")
    partitionOf = Modulus(configuration.broker.partitions)
    partitions = (0..<configuration.broker.partitions).map { _ in BrokerPartition() }
    erps = configuration.erps.enumerated().map { index, profile in
      SimulatedERP(
        profile: profile, entity: EntityID(index: UInt32(index)), rootSeed: seed,
        name: configuration.catalog.entities[index].name, catalog: configuration.catalog)
    }
    accounts = ERPAccounts(configuration)
    sharing = configuration.erps.indices.map(configuration.entitiesSharing)
    let systems = configuration.systems
    sharers = configuration.catalog.erpAccounts.indices.map { number in
      systems.filter { configuration.account(of: $0) == number }
    }
    identityFeed = Self.identityFeed(configuration, seed: seed)
    unsent = configuration.load.map { _ in [] }
    contractFeed = Self.contractFeed(configuration)
    billingDays = configuration.catalog.billingDays
    contractsEnd =
      configuration.catalog.subscriptions.map(\.ends).filter { $0 < .distantFuture }.max()
      .map { $0 - Span(nanoseconds: 1) } ?? configuration.horizon
    hasSignUps = configuration.catalog.subscriptions.contains { $0.terms[0].from > configuration.start }
    for (index, profile) in configuration.successors.enumerated() {
      successorOf.append(profile == nil ? nil : successors.count)
      guard let profile else { continue }
      successors.append(
        SimulatedERP(
          profile: profile, entity: EntityID(index: UInt32(index)), rootSeed: seed,
          name: configuration.catalog.entities[index].name + "/successor", catalog: configuration.catalog))
    }
    taxEngine = SimulatedTaxEngine(catalog: configuration.catalog, rootSeed: seed)
    gateway = configuration.cash.map {
      SimulatedGateway(catalog: configuration.catalog, cash: $0, rootSeed: seed)
    }
    bankStream = RandomStream(rootSeed: seed, name: "bank")
    exchangeStream = RandomStream(rootSeed: seed, name: "exchange")
    exchangeRates = configuration.exchange.mapValues(\.rate)
    financeStream = RandomStream(rootSeed: seed, name: "finance")
    lateDraws = configuration.randomDraws(seed: seed)
    faultWindows = configuration.drawnFaults(&lateDraws)
    hasBegun = faultWindows.map { _ in false }
    faultHits = faultWindows.map { _ in 0 }
    awaited = faultWindows.map { $0.start <= configuration.horizon }
    awaitedFaults = awaited.count(where: \.self)
    let targets =
      configuration.faults.map(\.target) + configuration.randomFaults.flatMap(\.targets)
      + configuration.conditionalFaults.flatMap(\.targets)
    hasProducerFaults = targets.contains(.producers)
    hasBrokerLimits =
      targets.contains(.broker) || configuration.broker.retention != nil
      || configuration.broker.capacity != nil || configuration.broker.throughput != nil
    lastDelivery = configuration.start
    depthAtMoment = configuration.catalog.entities.map { _ in 0 }
    observations = Observations(entities: configuration.catalog.entities.count)
    for (index, profile) in configuration.erps.enumerated() {
      observations.postingUse[index] = PostingUse(limits: profile.limits)
    }
    observations.accountUse = accounts.shared.map {
      PostingUse(limits: accounts.all[$0].limiters.map(\.rule))
    }
  }

  /// The current virtual time.
  public var now: Instant { kernel.now }
  /// Kernel events processed.
  public var kernelEvents: UInt64 { kernel.processed }
  /// The hash over everything that happened.
  public var fingerprint: Fingerprint { kernel.fingerprint }
  /// What the core says of itself.
  public var core: Pipeline { process.state }
  /// Effect boundaries that each service has passed, as far as they were counted.
  public var boundaries: [Int] { machines.boundaries }
  /// What a new process would make of the core's log.
  public func recoveredCore() -> Pipeline { process.recovered() }

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
      let arrival = deliveries.firstKey
      if arrival < kernel.peekKey(), arrival._high <= limit.nanoseconds {
        let slot = deliveries.popFirst()
        let usage = deliveries.take(slot)
        let event = WorldEvent(delivery: usage, slot: slot)
        kernel.process(event, key: arrival)
        if let trace { trace(kernel.processed, kernel.now, event.fingerprintWords) }
        essential &-= 1
        deliver(usage)
      } else {
        guard let event = kernel.next(until: limit) else { break }
        if let trace { trace(kernel.processed, kernel.now, event.fingerprintWords) }
        handle(event)
        if event.kind != .deliver, let reason = reasonToStop() { return reason }
      }
      sinceProgress += 1
      if sinceProgress == 65_536 {
        sinceProgress = 0
        if !progress(kernel.now) {
          note("run", "interrupted")
          return .interrupted
        }
      }
    }
    if kernel.pending > 0 || deliveries.firstKey < .max { return .paused }
    conclude()
    return .quiescent
  }

  /// Whether the run has come to its end with the event at hand, and why.
  @inline(__always)
  private mutating func reasonToStop() -> RunEnd? {
    if !conditions.isEmpty { checkConditions() }
    if kernel.now == atInstant.time {
      atInstant.events += 1
    } else {
      atInstant = (kernel.now, 0)
    }
    if atInstant.events > Self.livelock {
      note("run", "nothing but work that makes work: time stands still")
      conclude(leaving: left(or: "time to pass: the core asks for something again and again"))
      return .overdue
    }
    if kernel.now >= configuration.horizon, essential == 0, process.isIdle {
      conclude()
      return .quiescent
    }
    if kernel.now > configuration.horizon, isOverdue() {
      conclude(leaving: left(or: "what happens after the deadline"))
      return .overdue
    }
    return nil
  }

  /// Events of one instant, deliveries apart, after which the run is stopped: the core asks for something again and
  /// again without time passing.
  private static var livelock: Int { 20_000_000 }

  /// Whether the deadline is over. It is found anew where something has moved it.
  private mutating func isOverdue() -> Bool {
    if lastDeadline.lastDelivery != lastDelivery || lastDeadline.faults != awaitedFaults {
      lastDeadline = (lastDelivery, awaitedFaults, deadline)
    }
    return kernel.now > lastDeadline.at
  }

  private mutating func begin() {
    note("run", "begins")
    if !configuration.exchange.isEmpty {
      fixRates(for: configuration.start.floored(to: .days(1)))
      // At six in the evening, for the day that follows.
      let first = configuration.start.floored(to: .days(1)) + .hours(18)
      kernel.schedule(WorldEvent(.fixRates), at: max(first, configuration.start))
    }
    for index in sources.indices { schedule(WorldEvent(.generate, index: index), at: configuration.start) }
    for (index, fault) in faultWindows.enumerated() {
      kernel.schedule(WorldEvent(.faultStart, index: index), at: max(fault.start, configuration.start))
      if awaited[index] { essential &+= 1 }
      guard !fault.isEndless else { continue }
      kernel.schedule(WorldEvent(.faultEnd, index: index), at: max(fault.end, configuration.start))
      if awaited[index] { essential &+= 1 }
    }
    for draw in lateDraws.indices { drawLate(draw) }
    for (index, notice) in identityFeed.enumerated() {
      schedule(WorldEvent(.identity, index: index), at: notice.at)
    }
    for (index, load) in configuration.load.enumerated() {
      guard let gap = load.gap else { continue }
      // Each job is run again later, as jobs are.
      var days: Int64 = 0
      if gap.misdeclaredBy > .zero {
        schedule(WorldEvent(.backfill, index: index, detail: 1), at: gap.backfilledAt)
        schedule(WorldEvent(.backfill, index: index, detail: 1), at: gap.backfilledAt + .hours(6))
        days = 1
      }
      schedule(WorldEvent(.backfill, index: index), at: gap.backfilledAt + .days(days))
      schedule(WorldEvent(.backfill, index: index), at: gap.backfilledAt + .days(days + 1))
    }
    for (index, change) in configuration.schemaChanges.enumerated() {
      schedule(WorldEvent(.schema, index: index), at: change.registered)
      schedule(WorldEvent(.schema, index: index), at: change.registered + .hours(1))
    }
    if let first = contractFeed.first { schedule(WorldEvent(.contracts), at: first.at) }
    wakeIfDue()
    kernel.schedule(WorldEvent(.sample), at: configuration.start)
  }

  /// Schedules an event that must happen before the world can come to rest.
  @inline(__always)
  mutating func schedule(_ event: WorldEvent, at instant: Instant) {
    essential &+= 1
    kernel.schedule(event, at: instant)
  }

  @inline(__always)
  private mutating func handle(_ event: WorldEvent) {
    let index = Int(event.index)
    switch event.kind {
    case .deliver:
      essential &-= 1
      deliver(deliveries.take(index))
    case .generate:
      essential &-= 1
      generate(source: index)
    case .poll:
      essential &-= 1
      if partitions[index].turn == event.detail { handOver(partition: index) }
    case .redeliver:
      essential &-= 1
      redeliver(slot: index)
    case .wake:
      wake()
    case .commit:
      essential &-= 1
      commit(slot: index)
    case .answer:
      essential &-= 1
      answer(slot: index)
    case .faultStart:
      if let draw = drawOf[index] {
        drawLate(draw)
      } else if awaited[index] {
        essential &-= 1
      } else {
        awaitFault(index)
      }
      faultStarts(index)
    case .faultEnd:
      if drawOf[index] == nil { essential &-= 1 }
      faultEnds(index)
    case .taxAnswer:
      essential &-= 1
      answerTax(slot: index)
    case .chargeAnswer:
      essential &-= 1
      answerCharge(slot: index)
    case .payout:
      essential &-= 1
      payOut(index)
    case .cash:
      essential &-= 1
      move(cashEvents.take(index))
    case .credit:
      essential &-= 1
      requestCredit(slot: index)
    case .correction:
      essential &-= 1
      correct(slot: index)
    case .identity:
      essential &-= 1
      link(index)
    case .backfill:
      essential &-= 1
      backfill(source: index, isMisdeclared: event.detail == 1)
    case .fixRates:
      fixRates(for: kernel.now.floored(to: .days(1)) + .days(1))
      kernel.schedule(WorldEvent(.fixRates), at: kernel.now + .days(1))
    case .replay:
      essential &-= 1
      observations.count(.postingReplayed)
      tell(.replay(replays.take(index)))
    case .release:
      essential &-= 1
      tell(.release(heldCharges: UInt32(index)))
    case .feed:
      essential &-= 1
      deliverFeed(slot: index)
    case .notice:
      essential &-= 1
      tell(.cash(notices.take(index)))
    case .restart:
      essential &-= 1
      restart(index)
    case .arrive:
      essential &-= 1
      arrive(slot: index)
    case .queueExpired:
      essential &-= 1
      expireQueued(slot: index, id: event.detail)
    case .job:
      essential &-= 1
      completeJob(slot: index)
    case .schema:
      essential &-= 1
      register(index)
    case .contracts:
      essential &-= 1
      tellContracts(from: index)
    case .sample:
      takeSample()
      kernel.schedule(WorldEvent(.sample), at: kernel.now + configuration.sampleInterval)
    }
  }

  /// One wake is awaited; others have been overtaken by an earlier one, which has planned anew.
  private mutating func wake() {
    guard kernel.now == wakeScheduledFor else { return }
    wakeScheduledFor = .distantFuture
    tellTime()
  }

  /// An auditor follows the sampled events that a customer pays for.
  mutating func traceSample() {
    let catalog = configuration.catalog
    for event in sampled where !madeCorrections.contains(event.key) {
      let type = catalog.eventTypes[Int(event.type.index)]
      guard let first = type.meters.first, Int(event.subject.index) < catalog.subscriptions.count,
        event.quantity0 >= 0
      else { continue }
      let meter = MeterID(index: first.index + UInt32(event.dimension))
      let trace = process.state.lineage.trace(
        event, of: SubscriptionID(index: event.subject.index), meter: meter)
      sink.record(.traced(trace), at: kernel.now)
    }
  }
}
