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
    var sentAt: [Instant] = []
    if hasProducerFaults { sentAt = applyProducerFaults() }
    observations.emitted += arrivals.count
    arrivals.withUnsafeBufferPointer { sink.emitted($0) }
    // One event of each draw ahead is followed to the end, up to a bound.
    if sampled.count < Self.sampleSize, let event = arrivals.first { sampled.append(event) }
    if let gap = configuration.load[source].gap {
      unsent[source] += arrivals.filter { gap.holds($0.time) }
      if !sentAt.isEmpty { sentAt = zip(sentAt, arrivals).filter { !gap.holds($1.time) }.map(\.0) }
      arrivals.removeAll { gap.holds($0.time) }
    }
    for index in arrivals.indices {
      send(arrivals[index], at: sentAt.isEmpty ? arrivals[index].time : sentAt[index])
    }
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

  /// A load source's producers send what they could not send in time, each with the boundary of its gap; one that
  /// is declared wrongly takes in hours that were delivered.
  mutating func backfill(source: Int, isMisdeclared: Bool) {
    guard let gap = configuration.load[source].gap else { return }
    let from = isMisdeclared ? gap.from - gap.misdeclaredBy : gap.from
    for producer in configuration.load[source].producers {
      let events = unsent[source].filter { $0.source == producer }
      guard !events.isEmpty else { continue }
      observations.count(.backfilled, events.count)
      observations.delivered += events.count
      let backfill = Backfill(source: producer, from: from, until: gap.until, events: events)
      sink.record(.backfillDeclared(backfill), at: kernel.now)
      tell(.backfill(backfill))
    }
    note("platform", "\(unsent[source].count) events backfilled for \(from) to \(gap.until)")
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

  private mutating func send(_ event: UsageEvent, at instant: Instant) {
    let delivery = configuration.delivery
    var at = instant
    if delivery.lateShare > 0, deliveryStream.bernoulli(delivery.lateShare) {
      at += delivery.lateDelay.draw(&deliveryStream)
    }
    post(event, at: at)
    if delivery.crossRegionShare > 0, deliveryStream.bernoulli(delivery.crossRegionShare) {
      observations.count(.crossRegionCopy)
      var copy = event
      let producers = configuration.catalog.sources.count / configuration.catalog.regions
      copy.source = SourceID(index: event.source.index + UInt32(producers))
      post(copy, at: at + delivery.duplicateDelay.draw(&deliveryStream))
    }
    while delivery.duplicateShare > 0, deliveryStream.bernoulli(delivery.duplicateShare) {
      at += delivery.duplicateDelay.draw(&deliveryStream)
      observations.count(.duplicateDelivered)
      post(event, at: at)
    }
  }

  @inline(__always)
  mutating func post(_ event: UsageEvent, at instant: Instant) {
    var at = max(instant, kernel.now)
    let reorder = configuration.delivery.reorder.nanoseconds
    if reorder > 0 { at += Span(nanoseconds: Int64(deliveryStream.below(UInt64(reorder)))) }
    if at > lastDelivery { lastDelivery = at }
    let slot = deliveries.insert(event)
    let detail = event.id ^ UInt64(event.subject.index) << 40 ^ UInt64(bitPattern: event.quantity0) << 20
    schedule(WorldEvent(.deliver, index: slot, detail: detail), at: at)
  }
}
