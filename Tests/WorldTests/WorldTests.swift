import CanonicalModel
import Chronology
import CoreInterface
import Experiments
import SimulatedCore
import SimulationKernel
import Testing

@testable import UsageToCash
@testable import World

/// Collects facts without judging them.
private final class Recorder: FactSink {
  var emitted: [UsageEvent] = []
  var captured = 0
  var invoices: [Invoice] = []
  var posted: [LedgerDocument] = []
  var stuck: [StuckWork]?

  func emitted(_ events: UnsafeBufferPointer<UsageEvent>) { emitted += events }
  func captured(_ events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, at instant: Instant) {
    captured += events.count
  }
  func summarised(_ summaries: UnsafeBufferPointer<UsageSummary>, at instant: Instant) {}
  func record(_ fact: Fact, at instant: Instant) {
    switch fact {
    case .invoiceIssued(let invoice): invoices.append(invoice)
    case .documentPosted(let document): posted.append(document)
    default: break
    }
  }
  func concluded(stuck: [StuckWork], at instant: Instant) { self.stuck = stuck }
}

@Suite("The simulated world")
struct WorldTests {
  private static let start = CivilDate(year: 2026, month: 1, day: 30).start

  private func configuration(erp: ERPProfile = .ideal) throws -> WorldConfiguration {
    let dollar = try #require(Currency(code: "USD"))
    let price = try #require(Price("0.01"))
    let catalog = Catalog(
      entities: [LegalEntity(name: "us", currency: dollar)],
      meters: [Meter(name: "calls", aggregation: .sum)],
      eventTypes: [EventType(name: "calls", meters: [MeterID(index: 0)])],
      accounts: (0..<50).map { Account(name: "c\($0)", entity: EntityID(index: 0)) },
      subscriptions: (0..<50).map { Subscription(account: AccountID(index: UInt32($0)), priceBook: 0) },
      priceBooks: [PriceBook(currency: dollar, charges: [Charge(meter: "calls", model: .perUnit(price))])],
      sources: ["a", "b"])
    let load = LoadConfiguration(
      name: "calls", type: EventTypeID(index: 0),
      pattern: .synthetic(.poisson(rate: 0.1), [QuantityDistribution(.lognormal(median: 3, sigma: 1))]),
      producers: [SourceID(index: 0), SourceID(index: 1)])
    return WorldConfiguration(
      catalog: catalog, start: Self.start, horizon: Self.start + .days(2), load: [load], erps: [erp])
  }

  @Test("wakes of the core do not multiply: each is planned by one that came before, and one is awaited")
  func wakes() throws {
    var erp = ERPProfile.ideal
    erp.latency = .seconds(2)
    let configuration = try configuration(erp: erp)
    var world = SimulatedWorld(
      configuration: configuration, core: builtIn(configuration.catalog), seed: 1, sink: Recorder())
    var wakes = 0
    var others = 0
    _ = world.run(trace: { _, _, words in
      if words.0 >> 32 == UInt64(WorldEventKind.wake.rawValue) { wakes += 1 } else { others += 1 }
    })
    #expect(wakes > 0)
    #expect(wakes < others / 2)
  }

  private func run(_ configuration: WorldConfiguration, seed: UInt64 = 1) -> (
    Recorder, Fingerprint, RunEnd
  ) {
    let recorder = Recorder()
    var world = SimulatedWorld(
      configuration: configuration, core: builtIn(configuration.catalog), seed: seed, sink: recorder)
    let stop = world.run()
    return (recorder, world.fingerprint, stop)
  }

  @Test("the same seed gives the same world, another seed another one")
  func determinism() throws {
    let configuration = try configuration()
    let first = run(configuration)
    #expect(first.1 == run(configuration).1)
    #expect(first.1 != run(configuration, seed: 2).1)
    #expect(first.2 == .quiescent)
    #expect(first.0.stuck?.isEmpty == true)
  }

  @Test("a fault, a duplicate or an ERP never shifts what the producers emit (common random numbers)")
  func commonRandomNumbers() throws {
    let plain = try configuration()
    var hostile = try configuration(erp: .xero)
    hostile.delivery.duplicateShare = 0.3
    hostile.delivery.reorder = .minutes(5)
    hostile.broker.redeliveryShare = 0.2
    hostile.faults = [
      FaultWindow(
        kind: .outage, target: .erp(EntityID(index: 0)), start: Self.start + .days(2),
        end: Self.start + .days(3))
    ]
    let a = run(plain).0
    let b = run(hostile).0
    #expect(a.emitted == b.emitted)
    #expect(b.captured > a.captured)
    #expect(a.invoices.map(\.total) == b.invoices.map(\.total))
  }

  @Test("during an outage nothing is posted, and afterwards everything is, once")
  func outage() throws {
    var configuration = try configuration(erp: .netsuite)
    let end = Self.start + .days(3)
    configuration.faults = [
      FaultWindow(kind: .outage, target: .erp(EntityID(index: 0)), start: Self.start + .days(1), end: end)
    ]
    let recorder = Recorder()
    var world = SimulatedWorld(
      configuration: configuration, core: builtIn(configuration.catalog), seed: 1, sink: recorder)
    _ = world.run()
    #expect(recorder.posted.count == recorder.invoices.count)
    #expect(Set(recorder.posted.map(\.entry.key)).count == recorder.posted.count)
    let calledInVain = world.observations.situations[.calledDuringOutage]
    #expect(calledInVain > 0)
    #expect(world.observations.lastPosted.values.allSatisfy { $0 >= end })
  }

  @Test("an ERP that never comes back leaves visible work behind when the time to drain is over")
  func neverDrains() throws {
    var configuration = try configuration(erp: .netsuite)
    configuration.drainWithin = .days(1)
    configuration.erps[0].latency = .days(4)
    let (recorder, _, stop) = run(configuration)
    #expect(stop == .overdue)
    #expect(recorder.stuck?.contains { $0.queue == .outbox("us") } == true)
  }

  @Test("what a replay of the core's log gives is what the core is")
  func recovery() throws {
    let configuration = try configuration()
    var world = SimulatedWorld(
      configuration: configuration, core: builtIn(configuration.catalog), seed: 3, sink: Recorder())
    _ = world.run()
    let core = try #require(world.core as? BuiltInCore)
    let (recovered, state) = (core.recovered(), core.state)
    #expect(recovered.ingestion.totals == state.ingestion.totals)
    #expect(recovered.posting.acknowledged == state.posting.acknowledged)
    #expect(recovered.isIdle == state.isIdle)
  }
}

@Suite("Arrivals")
struct ArrivalTests {
  @Test(
    "come at the rate that is asked for",
    arguments: [
      (ArrivalProcess.constant(rate: 2), 2.0, 0.001), (.poisson(rate: 2), 2.0, 0.03),
      (.bursts(base: 1, peak: 21, on: .seconds(100), off: .seconds(300)), 6.0, 0.1),
    ])
  func rates(process: ArrivalProcess, rate: Double, tolerance: Double) {
    var stream = RandomStream(rootSeed: 5, name: "arrivals")
    var generator = ArrivalGenerator(process, start: Instant(nanoseconds: 0), stream: &stream)
    var count = 0
    var before = Span.zero
    let end = Span.seconds(200_000)
    while true {
      let next = generator.next(&stream)
      #expect(next >= before)
      before = next
      guard next < end else { break }
      count += 1
    }
    #expect(abs(Double(count) / end.seconds / rate - 1) < tolerance)
  }

  @Test("quantities have the digits that are asked for and are never nothing")
  func quantities() {
    var stream = RandomStream(rootSeed: 5, name: "quantities")
    let distribution = QuantityDistribution(.exponential(mean: 0.5), decimals: 2)
    for _ in 0..<1000 {
      let units = distribution.draw(&stream)
      #expect(units > 0 && units % 10_000 == 0)
    }
  }
}

@Suite("The simulated ERP")
struct ERPTests {
  private func entry(_ sequence: UInt32) throws -> JournalEntry {
    JournalEntry(
      key: PostingKey(invoice: InvoiceNumber(entity: EntityID(index: 0), sequence: sequence)),
      account: AccountID(index: 0), currency: try #require(Currency(code: "USD")),
      period: Period(holding: Instant(nanoseconds: 0)), lines: [])
  }

  private static let catalog = Catalog(
    entities: [
      LegalEntity(name: "us", currency: Currency(code: "USD")!),
      LegalEntity(name: "us-2", currency: Currency(code: "JPY")!),
    ], meters: [Meter(name: "calls", aggregation: .sum), Meter(name: "seats", aggregation: .max)],
    eventTypes: [], accounts: [Account(name: "c1", entity: EntityID(index: 0))], subscriptions: [],
    priceBooks: [], sources: [],
    jurisdictions: [TaxJurisdiction(name: "US-CA", rates: [.init(from: .distantPast, rate: .zero)])])

  @Test("every document survives the shapes of SAP and NetSuite as it was", arguments: DocumentKind.allCases)
  func shapes(kind: DocumentKind) throws {
    let reader = PayloadReader(catalog: Self.catalog, rules: PayloadRules())
    let mapping = PayloadMapping(catalog: Self.catalog)
    for (entity, amount) in [(0, "12.34"), (0, "-0.01"), (1, "1200")] as [(UInt32, String)] {
      let total = try #require(Money(amount))
      let tax = try #require(Money("1"))
      // A credit memo or note owes the customer: its receivable is a credit.
      let sign: Int128 = [.creditMemo, .creditNote].contains(kind) ? -1 : 1
      let entry = JournalEntry(
        key: PostingKey(kind: kind, entity: EntityID(index: entity), sequence: 42, revision: 3),
        account: kind == .payout ? nil : AccountID(index: 0),
        currency: Self.catalog.entities[Int(entity)].currency, period: Period(ordinal: 2026 * 12 + 11),
        lines: [
          JournalLine(account: .receivable, amount: Money(units: (total + tax).units * sign)),
          JournalLine(account: .revenue(ItemID(index: 1)), amount: Money(units: -total.units * sign)),
          JournalLine(
            account: .taxPayable(JurisdictionID(index: 0)), amount: Money(units: -tax.units * sign)),
        ])
      for shape in [.canonical, .sap, .netSuite] as [PayloadShape] {
        let read = try reader.entry(mapping.payload(entry, for: shape)).get()
        #expect(read == entry, "\(shape)")
      }
    }
  }

  @Test("an ERP refuses what does not balance, and accounts that it does not know")
  func refusals() {
    let reader = PayloadReader(catalog: Self.catalog, rules: PayloadRules())
    var document = SAPDocument(
      documentType: "SA", companyCode: "us", fiscalYear: 2026, fiscalPeriod: 1,
      reference: "invoice/US-000001/1", currency: "USD", customer: nil,
      items: [.init(account: "120000", indicator: "S", amount: "1.00")])
    func refusal() -> String? {
      if case .failure(let refusal) = reader.entry(.sap(document)) { refusal.reason } else { nil }
    }
    #expect(refusal()?.contains("differ") == true)
    document.items[0].account = "999999"
    #expect(refusal()?.contains("999999") == true)
    document.reference = "invoice/XX-000001/1"
    #expect(refusal() != nil)
  }

  private static func fault(_ kind: FaultKind) -> FaultWindow {
    FaultWindow(
      kind: kind, target: .erp(EntityID(index: 0)), start: Instant(nanoseconds: 0),
      end: Instant(nanoseconds: 0) + .hours(1))
  }

  private func erp(_ change: (inout ERPProfile) -> Void = { _ in }) -> LoneERP {
    var profile = ERPProfile.ideal
    change(&profile)
    return LoneERP(profile, start: Instant(nanoseconds: 0), catalog: Self.catalog)
  }

  @Test("a repeated idempotency key finds the first document, a plain add makes another")
  func idempotency() throws {
    var erp = erp()
    let keyed = ERPRequest.post([PostingRequest(entry: try entry(1), idempotencyKey: "k")])
    let plain = ERPRequest.post([PostingRequest(entry: try entry(2), idempotencyKey: nil)])
    for request in [keyed, keyed, plain, plain] {
      _ = erp.receive(request, slot: 0, at: Instant(nanoseconds: 0))
      _ = erp.commit(request, at: Instant(nanoseconds: 0)) { _ in }
    }
    #expect(erp.ledger.map(\.entry.key.sequence) == [1, 2, 2])
    #expect(erp.statistics.keyHits == 1)
  }

  @Test("the rate limit lets through what it promises and says how long to wait")
  func rateLimit() throws {
    var erp = erp {
      $0.limits = [RateLimit(60, .documents, per: .minutes(1), .tokenBucket)]
      $0.retryAfter = .seconds(30)
    }
    let request = ERPRequest.post([PostingRequest(entry: try entry(1), idempotencyKey: "k")])
    var accepted = 0
    for second in 0..<120 {
      for _ in 0..<5 {
        if case .working = erp.receive(
          request, slot: 0, at: Instant(nanoseconds: Int64(second) * 1_000_000_000))
        {
          accepted += 1
        }
      }
    }
    #expect(abs(accepted - 179) <= 1)  // a full bucket of 60, and one a second
    if case .refused(.throttled(let wait), _) = erp.receive(
      request, slot: 0, at: Instant(nanoseconds: 119_000_000_000))
    {
      #expect(wait == .seconds(30))
    } else {
      Issue.record("the sixth call of a second was let through")
    }
  }

  @Test("the concurrency limit counts calls that are being worked off, and a throttle shrinks it")
  func concurrency() throws {
    var erp = erp { $0.concurrency = 4 }
    let request = ERPRequest.lookUp([])
    func accepted(_ erp: inout LoneERP) -> Int {
      (0..<6).count { _ in
        if case .working = erp.receive(request, slot: 0, at: Instant(nanoseconds: 0)) { true } else { false }
      }
    }
    #expect(accepted(&erp) == 4)
    for _ in 0..<4 { _ = erp.commit(request, at: Instant(nanoseconds: 0)) { _ in } }
    erp.faults.begin(Self.fault(.throttle(to: 0.5)), 0)
    #expect(accepted(&erp) == 2)
  }

  @Test("with every answer lost, the document is in the ledger and the caller hears nothing")
  func timeoutAfterCommit() throws {
    var erp = erp()
    erp.faults.begin(Self.fault(.timeoutAfterCommit(share: 1)), 0)
    let request = ERPRequest.post([PostingRequest(entry: try entry(1), idempotencyKey: "k")])
    _ = erp.receive(request, slot: 0, at: Instant(nanoseconds: 0))
    let answer = erp.commit(request, at: Instant(nanoseconds: 0)) { _ in }
    guard case .silence = answer else {
      Issue.record("the answer was not lost")
      return
    }
    #expect(erp.ledger.count == 1)
  }

  @Test("an ERP that goes down while it works commits nothing")
  func diesDuringCall() throws {
    var erp = erp()
    let request = ERPRequest.post([PostingRequest(entry: try entry(1), idempotencyKey: "k")])
    _ = erp.receive(request, slot: 0, at: Instant(nanoseconds: 0))
    erp.faults.begin(Self.fault(.outage), 0)
    let answer = erp.commit(request, at: Instant(nanoseconds: 0)) { _ in }
    guard case .silence = answer else {
      Issue.record("a dead ERP has answered")
      return
    }
    #expect(erp.ledger.isEmpty)
  }
}
