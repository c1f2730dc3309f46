import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// The producers of usage events, and what happens to events on their way to the broker.
struct Producers: ~Copyable {
  /// Events that an auditor traces at the end.
  private static var sampleSize: Int { 500 }
  /// How many arrivals a source draws ahead at a time.
  private static var drawAhead: Int { 128 }

  private let configuration: WorldConfiguration
  private var sources: [LoadSource]
  private var stream: RandomStream
  private var arrivals: ContiguousArray<UsageEvent> = []
  /// Usage events on their way to the broker.
  private var deliveries = DelayLine<UsageEvent>()
  /// How far ahead each load source has sent, in nanoseconds.
  private var reaches: [Int64]
  private var corrections = SlotTable<UsageCorrection>()
  private var correctionStream: RandomStream
  /// Corrections that the sources have made, so that a copy is no second one.
  private(set) var madeCorrections: Set<UsageEventKey> = []
  /// Events that are traced at the end.
  private(set) var sampled: [UsageEvent] = []
  /// What each load source could not send in its time.
  private var unsent: [[UsageEvent]]
  /// When the last event that is known of reaches the broker.
  private(set) var lastDelivery: Instant
  /// Whether customers sign up after the start.
  private let hasSignUps: Bool
  /// Whether any of them can die or have a wrong clock.
  private let hasFaults: Bool

  /// - Parameter isHit: whether the scenario has faults of them.
  init(_ world: WorldConfiguration, seed: UInt64, isHit: Bool) {
    precondition(world.delivery.faultyEvery > 0, "faults hit every n-th producer, and n is a number of them")
    configuration = world
    let customers = AliasTable.zipf(
      count: world.catalog.subscriptions.count, exponent: world.zipfExponent)
    sources = world.load.map { LoadSource($0, world: world, customers: customers, rootSeed: seed) }
    reaches = world.load.map { _ in .max }
    stream = RandomStream(rootSeed: seed, name: "delivery")
    correctionStream = RandomStream(rootSeed: seed, name: "corrections")
    unsent = world.load.map { _ in [] }
    lastDelivery = world.start
    hasSignUps = world.catalog.subscriptions.contains { $0.terms[0].from > world.start }
    hasFaults = isHit
  }

  // MARK: Drawing

  /// Arranges for the first arrivals.
  func begin(_ surroundings: inout Surroundings) {
    for index in sources.indices {
      surroundings.schedule(WorldEvent(.generate, index: index), at: configuration.start)
    }
  }

  /// Arranges for what is sent after a gap. Each job is run again later, as jobs are.
  func beginBackfills(_ surroundings: inout Surroundings) {
    for (index, load) in configuration.load.enumerated() {
      guard let gap = load.gap else { continue }
      if gap.misdeclaredBy > .zero {
        let job = WorldEvent(.backfill, index: index, detail: 1)
        surroundings.schedule(job, at: gap.backfilledAt)
        surroundings.schedule(job, at: gap.backfilledAt + gap.misdeclaredAgainAfter)
      }
      let right = gap.backfilledAt + gap.correction
      surroundings.schedule(WorldEvent(.backfill, index: index), at: right)
      surroundings.schedule(WorldEvent(.backfill, index: index), at: right + gap.repeatedAfter)
    }
  }

  /// Draws the next arrivals of a source and sends each on its way. A delivery is never before its arrival,
  /// nor an arrival before now, so drawing ahead cannot break the order of time.
  mutating func generate(_ source: Int, _ faults: inout FaultSchedule, _ surroundings: inout Surroundings) {
    sources[source].draw(Self.drawAhead, into: &arrivals)
    let drawn = arrivals.count
    guard let last = arrivals.last else { return }
    if hasSignUps {
      let catalog = configuration.catalog
      arrivals.removeAll { Self.isYetToSignUp($0, catalog) }
    }
    var sentAt: [Instant] = []
    if hasFaults { sentAt = applyFaults(&faults, &surroundings) }
    surroundings.observations.emitted += arrivals.count
    arrivals.withUnsafeBufferPointer { surroundings.recordEmitted($0) }
    // One event of each draw ahead is followed to the end, up to a bound.
    if sampled.count < Self.sampleSize, let event = arrivals.first { sampled.append(event) }
    assert(arrivals.count <= drawn, "faults and late customers add no usage")
    if let gap = configuration.load[source].gap {
      unsent[source] += arrivals.filter { gap.contains($0.time) }
      if !sentAt.isEmpty { sentAt = zip(sentAt, arrivals).filter { !gap.contains($1.time) }.map(\.0) }
      arrivals.removeAll { gap.contains($0.time) }
    }
    if drawn == Self.drawAhead { adjustReach(of: source, &surroundings) }
    assert(
      sentAt.isEmpty || sentAt.count == arrivals.count,
      "each event of a draw is sent at an instant of its own")
    var own = stream
    for index in arrivals.indices {
      send(arrivals[index], at: sentAt.isEmpty ? arrivals[index].time : sentAt[index], &own, &surroundings)
    }
    stream = own
    if configuration.delivery.correctionShare > 0 { arrangeCorrections(source, &surroundings) }
    if drawn == Self.drawAhead {
      surroundings.schedule(
        WorldEvent(.generate, index: source), at: max(last.time, surroundings.now))
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

  /// Applies the faults of producers to the arrivals that were drawn: they die with what they have not sent, and their clocks go wrong.
  /// An event that dies in its producer's buffer has never been sent: nobody but the customer knows of it.
  ///
  /// - Returns: when each of the events is sent, whatever its producer's clock says.
  private mutating func applyFaults(
    _ faults: inout FaultSchedule, _ surroundings: inout Surroundings
  ) -> [Instant] {
    guard let first = arrivals.first, let last = arrivals.last else { return [] }
    var sentAt = arrivals.map(\.time)
    let buffer = configuration.delivery.producerBuffer
    for (number, window) in faults.windows.enumerated() where window.target == .producers {
      guard window.end > first.time, window.start - buffer <= last.time else { continue }
      switch window.kind {
      case .crash:
        // What was used since the last flush is lost with the buffer, and what follows until the producer is back.
        let flushed = buffer > .zero ? window.start.floored(to: buffer) : window.start
        let kept = arrivals.indices.filter {
          !(flushed <= sentAt[$0] && sentAt[$0] < window.end && isHit(arrivals[$0]))
        }
        surroundings.count(.lostInProducer, arrivals.count - kept.count)
        faults.addHits(arrivals.count - kept.count, to: number)
        arrivals = ContiguousArray(kept.map { arrivals[$0] })
        sentAt = kept.map { sentAt[$0] }
      case .clockSkew(let ahead, let span):
        for index in arrivals.indices where window.start <= sentAt[index] {
          guard sentAt[index] < window.end, isHit(arrivals[index]) else { continue }
          surroundings.count(.clockSkewed)
          faults.addHits(1, to: number)
          if ahead {
            arrivals[index].time += span
          } else {
            arrivals[index].time = max(configuration.start, arrivals[index].time - span)
          }
        }
      default: break
      }
    }
    return sentAt
  }

  /// Whether an event comes from one of the producers that faults hit.
  private func isHit(_ event: UsageEvent) -> Bool {
    Int(event.source.index) % configuration.delivery.faultyEvery == 0
  }

  // MARK: On the way

  /// When the next event that is kept outside of the event queue reaches the broker; the greatest number if there is none.
  @inline(__always)
  var firstKey: Int128 { deliveries.firstKey }

  /// Usage events on their way.
  var underWay: Int { deliveries.count }

  /// The next event that is kept outside of the event queue arrives.
  @inline(__always)
  mutating func popFirst() -> (slot: Int, event: UsageEvent) {
    let slot = deliveries.popFirst()
    return (slot, deliveries.remove(slot))
  }

  /// Receives an event of the event queue.
  @inline(__always)
  mutating func receiveDelivery(_ slot: Int) -> UsageEvent { deliveries.remove(slot) }

  /// Sends an event on its way, and the copies that are made of it.
  ///
  /// The stream is handed on by a copy where that is rare: what has no address stays in registers.
  @inline(__always)
  private mutating func send(
    _ event: UsageEvent, at instant: Instant, _ stream: inout RandomStream, _ surroundings: inout Surroundings
  ) {
    var at = instant
    if configuration.delivery.lateShare > 0, stream.bernoulli(configuration.delivery.lateShare) {
      var rare = stream
      at += configuration.delivery.lateDelay.draw(&rare)
      stream = rare
    }
    post(event, at: at, &stream, &surroundings)
    if configuration.delivery.crossRegionShare > 0, stream.bernoulli(configuration.delivery.crossRegionShare)
    {
      var rare = stream
      sendAcross(event, at: at, &rare, &surroundings)
      stream = rare
    }
    while configuration.delivery.duplicateShare > 0, stream.bernoulli(configuration.delivery.duplicateShare) {
      var rare = stream
      at += configuration.delivery.duplicateDelay.draw(&rare)
      repost(event, at: at, &rare, &surroundings)
      stream = rare
    }
  }

  /// A copy comes by way of another region.
  @inline(never)
  private mutating func sendAcross(
    _ event: UsageEvent, at instant: Instant, _ stream: inout RandomStream, _ surroundings: inout Surroundings
  ) {
    surroundings.count(.crossRegionCopy)
    var copy = event
    let producers = configuration.catalog.sources.count / configuration.catalog.regions
    copy.source = SourceID(index: event.source.index + UInt32(producers))
    assert(
      Int(copy.source.index) < configuration.catalog.sources.count,
      "each producer has one in the other region"
    )
    let delay = configuration.delivery.duplicateDelay.draw(&stream)
    post(copy, at: instant + delay, &stream, &surroundings)
  }

  @inline(never)
  private mutating func repost(
    _ event: UsageEvent, at instant: Instant, _ stream: inout RandomStream, _ surroundings: inout Surroundings
  ) {
    surroundings.count(.duplicateDelivered)
    post(event, at: instant, &stream, &surroundings)
  }

  /// Sends one copy of an event on its way.
  @inline(__always)
  private mutating func post(
    _ event: UsageEvent, at instant: Instant, _ stream: inout RandomStream, _ surroundings: inout Surroundings
  ) {
    var at = max(instant, surroundings.now)
    let reorder = configuration.delivery.reorder.nanoseconds
    if reorder > 0 { at += Span(nanoseconds: Int64(stream.below(UInt64(reorder)))) }
    if at > lastDelivery { lastDelivery = at }
    let slot = deliveries.insert(event)
    let key = surroundings.kernel.claimKey(at: at)
    surroundings.expect()
    if !deliveries.enter(slot, key: key, now: surroundings.now.nanoseconds) {
      surroundings.kernel.schedule(WorldEvent(delivery: event, slot: slot), key: key)
    }
  }

  /// Sends a further copy of an event, later.
  mutating func post(_ event: UsageEvent, at instant: Instant, _ surroundings: inout Surroundings) {
    var own = stream
    post(event, at: instant, &own, &surroundings)
    stream = own
  }

  /// Keeps an event that the broker did not take, and sends it again.
  mutating func keep(_ event: UsageEvent, until instant: Instant, _ surroundings: inout Surroundings) {
    if instant > lastDelivery { lastDelivery = instant }
    surroundings.schedule(
      WorldEvent(.deliver, index: deliveries.insert(event), detail: event.id), at: instant)
  }

  /// Sees to it that what a source sends is on its way without the event queue, as far as its deliveries are near: as
  /// far as those of the busiest source.
  private mutating func adjustReach(of source: Int, _ surroundings: inout Surroundings) {
    guard let first = arrivals.first, let last = arrivals.last else { return }
    let span = last.time - first.time + configuration.delivery.reorder
    // With a wrong clock the last may seem to come first.
    guard span > .zero else { return }
    reaches[source] = span.nanoseconds
    for (slot, key) in deliveries.reach(reaches.min() ?? .max, now: surroundings.now.nanoseconds) {
      surroundings.kernel.schedule(WorldEvent(delivery: deliveries[slot], slot: slot), key: key)
    }
  }

  // MARK: Corrections and gaps

  /// Some events are taken back later, and the notice may be sent twice.
  private mutating func arrangeCorrections(_ source: Int, _ surroundings: inout Surroundings) {
    let delivery = configuration.delivery
    for index in arrivals.indices
    where arrivals[index].quantity0 >= 0 && correctionStream.bernoulli(delivery.correctionShare) {
      let original = arrivals[index]
      let isVoid = correctionStream.bernoulli(delivery.voidShare)
      let share = correctionStream.uniform(delivery.minimumCorrection, delivery.maximumCorrection)
      let correction = UsageCorrection(
        original: original, replacement: isVoid ? nil : sources[source].amend(original, to: share))
      let at = max(original.time, surroundings.now) + delivery.correctionDelay.draw(&correctionStream)
      surroundings.schedule(WorldEvent(.correction, index: corrections.insert(correction)), at: at)
      if correctionStream.bernoulli(delivery.duplicateShare) {
        surroundings.schedule(
          WorldEvent(.correction, index: corrections.insert(correction)),
          at: at + delivery.correctionRepeatedAfter)
      }
      if at > lastDelivery { lastDelivery = at }
    }
  }

  /// Receives a producer's correction.
  mutating func receiveCorrection(_ slot: Int, _ surroundings: inout Surroundings) -> UsageCorrection {
    let correction = corrections.remove(slot)
    assert(
      correction.original.quantity0 >= 0,
      "a producer corrects usage that it reported, not what was never valid")
    if madeCorrections.insert(correction.original.key).inserted {
      surroundings.count(correction.replacement == nil ? .usageVoided : .usageAmended)
      surroundings.record(.corrected(correction))
      if correction.replacement != nil { surroundings.observations.emitted += 1 }
    }
    return correction
  }

  /// What a load source's producers could not send in time, each with the boundary of its gap; one that is declared wrongly takes in
  /// hours that were delivered.
  func backfills(_ source: Int, isMisdeclared: Bool) -> [Backfill] {
    guard let gap = configuration.load[source].gap else { return [] }
    let from = isMisdeclared ? gap.from - gap.misdeclaredBy : gap.from
    return configuration.load[source].producers.compactMap { producer in
      let events = unsent[source].filter { $0.source == producer }
      assert(
        events.allSatisfy { gap.contains($0.time) }, "a backfill holds what was held back, and nothing else")
      return events.isEmpty ? nil : Backfill(source: producer, from: from, until: gap.until, events: events)
    }
  }

  /// What is told of a backfill on the timeline.
  func backfillNote(_ source: Int, isMisdeclared: Bool) -> String? {
    configuration.load[source].gap.map { gap in
      let from = isMisdeclared ? gap.from - gap.misdeclaredBy : gap.from
      return "\(unsent[source].count) events backfilled for \(from) to \(gap.until)"
    }
  }
}
