import CanonicalModel
import Chronology
import Synchronization
import Testing
import UsageToCash

@testable import Experiments
@testable import Live
@testable import World

/// A target that accepts what its rule lets in, and notes what it is sent.
private final class Target: LoadTarget {
  struct Seen {
    var requests: [[UsageEventKey]] = []
    var present = 0
    var mostPresent = 0
  }
  private let state = Mutex(Seen())
  private let rule: @Sendable (_ request: Int) -> Submission

  init(_ rule: @escaping @Sendable (_ request: Int) -> Submission) { self.rule = rule }

  var seen: Seen { state.withLock { $0 } }

  func send(_ events: [UsageEvent]) async -> Submission {
    let number = state.withLock { seen in
      seen.requests.append(events.map(\.key))
      seen.present += 1
      seen.mostPresent = max(seen.mostPresent, seen.present)
      return seen.requests.count
    }
    await Task.yield()
    state.withLock { $0.present -= 1 }
    return rule(number)
  }
}

@Suite("The load generator")
struct LoadGeneratorTests {
  private func generator(
    _ target: Target, batch: Int = 50, connections: Int = 4
  ) throws -> (LoadGenerator, LoadPlan) {
    let assembly = try LiveFixture.assembly()
    let plan = try #require(LoadPlan(assembly.world, seed: 42, most: 100_000))
    // Two hours in 0.07 seconds.
    let clock = LiveClock(start: assembly.world.start, scale: 100_000)
    return (
      LoadGenerator(plan, clock: clock, target: target, batch: batch, connections: connections), plan
    )
  }

  @Test("sends every copy of every event once, in requests that fit, and no more at once than it may")
  func everything() async throws {
    let target = Target { _ in .taken }
    let (generator, plan) = try generator(target)
    await generator.run(patience: .seconds(600)) { true }
    let seen = target.seen
    let sent = seen.requests.joined()
    func counts(_ keys: some Sequence<UsageEventKey>) -> [UsageEventKey: Int] {
      keys.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    #expect(counts(sent) == counts(plan.deliveries.map(\.event.key)))
    #expect(seen.requests.allSatisfy { 1...50 ~= $0.count } && 1...4 ~= seen.mostPresent)
    let measured = generator.measurement
    #expect(measured.scheduled == plan.deliveries.count && measured.acknowledged == measured.scheduled)
    #expect(measured.requests == seen.requests.count && measured.repetitions == 0)
    #expect(generator.acknowledged() == plan.emitted, "once each, in the order in which they were drawn")
    #expect(measured.latency.keys.sorted() == ["max", "p50", "p90", "p95", "p99", "p999"])
  }

  @Test("sends again what was refused or failed, until it is acknowledged, and counts each repetition")
  func repetitions() async throws {
    let target = Target { number in
      switch number {
      case 1: .full
      case 2: .failed("broken")
      default: .taken
      }
    }
    let (generator, plan) = try generator(target, batch: 100_000, connections: 1)
    await generator.run(patience: .seconds(600)) { true }
    let measured = generator.measurement
    #expect(measured.repetitions == 2 && measured.turnedAway == 1 && measured.lastProblem == "broken")
    #expect(measured.acknowledged == plan.deliveries.count && generator.acknowledged() == plan.emitted)
    let requests = target.seen.requests
    #expect(requests[0] == requests[1] && requests[1] == requests[2], "the same request, before any other")
  }

  @Test("stops when it is told to, and calls nothing acknowledged that was not")
  func stops() async throws {
    let target = Target { _ in .full }
    let (generator, _) = try generator(target)
    await generator.run(patience: .seconds(600)) { target.seen.requests.count < 20 }
    #expect(generator.measurement.acknowledged == 0 && generator.acknowledged() == [])
    #expect(generator.measurement.repetitions == target.seen.requests.count)
    #expect(generator.measurement.turnedAway == target.seen.requests.count)
  }
}
