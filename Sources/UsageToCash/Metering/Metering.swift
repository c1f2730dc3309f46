import CanonicalModel
import Chronology
import CoreInterface

/// The rules of aggregation.
public struct MeteringPolicy: Sendable {
  /// The width of a window.
  public var window: Span
  /// How long a window stays open after its end, by event time.
  public var grace: Span
  /// After which silence, by the clock, windows close all the same.
  public var idleTimeout: Span
  /// When usage of an invoiced period is billed.
  public var lateBilling: LateBilling

  /// Makes rules.
  public init(
    window: Span = .hours(1), grace: Span = .hours(1), idleTimeout: Span = .hours(1),
    lateBilling: LateBilling = .nextInvoice
  ) {
    self.window = window
    self.grace = grace
    self.idleTimeout = idleTimeout
    self.lateBilling = lateBilling
  }
}

/// The second stage: aggregates accepted events per subscription, meter and half-open event-time window,
/// closes windows behind a watermark, and amends them for late usage.
///
/// The watermark is the latest event time seen (never ahead of the clock). A window closes when the
/// watermark passes its end plus the grace period, or when the clock does by the idle time-out more.
public struct Metering: Sendable {
  private let policy: MeteringPolicy
  private let planted: PlantedDefects
  private let meterCount: Int
  private let subscriptionCount: Int
  private let types: DenseTable<EventTypeID, TypeLayout>
  private let billingDays: [UInt8]
  private let billingDayOf: DenseTable<SubscriptionID, UInt8>
  private var open: [WindowPage] = []
  private var spare: [WindowPage] = []
  private var late = LateUsage()
  /// Windows whose index is below this are closed.
  private var closedBelow = Instant(nanoseconds: .min / 2).index(of: .hours(1))
  private var watermark = Instant(nanoseconds: .min / 2)
  private var lateFlushAt: Instant?
  /// Billing periods that have usage and are not complete, in order.
  private var openPeriods: [Period] = [] {
    didSet {
      firstEnd = openPeriods.first?.end
      assert(openPeriods == openPeriods.sorted(), "open periods are not in order")
    }
  }
  /// The end of the first of them: it is asked for at every batch, and takes a calendar to find.
  private var firstEnd: Instant?
  /// Invoiced periods that late usage has come for, and that are billed again at the next amendment.
  private var supplementary: Set<Period> = []
  /// Late events that were dropped by policy or amended.
  public private(set) var lateEvents: Int64 = 0

  /// A subscription's meter in a billing period, or in one window of it.
  private struct AggregateKey: Hashable, Sendable {
    var period: Period
    var subscription: SubscriptionID
    var meter: MeterID
    /// 0 where the whole period is aggregated.
    var window: Int64
  }

  private let aggregations: DenseTable<MeterID, Aggregation>
  /// What is remembered for meters whose aggregates are no sums.
  private var aggregates: [AggregateKey: PeriodAggregate] = [:]

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, policy: MeteringPolicy, planted: PlantedDefects = []) {
    self.policy = policy
    self.planted = planted
    billingDays = catalog.billingDays
    billingDayOf = DenseTable(catalog.subscriptions.map(\.billingDay))
    meterCount = catalog.meters.count
    subscriptionCount = catalog.subscriptions.count
    types = DenseTable(catalog.eventTypes.map { TypeLayout($0, in: catalog) })
    aggregations = DenseTable(catalog.meters.map(\.aggregation))
  }

  /// Windows that are open.
  @inline(__always)
  public var openWindows: Int { open.count }
  /// Whether usage waits for its window, its period or an amendment.
  @inline(__always)
  public var isIdle: Bool { open.isEmpty && late.isEmpty && openPeriods.isEmpty && supplementary.isEmpty }

  /// Billing periods and months that are to be completed.
  var expectedPeriods: Int { openPeriods.count }

  /// The next instant at which the clock alone makes something due.
  @inline(__always)
  var nextDeadline: Instant? {
    var deadline = lateFlushAt
    let wait = policy.grace + policy.idleTimeout
    if let first = open.first {
      deadline = earlier(deadline, end(of: first.index) + wait)
    }
    if let firstEnd { deadline = earlier(deadline, firstEnd + wait) }
    return deadline
  }

  /// Adds accepted events to their windows.
  mutating func handle(_ events: UnsafeBufferPointer<BillableEvent>, at now: Instant) {
    let width = policy.window
    let before = min(watermark, now)
    let shift = planted.contains(.windowOffByOne) ? Span.minutes(1).nanoseconds : 0
    var start = 0
    while start < events.count {
      // Events come about in the order of time: many lie in one window, which is looked up once for them.
      let index = Instant(nanoseconds: events[start].time.nanoseconds &+ shift).index(of: width)
      let from = index &* width.nanoseconds &- shift
      var end = start + 1
      while end < events.count,
        UInt64(bitPattern: events[end].time.nanoseconds &- from) < UInt64(bitPattern: width.nanoseconds)
      {
        end += 1
      }
      handle(UnsafeBufferPointer(rebasing: events[start..<end]), window: index, at: now)
      start = end
    }
    if watermark > now { watermark = now }
    assert(watermark >= before, "the watermark goes back")
  }

  /// Adds events of one window.
  private mutating func handle(
    _ events: UnsafeBufferPointer<BillableEvent>, window: Int64, at now: Instant
  ) {
    var latest = watermark
    var isPlain = !planted.contains(.filtersOverlap)
    types.withUnsafeBufferPointer { types in
      for event in events {
        if event.time > latest { latest = event.time }
        isPlain = isPlain && !event.isWithdrawn && types[Int(event.type.index)].isAdditive
      }
    }
    watermark = latest
    if window < closedBelow {
      for event in events {
        remember(event, at: now)
        handleLate(event, window: window, at: now)
      }
      return
    }
    let page = page(for: window)
    assert(open[page].index == window, "usage is added to another window than its own")
    guard !isPlain else { return open[page].add(events, types, meterCount: meterCount) }
    for event in events {
      remember(event, at: now)
      let layout = types[event.type]
      let base = Int(event.subscription.index) &* meterCount &+ Int(event.dimension)
      if event.isWithdrawn {
        withdraw(event, layout, from: page, base)
        continue
      }
      open[page].add(
        cell: base &+ layout.meter0, quantity: layout.aggregation0.quantity(of: event.quantity0),
        digest: event.digest)
      if layout.meter1 >= 0 {
        open[page].add(
          cell: base &+ layout.meter1, quantity: layout.aggregation1.quantity(of: event.quantity1),
          digest: event.digest)
      }
      if event.dimension > 0, planted.contains(.filtersOverlap) {
        open[page].add(
          cell: base &- Int(event.dimension) &+ layout.meter0,
          quantity: layout.aggregation0.quantity(of: event.quantity0), digest: event.digest)
      }
    }
  }

  /// Closes what is due at `now`: appends summaries to `effects` and returns the periods that are complete.
  mutating func advance(to now: Instant, effects: inout Effects) -> [Period] {
    let reached = max(watermark - policy.grace, now - policy.grace - policy.idleTimeout)
    let closing = reached.index(of: policy.window)
    if closing > closedBelow {
      while let first = open.first, first.index < closing {
        precondition(first.index >= closedBelow, "a window is closed twice")
        close(open.removeFirst(), effects: &effects)
      }
      closedBelow = closing
    }
    let closedUntil = start(of: closedBelow)
    let periodEnds = firstEnd.map { $0 <= closedUntil } ?? false
    let flushIsDue = lateFlushAt.map { $0 <= now } ?? false
    if periodEnds || flushIsDue {
      let first = effects.summaries.count
      late.flush(into: &effects.summaries)
      for index in first..<effects.summaries.count { assignIncrement(&effects.summaries[index]) }
      lateFlushAt = nil
    }
    var complete: [Period] = []
    if lateFlushAt == nil, !supplementary.isEmpty {
      complete = supplementary.sorted()
      supplementary.removeAll()
    }
    while let first = openPeriods.first, let firstEnd, firstEnd <= closedUntil {
      precondition(
        open.first.map { start(of: $0.index) >= first.end } ?? true,
        "a period is complete, and a window of it is open")
      complete.append(first)
      openPeriods.removeFirst()
    }
    return complete
  }

  /// What is in open windows or waits for an amendment, per `entity × meters + meter`.
  func inTransit(entityOf: DenseTable<SubscriptionID, Int>, entities: Int) -> [ControlTotal] {
    var totals = [ControlTotal](repeating: ControlTotal(), count: entities * meterCount)
    for page in open {
      page.visit { index, cell in
        totals[entityOf[index / meterCount] * meterCount + index % meterCount] += cell.total
      }
    }
    late.visit { subscription, meter, cell in
      totals[entityOf[subscription] * meterCount + Int(meter.index)] += cell.total
    }
    return totals
  }

  private mutating func handleLate(_ event: BillableEvent, window: Int64, at now: Instant) {
    lateEvents += 1
    guard !planted.contains(.lateEventDropped) else { return }
    let layout = types[event.type]
    let start = start(of: window)
    let quantity0 = layout.aggregation0.quantity(of: event.quantity0)
    late.add(event, meter: layout.meter0 + Int(event.dimension), window: start, quantity: quantity0)
    if layout.meter1 >= 0 {
      let quantity1 = layout.aggregation1.quantity(of: event.quantity1)
      late.add(event, meter: layout.meter1 + Int(event.dimension), window: start, quantity: quantity1)
    }
    if lateFlushAt == nil { lateFlushAt = now.floored(to: policy.window) + policy.window }
    assert(self.end(of: window) <= self.start(of: closedBelow), "usage of an open window is late")
    let period = Period(holding: start, day: billingDayOf[event.subscription])
    if policy.lateBilling != .nextInvoice, !openPeriods.contains(period),
      period.end <= self.start(of: closedBelow)
    {
      supplementary.insert(period)
      if policy.lateBilling == .accrue { expectNext(atLeast: period.next) }
    } else {
      // Late usage of a billed period goes on the invoice of the period that is now open.
      expectNext(atLeast: period)
    }
  }

  /// Expects the next period that can still be closed, or a later one, to be completed.
  mutating func expectNext(atLeast period: Period) {
    expect(max(period, Period(holding: start(of: closedBelow), day: period.day)))
  }

  /// Expects a period to be completed, whether or not it has usage.
  mutating func expect(_ period: Period) {
    guard !openPeriods.contains(period) else { return }
    let position = openPeriods.firstIndex { $0 > period } ?? openPeriods.endIndex
    openPeriods.insert(period, at: position)
  }

  private mutating func page(for index: Int64) -> Int {
    if let found = open.firstIndex(where: { $0.index == index }) { return found }
    precondition(index >= closedBelow, "a window opens that is closed")
    var page = spare.popLast() ?? WindowPage(cellCount: subscriptionCount * meterCount)
    page.index = index
    let position = open.firstIndex { $0.index > index } ?? open.endIndex
    open.insert(page, at: position)
    precondition(
      (position == 0 || open[position - 1].index < index)
        && (position + 1 == open.count || index < open[position + 1].index), "open windows are not in order")
    for day in billingDays { expect(Period(holding: start(of: index), day: day)) }
    return position
  }

  private mutating func close(_ page: consuming WindowPage, effects: inout Effects) {
    let start = start(of: page.index)
    page.visit { index, cell in effects.summaries.append(summary(of: cell, index, start)) }
    // What another window has told of an event that was taken back since: no usage is left here, and less is told.
    for index in page.withdrawn.isEmpty ? [] : page.withdrawn.sorted()
    where page.cells[index] == WindowCell() && !aggregations[index % meterCount].isAdditive {
      let summary = summary(of: WindowCell(), index, start)
      if summary.quantity != .zero { effects.summaries.append(summary) }
    }
    page.clear()
    assert(page.isClear, "a page is used again that still holds usage")
    spare.append(page)
  }

  private mutating func summary(of cell: WindowCell, _ index: Int, _ window: Instant) -> UsageSummary {
    precondition(
      index < subscriptionCount * meterCount, "a cell is beyond the subscriptions and their meters")
    var summary = UsageSummary(
      subscription: SubscriptionID(index: UInt32(index / meterCount)),
      meter: MeterID(index: UInt32(index % meterCount)), window: window, revision: 0, count: cell.count,
      quantity: Quantity(units: cell.quantity), digest: cell.digest)
    assignIncrement(&summary)
    return summary
  }

  private mutating func withdraw(
    _ event: BillableEvent, _ layout: TypeLayout, from page: Int, _ base: Int
  ) {
    assert(event.isWithdrawn, "an event is taken back that its producer did not take back")
    open[page].subtract(
      cell: base + layout.meter0, quantity: layout.aggregation0.quantity(of: event.quantity0),
      digest: event.digest)
    guard layout.meter1 >= 0 else { return }
    open[page].subtract(
      cell: base + layout.meter1, quantity: layout.aggregation1.quantity(of: event.quantity1),
      digest: event.digest)
  }

  /// Keeps what an event means for the aggregates of its period that are no sums.
  private mutating func remember(_ event: BillableEvent, at now: Instant) {
    let layout = types[event.type]
    guard !layout.isAdditive else { return }
    remember(event, of: layout.meter0, event.quantity0, at: now)
    if layout.meter1 >= 0 { remember(event, of: layout.meter1, event.quantity1, at: now) }
  }

  private mutating func remember(_ event: BillableEvent, of meter: Int, _ value: Int64, at now: Instant) {
    let id = MeterID(index: UInt32(meter) + UInt32(event.dimension))
    // Taken out first: a default that looks at a stage from within a change of the stage copies all of it.
    let aggregation = aggregations[id]
    guard !aggregation.isAdditive else { return }
    let key = aggregateKey(event.subscription, id, at: event.time)
    let time = planted.contains(.latestByArrival) ? now : event.time
    aggregates[key, default: PeriodAggregate(aggregation)].add(
      PeriodAggregate.Point(time: time, digest: event.digest, value: value), isWithdrawn: event.isWithdrawn)
  }

  private func aggregateKey(
    _ subscription: SubscriptionID, _ meter: MeterID, at instant: Instant
  ) -> AggregateKey {
    AggregateKey(
      period: Period(holding: instant, day: billingDayOf[subscription]),
      subscription: subscription, meter: meter,
      window: planted.contains(.uniquePerWindow) ? instant.index(of: policy.window) : 0)
  }

  /// Assigns a summary the increment of its period's aggregate, unless the aggregate is a sum.
  private mutating func assignIncrement(_ summary: inout UsageSummary) {
    guard !aggregations[summary.meter].isAdditive else { return }
    let key = aggregateKey(summary.subscription, summary.meter, at: summary.window)
    precondition(summary.quantity == .zero, "windows of an aggregate that is no sum were summed")
    summary.quantity = Quantity(units: aggregates[key]?.increment(in: key.period) ?? 0)
  }

  private func start(of index: Int64) -> Instant {
    Instant(nanoseconds: index * policy.window.nanoseconds)
  }

  private func end(of index: Int64) -> Instant { start(of: index + 1) }
}

/// The earlier of an optional instant and another.
func earlier(_ a: Instant?, _ b: Instant?) -> Instant? {
  guard let a else { return b }
  guard let b else { return a }
  return min(a, b)
}
