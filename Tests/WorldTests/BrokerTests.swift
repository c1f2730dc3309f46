import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel
import Testing

@testable import UsageToCash
@testable import World

/// Keeps what the oracle would be told of capture.
private final class CaptureRecorder: FactSink {
  var emitted = 0
  var captured = 0
  var expired = 0

  func emitted(_ events: UnsafeBufferPointer<UsageEvent>) { emitted += events.count }
  func captured(_ events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, at instant: Instant) {
    captured += events.count
  }
  func summarised(_ summaries: UnsafeBufferPointer<UsageSummary>, at instant: Instant) {}
  func record(_ fact: Fact, at instant: Instant) {
    if case .expiredInBroker(_, let events, _) = fact { expired += events }
  }
  func concluded(stuck: [StuckWork], at instant: Instant) {}
}

@Suite("The broker")
struct BrokerTests {
  private static let start = CivilDate(year: 2026, month: 1, day: 5).start

  private func configuration(_ process: ArrivalProcess) throws -> WorldConfiguration {
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
      pattern: .synthetic(process, [QuantityDistribution(.constant(1))]),
      producers: [SourceID(index: 0), SourceID(index: 1)])
    return WorldConfiguration(
      catalog: catalog, start: Self.start, horizon: Self.start + .hours(2), load: [load], erps: [.ideal])
  }

  private func run(_ configuration: WorldConfiguration) -> (CaptureRecorder, Observations, Int64) {
    let recorder = CaptureRecorder()
    var world = SimulatedWorld(
      configuration: configuration, core: builtIn(configuration.catalog), seed: 1, sink: recorder)
    _ = world.run()
    var core = world.core
    return (recorder, world.observations, core.capture.accepted)
  }

  @Test("usage that nobody takes within the retention is lost, and told")
  func retention() throws {
    var configuration = try configuration(.poisson(rate: 1))
    configuration.broker.throughput = 0.1  // a partition: 0.4 in all, for 1 that arrives
    let patient = run(configuration)
    #expect(patient.0.expired == 0 && patient.2 == Int64(patient.0.emitted), "without a limit all waits")
    configuration.broker.retention = .minutes(10)
    let (recorder, observations, accepted) = run(configuration)
    #expect(recorder.expired > 1000)
    #expect(Int(accepted) + recorder.expired == recorder.emitted, "each is taken or expires")
    #expect(observations.situations[.expiredInBroker] == recorder.expired)
  }

  @Test("a full partition holds its producers back, and loses nothing")
  func backpressure() throws {
    var configuration = try configuration(.poisson(rate: 1))
    configuration.broker.throughput = 0.2
    configuration.broker.capacity = 20
    let (recorder, observations, accepted) = run(configuration)
    #expect(observations.situations[.backpressure] > 100)
    #expect(observations.peakBrokerLag <= 80, "four partitions of twenty")
    #expect(Int(accepted) == recorder.emitted)
  }

  @Test("rebalancing stops consumption, and the last batches come again")
  func rebalancing() throws {
    var configuration = try configuration(.poisson(rate: 1))
    configuration.faults = [
      FaultWindow(
        kind: .rebalance, target: .broker, start: Self.start + .hours(1),
        end: Self.start + .hours(1) + .minutes(5))
    ]
    let (recorder, observations, accepted) = run(configuration)
    #expect(observations.situations[.rebalanced] == 1)
    #expect(observations.situations[.batchRedelivered] > 0)
    #expect(recorder.captured > recorder.emitted, "copies reach ingestion")
    #expect(Int(accepted) == recorder.emitted, "and count once")
  }

  @Test("while the broker is down, producers keep their usage")
  func outage() throws {
    var configuration = try configuration(.poisson(rate: 1))
    configuration.faults = [
      FaultWindow(
        kind: .outage, target: .broker, start: Self.start + .hours(1),
        end: Self.start + .hours(1) + .minutes(20))
    ]
    let (recorder, observations, accepted) = run(configuration)
    #expect(observations.situations[.brokerUnavailable] > 500)
    #expect(Int(accepted) == recorder.emitted)
  }

  @Test("a producer that dies loses what it has not sent: nobody else has heard of it")
  func producers() throws {
    let whole = run(try configuration(.poisson(rate: 1))).0.emitted
    var configuration = try configuration(.poisson(rate: 1))
    configuration.delivery.producerBuffer = .minutes(10)
    configuration.faults = [
      FaultWindow(
        kind: .crash, target: .producers, start: Self.start + .minutes(59),
        end: Self.start + .minutes(60))
    ]
    let (recorder, observations, accepted) = run(configuration)
    let lost = observations.situations[.lostInProducer]
    #expect(lost > 200 && lost < 400, "half of ten minutes: \(lost)")
    #expect(recorder.emitted + lost == whole)
    #expect(Int(accepted) == recorder.emitted)
  }
}

@Suite("Situations")
struct SituationTests {
  @Test("each is counted at a place of its own")
  func ordinals() {
    #expect(Situation.allCases.map(\.ordinal) == Array(Situation.allCases.indices))
    var counts = SituationCounts()
    for (index, situation) in Situation.allCases.enumerated() { counts[situation] += index }
    #expect(Situation.allCases.map { counts[$0] } == Array(Situation.allCases.indices))
  }
}

@Suite("Seasons")
struct SeasonTests {
  /// A Monday.
  private static let start = CivilDate(year: 2026, month: 1, day: 5).start

  /// Arrivals in each hour of a span.
  private func hours(_ process: ArrivalProcess, days: Int) -> [Int] {
    var stream = RandomStream(rootSeed: 3, name: "arrivals")
    var generator = ArrivalGenerator(process, start: Self.start, stream: &stream)
    var counts = [Int](repeating: 0, count: days * 24)
    while true {
      let hour = Int(generator.next(&stream).seconds / 3600)
      guard hour < counts.count else { return counts }
      counts[hour] += 1
    }
  }

  private func sum(_ counts: [Int], day: Int, hours: Range<Int>) -> Int {
    hours.reduce(0) { $0 + counts[day * 24 + $1] }
  }

  @Test("a day has its peak and its low, in proportion")
  func daily() {
    var season = Season(rate: 1)
    season.peakHour = 14
    season.nightlyDrop = 0.8
    let counts = hours(.seasonal(season), days: 20)
    let peak = (0..<20).reduce(0) { $0 + sum(counts, day: $1, hours: 13..<15) }
    let low = (0..<20).reduce(0) { $0 + sum(counts, day: $1, hours: 1..<3) }
    // Half an hour off the peak the rate is 0.967, half an hour off the low 0.233 of it, on average.
    #expect(abs(Double(low) / Double(peak) - 0.233 / 0.967) < 0.02)
  }

  @Test("weekends, ramps, month-ends and spikes multiply the rate")
  func factors() {
    var season = Season(rate: 0.5)
    season.weekend = 0.2
    season.growth = 3
    season.growthOver = .days(7)
    season.monthEnd = 4
    season.monthEndDays = 1
    season.spikes = [
      Season.Spike(
        from: Self.start + .days(8), until: Self.start + .days(8) + .hours(1), factor: 10)
    ]
    let counts = hours(.seasonal(season), days: 27)
    func day(_ index: Int) -> Double { Double(sum(counts, day: index, hours: 0..<24)) / 43_200 }
    #expect(abs(day(0) - (1 + 2.0 / 14)) < 0.03, "the middle of the first day of the ramp")
    #expect(abs(day(9) - 3) < 0.05, "after the ramp")
    #expect(abs(day(12) - 0.6) < 0.03, "Saturday")
    #expect(abs(day(26) - 4 * 0.2 * 3) < 0.1, "31 January, a Saturday at the end of the month")
    let spike = Double(counts[8 * 24]) / 1800 / 3
    #expect(abs(spike - 10) < 0.5)
  }

  @Test("a modulated process stays in each of its states for its time")
  func modulated() {
    let process = ArrivalProcess.modulated([
      .init(rate: 0, stay: .hours(2)), .init(rate: 1, stay: .hours(1)), .init(rate: 5, stay: .hours(1)),
    ])
    let counts = hours(process, days: 400)
    let mean = Double(counts.reduce(0, +)) / Double(counts.count) / 3600
    #expect(abs(mean - 1.5) < 0.1, "(0·2 + 1·1 + 5·1) / 4: \(mean)")
  }
}
