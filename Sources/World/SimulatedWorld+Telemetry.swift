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
    if drawn == Self.drawAhead { adjustReach(of: source) }
    var stream = deliveryStream
    for index in arrivals.indices {
      send(arrivals[index], at: sentAt.isEmpty ? arrivals[index].time : sentAt[index], &stream)
    }
    deliveryStream = stream
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

  /// Sends an event on its way, and the copies that are made of it.
  ///
  /// The stream is handed on by a copy where that is rare: what has no address stays in registers.
  @inline(__always)
  private mutating func send(_ event: UsageEvent, at instant: Instant, _ stream: inout RandomStream) {
    var at = instant
    if configuration.delivery.lateShare > 0, stream.bernoulli(configuration.delivery.lateShare) {
      var rare = stream
      at += configuration.delivery.lateDelay.draw(&rare)
      stream = rare
    }
    post(event, at: at, &stream)
    if configuration.delivery.crossRegionShare > 0, stream.bernoulli(configuration.delivery.crossRegionShare)
    {
      var rare = stream
      sendAcross(event, at: at, &rare)
      stream = rare
    }
    while configuration.delivery.duplicateShare > 0, stream.bernoulli(configuration.delivery.duplicateShare) {
      var rare = stream
      at += configuration.delivery.duplicateDelay.draw(&rare)
      repost(event, at: at, &rare)
      stream = rare
    }
  }

  /// A copy comes by way of another region.
  @inline(never)
  private mutating func sendAcross(_ event: UsageEvent, at instant: Instant, _ stream: inout RandomStream) {
    observations.count(.crossRegionCopy)
    var copy = event
    let producers = configuration.catalog.sources.count / configuration.catalog.regions
    copy.source = SourceID(index: event.source.index + UInt32(producers))
    post(copy, at: instant + configuration.delivery.duplicateDelay.draw(&stream), &stream)
  }

  @inline(never)
  private mutating func repost(_ event: UsageEvent, at instant: Instant, _ stream: inout RandomStream) {
    observations.count(.duplicateDelivered)
    post(event, at: instant, &stream)
  }

  /// Sends one copy of an event on its way.
  @inline(__always)
  mutating func post(_ event: UsageEvent, at instant: Instant, _ stream: inout RandomStream) {
    var at = max(instant, kernel.now)
    let reorder = configuration.delivery.reorder.nanoseconds
    if reorder > 0 { at += Span(nanoseconds: Int64(stream.below(UInt64(reorder)))) }
    if at > lastDelivery { lastDelivery = at }
    let slot = deliveries.insert(event)
    let key = kernel.claimKey(at: at)
    essential &+= 1
    if !deliveries.enter(slot, key: key, now: kernel.now.nanoseconds) {
      kernel.schedule(WorldEvent(delivery: event, slot: slot), key: key)
    }
  }

  /// Sees to it that what a source sends is on its way without the event queue, as far as its deliveries are near: as
  /// far as those of the busiest source.
  private mutating func adjustReach(of source: Int) {
    guard let first = arrivals.first, let last = arrivals.last else { return }
    let span = last.time - first.time + configuration.delivery.reorder
    // With a wrong clock the last may seem to come first.
    guard span > .zero else { return }
    reaches[source] = span.nanoseconds
    for (slot, key) in deliveries.reach(reaches.min() ?? .max, now: kernel.now.nanoseconds) {
      kernel.schedule(WorldEvent(delivery: deliveries[slot], slot: slot), key: key)
    }
  }
}
