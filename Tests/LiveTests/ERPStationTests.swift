import CanonicalModel
import Chronology
import CoreInterface
import Foundation
import Testing
import UsageToCash

@testable import Experiments
@testable import Live
@testable import Scenario
@testable import World

@Suite("A scenario on whatever clock")
struct ERPStationTests {
  @Test("what a load generator sends is what the simulation sends")
  func plan() throws {
    let assembly = try LiveFixture.assembly(isSmall: false)
    let plan = try #require(LoadPlan(assembly.world, seed: 42, maximum: 100_000))
    let sink = Emitted()
    var world = SimulatedWorld(
      configuration: assembly.world, core: assembly.policy.core(catalog: assembly.world.catalog, seed: 42),
      seed: 42, sink: sink)
    _ = world.run()
    #expect(Set(plan.emitted) == sink.events && plan.emitted.count == sink.events.count)
    // The draws of delivery come in another order, but there are as many copies, give or take.
    let copies = plan.deliveries.count - plan.emitted.count
    #expect(abs(copies - plan.emitted.count / 50) < 200)
    #expect(plan.deliveries.map(\.at) == plan.deliveries.map(\.at).sorted())
    #expect(LoadPlan(assembly.world, seed: 42, maximum: 100) == nil)
  }

  @Test("the ERPs answer, throttle, are down, lose answers and keep a ledger, whenever they are asked")
  func station() throws {
    let assembly = try LiveFixture.assembly(isSmall: false)
    var station = ERPStation(assembly.world, seed: 42)
    let start = assembly.world.start
    let chart = ChartOfAccounts(assembly.world.catalog)
    func request(_ number: UInt32, key: String?) -> ERPRequest {
      let entry = JournalEntry(
        key: PostingKey(kind: .invoice, entity: EntityID(index: 0), sequence: number),
        account: AccountID(index: 0),
        currency: assembly.world.catalog.entities[0].currency, period: Period(holding: start),
        lines: [
          JournalLine(account: .receivable, amount: Money("1.00")!),
          JournalLine(account: .revenue(ItemID(index: 0)), amount: Money("-1.00")!),
        ])
      let record = NetSuiteRecord(entry, catalog: assembly.world.catalog, chart: chart)
      return .post([PostingRequest(payload: .netSuite(record), idempotencyKey: key)])
    }
    let call = station.call(request(1, key: "k"), of: 0, at: start + .seconds(1))
    #expect(station.advance(to: start + .seconds(1)).isEmpty, "nothing is worked off in no time")
    let answers = station.advance(to: start + .minutes(1))
    #expect(answers.map(\.call) == [call])
    #expect(station.documents.count == 1)
    let number = station.documents[0].document.number
    #expect(answers.first?.answer == .posted([.posted(documentNumber: number)]))
    #expect(station.documents[0].document.entry.key.sequence == 1)
    // The same key is the same document; without one it is another.
    _ = station.call(request(1, key: "k"), of: 0, at: start + .minutes(2))
    #expect(
      station.advance(to: start + .minutes(3)).map(\.answer) == [
        .posted([.alreadyPosted(documentNumber: number)])
      ])
    _ = station.call(request(1, key: nil), of: 0, at: start + .minutes(3))
    _ = station.advance(to: start + .minutes(4))
    #expect(station.documents.count == 2)
    // The scenario's outage, and one on request.
    let outage = start + .hours(2) + .minutes(45)
    _ = station.call(request(2, key: "l"), of: 0, at: outage)
    #expect(station.advance(to: outage + .minutes(1)).map(\.answer) == [.unavailable])
    let quiet = start + .hours(6)
    _ = station.advance(to: quiet)
    station.begin(.timeoutAfterCommit(share: 1), at: 0, for: .minutes(10))
    _ = station.call(request(3, key: "m"), of: 0, at: quiet)
    #expect(station.advance(to: quiet + .minutes(1)).map(\.answer) == [nil])
    #expect(station.documents.count == 3, "committed, and never answered")
    _ = station.advance(to: quiet + .minutes(11))
    _ = station.call(
      .lookUp([PostingKey(kind: .invoice, entity: EntityID(index: 0), sequence: 3)]), of: 0,
      at: quiet + .minutes(12))
    #expect(station.advance(to: quiet + .minutes(13)).map(\.answer) == [.found([3])])
  }

  @Test("a job does its work, whether or not its caller hears that it was begun")
  func jobs() throws {
    var configuration = try LiveFixture.assembly(isSmall: false).world
    configuration.erps[0].jobTime = .minutes(1)
    configuration.faults = []
    let chart = ChartOfAccounts(configuration.catalog)
    let entry = JournalEntry(
      key: PostingKey(kind: .invoice, entity: EntityID(index: 0), sequence: 1), account: AccountID(index: 0),
      currency: configuration.catalog.entities[0].currency, period: Period(holding: configuration.start),
      lines: [
        JournalLine(account: .receivable, amount: Money("1.00")!),
        JournalLine(account: .revenue(ItemID(index: 0)), amount: Money("-1.00")!),
      ])
    let record = NetSuiteRecord(entry, catalog: configuration.catalog, chart: chart)
    let request = ERPRequest.post([PostingRequest(payload: .netSuite(record), idempotencyKey: "k")])
    var station = ERPStation(configuration, seed: 1)
    let call = station.call(request, of: 0, at: configuration.start)
    let heard = station.advance(to: configuration.start + .minutes(5))
    #expect(heard.map(\.call) == [call, call] && heard.map(\.isOfJob) == [false, true])
    #expect(heard.map(\.answer) == [.accepted, .posted([.posted(documentNumber: 1)])])
    // The network loses every answer, and not what it was sent before.
    var deaf = ERPStation(configuration, seed: 1)
    _ = deaf.call(request, of: 0, at: configuration.start)
    deaf.begin(.drop(share: 1), at: 0, for: .hours(1))
    #expect(deaf.advance(to: configuration.start + .minutes(5)).map(\.answer) == [nil, nil])
    #expect(deaf.documents.count == 1)
  }

  @Test("random faults go on after the horizon, at the moments at which the simulation would have them")
  func lateFaults() throws {
    var configuration = try LiveFixture.assembly(isSmall: false).world
    configuration.faults = []
    let every = Span.hours(6)
    configuration.randomFaults = [
      RandomFault(kind: .outage, targets: [.erp(EntityID(index: 0))], every: every, duration: .hours(2))
    ]
    var draw = try #require(configuration.randomDraws(seed: 5).first)
    var station = ERPStation(configuration, seed: 5)
    var now = configuration.start
    let end = configuration.horizon + .days(30)
    var (late, down, expected) = (0, 0, 0)
    var windows: [FaultWindow] = []
    while draw.next.start < end { windows.append(draw.dequeue()) }
    while now < end {
      now += .minutes(10)
      _ = station.call(.statement, of: 0, at: now)
      let answers = station.advance(to: now + .minutes(1))
      guard now >= configuration.horizon else { continue }
      late += 1
      down += answers.count { $0.answer == .unavailable }
      expected += windows.contains { $0.start <= now && now < $0.end } ? 1 : 0
    }
    #expect(late > 4000 && down == expected && down > 500, "\(down) of \(late)")
  }

  @Test("two entities that share an account share its places on whatever clock")
  func sharedAccount() throws {
    var configuration = try LiveFixture.assembly(isSmall: false).world
    configuration.faults = []
    configuration.catalog.erpAccounts = ["group"]
    let entities = configuration.catalog.entities.indices.prefix(2)
    try #require(entities.count == 2)
    for entity in entities {
      configuration.catalog.entities[entity].erpAccount = 0
      configuration.erps[entity] = .netsuite
      configuration.erps[entity].concurrency = 1
    }
    var station = ERPStation(configuration, seed: 5)
    let calls = entities.map { station.call(.statement, of: $0, at: configuration.start) }
    let answers = station.advance(to: configuration.start + .minutes(1))
    #expect(answers.first { $0.call == calls[1] }?.answer == .throttled(retryAfter: nil))
    if case .statement = answers.first(where: { $0.call == calls[0] })?.answer {
    } else {
      Issue.record("the first call has the place")
    }
    // An outage that is asked for at one of them hits the account.
    station.begin(.outage, at: 0, for: .hours(1))
    _ = station.call(.statement, of: 1, at: station.now)
    #expect(station.advance(to: station.now + .minutes(1)).map(\.answer) == [.unavailable])
  }

  @Test("what has no counterpart on the real clock is named")
  func simulatedOnly() throws {
    #expect(try LiveFixture.assembly(isSmall: false).world.simulatedOnly == [])
    #expect(
      try LiveFixture.assembly(["delivery.corrections={ share: 5% }"], isSmall: false).world.simulatedOnly
        == ["corrections"])
  }
}

private final class Emitted: FactSink {
  var events: Set<UsageEvent> = []
  func emitted(_ events: UnsafeBufferPointer<UsageEvent>) { self.events.formUnion(events) }
  func captured(_ events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, at instant: Instant) {}
  func summarised(_ summaries: UnsafeBufferPointer<UsageSummary>, at instant: Instant) {}
  func record(_ fact: Fact, at instant: Instant) {}
  func concluded(stuck: [StuckWork], at instant: Instant) {}
}
