import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// The world around one core, on the virtual clock: telemetry, broker, ERPs and faults. It performs the
/// core's effects and reports facts; it does not judge.
public struct SimulatedWorld: ~Copyable {
  let configuration: WorldConfiguration
  var host: CoreHost
  var outside: Outside
  /// The days on which billing periods begin.
  private let billingDays: [UInt8]
  /// The last instant at which a billing period can begin that is looked at.
  private let lastPeriodBegins: Instant
  /// How long after its arrival usage may still be put on an invoice that it came too late for.
  private let lateDecision: Span
  /// The deadline as it was found last, and from what.
  private var lastDeadline = (lastDelivery: Instant.distantPast, faults: -1, at: Instant.distantPast)
  /// Events of the instant at hand, deliveries apart.
  private var atInstant = (time: Instant.distantPast, events: 0)

  /// Builds a world around a core that has not taken anything in yet.
  public init(configuration: WorldConfiguration, core: any Core, seed: UInt64, sink: any FactSink) {
    self.configuration = configuration
    host = CoreHost(configuration, core: core, seed: seed)
    outside = Outside(configuration: configuration, seed: seed, sink: sink)
    billingDays = configuration.catalog.billingDays
    lateDecision = configuration.decision
    lastPeriodBegins = min(configuration.horizon, configuration.catalog.horizon) - Span(nanoseconds: 1)
  }

  /// The current virtual time.
  public var now: Instant { outside.surroundings.now }
  /// Kernel events processed.
  public var kernelEvents: UInt64 { outside.surroundings.kernel.processed }
  /// The hash over everything that happened.
  public var fingerprint: Fingerprint { outside.surroundings.kernel.fingerprint }
  /// What was noted down.
  public var observations: Observations { outside.surroundings.observations }
  /// Hears of what happens between the core and its counterparts; `nil`: nobody does.
  public var witness: (any Witness)? {
    get { outside.surroundings.witness }
    set { outside.surroundings.witness = newValue }
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
      let arrival = outside.producers.firstKey
      if arrival < outside.surroundings.kernel.peekKey(), arrival._high <= limit.nanoseconds {
        let (slot, usage) = outside.producers.popFirst()
        let event = WorldEvent(delivery: usage, slot: slot)
        outside.surroundings.kernel.process(event, key: arrival)
        if let trace { trace(kernelEvents, now, event.fingerprintWords) }
        outside.surroundings.met()
        outside.deliver(usage, &host)
      } else {
        guard let event = outside.surroundings.kernel.next(until: limit) else { break }
        if let trace { trace(kernelEvents, now, event.fingerprintWords) }
        handle(event)
        if event.kind != .deliver, let reason = reasonToStop() { return reason }
      }
      sinceProgress += 1
      if sinceProgress == 65_536 {
        sinceProgress = 0
        if !progress(now) {
          outside.recordMoment(&host, "run", "interrupted")
          return .interrupted
        }
      }
    }
    if outside.surroundings.kernel.pending > 0 || outside.producers.firstKey < .max { return .paused }
    conclude()
    return .quiescent
  }

  /// Whether the run has come to its end with the event at hand, and why.
  @inline(__always)
  private mutating func reasonToStop() -> RunEnd? {
    if !outside.faultSchedule.conditions.isEmpty { outside.checkConditions(&host) }
    assert(now >= atInstant.time, "time does not go back")
    if now == atInstant.time {
      atInstant.events += 1
    } else {
      atInstant = (now, 0)
    }
    if atInstant.events > Self.livelock {
      outside.recordMoment(&host, "run", "nothing but work that makes work: time stands still")
      conclude(leaving: left(or: "time to pass: the core asks for something again and again"))
      return .overdue
    }
    if now >= configuration.horizon, outside.surroundings.essential == 0, host.core.isIdle {
      outside.assertAtRest()
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
    let (delivery, faults) = (outside.producers.lastDelivery, outside.faultSchedule.awaitedCount)
    if lastDeadline.lastDelivery != delivery || lastDeadline.faults != faults {
      lastDeadline = (delivery, faults, deadline)
    }
    return now > lastDeadline.at
  }

  /// The latest instant by which the queues must be empty: some time after the last usage, the last fault, what is decided about the usage
  /// and the end of the billing period that follows them.
  public var deadline: Instant {
    let usage = outside.faultSchedule.lastAwaited(
      after: max(configuration.horizon, outside.producers.lastDelivery))
    let last = max(usage + lateDecision, lastPeriodBegins)
    var periodEnd = last
    for day in billingDays {
      periodEnd = max(periodEnd, Period(holding: last, day: day).end)
    }
    // The month in which the last billing period ends is closed, too.
    periodEnd = Period(holding: periodEnd - Span(nanoseconds: 1)).end
    if let calendar = configuration.catalog.accountingCalendar {
      // What comes last may be dated to the month after, which closes in its turn.
      periodEnd = Period(holding: periodEnd).end + calendar.closeAfter
      for reopening in calendar.reopenings { periodEnd = max(periodEnd, reopening.until) }
    }
    assert(periodEnd >= last, "the deadline lies after all that is waited for")
    return periodEnd + .days(1) + configuration.drainWithin + configuration.aftermath
  }

  // MARK: Faults

  /// Schedules the next random fault after the horizon.
  mutating func drawLate(_ draw: Int) {
    let last = deadline - configuration.drainWithin
    outside.faultSchedule.drawLate(draw, until: last, &outside.surroundings)
  }

  mutating func faultStarts(_ index: Int) {
    if let draw = outside.faultSchedule.draw(of: index) { drawLate(draw) }
    outside.faultSchedule.isDue(index, &outside.surroundings)
    outside.begin(index, &host)
  }

  mutating func faultEnds(_ index: Int) {
    outside.faultSchedule.isOver(index, &outside.surroundings)
    outside.end(index, &host)
  }

  // MARK: Answers

  /// An ERP's answer reaches the core.
  mutating func answer(_ slot: Int) {
    guard let arrival = outside.network.receiveAnswer(slot, &host, &outside.surroundings) else { return }
    host.deliver(.erp(arrival.answer, to: arrival.call.id, of: arrival.call.entity), &outside)
    outside.network.recordUse(of: arrival.call.entity, &host, &outside.surroundings)
    if case .throttled(let span?) = arrival.answer, !arrival.isLate, !host.machines.isDown(.posting) {
      outside.surroundings.record(
        .erpThrottled(arrival.call.entity, isSuccessor: arrival.call.system == 1, until: now + span))
    }
  }

  mutating func answerTax(_ slot: Int) {
    let pending = outside.taxEngine.receiveAnswer(slot)
    assert(pending.life <= host.machines.life(of: .billing), "no answer is for a life that is still to come")
    guard pending.life == host.machines.life(of: .billing) else {
      return outside.surroundings.count(.answeredDeadProcess)
    }
    if pending.answer == .unavailable { outside.surroundings.record(.taxRefused(pending.call.number)) }
    host.deliver(.tax(pending.answer, to: pending.call), &outside)
  }

  mutating func answerCharge(_ slot: Int) {
    let pending = outside.cash.receiveAnswer(slot)
    assert(pending.life <= host.machines.life(of: .payments), "no answer is for a life that is still to come")
    guard pending.life == host.machines.life(of: .payments) else {
      return outside.surroundings.count(.answeredDeadProcess)
    }
    host.deliver(.charge(pending.answer, to: pending.key), &outside)
  }

  // MARK: What the core is told

  /// Money moves, and billing is told.
  mutating func move(_ event: CashEvent) {
    if let notice = outside.cash.notify(of: event, &outside.surroundings) {
      host.deliver(.cash(notice), &outside)
    }
  }

  /// A message of a feed is sent to the core.
  mutating func feed(_ input: CoreInput, from feed: MasterDataFeeds.Feed) {
    if let input = outside.feeds.send(input, from: feed, &outside.surroundings) {
      host.deliver(input, &outside)
    }
  }

  /// Each day fixes the rates of the next day.
  mutating func fixRates(for day: Instant) {
    var place = 0
    while let fixing = outside.feeds.fixRate(place, for: day, &outside.surroundings) {
      feed(fixing, from: .exchange)
      place += 1
    }
  }

  /// Delivers the contract changes of CRM that are due.
  mutating func deliverContracts(from first: Int) {
    var next = first
    while let change = outside.feeds.contract(next, &outside.surroundings) {
      feed(change, from: .crm)
      next += 1
    }
    if next > first { outside.recordMoment(&host, "crm", "\(next - first) changes of contract") }
    outside.feeds.arrangeContract(next, &outside.surroundings)
  }

  /// A load source's producers send what they could not send in time.
  mutating func backfill(source: Int, isMisdeclared: Bool) {
    for backfill in outside.producers.backfills(source, isMisdeclared: isMisdeclared) {
      outside.surroundings.count(.backfilled, backfill.events.count)
      outside.surroundings.observations.delivered += backfill.events.count
      outside.surroundings.record(.backfillDeclared(backfill))
      host.deliver(.backfill(backfill), &outside)
    }
    if let text = outside.producers.backfillNote(source, isMisdeclared: isMisdeclared) {
      outside.recordMoment(&host, "platform", text)
    }
  }

  /// The platform registers a schema version, and tells billing.
  mutating func registerSchema(_ index: Int) {
    let change = configuration.schemaChanges[index]
    let before = host.core.capture.accepted
    host.deliver(
      .schema(SchemaRegistration(type: change.type, version: change.version, fields: change.fields)), &outside
    )
    let replayed = Int(host.core.capture.accepted - before)
    outside.surroundings.count(.quarantineReplayed, replayed)
    outside.recordMoment(
      &host, "platform", "schema version \(change.version) registered, \(replayed) events replayed")
  }
}
