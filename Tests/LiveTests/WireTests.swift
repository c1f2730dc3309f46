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

private func assembly(_ settings: [String] = []) throws -> Assembly {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return try Assembly(
    ScenarioTemplate(
      file: root.appendingPathComponent("scenarios/live/month-end.yaml").path,
      settings: settings.compactMap(ScenarioFile.Setting.init)
    ).scenario)
}

@Suite("What travels over HTTP")
struct WireTests {
  @Test("an answer is the same after its JSON")
  func answers() throws {
    let at = CivilDate(year: 2026, month: 2, day: 1).start
    let answers: [ERPAnswer] = [
      .posted([
        .posted(documentNumber: 1), .alreadyPosted(documentNumber: 2), .periodClosed, .failed, .duplicate,
        .refused(reason: "a \"reason\""),
      ]),
      .posted([]), .found([3, nil]), .statement(documents: 4, receivable: Money("-12.5")!),
      .closing(documents: 5, debits: Money("0.01")!, asOf: at), .accepted,
      .throttled(retryAfter: .milliseconds(2500)),
      .throttled(retryAfter: nil), .unavailable,
    ]
    for answer in answers {
      let data = try JSONEncoder().encode(Wire.Answer(answer))
      #expect(try JSONDecoder().decode(Wire.Answer.self, from: data).answer == answer)
    }
    for text in [
      "{}", "{\"results\":[{\"status\":\"posted\"}]}", "{\"documents\":1}",
      "{\"results\":[{\"status\":\"x\"}]}",
    ] {
      #expect(try JSONDecoder().decode(Wire.Answer.self, from: Data(text.utf8)).answer == nil, "\(text)")
    }
  }

  @Test(
    "an event is the same after CloudEvents, to the millionth, and what is none is refused with the reason")
  func events() throws {
    let catalog = try assembly().world.catalog
    let codec = CloudEventCodec(catalog)
    let time = CivilDate(year: 2026, month: 1, day: 31).start + Span(nanoseconds: 123_456_789)
    for (subject, quantity) in [(0, 1), (299, 123_456_789_012_345_678), (300, -5), (77, 0)]
      as [(UInt32, Int64)]
    {
      let event = UsageEvent(
        id: .max, source: SourceID(index: 1), type: EventTypeID(index: 1), subject: SubjectID(index: subject),
        time: time, quantity0: quantity)
      let data = try JSONEncoder().encode(codec.cloud(event))
      let back = try codec.event(CloudEvent(JSONText(Array(data))))
      #expect(back == event, "\(String(decoding: data, as: UTF8.self))")
    }
    let good = """
      {"specversion":"1.0","id":"1","source":"\(catalog.sources[0])","type":"\(catalog.eventTypes[0].name)","subject":"c001","time":"2026-01-31T23:00:00Z","data":{"quantity0":"1.5"}}
      """
    func read(_ text: String) throws -> UsageEvent {
      try codec.event(CloudEvent(JSONText(Array(text.utf8))))
    }
    #expect(try read(good).quantity0 == 1_500_000)
    #expect(try read(good.replacing("\"1.5\"", with: "2")).quantity0 == 2_000_000)
    for (old, new) in [
      ("\"1.0\"", "\"0.3\""), ("\"id\":\"1\"", "\"id\":\"\""), ("\"c001\"", "\"\""),
      ("23:00:00Z", "25:00:00Z"),
      ("\"1.5\"", "\"1.0000001\""), ("\"1.5\"", "\"9999999999999\""), ("\"1.5\"", "\"lots\""),
      ("\"1.5\"", "null"),
      (catalog.sources[0], "nobody"), (catalog.eventTypes[0].name, "nothing"),
    ] {
      #expect(throws: (any Error).self, "\(new)") { try read(good.replacing(old, with: new)) }
    }
    // Who is not known keeps a reference of its own.
    let stranger = try read(good.replacing("c001", with: "somebody"))
    #expect(Int(stranger.subject.index) >= catalog.subscriptions.count)
    #expect(try read(good.replacing("c001", with: "somebody")).subject == stranger.subject)
  }
}

@Suite("A scenario on whatever clock")
struct StationTests {
  @Test("what a load generator sends is what the simulation sends")
  func plan() throws {
    let assembly = try assembly()
    let plan = try #require(LoadPlan(assembly.world, seed: 42, most: 100_000))
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
    #expect(LoadPlan(assembly.world, seed: 42, most: 100) == nil)
  }

  @Test("the ERPs answer, throttle, are down, lose answers and keep a ledger, whenever they are asked")
  func station() throws {
    let assembly = try assembly()
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
    var configuration = try assembly().world
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
    var configuration = try assembly().world
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
    while draw.next.start < end { windows.append(draw.take()) }
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
    var configuration = try assembly().world
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
    #expect(try assembly().world.simulatedOnly == [])
    #expect(try assembly(["delivery.corrections={ share: 5% }"]).world.simulatedOnly == ["corrections"])
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
