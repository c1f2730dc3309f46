import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel
import Testing

@testable import UsageToCash

@Suite("Ingestion")
struct IngestionTests {
  @Test("tells new events from copies by source and id")
  func deduplication() {
    var driver = Driver()
    driver.deliver([Fixtures.event(1), Fixtures.event(1), Fixtures.event(1, source: 1), Fixtures.event(2)])
    driver.deliver([Fixtures.event(2), Fixtures.event(3)])
    #expect(driver.claims.received == 6)
    #expect(driver.claims.accepted == 4)
    #expect(driver.claims.duplicates == 2)
  }

  @Test("puts aside what it cannot place, with the reason, and refuses what can never count")
  func quarantine() {
    var driver = Driver()
    driver.deliver([
      Fixtures.event(1, customer: 99), Fixtures.event(2, schemaVersion: 7), Fixtures.event(3, type: 5),
      Fixtures.event(4, tokens: -1), Fixtures.event(5, at: .hours(1)),
      Fixtures.event(6, at: .zero - .days(20)),
    ])
    let reasons = driver.outputs.compactMap { effect -> QuarantineReason? in
      if case .quarantined(_, let reason) = effect { reason } else { nil }
    }
    #expect(reasons == [.unknownSubject, .unknownType, .unknownType, .aheadOfClock, .beyondHorizon])
    #expect(driver.claims.rejected == 1)
    #expect(driver.claims.accepted == 0)
    #expect(driver.claims.received == 6)
  }

  @Test("what waits for its schema is accepted once it is registered, and only once")
  func registration() {
    var driver = Driver()
    driver.deliver([
      Fixtures.event(1, schemaVersion: 2), Fixtures.event(1, schemaVersion: 2),
      Fixtures.event(2, customer: 99, schemaVersion: 2), Fixtures.event(3, tokens: -1, schemaVersion: 2),
    ])
    #expect(driver.claims.accepted == 0)
    #expect(driver.claims.quarantined == 3)
    #expect(driver.claims.duplicates == 1)
    for _ in 0..<2 {
      driver.register(
        SchemaRegistration(
          type: EventTypeID(index: 0), version: 2, fields: Fixtures.catalog.eventTypes[0].fields))
    }
    #expect(driver.claims.accepted == 1)
    #expect(driver.claims.rejected == 1)
    #expect(driver.claims.quarantined == 1, "the unknown customer waits on")
    driver.deliver([Fixtures.event(4, schemaVersion: 2), Fixtures.event(5)])
    #expect(driver.claims.accepted == 3, "both versions are live")
  }

  @Test(
    "remembers every key for the whole horizon, like a set with expiry",
    arguments: [1, 2, 3] as [UInt64], [1, 0x9e37_79b9_7f4a_7c15] as [UInt64])
  func tableAgreesWithASet(seed: UInt64, spread: UInt64) {
    let horizon = Span.hours(10)
    var table = DeduplicationTable(horizon: horizon)
    var firstSeen: [UsageEventKey: Instant] = [:]
    var stream = RandomStream(rootSeed: seed, name: "deduplication")
    var now = Instant(nanoseconds: 0)
    var areNew: ContiguousArray<Bool> = []
    for step in 0..<20_000 {
      now += Span.seconds(Int64(stream.below(20)))
      table.advance(to: now)
      // Alone and in batches by turns: a batch is asked of at once, but each of its keys as if it came alone.
      let batch = (0..<(step % 3 == 0 ? 1 + Int(stream.below(5)) : 1)).map { _ in
        Fixtures.event(stream.below(3000) &* spread, source: UInt32(stream.below(2)))
      }
      if step.isMultiple(of: 3) {
        batch.withUnsafeBufferPointer { table.insert($0, areNew: &areNew) }
      } else {
        areNew = [table.insert(batch[0].key)]
      }
      for (event, isNew) in zip(batch, areNew) {
        if let seen = firstSeen[event.key], now - seen <= horizon {
          #expect(!isNew, "a copy within the horizon was taken for a new event, seed \(seed)")
        }
        #expect(isNew || firstSeen[event.key] != nil, "a new event was taken for a copy, seed \(seed)")
        if isNew { firstSeen[event.key] = now }
      }
    }
  }
}

@Suite("Metering")
struct MeteringTests {
  @Test("sums and counts per customer and half-open hour of event time")
  func windows() throws {
    var driver = Driver()
    let last = Fixtures.event(2, at: .hours(1) - Span(nanoseconds: 1), tokens: 5)
    let first = Fixtures.event(3, at: .hours(1), tokens: 7)
    driver.now = Fixtures.start + .hours(1)
    driver.deliver([Fixtures.event(1, tokens: 3), last, first])
    driver.pass(.hours(10))
    let tokens = driver.summaries.filter { $0.meter.index == 0 }
    #expect(tokens.map(\.quantity) == [Quantity(8), Quantity(7)])
    #expect(tokens.map(\.count) == [2, 1])
    #expect(tokens.map(\.window) == [Fixtures.start, Fixtures.start + .hours(1)])
    let calls = driver.summaries.filter { $0.meter.index == 1 }
    #expect(calls.map(\.quantity) == [Quantity(2), Quantity(1)])
  }

  @Test(
    "gives the same aggregates in whatever order and batches events come", arguments: [1, 2, 3] as [UInt64])
  func orderInsensitive(seed: UInt64) {
    var stream = RandomStream(rootSeed: seed, name: "order")
    let events = (1...300).map { id in
      Fixtures.event(
        UInt64(id), customer: UInt32(stream.below(4)), at: .minutes(Int64(stream.below(180))),
        tokens: Int64(stream.below(50)))
    }
    /// What all revisions of a window come to.
    func totals(_ batches: [[UsageEvent]]) -> [[UInt64]: ControlTotal] {
      var driver = Driver()
      driver.now = Fixtures.start + .hours(3)
      for batch in batches { driver.deliver(batch) }
      driver.pass(.hours(10))
      var totals: [[UInt64]: ControlTotal] = [:]
      for summary in driver.summaries {
        let key = [
          summary.window.index(of: .hours(1)), Int64(summary.subscription.index), Int64(summary.meter.index),
        ]
        totals[key.map(UInt64.init), default: ControlTotal()] += ControlTotal(
          count: summary.count, quantity: summary.quantity, digest: summary.digest)
      }
      return totals
    }
    var shuffled = events
    for index in shuffled.indices.reversed() {
      shuffled.swapAt(index, Int(stream.below(UInt64(index + 1))))
    }
    let half = shuffled.count / 2
    let isSame = totals([events]) == totals([Array(shuffled[..<half]), Array(shuffled[half...])])
    #expect(isSame, "seed \(seed)")
  }

  @Test("amends a closed window for late usage in a further revision, with what is new only")
  func lateUsage() {
    var driver = Driver()
    driver.deliver([Fixtures.event(1, tokens: 3)])
    driver.pass(.hours(6))
    #expect(driver.summaries.count == 2)
    driver.deliver([Fixtures.event(2, tokens: 4)])
    driver.pass(.hours(6))
    let tokens = driver.summaries.filter { $0.meter.index == 0 }
    #expect(tokens.map(\.revision) == [0, 1])
    #expect(tokens.map(\.quantity) == [Quantity(3), Quantity(4)])
    #expect(driver.core.metering.lateEvents == 1)
  }
}

@Suite("Corrections")
struct UsageCorrectionTests {
  private func metered(_ driver: Driver) -> (quantity: Int128, count: Int64) {
    driver.summaries.reduce(into: (quantity: Int128(0), count: Int64(0))) {
      guard $1.meter.index == 0 else { return }
      $0.quantity += $1.quantity.units / 1_000_000
      $0.count += $1.count
    }
  }

  private func refused(_ driver: Driver) -> Int {
    driver.outputs.count { if case .correctionRefused = $0 { true } else { false } }
  }

  private func void(_ event: UsageEvent) -> CoreInput {
    .correction(UsageCorrection(original: event, replacement: nil))
  }

  @Test("an event that comes too late, after its correction, is not subtracted")
  func lateAfterCorrection() {
    var driver = Driver()
    let late = Fixtures.event(1, tokens: 5)
    driver.deliver([Fixtures.event(2, tokens: 7)])
    driver.take(void(late))
    driver.pass(.days(15))
    driver.deliver([late])
    driver.pass(.days(20))
    #expect(metered(driver) == (7, 1))
    #expect(refused(driver) == 0)
  }

  @Test("the correction of an event that was put aside as too late is put aside, too")
  func correctionOfLate() {
    var driver = Driver()
    let late = Fixtures.event(1, at: .zero - .days(20), tokens: 5)
    driver.deliver([late, Fixtures.event(2, tokens: 7)])
    driver.take(void(late))
    driver.pass(.days(20))
    #expect(metered(driver) == (7, 1))
    #expect(refused(driver) == 1)
  }

  @Test("what waits is taken out of the quarantine, even if it is remembered no more, and does not come back")
  func waiting() {
    var driver = Driver()
    let strange = Fixtures.event(1, tokens: 5, schemaVersion: 2)
    driver.deliver([strange, Fixtures.event(2, tokens: 7)])
    driver.pass(.days(30))
    driver.take(void(strange))
    driver.register(
      SchemaRegistration(
        type: EventTypeID(index: 0), version: 2, fields: Fixtures.catalog.eventTypes[0].fields))
    driver.pass(.days(20))
    #expect(refused(driver) == 0)
    #expect(metered(driver) == (7, 1))
  }

  @Test("rejected events are not subtracted, accepted ones are, once, whichever comes first")
  func once() {
    var driver = Driver()
    let (negative, early, plain) = (
      Fixtures.event(1, tokens: -5), Fixtures.event(2, tokens: 7), Fixtures.event(3, tokens: 11)
    )
    driver.take(void(early))
    driver.deliver([negative, early, early, plain])
    for _ in 0..<2 {
      driver.take(void(negative))
      driver.take(void(plain))
      driver.take(void(early))
    }
    driver.deliver([early, plain, Fixtures.event(4, tokens: 13)])
    driver.pass(.days(20))
    #expect(metered(driver) == (13, 1))
  }

  @Test("where copies count, a correction takes one of them back")
  func withoutDeduplication() {
    var policy = PipelinePolicy()
    policy.ingestion.keying = .none
    var driver = Driver(policy)
    driver.deliver([Fixtures.event(1, tokens: 5), Fixtures.event(2, tokens: 7)])
    driver.take(void(Fixtures.event(1, tokens: 5)))
    driver.pass(.days(20))
    #expect(metered(driver) == (7, 1))
  }

  @Test("where the id alone identifies an event, its correction finds it")
  func idOnly() {
    var policy = PipelinePolicy()
    policy.ingestion.keying = .idOnly
    var driver = Driver(policy)
    driver.deliver([Fixtures.event(1, source: 1, tokens: 5), Fixtures.event(2, tokens: 7)])
    driver.take(void(Fixtures.event(1, source: 1, tokens: 5)))
    driver.pass(.days(20))
    #expect(metered(driver) == (7, 1))
  }

  @Test("a restamped copy never counted: its correction subtracts nothing")
  func restamped() {
    var policy = PipelinePolicy()
    policy.ingestion.contentHorizon = .days(1)
    var driver = Driver(policy)
    driver.deliver([Fixtures.event(1, tokens: 5), Fixtures.event(2, tokens: 5)])
    driver.take(void(Fixtures.event(2, tokens: 5)))
    driver.pass(.days(20))
    #expect(driver.claims.duplicates == 1)
    #expect(metered(driver) == (5, 1))
  }
}
