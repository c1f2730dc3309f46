import CanonicalModel
import Chronology
import Testing

@testable import UsageToCash
@testable import World

@Suite("The broker alone")
struct BrokerClusterTests {
  private func event(_ id: UInt64) -> UsageEvent {
    UsageEvent(
      id: id, source: SourceID(index: 0), type: EventTypeID(index: 0), subject: SubjectID(index: 0),
      time: Alone.start, quantity0: 1)
  }

  /// What comes, of one kind, after two events have arrived.
  private func after(
    _ kind: WorldEventKind, _ faults: [FaultWindow] = [],
    _ change: (inout WorldConfiguration) -> Void
  ) throws -> [Span] {
    let configuration = try Alone.configuration(change)
    var surroundings = Surroundings(configuration)
    var producers = Producers(configuration, seed: 1, isHit: false)
    var broker = BrokerCluster(configuration, seed: 1, isHit: true)
    for (index, fault) in faults.enumerated() { broker.faults.begin(fault, index) }
    for id in 1...2 { _ = broker.receive(event(UInt64(id)), from: &producers, &surroundings) }
    var spans: [Span] = []
    if producers.firstKey < .max {
      spans.append(Instant(nanoseconds: Int64(truncatingIfNeeded: producers.firstKey._high)) - Alone.start)
    }
    let coming = surroundings.coming()
    return spans + coming.filter { $0.event.kind == kind }.map(\.after)
  }

  @Test("who is turned away by a full partition tries again within the range that is set")
  func backpressure() throws {
    let usual = try after(.deliver) { $0.broker.capacity = 1 }
    #expect(usual.count == 1 && usual.allSatisfy { .seconds(5) <= $0 && $0 < .seconds(10) })
    let patient = try after(.deliver) {
      $0.broker.capacity = 1
      $0.broker.backpressureDelay = DelayRange(from: .minutes(3), below: .minutes(3))
    }
    #expect(patient == [.minutes(3)])
  }

  @Test("who waits for the broker comes back after its outage, within the range that is set")
  func comeback() throws {
    let outage = [Alone.fault(.outage, .broker, for: .hours(1))]
    let usual = try after(.deliver, outage) { _ in }
    #expect(usual.count == 2 && usual.allSatisfy { .hours(1) <= $0 && $0 < .hours(1) + .minutes(1) })
    let calm = try after(.deliver, outage) {
      $0.broker.comebackDelay = DelayRange(from: .hours(2), below: .hours(2))
    }
    #expect(calm == [.hours(3), .hours(3)])
  }

  @Test("an event that its producer stamps anew comes again within the range that is set")
  func restamped() throws {
    let usual = try after(.deliver) { $0.delivery.restampedShare = 1 }
    #expect(usual.count >= 1 && usual.allSatisfy { .minutes(5) <= $0 && $0 < .minutes(15) })
    let soon = try after(.deliver) {
      $0.delivery.restampedShare = 1
      $0.delivery.restampedDelay = DelayRange(from: .seconds(9), below: .seconds(9))
    }
    #expect(soon.allSatisfy { $0 == .seconds(9) } && !soon.isEmpty)
  }

  @Test("without a broker a producer's pauses are doubled as often as is set")
  func pauses() throws {
    func pauses(_ change: (inout BrokerConfiguration) -> Void) throws -> [Span] {
      let configuration = try Alone.configuration {
        $0.broker.isDirect = true
        $0.broker.directAttempts = 5
        change(&$0.broker)
      }
      var surroundings = Surroundings(configuration)
      var producers = Producers(configuration, seed: 1, isHit: false)
      var broker = BrokerCluster(configuration, seed: 1, isHit: false)
      _ = broker.receive(event(1), from: &producers, &surroundings)
      _ = surroundings.coming()
      var pauses: [Span] = []
      for _ in 0..<4 {
        let before = surroundings.now
        broker.fail(0, &surroundings)
        _ = surroundings.coming()
        pauses.append(surroundings.now - before)
      }
      return pauses
    }
    #expect(try pauses { _ in } == [.seconds(4), .seconds(8), .seconds(16), .seconds(32)])
    let few = try pauses {
      $0.directPause = .minutes(1)
      $0.directDoublings = 2
    }
    #expect(few == [.minutes(2), .minutes(4), .minutes(4), .minutes(4)])
  }
}
