import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// Everything outside of the core: its counterparts, each a type of its own, and how they are wired. It performs what the core asks for
/// and reports facts; it does not judge.
struct Outside: ~Copyable {
  let configuration: WorldConfiguration
  var surroundings: Surroundings
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
  /// The depth of each outbox at the last noteworthy moment.
  private var depthAtMoment: [Int]
  private var deliveredSinceSample = 0

  init(configuration: WorldConfiguration, seed: UInt64, sink: any FactSink) {
    self.configuration = configuration
    surroundings = Surroundings(configuration, seed: seed, sink: sink)
    let targets =
      configuration.faults.map(\.target) + configuration.randomFaults.flatMap(\.targets)
      + configuration.conditionalFaults.flatMap(\.targets)
    producers = Producers(configuration, seed: seed, isHit: targets.contains(.producers))
    broker = BrokerCluster(configuration, seed: seed, isHit: targets.contains(.broker))
    feeds = MasterDataFeeds(configuration, seed: seed)
    taxEngine = TaxEngine(
      catalog: configuration.catalog, configuration: configuration.taxEngine, rootSeed: seed)
    cash = CashCounterparts(configuration, rootSeed: seed)
    staff = FinanceStaff(configuration, rootSeed: seed)
    network = ERPNetwork(configuration, seed: seed)
    invoices = InvoiceRegister(configuration)
    faultSchedule = FaultSchedule(configuration, seed: seed)
    depthAtMoment = configuration.catalog.entities.map { _ in 0 }
    for (index, profile) in configuration.erps.enumerated() {
      surroundings.observations.postingUse[index] = PostingUse(limits: profile.limits)
    }
    surroundings.observations.accountUse = network.calls.accounts.shared.map {
      PostingUse(limits: network.calls.accounts.all[$0].limiters.map(\.rule))
    }
  }

  var now: Instant { surroundings.now }

  // MARK: Usage

  /// A usage event reaches the broker.
  @inline(__always)
  mutating func deliver(_ event: UsageEvent, _ host: inout CoreHost) {
    if let partition = broker.receive(event, from: &producers, &surroundings) {
      handOver(partition: partition, &host)
    }
  }

  /// A partition hands what it holds to its consumer, batch by batch.
  mutating func handOver(partition: Int, _ host: inout CoreHost) {
    broker.beginTurn(partition)
    if broker.isDirect { return callDirectly(partition, &host) }
    guard broker.isConsumed(partition, isConsumerDown: host.machines.isDown(.ingestion)) else { return }
    let expired = broker.expire(partition, &surroundings)
    if expired > 0 {
      recordMoment(&host, "broker", "\(expired) events of partition \(partition) expire unconsumed")
      broker.drop(expired, of: partition)
    }
    if broker.isBehind(partition) { broker.observeLag(&surroundings) }
    while broker.hasBatch(partition, &surroundings) {
      guard handOverBatch(partition, &host) else { return }
    }
  }

  /// Producers call ingestion themselves.
  private mutating func callDirectly(_ partition: Int, _ host: inout CoreHost) {
    while !broker.partitions[partition].events.isEmpty {
      guard !host.machines.isDown(.ingestion), handOverBatch(partition, &host) else {
        return broker.fail(partition, &surroundings)
      }
      broker.succeed(partition)
    }
  }

  /// - Returns: whether the batch was acknowledged.
  private mutating func handOverBatch(_ partition: Int, _ host: inout CoreHost) -> Bool {
    let (events, batch) = broker.lend(partition, &surroundings)
    let isAcknowledged = ingest(events[..<batch], &host)
    broker.reclaim(consume events, batch: batch, of: partition, isAcknowledged: isAcknowledged)
    return isAcknowledged
  }

  /// A batch whose acknowledgement was lost comes again.
  mutating func redeliver(_ slot: Int, _ host: inout CoreHost) {
    let events = broker.receiveRedelivery(slot, &surroundings)
    guard host.machines.isDown(.ingestion) || !ingest(events[...], &host) else { return }
    broker.redeliverLater(events, &surroundings)
  }

  /// - Returns: whether the batch was acknowledged.
  private mutating func ingest(
    _ events: ContiguousArray<UsageEvent>.SubSequence, _ host: inout CoreHost
  ) -> Bool {
    assert(!events.isEmpty, "ingestion is not told of nothing")
    assert(events.count <= configuration.broker.batchSize, "a batch is no larger than it may be")
    surroundings.observations.delivered += events.count
    surroundings.observations.batches += 1
    deliveredSinceSample += events.count
    let lateBefore = host.core.lateEvents
    let isAcknowledged = events.withUnsafeBufferPointer { host.deliver($0, &self) }
    surroundings.count(.lateAfterWindow, Int(host.core.lateEvents - lateBefore))
    if !isAcknowledged { surroundings.count(.batchUnacknowledged) }
    return isAcknowledged
  }

  /// Nothing is on its way any more: what a counterpart has still to come would have kept the run from its end.
  func assertAtRest() {
    precondition(producers.underWay == 0, "at rest, no usage is on its way")
    precondition(broker.held == 0, "at rest, no usage waits for its consumer")
    precondition(feeds.underWay == 0, "at rest, CRM and banks have told all")
    precondition(taxEngine.underWay == 0, "at rest, no answer of the tax engine is on its way")
    precondition(cash.underWay == 0, "at rest, no money moves")
    precondition(staff.requestsToCome == 0, "at rest, nobody asks for a credit")
    precondition(staff.refusedDocuments == 0, "at rest, no refused document waits to be sent again")
    precondition(network.calls.count == 0, "at rest, no call is under way")
  }

  // MARK: Those who watch

  /// Records a moment, with the state of everything at that moment.
  mutating func recordMoment(_ host: inout CoreHost, _ subject: String, _ text: String) {
    guard configuration.keepsHistory else { return }
    assert(
      surroundings.observations.moments.last.map { $0.at <= now } ?? true,
      "a history is written in the order of time")
    var states: [ERPState] = []
    for index in configuration.erps.indices {
      let depth = host.core.use(of: EntityID(index: UInt32(index))).depth
      let (condition, posted) = network.look(at: index)
      states.append(
        ERPState(
          condition: condition, depth: depth, trend: depth - depthAtMoment[index], posted: posted,
          invoiced: surroundings.observations.invoices[index]))
      depthAtMoment[index] = depth
    }
    surroundings.observations.moments.append(
      Moment(
        at: now, subject: subject, text: text, accepted: host.core.capture.accepted,
        erps: states, processes: host.machines.all.map { !$0.isDown }))
  }

  mutating func recordSample(_ host: inout CoreHost) {
    for index in configuration.erps.indices {
      let depth = network.recordUse(index, &host, &surroundings)
      surroundings.observations.peakOutbox[index] = max(surroundings.observations.peakOutbox[index], depth)
    }
    broker.observeLag(&surroundings)
    guard configuration.keepsHistory else { return }
    assert(
      surroundings.observations.samples.last.map { $0.at <= now } ?? true,
      "samples are taken in the order of time")
    assert(
      deliveredSinceSample <= surroundings.observations.delivered,
      "no more was delivered since a sample than in all")
    var sample = Sample(
      at: now, delivered: deliveredSinceSample, outboxDepth: [], refused: network.refusedSinceSample,
      posted: [], openWindows: host.core.openWindows, brokerLag: broker.lag)
    sample.outboxDepth.reserveCapacity(configuration.erps.count)
    sample.posted.reserveCapacity(configuration.erps.count)
    for index in configuration.erps.indices {
      sample.outboxDepth.append(host.core.use(of: EntityID(index: UInt32(index))).depth)
      sample.posted.append(network.look(at: index).posted)
    }
    surroundings.observations.samples.append(sample)
    deliveredSinceSample = 0
    network.recordSample()
  }
}
