import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel
import Testing

@testable import UsageToCash
@testable import World

/// Keeps the facts that a component tells.
private final class FactRecorder: FactSink {
  var facts: [Fact] = []

  func emitted(_ events: UnsafeBufferPointer<UsageEvent>) {}
  func captured(_ events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, at instant: Instant) {}
  func summarised(_ summaries: UnsafeBufferPointer<UsageSummary>, at instant: Instant) {}
  func record(_ fact: Fact, at instant: Instant) { facts.append(fact) }
  func concluded(stuck: [StuckWork], at instant: Instant) {}
}

/// Each counterpart with the clock and the network around it, and no world.
@Suite("Counterparts without a world")
struct ComponentTests {
  private static let start = CivilDate(year: 2026, month: 1, day: 5).start

  private func configuration(_ change: (inout WorldConfiguration) -> Void = { _ in }) throws
    -> WorldConfiguration
  {
    let dollar = try #require(Currency(code: "USD"))
    let price = try #require(Price("0.01"))
    let rate = try #require(Price("0.07"))
    var account = Account(name: "c", entity: EntityID(index: 0))
    account.jurisdiction = JurisdictionID(index: 0)
    account.method = .transfer
    var catalog = Catalog(
      entities: [LegalEntity(name: "us", currency: dollar, erpProfile: "ideal")],
      meters: [Meter(name: "calls", aggregation: .sum)],
      eventTypes: [EventType(name: "calls", meters: [MeterID(index: 0)])], accounts: [account],
      subscriptions: [Subscription(account: AccountID(index: 0), priceBook: 0)],
      priceBooks: [PriceBook(currency: dollar, charges: [Charge(meter: "calls", model: .perUnit(price))])],
      sources: ["a"])
    catalog.jurisdictions = [
      TaxJurisdiction(name: "ny", rates: [.init(from: .distantPast, rate: rate)])
    ]
    var configuration = WorldConfiguration(
      catalog: catalog, start: Self.start, horizon: Self.start + .days(2), load: [], erps: [.ideal])
    change(&configuration)
    return configuration
  }

  private func fault(_ kind: FaultKind, _ target: FaultTarget, for span: Span?) -> FaultWindow {
    FaultWindow(
      kind: kind, target: target, start: Self.start, end: span.map { Self.start + $0 } ?? .distantFuture)
  }

  /// The events that come next, in order, with the instants.
  private func events(_ surroundings: inout Surroundings) -> [(event: WorldEvent, at: Instant)] {
    var events: [(event: WorldEvent, at: Instant)] = []
    while let event = surroundings.kernel.next() { events.append((event, surroundings.now)) }
    return events
  }

  // MARK: What is still to come

  @Test("the world waits for events of every kind but for wakes, samples, rates and faults")
  func essential() throws {
    let kinds = (0...UInt8.max).compactMap(WorldEventKind.init(rawValue:))
    #expect(kinds.count == 29)
    #expect(
      Set(kinds.filter { !$0.isEssential }) == [.wake, .sample, .fixRates, .faultStart, .faultEnd])
    var surroundings = Surroundings(try configuration(), seed: 1, sink: FactRecorder())
    for kind in kinds { surroundings.schedule(WorldEvent(kind), at: Self.start) }
    #expect(surroundings.essential == 24)
    surroundings.expect()
    surroundings.met()
    #expect(surroundings.essential == 24)
  }

  // MARK: The network

  @Test("a message over a cut line is lost, and the fault has hit it; without a fault no lot is drawn")
  func network() throws {
    var surroundings = Surroundings(try configuration(), seed: 1, sink: FactRecorder())
    var untouched = Surroundings(try configuration(), seed: 1, sink: FactRecorder())
    var faults = ActiveFaults()
    let isLost = surroundings.isLost(&faults)
    let delay = surroundings.delay(&faults)
    let isDoubled = surroundings.isDoubled(&faults, .requestDuplicated)
    #expect(!isLost && delay == .zero && !isDoubled)
    let lots = (surroundings.lag(below: 1 << 60), untouched.lag(below: 1 << 60))
    #expect(lots.0 == lots.1, "the same lot comes next")
    faults.begin(fault(.partition, .gateway, for: .hours(1)), 3)
    let isCut = surroundings.isLost(&faults)
    #expect(isCut && faults.hits(of: 3) == 1)
    faults.begin(fault(.delay(upTo: .seconds(9)), .gateway, for: .hours(1)), 4)
    var delays: [Span] = []
    for _ in 0..<200 { delays.append(surroundings.delay(&faults)) }
    #expect(delays.allSatisfy { .zero <= $0 && $0 < .seconds(9) } && Set(delays).count > 190)
    #expect(faults.hits(of: 4) == 200)
    #expect(surroundings.observations.situations[.messageDelayed] == 200)
  }

  // MARK: Tax

  @Test("the tax engine answers with the rate of the day, to the life that asked")
  func tax() throws {
    let configuration = try configuration()
    let recorder = FactRecorder()
    var surroundings = Surroundings(configuration, seed: 1, sink: recorder)
    var engine = TaxEngine(catalog: configuration.catalog, rootSeed: 1)
    let call = TaxCall(id: TaxCallID(number: 7), drafts: [], at: Self.start)
    engine.ask(call, life: 4, &surroundings)
    let coming = events(&surroundings)
    #expect(coming.map(\.event.kind) == [.taxAnswer] && coming[0].at > Self.start)
    let answer = engine.takeAnswer(Int(coming[0].event.index))
    #expect(answer.life == 4 && answer.call == call.id && answer.answer == .quoted([]))
    guard case .taxCalled(let number, let instant)? = recorder.facts.first else {
      Issue.record("the auditor was not told of the call")
      return
    }
    #expect(number == 7 && instant == Self.start)
  }

  @Test("an outage of the tax engine refuses after a second, and is counted where it hits")
  func taxOutage() throws {
    let configuration = try configuration()
    var surroundings = Surroundings(configuration, seed: 1, sink: FactRecorder())
    var engine = TaxEngine(catalog: configuration.catalog, rootSeed: 1)
    engine.faults.begin(fault(.outage, .tax, for: .hours(1)), 0)
    engine.ask(TaxCall(id: TaxCallID(number: 1), drafts: [], at: Self.start), life: 0, &surroundings)
    let coming = events(&surroundings)
    #expect(coming.map(\.at) == [Self.start + .seconds(1)])
    #expect(engine.takeAnswer(Int(coming[0].event.index)).answer == .unavailable)
    #expect(engine.faults.end(0) == 1)
    #expect(surroundings.observations.situations[.taxRefused] == 1)
  }

  // MARK: Feeds

  private func link(_ subject: UInt32, _ subscription: UInt32) -> CoreInput {
    .identity(
      IdentityLink(subject: SubjectID(index: subject), subscription: SubscriptionID(index: subscription)))
  }

  @Test(
    "a feed's message waits for the end of an outage, twelve hours where it was lost, and for good where it has no end"
  )
  func feed() throws {
    let configuration = try configuration { $0.catalog.identities = [SubscriptionID(index: 0)] }
    var surroundings = Surroundings(configuration, seed: 1, sink: FactRecorder())
    var feeds = MasterDataFeeds(configuration, seed: 1)
    let input1 = feeds.send(link(1, 0), from: .crm, &surroundings)
    #expect(input1 != nil, "at once")
    feeds.crm.faults.begin(fault(.outage, .crm, for: .hours(3)), 0)
    let input2 = feeds.send(link(1, 0), from: .crm, &surroundings)
    #expect(input2 == nil)
    #expect(feeds.crm.faults.end(0) == 1)
    feeds.crm.faults.begin(fault(.partition, .crm, for: .hours(3)), 1)
    let input3 = feeds.send(link(1, 0), from: .crm, &surroundings)
    #expect(input3 == nil)
    feeds.crm.faults.end(1)
    let coming = events(&surroundings)
    #expect(coming.map(\.at) == [Self.start + .hours(3), Self.start + .hours(12)])
    for event in coming {
      let input = feeds.deliver(Int(event.event.index), &surroundings)
      #expect(input != nil)
    }
    let before = surroundings.essential
    feeds.crm.faults.begin(fault(.outage, .crm, for: nil), 2)
    let input4 = feeds.send(link(1, 0), from: .crm, &surroundings)
    #expect(input4 == nil)
    #expect(feeds.crm.stranded == 1 && surroundings.essential == before + 1)
    #expect(surroundings.kernel.pending == 0, "nothing comes of it")
    #expect(feeds.rateBank.stranded == 0, "another feed is not down")
  }

  @Test("whoever claims an identifier is told after the account that it belongs to")
  func claims() throws {
    let configuration = try configuration { $0.catalog.identities = [SubscriptionID(index: 0)] }
    var surroundings = Surroundings(configuration, seed: 1, sink: FactRecorder())
    var feeds = MasterDataFeeds(configuration, seed: 1)
    let input5 = feeds.send(link(1, 5), from: .crm, &surroundings)
    #expect(input5 == nil, "a claim before the owner waits")
    let input6 = feeds.send(link(1, 0), from: .crm, &surroundings)
    #expect(input6 != nil)
    let coming = events(&surroundings)
    #expect(coming.map(\.at) == [Self.start + .hours(1)])
    let input7 = feeds.deliver(Int(coming[0].event.index), &surroundings)
    #expect(input7 != nil)
  }

  // MARK: Money

  @Test("money is given back once for a credit memo, however often that is ordered")
  func refunds() throws {
    let configuration = try configuration()
    var surroundings = Surroundings(configuration, seed: 1, sink: FactRecorder())
    var cash = CashCounterparts(configuration, rootSeed: 1)
    let invoice = InvoiceNumber(entity: EntityID(index: 0), sequence: 1)
    let memo = PostingKey(invoice: invoice)
    for _ in 0..<3 { cash.refund(memo, invoice, Money(units: Money.one), after: .hours(4), &surroundings) }
    let coming = events(&surroundings)
    #expect(coming.map(\.at) == [Self.start + .hours(4)])
    let event = cash.takeMovement(Int(coming[0].event.index))
    let notice8 = cash.notify(of: event, &surroundings)
    #expect(notice8 != nil)
    #expect(surroundings.observations.situations[.refunded] == 1)
    cash.webhookFaults.begin(fault(.duplicate(share: 1), .webhooks, for: .hours(9)), 0)
    let notice9 = cash.notify(of: event, &surroundings)
    #expect(notice9 != nil)
    let copies = events(&surroundings)
    #expect(copies.map(\.event.kind) == [.notice], "the second copy is under way")
    #expect(cash.webhookFaults.end(0) == 1)
  }

  // MARK: Faults

  @Test("the run waits for faults up to the horizon, and for one after it only once it has begun")
  func awaited() throws {
    let configuration = try configuration {
      $0.faults = [
        FaultWindow(
          kind: .outage, target: .tax, start: Self.start + .hours(1), end: Self.start + .hours(2)),
        FaultWindow(
          kind: .outage, target: .tax, start: Self.start + .days(3), end: Self.start + .days(4)),
      ]
    }
    var surroundings = Surroundings(configuration, seed: 1, sink: FactRecorder())
    var schedule = FaultSchedule(configuration, seed: 1)
    schedule.begin(&surroundings)
    #expect(surroundings.essential == 2 && schedule.awaitedCount == 1)
    #expect(schedule.lastAwaited(after: Self.start) == Self.start + .hours(2))
    schedule.isDue(0, &surroundings)
    schedule.isOver(0, &surroundings)
    #expect(surroundings.essential == 0)
    schedule.isDue(1, &surroundings)
    #expect(surroundings.essential == 1 && schedule.awaitedCount == 2, "its end")
    #expect(schedule.lastAwaited(after: Self.start) == Self.start + .days(4))
  }

  @Test("a fault that waits for a situation comes at each multiple of its count")
  func conditions() throws {
    let configuration = try configuration {
      $0.conditionalFaults = [
        ConditionalFault(
          kind: .outage, targets: [.tax], condition: .situation(.throttled, times: 3), duration: .hours(1),
          times: 2)
      ]
    }
    var surroundings = Surroundings(configuration, seed: 1, sink: FactRecorder())
    var schedule = FaultSchedule(configuration, seed: 1)
    var reached: [Int] = []
    for count in 1...9 {
      surroundings.count(.throttled)
      guard !schedule.conditions.isEmpty, schedule.isReached(0, surroundings.observations.situations) else {
        continue
      }
      reached.append(count)
      schedule.trigger(0, &surroundings)
      schedule.removeSpentConditions()
    }
    #expect(reached == [3, 6])
    #expect(schedule.windows.count == 2 && surroundings.essential == 4)
  }
}
