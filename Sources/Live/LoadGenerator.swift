import AsyncHTTPClient
import CanonicalModel
import Chronology
import Foundation
import Histogram
import NIOCore
import NIOHTTP1
import Synchronization
import World

/// Where a load generator sends usage.
protocol LoadTarget: Sendable {
  /// Sends events once.
  func send(_ events: [UsageEvent]) async -> Submission
}

/// What a load generator has measured.
package struct LoadMeasurement: Sendable {
  /// Events that were to be sent, copies included.
  package var scheduled = 0
  /// Events that were acknowledged, copies included.
  package var acknowledged = 0
  /// Requests that were acknowledged.
  package var requests = 0
  /// Requests that were sent again: they were turned away, failed, or were never answered.
  package var repetitions = 0
  /// Of them, those that were turned away as too much was waiting.
  package var turnedAway = 0
  /// What went wrong last.
  package var lastProblem: String?
  /// Seconds from the first moment at which something was to be sent until the last acknowledgment.
  package var seconds = 0.0
  /// From the moment at which a request was to be sent until its acknowledgment, in seconds, by percentile.
  package var latency: [String: Double] = [:]
  /// The same over the test; `nil` while it goes on, and where nothing was acknowledged.
  package var timeline: LoadTimeline?
}

/// Sends a scenario's usage on time, whatever the target does: what is due is sent, and latency counts from when it was due.
package final class LoadGenerator: Sendable {
  private struct State {
    var measurement = LoadMeasurement()
    var histogram = Histogram<UInt64>(
      highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three)
    var first: Int64?
    /// The keys of the events that were acknowledged.
    var keys: Set<UsageEventKey> = []
    var samples: [LoadTimeline.Sample] = []
    /// When requests were sent again.
    var retries: [Int64] = []
  }

  private let plan: LoadPlan
  private let clock: LiveClock
  private let target: any LoadTarget
  private let state = Mutex(State())
  /// Events of a request at most.
  private let batch: Int
  /// Requests at once.
  private let limit: AsyncLimit

  init(_ plan: LoadPlan, clock: LiveClock, target: any LoadTarget, batch: Int, connections: Int) {
    precondition(batch > 0, "a request holds an event")
    assert(
      zip(plan.deliveries, plan.deliveries.dropFirst()).allSatisfy { $0.at <= $1.at },
      "a plan is in the order of time")
    self.plan = plan
    self.clock = clock
    self.target = target
    self.batch = batch
    limit = AsyncLimit(connections)
  }

  /// What has been measured so far.
  package var measurement: LoadMeasurement {
    state.withLock { state in
      var measurement = state.measurement
      for (name, percentile) in [
        ("p50", 50.0), ("p90", 90), ("p95", 95), ("p99", 99), ("p999", 99.9), ("max", 100),
      ]
      where state.histogram.totalCount > 0 {
        measurement.latency[name] = Double(state.histogram.valueAtPercentile(percentile)) * 1e-6
      }
      return measurement
    }
  }

  /// Throughput and latency over the test so far; `nil`: nothing was acknowledged.
  ///
  /// - Complexity: O(*n* log *n*) in the requests.
  func timeline() -> LoadTimeline? {
    let (samples, retries) = state.withLock { ($0.samples, $0.retries) }
    return LoadTimeline(
      due: plan.deliveries.map { clock.machineTime(at: $0.at) }, samples: samples, retries: retries)
  }

  /// The events that have been acknowledged so far, once each, in the order in which they were drawn.
  func acknowledged() -> [UsageEvent] {
    let keys = state.withLock(\.keys)
    let events = plan.emitted.filter { keys.contains($0.key) }
    assert(events.count == keys.count, "what was acknowledged was drawn, once")
    return events
  }

  /// Sends everything, and again what is not acknowledged.
  ///
  /// - Parameters:
  ///   - patience: after the last moment at which something is due, how long repetitions go on.
  ///   - goesOn: asked now and then; `false` stops.
  package func run(patience: Duration, goesOn: @escaping @Sendable () -> Bool) async {
    state.withLock { $0.measurement.scheduled = plan.deliveries.count }
    let last = plan.deliveries.last.map { clock.machineTime(at: $0.at) } ?? LiveClock.machineTime
    let end = last + Int64(patience.seconds * 1e9)
    await withTaskGroup(of: Void.self) { tasks in
      var next = 0
      while next < plan.deliveries.count, goesOn() {
        let due = clock.now
        var until = next
        while until < plan.deliveries.count, until - next < batch, plan.deliveries[until].at <= due {
          until += 1
        }
        if until > next {
          let events = plan.deliveries[next..<until].map(\.event)
          let intended = clock.machineTime(at: plan.deliveries[next].at)
          tasks.addTask { await self.deliver(events, intended: intended, until: end, goesOn) }
          next = until
        } else {
          let pause = min(Duration.milliseconds(10), clock.until(plan.deliveries[next].at))
          try? await Task.sleep(for: max(.milliseconds(1), pause))
        }
      }
    }
  }

  private func deliver(
    _ events: [UsageEvent], intended: Int64, until end: Int64, _ goesOn: @Sendable () -> Bool
  ) async {
    assert(!events.isEmpty && events.count <= batch, "a request holds an event, and no more than fit")
    await limit.enter()
    // Whoever has waited for a place does not begin what has been stopped meanwhile.
    guard goesOn() else { return await limit.leave() }
    var pause = Duration.milliseconds(50)
    while true {
      let outcome = await target.send(events)
      let now = LiveClock.machineTime
      if case .taken = outcome {
        record(events, intended: intended, at: now)
        break
      }
      state.withLock { state in
        state.measurement.repetitions += 1
        state.retries.append(now)
        if case .full = outcome { state.measurement.turnedAway += 1 }
        switch outcome {
        case .failed(let words), .noRoom(let words): state.measurement.lastProblem = words
        case .taken, .full: break
        }
      }
      guard now < end, goesOn() else { break }
      try? await Task.sleep(for: pause)
      pause = min(.seconds(1), pause * 2)
    }
    await limit.leave()
  }

  private func record(_ events: [UsageEvent], intended: Int64, at now: Int64) {
    state.withLock { state in
      state.measurement.acknowledged += events.count
      state.measurement.requests += 1
      assert(
        state.measurement.acknowledged <= state.measurement.scheduled, "a request is acknowledged once")
      assert(state.measurement.requests <= state.measurement.acknowledged, "a request holds an event")
      for event in events { state.keys.insert(event.key) }
      state.samples.append(.init(due: intended, acknowledged: now, events: events.count))
      _ = state.histogram.record(UInt64(max(1, (now - intended) / 1000)))
      state.first = min(state.first ?? intended, intended)
      state.measurement.seconds = Double(now - (state.first ?? now)) * 1e-9
    }
  }
}

/// Lets so many in at once.
actor AsyncLimit {
  private let maximum: Int
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ maximum: Int) {
    precondition(maximum > 0, "somebody is let in")
    self.maximum = maximum
    free = maximum
  }

  func enter() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func leave() {
    assert(free < maximum, "whoever leaves has entered")
    assert(free == 0 || waiting.isEmpty, "nobody waits while there is room")
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}

/// A service that takes CloudEvents in batches.
final class HTTPTarget: LoadTarget {
  private let url: String
  private let codec: CloudEventCodec
  private let client: HTTPClient
  /// Since when no request has had an answer, in the machine's time; 0: the last one had.
  private let silentSince = Atomic<Int64>(0)

  /// Whether nothing has been answered for so long, although something was asked.
  func isSilent(for span: Duration) -> Bool {
    let since = silentSince.load(ordering: .relaxed)
    return since != 0 && Double(LiveClock.machineTime - since) * 1e-9 > span.seconds
  }

  private func hear(from began: Int64, _ isAnswer: Bool) {
    if isAnswer {
      silentSince.store(0, ordering: .relaxed)
    } else {
      _ = silentSince.compareExchange(expected: 0, desired: began, ordering: .relaxed)
    }
  }

  init(_ base: String, catalog: Catalog, connections: Int) {
    url = Wire.url(base, "events")
    codec = CloudEventCodec(catalog)
    var configuration = HTTPClient.Configuration()
    configuration.timeout.connect = .seconds(2)
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  func shutDown() async { try? await client.shutdown() }

  /// Why there is no answer, in words.
  static func reason(_ error: any Error) -> String {
    if "\(error)".contains("refused") { return "connection refused" }
    switch error as? HTTPClientError {
    case .deadlineExceeded?, .readTimeout?: return "no answer in time"
    case .connectTimeout?: return "no connection in time"
    case .remoteConnectionClosed?: return "the connection was closed"
    default: return "\(error)"
    }
  }

  func send(_ events: [UsageEvent]) async -> Submission {
    var request = HTTPClientRequest(url: url)
    request.method = .POST
    request.headers.add(name: "content-type", value: "application/cloudevents-batch+json")
    guard let body = try? JSONEncoder().encode(events.map(codec.cloud)) else {
      return .failed("no JSON comes of an event")
    }
    request.body = .bytes(ByteBuffer(bytes: body))
    let began = LiveClock.machineTime
    do {
      let response = try await client.execute(request, timeout: .seconds(10))
      let answer = try await response.body.collect(upTo: 1 << 20)
      hear(from: began, true)
      switch response.status.code {
      case 200...299: return .taken
      case 429: return .full
      default: return .failed("\(response.status.code): \(String(buffer: answer).prefix(200))")
      }
    } catch {
      hear(from: began, false)
      return .failed("\(url): \(Self.reason(error))")
    }
  }
}

/// The pipeline of this process, without a network.
struct CoreTarget: LoadTarget {
  let engine: PipelineEngine

  func send(_ events: [UsageEvent]) async -> Submission {
    await withCheckedContinuation { continuation in
      engine.submit(events) { continuation.resume(returning: $0) }
    }
  }
}
