import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel
import Testing

@testable import UsageToCash

@Suite("Aggregates that are no sums")
struct AggregationTests {
  private static let kinds: [Aggregation] = [.max, .latest, .unique, .timeWeightedSum]
  private static let period = Period(holding: Fixtures.start)

  private static func points(_ seed: UInt64) -> [PeriodAggregate.Point] {
    var stream = RandomStream(rootSeed: seed, name: "points")
    return (0..<60).map { index in
      PeriodAggregate.Point(
        time: period.start + .seconds(Int64(stream.below(31 * 86_400))), digest: UInt64(index) &* 7919,
        value: Int64(stream.below(20)) * 1_000_000)
    }
  }

  @Test(
    "depend on the set of events alone: neither on their order nor on what came and was taken back",
    arguments: kinds)
  func orderInsensitive(kind: Aggregation) {
    for seed in 1...50 as ClosedRange<UInt64> {
      let points = Self.points(seed)
      let kept = Array(points.prefix(40))
      var straight = PeriodAggregate(kind)
      for point in kept.sorted() { straight.add(point) }
      var stream = RandomStream(rootSeed: seed, name: "order")
      var shuffled = PeriodAggregate(kind)
      var left = points
      while !left.isEmpty { shuffled.add(left.remove(at: Int(stream.below(UInt64(left.count))))) }
      for point in points.dropFirst(40) { shuffled.add(point, isWithdrawn: true) }
      #expect(straight.value(in: Self.period) == shuffled.value(in: Self.period), "seed \(seed)")
    }
  }

  @Test("are told by increments that sum to them", arguments: kinds)
  func increments(kind: Aggregation) {
    var aggregate = PeriodAggregate(kind)
    var told: Int128 = 0
    for (index, point) in Self.points(7).enumerated() {
      aggregate.add(point)
      if index % 7 == 0 { told += aggregate.increment(in: Self.period) }
    }
    told += aggregate.increment(in: Self.period)
    #expect(told == aggregate.value(in: Self.period))
  }

  @Test(
    "an approximate count stays within three standard errors", arguments: [1, 10, 100, 2000, 10_000, 100_000])
  func approximate(count: Int64) {
    var sketch = DistinctSketch()
    for value in 0..<count {
      sketch.insert(value * 1_000_000)
      sketch.insert(value * 1_000_000)
    }
    let bound = max(1, count * 3 * 1625 / 100_000)
    #expect(abs(sketch.estimate - count) <= bound, "\(sketch.estimate) for \(count)")
  }

  @Test("a meter is split by the values of its dimension, and a value may have a charge of its own")
  func dimension() throws {
    var catalog = Fixtures.catalog
    let regions = ["us", "eu"]
    catalog = Catalog(
      entities: catalog.entities,
      meters: regions.map { Meter(name: "calls", value: $0, aggregation: .count) },
      eventTypes: [EventType(name: "call", meters: [MeterID(index: 0)], dimensionValues: 2)],
      accounts: catalog.accounts, subscriptions: catalog.subscriptions,
      priceBooks: catalog.priceBooks.map { book in
        PriceBook(
          currency: book.currency,
          charges: [
            Charge(meter: "calls", model: .perUnit(Price(units: 1_000_000_000_000))),
            Charge(meter: "calls[eu]", model: .perUnit(Price(units: 3_000_000_000_000))),
          ])
      }, sources: ["a"])
    var driver = Driver(catalog: catalog)
    for (id, dimension) in [(1, 0), (2, 1), (3, 1), (4, 2)] as [(UInt64, UInt16)] {
      var event = Fixtures.event(id)
      event.dimension = dimension
      driver.deliver([event])
    }
    driver.pass(.days(2))
    #expect(driver.claims.quarantined == 1)  // a value that the schema does not know
    let invoice = try #require(driver.invoices.first)
    #expect(invoice.lines.map { $0.charge.quantity } == [Quantity(1), Quantity(2)])
    #expect(invoice.total == Money(minorUnits: 700, of: invoice.currency))
  }

  @Test("a maximum that loses its event is lowered, and the difference given back after the invoice")
  func voidedMaximum() throws {
    var catalog = Fixtures.catalog
    catalog.meters[0].aggregation = .max
    var driver = Driver(catalog: catalog)
    driver.deliver([Fixtures.event(1, tokens: 300), Fixtures.event(2, at: .minutes(5), tokens: 900)])
    driver.pass(.days(2))
    let first = try #require(driver.invoices.first)
    #expect(first.lines[0].charge.quantity == Quantity(900))
    driver.deliver([Fixtures.event(3, at: .days(2), tokens: 50)])
    driver.take(
      .correction(
        UsageCorrection(original: Fixtures.event(2, at: .minutes(5), tokens: 900), replacement: nil)))
    driver.pass(.days(40))
    let late = try #require(driver.invoices.last?.lines.first { $0.charge.kind == .lateUsage })
    #expect(late.charge.quantity == Quantity(-600))
    #expect(late.charge.count == -1)
  }
}

extension AggregationTests {
  @Test("what one window has told of an event is taken back, though its own window has nothing to tell")
  func voidedInAnOpenWindow() {
    var catalog = Fixtures.catalog
    catalog.meters[0].aggregation = .unique
    var driver = Driver(catalog: catalog)
    driver.now = Fixtures.start + .hours(2) + .minutes(5)
    let later = Fixtures.event(2, at: .hours(2), tokens: 9)
    driver.deliver([Fixtures.event(1, tokens: 3), later])
    driver.pass(.minutes(40))
    let tokens = { driver.summaries.filter { $0.meter.index == 0 } }
    #expect(tokens().map(\.quantity) == [Quantity(2)], "the first window tells of both")
    driver.take(.correction(UsageCorrection(original: later, replacement: nil)))
    driver.pass(.days(40))
    #expect(tokens().map(\.quantity) == [Quantity(2), Quantity(-1)])
    #expect(tokens().map(\.count) == [1, 0])
  }

  @Test("a value that is taken back before it has come does not count")
  func withdrawnFirst() {
    for kind in [Aggregation.unique, .max] {
      var aggregate = PeriodAggregate(kind)
      let point = PeriodAggregate.Point(time: Fixtures.start, digest: 1, value: 9_000_000)
      aggregate.add(point, isWithdrawn: true)
      #expect(aggregate.value(in: Self.period) == 0)
      aggregate.add(point)
      #expect(aggregate.value(in: Self.period) == 0)
    }
  }
}

@Suite("Corrections")
struct CorrectionTests {
  @Test("an event is taken back once, whatever it was replaced by, and however often it is said")
  func amended() throws {
    var driver = Driver()
    driver.deliver([Fixtures.event(1, tokens: 100), Fixtures.event(2, tokens: 10)])
    let correction = UsageCorrection(
      original: Fixtures.event(1, tokens: 100), replacement: Fixtures.event(9, tokens: 40))
    driver.take(.correction(correction))
    driver.take(.correction(correction))
    driver.pass(.days(2))
    let line = try #require(driver.invoices.first?.lines.first)
    #expect(line.charge.quantity == Quantity(50))
    #expect(line.charge.count == 2)
    #expect(driver.claims.accepted == 3)
    #expect(driver.core.isIdle || driver.calls.count > 0)
  }

  @Test("a correction that comes before its event waits for it")
  func early() throws {
    var driver = Driver()
    driver.take(.correction(UsageCorrection(original: Fixtures.event(1, tokens: 100), replacement: nil)))
    driver.deliver([Fixtures.event(1, tokens: 100), Fixtures.event(2, tokens: 10)])
    driver.pass(.days(2))
    #expect(driver.invoices.first?.lines.first?.charge.quantity == Quantity(10))
  }

  @Test("what lay ahead of the clock was never counted: taken back later, it takes nothing away")
  func aheadOfClock() throws {
    var driver = Driver()
    let early = Fixtures.event(1, at: .hours(1), tokens: 100)
    driver.deliver([early, Fixtures.event(2, tokens: 10)])
    driver.pass(.hours(2))
    driver.take(.correction(UsageCorrection(original: early, replacement: Fixtures.event(3, tokens: 7))))
    driver.pass(.days(2))
    #expect(driver.invoices.first?.lines.first?.charge.quantity == Quantity(17))
    #expect(
      driver.outputs.count { if case .replayed(early, .aheadOfClock) = $0 { true } else { false } } == 1)
  }

  @Test("what was quarantined and is voided does not count when its schema is registered")
  func quarantined() throws {
    var driver = Driver()
    driver.deliver([Fixtures.event(1, tokens: 100, schemaVersion: 2), Fixtures.event(2, tokens: 10)])
    driver.take(
      .correction(
        UsageCorrection(original: Fixtures.event(1, tokens: 100, schemaVersion: 2), replacement: nil)))
    driver.register(
      SchemaRegistration(
        type: EventTypeID(index: 0), version: 2, fields: Fixtures.catalog.eventTypes[0].fields))
    driver.pass(.days(2))
    #expect(driver.invoices.first?.lines.first?.charge.quantity == Quantity(10))
  }

  @Test("a correction of what is no longer remembered is a case for the platform")
  func refused() {
    var driver = Driver()
    driver.now = Fixtures.start + .days(60)
    driver.take(.correction(UsageCorrection(original: Fixtures.event(1), replacement: Fixtures.event(2))))
    let refusals = driver.outputs.filter { if case .correctionRefused = $0 { true } else { false } }
    #expect(refusals.count == 1)
    #expect(driver.claims.accepted == 0)
  }

  @Test("usage that is taken back altogether costs nothing, minimum included")
  func everything() throws {
    var driver = Driver()
    driver.deliver([Fixtures.event(1, tokens: 100)])
    driver.pass(.days(2))
    driver.take(.correction(UsageCorrection(original: Fixtures.event(1, tokens: 100), replacement: nil)))
    driver.pass(.days(40))
    #expect(driver.invoices.reduce(Money.zero) { $0 + $1.total } == .zero)
  }
}
