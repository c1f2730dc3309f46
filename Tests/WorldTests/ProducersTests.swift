import CanonicalModel
import Chronology
import SimulationKernel
import Testing

@testable import UsageToCash
@testable import World

@Suite("Producers alone")
struct ProducersTests {
  private func load(gap: LoadConfiguration.Gap? = nil) -> LoadConfiguration {
    LoadConfiguration(
      name: "calls", type: EventTypeID(index: 0),
      pattern: .synthetic(.constant(rate: 0.001), [QuantityDistribution(.constant(100))]),
      producers: [SourceID(index: 0)], gap: gap)
  }

  private func backfills(misdeclaredBy span: Span, _ change: (inout LoadConfiguration.Gap) -> Void = { _ in })
    throws -> [(isMisdeclared: Bool, after: Span)]
  {
    var gap = LoadConfiguration.Gap(
      from: Alone.start + .hours(2), until: Alone.start + .hours(4), backfilledAt: Alone.start + .hours(10),
      misdeclaredBy: span)
    change(&gap)
    let configuration = try Alone.configuration { $0.load = [load(gap: gap)] }
    var surroundings = Surroundings(configuration)
    let producers = Producers(configuration, seed: 1, isHit: false)
    producers.beginBackfills(&surroundings)
    let coming = surroundings.coming()
    return coming.map { ($0.event.detail == 1, after: $0.after - .hours(10)) }
  }

  @Test("a gap is backfilled, and each job is run again after the time that is set")
  func backfill() throws {
    let plain = try backfills(misdeclaredBy: .zero)
    #expect(plain.map(\.after) == [.zero, .days(1)] && !plain.contains(where: \.isMisdeclared))
    let wrong = try backfills(misdeclaredBy: .hours(1))
    #expect(wrong.map(\.after) == [.zero, .hours(6), .days(1), .days(2)])
    #expect(wrong.map(\.isMisdeclared) == [true, true, false, false])
    let quick = try backfills(misdeclaredBy: .hours(1)) {
      $0.misdeclaredAgainAfter = .minutes(10)
      $0.correctedAfter = .hours(1)
      $0.repeatedAfter = .hours(3)
    }
    #expect(quick.map(\.after) == [.zero, .minutes(10), .hours(1), .hours(4)])
  }

  @Test("a crash of producers hits as many of them as is set, and what they have not sent is lost")
  func crash() throws {
    func lost(every number: Int) throws -> Int {
      let configuration = try Alone.configuration {
        $0.catalog.sources = ["a", "b", "c", "d"]
        $0.catalog.accounts = Array(repeating: $0.catalog.accounts[0], count: 40)
        $0.catalog.subscriptions = (0..<40).map {
          Subscription(account: AccountID(index: UInt32($0)), priceBook: 0)
        }
        var load = load()
        load.producers = (0..<4).map { SourceID(index: UInt32($0)) }
        $0.load = [load]
        $0.faults = [Alone.fault(.crash, .producers, for: .days(2))]
        $0.delivery.faultyEvery = number
      }
      var surroundings = Surroundings(configuration)
      var faults = FaultSchedule(configuration, seed: 1)
      var producers = Producers(configuration, seed: 1, isHit: true)
      producers.generate(0, &faults, &surroundings)
      return surroundings.observations.situations[.lostInProducer]
    }
    #expect(try lost(every: 1) == 128, "all that was drawn")
    let half = try lost(every: 2)
    let quarter = try lost(every: 4)
    #expect(half > quarter && quarter > 0 && half < 128)
  }

  /// The corrections that come of all events, each of which is corrected and sent twice.
  private func corrections(_ change: (inout DeliveryConfiguration) -> Void) throws -> [(
    part: Int64, after: Span
  )] {
    let configuration = try Alone.configuration {
      $0.load = [load()]
      $0.delivery.correctionShare = 1
      $0.delivery.voidShare = 0
      $0.delivery.correctionDelay = .constant(.days(1))
      $0.delivery.duplicateShare = 0.9
      change(&$0.delivery)
    }
    var surroundings = Surroundings(configuration)
    var faults = FaultSchedule(configuration, seed: 1)
    var producers = Producers(configuration, seed: 1, isHit: false)
    producers.generate(0, &faults, &surroundings)
    var corrections: [(part: Int64, after: Span)] = []
    while let event = surroundings.kernel.next() {
      guard event.kind == .correction else { continue }
      let correction = producers.receiveCorrection(Int(event.index), &surroundings)
      let after = surroundings.now - max(correction.original.time, Alone.start)
      corrections.append(((correction.replacement?.quantity0 ?? 0) / 1_000_000, after: after))
    }
    return corrections
  }

  @Test(
    "a correction changes quantities within the range that is set, and comes again after the time that is")
  func correction() throws {
    let usual = try corrections { _ in }
    #expect(usual.count > 100)
    #expect(usual.allSatisfy { 20 <= $0.part && $0.part < 180 } && Set(usual.map(\.part)).count > 50)
    #expect(Set(usual.map(\.after)) == [.days(1), .days(1) + .minutes(10)])
    let exact = try corrections {
      $0.minimumCorrection = 0.5
      $0.maximumCorrection = 0.5
      $0.correctionRepeatedAfter = .hours(7)
    }
    #expect(Set(exact.map(\.part)) == [50])
    #expect(Set(exact.map(\.after)) == [.days(1), .days(1) + .hours(7)])
  }
}
