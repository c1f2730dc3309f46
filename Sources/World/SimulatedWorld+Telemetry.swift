import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// From the producers through the broker into the core.
extension SimulatedWorld {
  /// Events that an auditor traces at the end.
  private static var sampleSize: Int { 500 }
  /// How many arrivals a source draws ahead at a time.
  private static var drawAhead: Int { 128 }

  /// Draws the next arrivals of a source and sends each on its way. A delivery is never before its arrival,
  /// nor an arrival before now, so drawing ahead cannot break the order of time.
  mutating func generate(source: Int) {
    arrivals.removeAll(keepingCapacity: true)
    sources[source].draw(Self.drawAhead, into: &arrivals)
    let drawn = arrivals.count
    guard let last = arrivals.last else { return }
    if hasSignUps {
      let configuration = configuration
      arrivals.removeAll { Self.isYetToSignUp($0, configuration.catalog) }
    }
    observations.emitted += arrivals.count
    arrivals.withUnsafeBufferPointer { sink.emitted($0) }
    // One event of each draw ahead is followed to the end, up to a bound.
    if sampled.count < Self.sampleSize, let event = arrivals.first { sampled.append(event) }
    if let gap = configuration.load[source].gap {
      unsent[source] += arrivals.filter { gap.holds($0.time) }
      arrivals.removeAll { gap.holds($0.time) }
    }
    for index in arrivals.indices { send(arrivals[index]) }
    if configuration.delivery.correctionShare > 0 { arrangeCorrections(source) }
    if drawn == Self.drawAhead {
      schedule(WorldEvent(.generate, index: source), at: max(last.time, kernel.now))
    }
  }

  /// Whether an event would come from a customer that has no contract yet: it uses nothing.
  private static func isYetToSignUp(_ event: UsageEvent, _ catalog: Catalog) -> Bool {
    let subscriptions = catalog.subscriptions
    var customer = Int(event.subject.index)
    if customer >= subscriptions.count, customer - subscriptions.count < catalog.identities.count {
      customer = Int(catalog.identities[customer - subscriptions.count].index)
    }
    return customer < subscriptions.count && event.time < subscriptions[customer].terms[0].from
  }

  /// A load source's producers send what they could not send in time, each with the boundary of its gap.
  mutating func backfill(source: Int) {
    guard let gap = configuration.load[source].gap else { return }
    for producer in configuration.load[source].producers {
      let events = unsent[source].filter { $0.source == producer }
      guard !events.isEmpty else { continue }
      observations.count(.backfilled, events.count)
      observations.delivered += events.count
      let backfill = Backfill(source: producer, from: gap.from, until: gap.until, events: events)
      tell(.backfill(backfill))
    }
    note("platform", "\(unsent[source].count) events backfilled for \(gap.from) to \(gap.until)")
  }

  /// Some events are taken back later, and the notice may be sent twice.
  private mutating func arrangeCorrections(_ source: Int) {
    let delivery = configuration.delivery
    for index in arrivals.indices
    where arrivals[index].quantity0 >= 0 && correctionStream.bernoulli(delivery.correctionShare) {
      let original = arrivals[index]
      let isVoid = correctionStream.bernoulli(delivery.voidShare)
      let share = correctionStream.uniform(0.2, 1.8)
      let correction = UsageCorrection(
        original: original, replacement: isVoid ? nil : sources[source].amend(original, to: share))
      let at = max(original.time, kernel.now) + delivery.correctionDelay.draw(&correctionStream)
      schedule(WorldEvent(.correction, index: corrections.insert(correction)), at: at)
      if correctionStream.bernoulli(delivery.duplicateShare) {
        schedule(WorldEvent(.correction, index: corrections.insert(correction)), at: at + .minutes(10))
      }
      if at > lastDelivery { lastDelivery = at }
    }
  }

  /// A producer's correction reaches the core.
  mutating func correct(slot: Int) {
    let correction = corrections.take(slot)
    if madeCorrections.insert(correction.original.key).inserted {
      observations.count(correction.replacement == nil ? .usageVoided : .usageAmended)
      sink.record(.corrected(correction), at: kernel.now)
      if correction.replacement != nil { observations.emitted += 1 }
    }
    tell(.correction(correction))
  }

  private mutating func send(_ event: UsageEvent) {
    let delivery = configuration.delivery
    var at = event.time
    if delivery.lateShare > 0, deliveryStream.bernoulli(delivery.lateShare) {
      at += delivery.lateDelay.draw(&deliveryStream)
    }
    post(event, at: at)
    while delivery.duplicateShare > 0, deliveryStream.bernoulli(delivery.duplicateShare) {
      at += delivery.duplicateDelay.draw(&deliveryStream)
      observations.count(.duplicateDelivered)
      post(event, at: at)
    }
  }

  @inline(__always)
  private mutating func post(_ event: UsageEvent, at instant: Instant) {
    var at = max(instant, kernel.now)
    let reorder = configuration.delivery.reorder.nanoseconds
    if reorder > 0 { at += Span(nanoseconds: Int64(deliveryStream.below(UInt64(reorder)))) }
    if at > lastDelivery { lastDelivery = at }
    let slot = deliveries.insert(event)
    let detail = event.id ^ UInt64(event.subject.index) << 40 ^ UInt64(bitPattern: event.quantity0) << 20
    schedule(WorldEvent(.deliver, index: slot, detail: detail), at: at)
  }

  /// A usage event reaches its partition.
  @inline(__always)
  mutating func deliver(slot: Int) {
    let event = deliveries.take(slot)
    let partition = Int(event.subject.index) % partitions.count
    partitions[partition].events.append(event)
    let count = partitions[partition].events.count
    if count == 1 {
      schedule(
        WorldEvent(.poll, index: partition, detail: partitions[partition].turn),
        at: kernel.now + configuration.broker.linger)
    }
    if count == configuration.broker.batchSize { handOver(partition: partition) }
  }

  /// A partition hands what it holds to the core.
  mutating func handOver(partition: Int) {
    partitions[partition].turn += 1
    if configuration.broker.isDirect { return callDirectly(partition) }
    guard !machines.isDown(.ingestion) else { return }
    while !partitions[partition].events.isEmpty, handOverBatch(partition) {}
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
        partitions[partition].events.removeAll(keepingCapacity: true)
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
    if configuration.broker.redeliveryShare > 0,
      brokerStream.bernoulli(configuration.broker.redeliveryShare)
    {
      let slot = redeliveries.insert(partitions[partition].events)
      schedule(
        WorldEvent(.redeliver, index: slot), at: kernel.now + configuration.broker.redeliveryTimeout)
    }
    var events: ContiguousArray<UsageEvent> = []
    swap(&events, &partitions[partition].events)
    defer { swap(&events, &partitions[partition].events) }
    let size = configuration.broker.batchSize
    if events.count <= size {
      guard ingest(events[...]) else { return false }
      events.removeAll(keepingCapacity: true)
    } else {
      guard ingest(events[..<size]) else { return false }
      events.removeSubrange(..<size)
    }
    return true
  }

  mutating func redeliver(slot: Int) {
    observations.count(.batchRedelivered)
    let events = redeliveries.take(slot)
    redeliveries[slot] = []
    guard machines.isDown(.ingestion) || !ingest(events[...]) else { return }
    let again = redeliveries.insert(events)
    schedule(WorldEvent(.redeliver, index: again), at: kernel.now + configuration.broker.redeliveryTimeout)
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
