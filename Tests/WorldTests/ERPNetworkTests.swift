import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel
import Testing

@testable import UsageToCash
@testable import World

/// A caller without a core.
private struct Caller: ERPCaller {
  var life: UInt32 = 0
  var waiting: Set<ERPCallID> = []
  var depth = 0

  mutating func use(of entity: EntityID) -> OutboxUse {
    OutboxUse(depth: depth, calls: waiting.count, workers: 1)
  }
  mutating func waits(for call: ERPCallID) -> Bool { waiting.contains(call) }
}

private final class Deaf: FactSink {
  func emitted(_ events: UnsafeBufferPointer<UsageEvent>) {}
  func captured(_ events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, at instant: Instant) {}
  func summarised(_ summaries: UnsafeBufferPointer<UsageSummary>, at instant: Instant) {}
  func record(_ fact: Fact, at instant: Instant) {}
  func concluded(stuck: [StuckWork], at instant: Instant) {}
}

@Suite("The network of ERPs on the kernel, without a core")
struct ERPNetworkTests {
  private static let start = CivilDate(year: 2026, month: 1, day: 5).start

  private func configuration(_ profile: ERPProfile) throws -> WorldConfiguration {
    let dollar = try #require(Currency(code: "USD"))
    let catalog = Catalog(
      entities: [LegalEntity(name: "us", currency: dollar)], meters: [], eventTypes: [],
      accounts: [], subscriptions: [], priceBooks: [], sources: [])
    return WorldConfiguration(
      catalog: catalog, start: Self.start, horizon: Self.start + .days(1), load: [], erps: [profile])
  }

  /// Has everything happen that the network has scheduled.
  ///
  /// - Returns: the kinds of the events, and what has reached the core.
  private func run(
    _ network: inout ERPNetwork, _ caller: inout Caller, _ surroundings: inout Surroundings
  ) throws -> (events: [WorldEventKind], arrivals: [ERPNetwork.Arrival]) {
    var register = InvoiceRegister(network.configuration)
    var events: [WorldEventKind] = []
    var arrivals: [ERPNetwork.Arrival] = []
    while let event = surroundings.kernel.next() {
      surroundings.met()
      events.append(event.kind)
      let slot = Int(event.index)
      switch event.kind {
      case .arrive: network.arrive(slot, &caller, &surroundings)
      case .commit: network.commit(slot, &caller, &register, &surroundings)
      case .job: network.completeJob(slot, &register, &surroundings)
      case .queueExpired: network.expireQueued(slot, id: event.detail, &surroundings)
      case .answer:
        if let arrival = network.receiveAnswer(slot, &caller, &surroundings) { arrivals.append(arrival) }
      default: Issue.record("the network has scheduled \(event.kind)")
      }
    }
    #expect(surroundings.essential == 0, "what was expected has happened")
    return (events, arrivals)
  }

  private func call(_ number: UInt64) -> ERPCall {
    ERPCall(id: ERPCallID(number: number), entity: EntityID(index: 0), request: .lookUp([]))
  }

  @Test("what comes next of calls becomes the kernel's events, and what becomes of them situations")
  func events() throws {
    var profile = ERPProfile.ideal
    (profile.concurrency, profile.queueDepth, profile.queueWait) = (1, 1, .minutes(8))
    let configuration = try configuration(profile)
    var surroundings = Surroundings(configuration, seed: 1, sink: Deaf())
    surroundings.observations.postingUse[0] = PostingUse(limits: profile.limits)
    var network = ERPNetwork(configuration, seed: 1)
    var caller = Caller()
    for number in 1...3 as ClosedRange<UInt64> { network.send(call(number), &caller, &surroundings) }
    #expect(network.refusedSinceSample == 1)
    network.recordSample()
    #expect(network.refusedSinceSample == 0)
    let (events, arrivals) = try run(&network, &caller, &surroundings)
    #expect(events == [.commit, .answer, .answer, .commit, .answer, .queueExpired])
    #expect(Set(arrivals.map(\.call.id.number)) == [1, 2, 3])
    let situations = surroundings.observations.situations
    #expect(situations[.queuedAtERP] == 1 && situations[.throttled] == 1)
  }

  @Test("an answer to an earlier life reaches nobody; one that nobody waits for any more is late")
  func lives() throws {
    let configuration = try configuration(.ideal)
    var surroundings = Surroundings(configuration, seed: 1, sink: Deaf())
    var network = ERPNetwork(configuration, seed: 1)
    var caller = Caller()
    network.send(call(1), &caller, &surroundings)
    caller.life = 1
    var outcome = try run(&network, &caller, &surroundings)
    #expect(outcome.arrivals.isEmpty)
    #expect(surroundings.observations.situations[.answeredDeadProcess] == 1)
    var throttling = ERPProfile.ideal
    throttling.limits = [RateLimit(1, per: .minutes(1), .sliding)]
    throttling.retryAfter = .zero
    let limited = try self.configuration(throttling)
    network = ERPNetwork(limited, seed: 1)
    surroundings = Surroundings(limited, seed: 1, sink: Deaf())
    surroundings.observations.postingUse[0] = PostingUse(limits: throttling.limits)
    caller.waiting = [ERPCallID(number: 4)]
    for number in 2...4 as ClosedRange<UInt64> { network.send(call(number), &caller, &surroundings) }
    outcome = try run(&network, &caller, &surroundings)
    let late = outcome.arrivals.filter { if case .throttled = $0.answer { true } else { false } }
    #expect(late.map(\.call.id.number) == [3, 4] && late.map(\.isLate) == [true, false])
  }
}
