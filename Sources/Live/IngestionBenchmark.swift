import Addresses
import AsyncHTTPClient
import CanonicalModel
import Foundation
import Histogram
import Hummingbird
import NIOCore
import NIOHTTP1
import UsageToCash
import WebService
import World

/// How fast usage is taken in: over HTTP by a handler that does nothing, over HTTP by the core, and by the core in this process, each
/// with the same events, one after the other. The core's log is on a real disk, and nothing is acknowledged before it is durable.
package struct IngestionBenchmark: Sendable {
  /// A figure.
  package struct Figure: Sendable {
    /// What was measured.
    package var name: String
    /// Usage events a second.
    package var eventsPerSecond: Double
    /// From sending a request until its acknowledgment, in seconds: the median, 99 % and the greatest.
    package var latency: (p50: Double, p99: Double, max: Double)
  }

  private let configuration: WorldConfiguration
  private let policy: PipelinePolicy
  private let batches: [[UsageEvent]]
  private let connections: Int

  /// Draws the events of a scenario.
  ///
  /// - Throws: ``LoadTestError`` where there are too many.
  package init(
    _ configuration: WorldConfiguration, policy: PipelinePolicy, seed: UInt64, batch: Int, connections: Int
  ) throws(LoadTestError) {
    guard let plan = LoadPlan(configuration, seed: seed, maximum: 2_000_000) else {
      throw LoadTestError(description: "the scenario has more than 2,000,000 usage events")
    }
    precondition(batch > 0 && connections > 0, "a request holds an event, and somebody sends it")
    self.configuration = configuration
    self.policy = policy
    self.connections = connections
    batches = stride(from: 0, to: plan.emitted.count, by: batch).map {
      Array(plan.emitted[$0..<min($0 + batch, plan.emitted.count)])
    }
  }

  /// Measures.
  ///
  /// - Parameter folder: for the logs.
  package func run(in folder: String) async throws -> [Figure] {
    let codec = CloudEventCodec(configuration.catalog)
    let bodies = try batches.map { ByteBuffer(bytes: try JSONEncoder().encode($0.map(codec.cloud))) }
    let clock = LiveClock(start: configuration.start, scale: 1)
    var figures: [Figure] = []
    figures.append(
      try await overHTTP("bare handler over HTTP", bodies) { router in
        router.post("events") { request, _ in
          _ = try await request.body.collect(upTo: 4 << 20)
          return HTTPResponse.Status.ok
        }
      })
    let service = try PipelineService(
      configuration, policy: policy, scenario: "benchmark", identity: LogIdentity([]),
      log: folder + "/http.log", clock: clock,
      erps: "http://127.0.0.1:9")
    figures.append(try await overHTTP("core over HTTP", bodies) { service.add(to: $0) })
    await service.stop()
    let log = try FileLog(
      path: folder + "/core.log",
      header: FileLog.Header(scenario: "benchmark", identity: LogIdentity([]), clock: clock), contracts: [])
    let engine = try PipelineEngine(
      catalog: configuration.catalog, policy: policy, log: log, contracts: [], clock: clock,
      caller: ERPNeighbour(desk: ERPDesk(configuration, seed: 1, clock: clock), clock: clock))
    engine.start()
    let target = CoreTarget(engine: engine)
    let batches = batches
    figures.append(
      try await measured("core in this process", batches.count) { number in
        guard case .taken = await target.send(batches[number]) else {
          throw LoadTestError(description: "the core does not take what it is sent")
        }
      })
    engine.stop()
    return figures
  }

  private func overHTTP(
    _ name: String, _ bodies: [ByteBuffer], _ routes: (Router<BasicRequestContext>) -> Void
  ) async throws -> Figure {
    let service = try WebService(name: name, address: .loopback(port: 0), token: nil)
    let responder = service.responder(routes)
    let (ports, told) = AsyncStream.makeStream(of: Int.self)
    let server = Task { try await service.run(responder) { told.yield($0) } }
    var port = 0
    for await known in ports {
      port = known
      break
    }
    let client = HTTPClient(eventLoopGroupProvider: .singleton)
    let url = "http://127.0.0.1:\(port)/events"
    let figure = try await measured(name, bodies.count) { number in
      var request = HTTPClientRequest(url: url)
      request.method = .POST
      request.headers.add(name: "content-type", value: "application/cloudevents-batch+json")
      request.body = .bytes(bodies[number])
      let response = try await client.execute(request, timeout: .seconds(30))
      _ = try await response.body.collect(upTo: 1 << 20)
      guard response.status == .ok else {
        throw LoadTestError(description: "\(name) answers \(response.status.code)")
      }
    }
    try await client.shutdown()
    server.cancel()
    _ = await server.result
    return figure
  }

  /// So many requests at once, each sender the next as soon as it has its answer.
  private func measured(
    _ name: String, _ count: Int, _ send: @escaping @Sendable (Int) async throws -> Void
  ) async throws -> Figure {
    let begin = ContinuousClock.now
    let senders = connections
    let latencies = try await withThrowingTaskGroup(of: [Double].self) { tasks in
      for sender in 0..<senders {
        tasks.addTask {
          var own: [Double] = []
          for number in stride(from: sender, to: count, by: senders) {
            let sent = ContinuousClock.now
            try await send(number)
            own.append((ContinuousClock.now - sent).seconds)
          }
          return own
        }
      }
      return try await tasks.reduce(into: [], +=).sorted()
    }
    assert(latencies.count == count, "each request is measured once")
    let seconds = (ContinuousClock.now - begin).seconds
    let events = batches.reduce(0) { $0 + $1.count }
    func percentile(_ share: Double) -> Double {
      latencies[min(latencies.count - 1, Int(Double(latencies.count) * share))]
    }
    return Figure(
      name: name, eventsPerSecond: Double(events) / seconds,
      latency: (percentile(0.5), percentile(0.99), latencies.last ?? 0))
  }
}
