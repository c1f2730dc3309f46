import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// The broker between producers and ingestion: partitions, each with one consumer of the group.
struct BrokerCluster: Sendable {
  private let configuration: BrokerConfiguration
  private let restampedShare: Double
  private let restampedDelay: DelayRange
  private var stream: RandomStream
  private(set) var partitions: [BrokerPartition]
  private let partitionOf: Modulus
  private var redeliveries = SlotTable<ContiguousArray<UsageEvent>>()
  /// Whether it can refuse, lose or repeat anything.
  private let hasLimits: Bool
  /// Faults that hit it.
  var faults = ActiveFaults()
  /// Events that wait for it though it is down for good.
  private(set) var stranded = 0

  /// - Parameter isHit: whether the scenario has faults of it.
  init(_ world: WorldConfiguration, seed: UInt64, isHit: Bool) {
    configuration = world.broker
    restampedShare = world.delivery.restampedShare
    restampedDelay = world.delivery.restampedDelay
    precondition(
      configuration.backpressureDelay.from > .zero, "a producer does not try for ever at one instant")
    precondition(
      configuration.directPause > .zero && (0...16).contains(configuration.directDoublings),
      "a producer's pauses grow from something to something")
    stream = RandomStream(rootSeed: seed, name: "broker")
    partitionOf = Modulus(configuration.partitions)
    partitions = (0..<configuration.partitions).map { _ in BrokerPartition() }
    hasLimits =
      isHit || configuration.retention != nil || configuration.capacity != nil
      || configuration.throughput != nil
  }

  /// Whether there is none: producers call ingestion themselves.
  var isDirect: Bool { configuration.isDirect }
  /// Usage events that wait in it.
  var lag: Int { partitions.reduce(0) { $0 + $1.events.count } }
  /// The same, with what it delivers again and what waits for it for good.
  var held: Int { redeliveries.count + lag + stranded }

  // MARK: In

  /// A usage event arrives.
  ///
  /// - Returns: the partition that hands over a batch now; `nil`: none does.
  @inline(__always)
  mutating func receive(
    _ event: UsageEvent, from producers: inout Producers, _ surroundings: inout Surroundings
  ) -> Int? {
    let partition = partitionOf.remainder(of: event.subject.index)
    if hasLimits, !accepts(event, partition, from: &producers, &surroundings) { return nil }
    partitions[partition].events.append(event)
    if restampedShare > 0 { considerRestamping(event, by: &producers, &surroundings) }
    let count = partitions[partition].events.count
    guard count == 1 || count == configuration.batchSize else { return nil }
    return waits(partition, count: count, &surroundings) ? nil : partition
  }

  /// Whether a partition waits: one that has its first event for others, one that has a whole batch for nothing.
  @inline(never)
  private mutating func waits(
    _ partition: Int, count: Int, _ surroundings: inout Surroundings
  ) -> Bool {
    if count == 1 { poll(partition, at: surroundings.now + configuration.linger, &surroundings) }
    return count != configuration.batchSize
  }

  /// Mutating though it changes nothing, as all that is called once an event: what does not mutate a large value may be handed a copy.
  private mutating func poll(_ partition: Int, at instant: Instant, _ surroundings: inout Surroundings) {
    surroundings.schedule(
      WorldEvent(.poll, index: partition, detail: partitions[partition].turn), at: instant)
  }

  /// Some producers do not hear that their event was taken, and send it again under another identifier.
  @inline(never)
  private mutating func considerRestamping(
    _ event: UsageEvent, by producers: inout Producers, _ surroundings: inout Surroundings
  ) {
    let mark: UInt64 = 1 << 62
    guard event.id < mark, stream.bernoulli(restampedShare) else { return }
    surroundings.count(.restampedCopy)
    var copy = event
    copy.id |= mark
    let delay = restampedDelay.draw(&stream, step: .seconds(1))
    producers.post(copy, at: surroundings.now + delay, &surroundings)
  }

  /// Whether a partition takes an event now; if not, its producer keeps it and tries again.
  @inline(never)
  private mutating func accepts(
    _ event: UsageEvent, _ partition: Int, from producers: inout Producers,
    _ surroundings: inout Surroundings
  ) -> Bool {
    let now = surroundings.now
    if let end = faults.outageEnd {
      surroundings.count(.brokerUnavailable)
      faults.hit(.outage)
      guard end < .distantFuture else {
        stranded += 1
        surroundings.expect()
        return false
      }
      let delay = configuration.comebackDelay.draw(&stream, step: .milliseconds(1))
      producers.keep(event, until: end + delay, &surroundings)
    } else if let capacity = configuration.capacity, partitions[partition].events.count >= capacity {
      surroundings.count(.backpressure)
      let delay = configuration.backpressureDelay.draw(&stream, step: .milliseconds(1))
      producers.keep(event, until: now + delay, &surroundings)
    } else {
      if configuration.retention != nil { partitions[partition].arrived.append(now) }
      return true
    }
    return false
  }

  // MARK: Out

  /// Whether a poll is still meant: no batch was handed over since it was planned.
  func isTurn(_ partition: Int, _ turn: UInt64) -> Bool { partitions[partition].turn == turn }

  /// A partition is about to hand over.
  mutating func beginTurn(_ partition: Int) { partitions[partition].turn += 1 }

  /// Whether a partition's consumer takes anything at the moment.
  mutating func isConsumed(_ partition: Int, isConsumerDown: Bool) -> Bool {
    guard !isConsumerDown, !faults.isRebalancing else {
      faults.hit(.rebalance, partitions[partition].events.count)
      return false
    }
    return true
  }

  /// What nobody has taken in time is gone.
  ///
  /// - Returns: how many events.
  mutating func expire(_ partition: Int, _ surroundings: inout Surroundings) -> Int {
    guard let retention = configuration.retention else { return 0 }
    let oldest = surroundings.now - retention
    let expired = partitions[partition].arrived.firstIndex { $0 >= oldest }
    let count = expired ?? partitions[partition].arrived.count
    guard count > 0 else { return 0 }
    let waited = surroundings.now - partitions[partition].arrived[0]
    assert(waited > retention, "what expires has waited for longer than it may")
    surroundings.count(.expiredInBroker, count)
    surroundings.record(.expiredInBroker(partition: partition, events: count, waited: waited))
    return count
  }

  /// Takes out what has expired.
  mutating func drop(_ count: Int, of partition: Int) { partitions[partition].removeFirst(count) }

  /// Takes note of the events that wait.
  func observeLag(_ surroundings: inout Surroundings) {
    surroundings.observations.peakBrokerLag = max(surroundings.observations.peakBrokerLag, lag)
  }

  /// Whether a partition holds more than a batch.
  func isBehind(_ partition: Int) -> Bool { partitions[partition].events.count > configuration.batchSize }

  /// Whether a partition hands over another batch now; its consumer may be busy with the one before.
  mutating func hasBatch(_ partition: Int, _ surroundings: inout Surroundings) -> Bool {
    guard !partitions[partition].events.isEmpty else { return false }
    guard let throughput = configuration.throughput else { return true }
    let free = partitions[partition].busyUntil
    guard free <= surroundings.now else {
      poll(partition, at: free, &surroundings)
      return false
    }
    let count = min(partitions[partition].events.count, configuration.batchSize)
    partitions[partition].busyUntil = surroundings.now + Span(seconds: Double(count) / throughput)
    assert(
      partitions[partition].busyUntil >= surroundings.now,
      "a partition is not free before its batch was handed over")
    return true
  }

  /// Lends what a partition holds, of which the first events are the batch at hand. Its acknowledgement may be lost on the way: then it
  /// comes again.
  mutating func lend(
    _ partition: Int, _ surroundings: inout Surroundings
  ) -> (events: ContiguousArray<UsageEvent>, batch: Int) {
    let count = min(partitions[partition].events.count, configuration.batchSize)
    assert(count > 0, "an empty partition lends nothing")
    if configuration.redeliveryShare > 0, stream.bernoulli(configuration.redeliveryShare) {
      redeliverLater(ContiguousArray(partitions[partition].events[..<count]), &surroundings)
    }
    var events: ContiguousArray<UsageEvent> = []
    swap(&events, &partitions[partition].events)
    return (events, count)
  }

  /// Reclaims a batch that was lent.
  mutating func reclaim(
    _ events: consuming ContiguousArray<UsageEvent>, batch: Int, of partition: Int, isAcknowledged: Bool
  ) {
    assert(batch <= events.count, "no more is acknowledged than was lent")
    assert(partitions[partition].events.isEmpty, "nothing enters a partition while its events are lent")
    if isAcknowledged, hasLimits {
      partitions[partition].last.removeAll(keepingCapacity: true)
      partitions[partition].last.append(contentsOf: events[..<batch])
    }
    swap(&events, &partitions[partition].events)
    if isAcknowledged { partitions[partition].removeFirst(batch) }
  }

  // MARK: Without a broker

  /// A producer's own call was taken.
  mutating func succeed(_ partition: Int) {
    assert(isDirect, "before a broker, nobody calls ingestion")
    partitions[partition].attempts = 0
  }

  /// A producer's own call was not taken: it tries again after a pause, and forgets after some attempts.
  mutating func fail(_ partition: Int, _ surroundings: inout Surroundings) {
    partitions[partition].attempts += 1
    precondition(
      partitions[partition].attempts <= max(1, configuration.directAttempts),
      "what is given up is not tried again")
    guard partitions[partition].attempts >= configuration.directAttempts else {
      let doublings = Int64(min(partitions[partition].attempts, configuration.directDoublings))
      let pause = configuration.directPause * (1 << doublings)
      return poll(partition, at: surroundings.now + pause, &surroundings)
    }
    let count = partitions[partition].events.count
    assert(count > 0, "only a call with usage is given up")
    surroundings.count(.usageGivenUp, count)
    surroundings.record(.givenUp(events: count))
    partitions[partition].removeFirst(count)
    partitions[partition].attempts = 0
  }

  // MARK: Again

  /// A batch whose acknowledgement was lost comes again.
  mutating func receiveRedelivery(
    _ slot: Int, _ surroundings: inout Surroundings
  ) -> ContiguousArray<UsageEvent> {
    surroundings.count(.batchRedelivered)
    let events = redeliveries.remove(slot)
    redeliveries[slot] = []
    precondition(!events.isEmpty, "a batch that comes again was one")
    return events
  }

  /// A batch that was not acknowledged comes again after the broker's time-out.
  mutating func redeliverLater(
    _ events: ContiguousArray<UsageEvent>, _ surroundings: inout Surroundings
  ) {
    assert(!events.isEmpty, "an empty batch is not sent again")
    surroundings.schedule(
      WorldEvent(.redeliver, index: redeliveries.insert(events)),
      at: surroundings.now + configuration.redeliveryTimeout)
  }

  /// A partition has a new consumer, who begins where the last commit was: before the batch that was handed over last.
  ///
  /// - Returns: the events that come again.
  mutating func repeatLast(_ partition: Int, _ surroundings: inout Surroundings) -> Int {
    let last = partitions[partition].last
    partitions[partition].last = []
    if !last.isEmpty {
      surroundings.schedule(
        WorldEvent(.redeliver, index: redeliveries.insert(last)), at: surroundings.now)
    }
    return last.count
  }
}
