import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// The broker between producers and ingestion: partitions, each with one consumer of the group.
extension SimulatedWorld {
  /// A usage event reaches its partition.
  @inline(__always)
  mutating func deliver(_ event: UsageEvent) {
    let partition = partitionOf.remainder(of: event.subject.index)
    if hasBrokerLimits, !takes(event, partition) { return }
    partitions[partition].events.append(event)
    if configuration.delivery.restampedShare > 0 { considerRestamping(event) }
    let count = partitions[partition].events.count
    if count == 1 || count == configuration.broker.batchSize { waitOrHandOver(partition, count: count) }
  }

  /// A partition that has its first event waits for others; one that has a whole batch hands it over.
  @inline(never)
  private mutating func waitOrHandOver(_ partition: Int, count: Int) {
    if count == 1 {
      schedule(
        WorldEvent(.poll, index: partition, detail: partitions[partition].turn),
        at: kernel.now + configuration.broker.linger)
    }
    if count == configuration.broker.batchSize { handOver(partition: partition) }
  }

  /// Some producers do not hear that their event was taken, and send it again under another identifier.
  @inline(never)
  private mutating func considerRestamping(_ event: UsageEvent) {
    let mark: UInt64 = 1 << 62
    guard event.id < mark, brokerStream.bernoulli(configuration.delivery.restampedShare) else { return }
    observations.count(.restampedCopy)
    var copy = event
    copy.id |= mark
    let at = kernel.now + .minutes(5) + .seconds(Int64(brokerStream.below(600)))
    var stream = deliveryStream
    post(copy, at: at, &stream)
    deliveryStream = stream
  }

  /// Whether a partition takes an event now; if not, its producer keeps it and tries again.
  @inline(never)
  private mutating func takes(_ event: UsageEvent, _ partition: Int) -> Bool {
    let retry: Span
    if let end = brokerFaults.outageEnd {
      observations.count(.brokerUnavailable)
      countHits(brokerFaults, .outage)
      guard end < .distantFuture else {
        strand(in: "broker")
        return false
      }
      // Producers that wait for the broker do not come back all at once.
      retry = end - kernel.now + .milliseconds(Int64(brokerStream.below(60_000)))
    } else if let capacity = configuration.broker.capacity, partitions[partition].events.count >= capacity {
      observations.count(.backpressure)
      retry = .seconds(5) + .milliseconds(Int64(brokerStream.below(5_000)))
    } else {
      if configuration.broker.retention != nil { partitions[partition].arrived.append(kernel.now) }
      return true
    }
    let at = kernel.now + retry
    if at > lastDelivery { lastDelivery = at }
    schedule(WorldEvent(.deliver, index: deliveries.insert(event), detail: event.id), at: at)
    return false
  }

  /// A partition hands what it holds to its consumer, batch by batch.
  mutating func handOver(partition: Int) {
    partitions[partition].turn += 1
    if configuration.broker.isDirect { return callDirectly(partition) }
    guard !machines.isDown(.ingestion), !brokerFaults.isRebalancing else {
      return countHits(brokerFaults, .rebalance, partitions[partition].events.count)
    }
    if configuration.broker.retention != nil { expire(partition) }
    if partitions[partition].events.count > configuration.broker.batchSize { observeLag() }
    while !partitions[partition].events.isEmpty {
      if let throughput = configuration.broker.throughput {
        let free = partitions[partition].busyUntil
        guard free <= kernel.now else {
          schedule(
            WorldEvent(.poll, index: partition, detail: partitions[partition].turn), at: free)
          return
        }
        let count = min(partitions[partition].events.count, configuration.broker.batchSize)
        partitions[partition].busyUntil =
          kernel.now + Span(seconds: Double(count) / throughput)
      }
      guard handOverBatch(partition) else { return }
    }
  }

  /// What nobody has taken in time is gone.
  private mutating func expire(_ partition: Int) {
    guard let retention = configuration.broker.retention else { return }
    let oldest = kernel.now - retention
    let expired = partitions[partition].arrived.firstIndex { $0 >= oldest }
    let count = expired ?? partitions[partition].arrived.count
    guard count > 0 else { return }
    let waited = kernel.now - partitions[partition].arrived[0]
    observations.count(.expiredInBroker, count)
    sink.record(.expiredInBroker(partition: partition, events: count, waited: waited), at: kernel.now)
    note("broker", "\(count) events of partition \(partition) expire untaken")
    partitions[partition].removeFirst(count)
  }

  /// Usage events that wait in the broker.
  var brokerLag: Int { partitions.reduce(0) { $0 + $1.events.count } }

  mutating func observeLag() {
    observations.peakBrokerLag = max(observations.peakBrokerLag, brokerLag)
  }

  /// Producers call ingestion themselves: they try again after some seconds, and forget after some attempts.
  private mutating func callDirectly(_ partition: Int) {
    while !partitions[partition].events.isEmpty {
      if !machines.isDown(.ingestion), handOverBatch(partition) {
        partitions[partition].attempts = 0
        continue
      }
      partitions[partition].attempts += 1
      if partitions[partition].attempts >= configuration.broker.directAttempts {
        observations.count(.usageGivenUp, partitions[partition].events.count)
        sink.record(.givenUp(events: partitions[partition].events.count), at: kernel.now)
        partitions[partition].removeFirst(partitions[partition].events.count)
        partitions[partition].attempts = 0
      } else {
        let pause = Span.seconds(2 << Int64(min(partitions[partition].attempts, 10)))
        schedule(
          WorldEvent(.poll, index: partition, detail: partitions[partition].turn), at: kernel.now + pause)
      }
      return
    }
  }

  /// - Returns: whether the batch was acknowledged.
  private mutating func handOverBatch(_ partition: Int) -> Bool {
    let count = min(partitions[partition].events.count, configuration.broker.batchSize)
    if configuration.broker.redeliveryShare > 0,
      brokerStream.bernoulli(configuration.broker.redeliveryShare)
    {
      let slot = redeliveries.insert(ContiguousArray(partitions[partition].events[..<count]))
      schedule(
        WorldEvent(.redeliver, index: slot), at: kernel.now + configuration.broker.redeliveryTimeout)
    }
    var events: ContiguousArray<UsageEvent> = []
    swap(&events, &partitions[partition].events)
    let isAcknowledged = ingest(events[..<count])
    if isAcknowledged, hasBrokerLimits {
      partitions[partition].last.removeAll(keepingCapacity: true)
      partitions[partition].last.append(contentsOf: events[..<count])
    }
    swap(&events, &partitions[partition].events)
    if isAcknowledged { partitions[partition].removeFirst(count) }
    return isAcknowledged
  }

  mutating func redeliver(slot: Int) {
    observations.count(.batchRedelivered)
    let events = redeliveries.take(slot)
    redeliveries[slot] = []
    guard machines.isDown(.ingestion) || !ingest(events[...]) else { return }
    let again = redeliveries.insert(events)
    schedule(WorldEvent(.redeliver, index: again), at: kernel.now + configuration.broker.redeliveryTimeout)
  }

  /// The partitions have new consumers, who begin where the last commit was: before the batch that was handed over last.
  ///
  /// - Returns: the events that come again.
  mutating func rebalanced() -> Int {
    observations.count(.rebalanced)
    var repeated = 0
    for partition in partitions.indices {
      let last = partitions[partition].last
      partitions[partition].last = []
      repeated += last.count
      if !last.isEmpty {
        schedule(WorldEvent(.redeliver, index: redeliveries.insert(last)), at: kernel.now)
      }
      handOver(partition: partition)
    }
    return repeated
  }

  /// Something waits for a counterpart that is down for good: it is work that is left when time is up.
  mutating func strand(in queue: String) {
    essential &+= 1
    for index in stranded.indices where stranded[index].queue == queue { stranded[index].depth += 1 }
  }

  /// - Returns: whether the batch was acknowledged.
  private mutating func ingest(_ events: ContiguousArray<UsageEvent>.SubSequence) -> Bool {
    observations.delivered += events.count
    observations.batches += 1
    deliveredSinceSample += events.count
    let lateBefore = process.state.metering.lateEvents
    let isAcknowledged = events.withUnsafeBufferPointer { tell($0) }
    observations.count(.lateAfterWindow, Int(process.state.metering.lateEvents - lateBefore))
    if !isAcknowledged { observations.count(.batchUnacknowledged) }
    return isAcknowledged
  }
}
