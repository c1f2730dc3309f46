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
  /// Longer than a loaded machine lets a test wait for its turn: what is tested is not how fast it is.
  private static let untilDone = Duration.seconds(1_000_000)

  private func generator(
    _ target: Target, batch: Int = 50, connections: Int = 4
  ) throws -> (LoadGenerator, LoadPlan) {
    let assembly = try LiveFixture.assembly()
    let plan = try #require(LoadPlan(assembly.world, seed: 42, maximum: 100_000))
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
    await generator.run(patience: Self.untilDone) { true }
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
    let timeline = try #require(generator.timeline())
    #expect(timeline.due.reduce(0, +) == measured.scheduled)
    #expect(timeline.acknowledged.reduce(0, +) == measured.acknowledged)
    #expect(timeline.distribution.map(\.requests).reduce(0, +) == measured.requests)
  }

  @Test("over time: latency belongs to when a request was due, throughput to when it was acknowledged")
  func timeline() throws {
    let second: Int64 = 1_000_000_000
    // Ten seconds, one request per second; the target stalls from second 3 on and answers everything in second 8.
    let samples = (0..<10).map { index in
      let due = 5 * second + Int64(index) * second
      return LoadTimeline.Sample(
        due: due, acknowledged: 3...7 ~= index ? 13 * second : due + second / 1000, events: 10)
    }
    let due = samples.flatMap { Array(repeating: $0.due, count: 10) }
    let timeline = try #require(LoadTimeline(due: due, samples: samples, retries: [9 * second]))
    #expect(timeline.step == 0.1 && timeline.due.count == 91)
    #expect(timeline.due[30] == 10 && timeline.acknowledged[30] == 0 && timeline.acknowledged[80] == 60)
    #expect(timeline.latency["p50"]?[30] == 5 && timeline.latency["max"]?[10] == 0.001)
    #expect(timeline.latency["p99"]?[31] == .some(nil), "no request was due then")
    #expect(timeline.retried[40] == 1 && timeline.retried.reduce(0, +) == 1)
    #expect(timeline.distribution.map(\.requests).reduce(0, +) == 10)
    #expect(timeline.distribution.first == .init(upTo: 0.001, requests: 5))
    #expect(timeline.distribution.last == .init(upTo: 5, requests: 3))
    #expect(LoadTimeline(due: due, samples: [], retries: []) == nil)
    let long = try #require(
      LoadTimeline(
        due: [0, 86_400 * second], samples: [.init(due: 0, acknowledged: 1, events: 1)], retries: []))
    #expect(long.due.count <= LoadTimeline.maximum + 1)
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
    await generator.run(patience: Self.untilDone) { true }
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
    await generator.run(patience: Self.untilDone) { target.seen.requests.count < 20 }
    #expect(generator.measurement.acknowledged == 0 && generator.acknowledged() == [])
    #expect(generator.measurement.repetitions == target.seen.requests.count)
    #expect(generator.measurement.turnedAway == target.seen.requests.count)
  }

  @Test("nobody at an address ends the test within the time that it was given, with what to do")
  func nobody() async throws {
    let assembly = try LiveFixture.assembly()
    var test = try LoadTest(
      assembly.world, seed: 42, clock: LiveClock(start: assembly.world.start, scale: 100_000))
    test.patience = .seconds(1)
    var message = ""
    do throws(LoadTestError) {
      // Port 1 is nobody's.
      _ = try await test.run(against: "http://127.0.0.1:1", erps: "http://127.0.0.1:1") { _ in true }
    } catch {
      message = error.description
    }
    #expect(
      message.hasPrefix("no answer from http://127.0.0.1:1 within 1 s: connection refused; start the service")
    )
  }

  @Test("a target is silent from the first request without an answer on, and no longer once one is answered")
  func silence() async throws {
    let assembly = try LiveFixture.assembly()
    let plan = try #require(LoadPlan(assembly.world, seed: 42, maximum: 100_000))
    let target = HTTPTarget("http://127.0.0.1:1", catalog: assembly.world.catalog, connections: 1)
    #expect(!target.isSilent(for: .zero), "nothing was asked")
    let outcome = await target.send([plan.deliveries[0].event])
    guard case .failed("http://127.0.0.1:1/events: connection refused") = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(target.isSilent(for: .zero) && !target.isSilent(for: .seconds(1_000_000)))
    await target.shutDown()
  }

  @Test("what waits for a place is not sent any more once the test has been stopped")
  func stopped() async throws {
    let goesOn = Flag()
    let target = Target { _ in
      goesOn.set()
      return .full
    }
    let (generator, _) = try generator(target, batch: 1, connections: 1)
    await generator.run(patience: Self.untilDone) { !goesOn.isSet }
    #expect(target.seen.requests.count == 1)
  }
}
