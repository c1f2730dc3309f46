import AsyncHTTPClient
import CanonicalModel
import Chronology
import CoreInterface
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import UsageToCash
import World

/// Why a load test cannot be made.
package struct LoadTestError: Error, CustomStringConvertible, Sendable {
  /// What is wrong, and what would be right.
  package var description: String
}

/// A scenario as a load test: its usage on the real clock against a service, or against the core of this process, and what its
/// ledgers hold in the end.
package struct LoadTest: Sendable {
  /// What came of it.
  package struct Outcome: Sendable {
    /// What the generator has measured.
    package var measurement: LoadMeasurement
    /// The events that were acknowledged, once each, in the order in which they were drawn.
    package var acknowledged: [UsageEvent]
    /// What the ledgers hold, in the order of posting; `nil`: nobody could be asked.
    package var ledger: [(at: Instant, document: LedgerDocument)]?
    /// What went wrong beside.
    package var problems: [String]
  }

  private let configuration: WorldConfiguration
  private let plan: LoadPlan
  private let seed: UInt64
  /// The clock of the test.
  package let clock: LiveClock
  /// Events of a request at most.
  package var batch = 500
  /// Requests at once.
  package var connections = 32
  /// After the last event, how long the target may take to come to rest.
  package var patience: Duration = .seconds(60)
  /// Events that a test may have.
  private static let maximum = 5_000_000

  /// Prepares a test: draws what is sent.
  ///
  /// - Throws: ``LoadTestError`` where the scenario has more usage than fits, or nothing.
  package init(_ configuration: WorldConfiguration, seed: UInt64, clock: LiveClock) throws(LoadTestError) {
    guard let plan = LoadPlan(configuration, seed: seed, maximum: Self.maximum) else {
      throw LoadTestError(
        description:
          "the scenario has more than \(Self.maximum) usage events: shorten its horizon or lower its load")
    }
    guard !plan.deliveries.isEmpty else {
      throw LoadTestError(description: "the scenario has no usage to send")
    }
    self.configuration = configuration
    self.plan = plan
    self.seed = seed
    self.clock = clock
  }

  /// Sends everything to a service, waits until it says that it has come to rest, and reads the ledgers.
  ///
  /// A target that stops answering for longer than the patience ends the test: what was measured until then is the outcome.
  ///
  /// - Parameters:
  ///   - target: takes CloudEvents in batches at `/events`, and may tell of itself at `/state`.
  ///   - erps: tells what the ledgers hold at `/ledger`.
  ///   - show: called now and then; `false` stops.
  /// - Throws: ``LoadTestError`` where nobody answers at one of the addresses to begin with.
  package func run(
    against target: String, erps: String, show: @escaping @Sendable (LoadMeasurement) -> Bool
  ) async throws(LoadTestError) -> Outcome {
    var settings = HTTPClient.Configuration()
    settings.timeout.connect = .seconds(2)
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    do throws(LoadTestError) {
      try await reach(
        client, target, "start the service first (meterstorm pipeline serve --help), or use --target core",
        show)
      try await reach(client, erps, "start the ERPs first (meterstorm erp serve --help)", show)
    } catch {
      try? await client.shutdown()
      throw error
    }
    let http = HTTPTarget(target, catalog: configuration.catalog, connections: connections)
    let generator = LoadGenerator(plan, clock: clock, target: http, batch: batch, connections: connections)
    await generate(generator) { show($0) && !http.isSilent(for: patience) }
    var problems: [String] = []
    if http.isSilent(for: patience) {
      problems.append("\(target) gave no answer for \(patience.components.seconds) s: test aborted")
    } else if let problem = await rest(client, target, show) {
      problems.append(problem)
    }
    var ledger: [(at: Instant, document: LedgerDocument)]?
    do {
      ledger = try await self.ledger(client, erps)
    } catch {
      problems.append("the ledgers cannot be read at \(erps): \(error)")
    }
    await http.shutDown()
    try? await client.shutdown()
    return outcome(generator, ledger, problems)
  }

  /// Sends everything to the core of this process, which has its log on disk and its ERPs beside it.
  ///
  /// - Parameter log: the log's file, which must not be there yet.
  package func runCore(
    policy: PipelinePolicy, scenario: String, identity: LogIdentity, log path: String,
    show: @escaping @Sendable (LoadMeasurement) -> Bool
  ) async throws(FileLogError) -> Outcome {
    let feed = MasterDataFeeds.contracts(configuration)
    let log = try FileLog(
      path: path, header: FileLog.Header(scenario: scenario, identity: identity, clock: clock),
      contracts: feed.map(\.event))
    guard log.inputs == 0 else {
      throw FileLogError(description: "\(path): there is a log of an earlier test; name an empty folder")
    }
    let desk = ERPDesk(configuration, seed: seed, clock: clock)
    // Not seeded: whoever replays the log, a later service or an audit, has to spread its pauses alike, whatever seed it is given.
    let engine = try PipelineEngine(
      catalog: configuration.catalog, policy: policy, log: log,
      contracts: feed.map { ($0.at, $0.event) },
      clock: clock,
      caller: ERPNeighbour(desk: desk, clock: clock))
    engine.start()
    let generator = LoadGenerator(
      plan, clock: clock, target: CoreTarget(engine: engine), batch: batch, connections: connections)
    await generate(generator, show)
    var problems: [String] = []
    let end = ContinuousClock.now + patience
    while !(engine.current.isIdle && clock.now >= configuration.horizon), show(generator.measurement) {
      guard ContinuousClock.now < end else {
        problems.append("the core's queues were not drained within \(patience.components.seconds) s")
        break
      }
      try? await Task.sleep(for: .milliseconds(50))
    }
    if let failure = engine.current.failure { problems.append(failure.description) }
    engine.stop()
    return outcome(generator, await desk.documents(from: 0), problems)
  }

  /// The core's log of a test, to be audited.
  package func log(_ path: String, scenario: String, identity: LogIdentity) throws(FileLogError) -> FileLog {
    guard FileManager.default.fileExists(atPath: path) else {
      throw FileLogError(description: "\(path): there is no such log")
    }
    return try FileLog(
      path: path, header: FileLog.Header(scenario: scenario, identity: identity, clock: clock),
      contracts: MasterDataFeeds.contracts(configuration).map(\.event), isReadOnly: true)
  }

  private func generate(_ generator: LoadGenerator, _ show: @escaping @Sendable (LoadMeasurement) -> Bool)
    async
  {
    let isOver = Flag()
    let watch = Task {
      while !Task.isCancelled {
        if !show(generator.measurement) { isOver.set() }
        try? await Task.sleep(for: .milliseconds(200))
      }
    }
    await generator.run(patience: patience) { !isOver.isSet }
    watch.cancel()
  }

  private func outcome(
    _ generator: LoadGenerator, _ ledger: [(at: Instant, document: LedgerDocument)]?, _ problems: [String]
  ) -> Outcome {
    var measurement = generator.measurement
    measurement.timeline = generator.timeline()
    var problems = problems
    let missing = measurement.scheduled - measurement.acknowledged
    assert(missing >= 0, "no more is acknowledged than was sent")
    if missing > 0 {
      problems.append(
        "\(missing) of \(measurement.scheduled) events were never acknowledged"
          + (measurement.lastProblem.map { "; last: \($0)" } ?? ""))
    }
    return Outcome(
      measurement: measurement, acknowledged: generator.acknowledged(), ledger: ledger, problems: problems)
  }

  // MARK: The target at rest

  /// The longest time in which somebody has to answer at an address to begin with: services that are just being started have it.
  private static let longestStart = Duration.seconds(10)

  /// Asks until somebody answers, whatever the answer is.
  private func reach(
    _ client: HTTPClient, _ address: String, _ advice: String, _ show: (LoadMeasurement) -> Bool
  ) async throws(LoadTestError) {
    let allowed = min(patience, Self.longestStart)
    let end = ContinuousClock.now + allowed
    var reason = ""
    repeat {
      do {
        _ = try await client.execute(HTTPClientRequest(url: Wire.url(address, "state")), timeout: .seconds(5))
        return
      } catch {
        reason = HTTPTarget.reason(error)
      }
      try? await Task.sleep(for: .milliseconds(200))
    } while ContinuousClock.now < end && show(LoadMeasurement())
    throw LoadTestError(
      description: "no answer from \(address) within \(allowed.components.seconds) s: \(reason); \(advice)")
  }

  private struct TargetState: Decodable {
    var isIdle: Bool
  }

  /// Waits until the target says that it holds no unfinished work.
  ///
  /// - Returns: what is wrong; `nil`: it has come to rest, or says nothing of itself and was given its time.
  private func rest(
    _ client: HTTPClient, _ target: String, _ show: @Sendable (LoadMeasurement) -> Bool
  ) async -> String? {
    let url = Wire.url(target, "state")
    let end = ContinuousClock.now + patience
    var isSilent = true
    while ContinuousClock.now < end, show(LoadMeasurement()) {
      if let response = try? await client.execute(HTTPClientRequest(url: url), timeout: .seconds(2)),
        response.status == .ok, let body = try? await response.body.collect(upTo: 1 << 20),
        let state = try? JSONDecoder().decode(TargetState.self, from: Data(body.readableBytesView))
      {
        isSilent = false
        if state.isIdle, clock.now >= configuration.horizon { return nil }
      }
      try? await Task.sleep(for: .milliseconds(100))
    }
    return isSilent ? nil : "\(target): queues were not drained within \(patience.components.seconds) s"
  }

  private func ledger(_ client: HTTPClient, _ erps: String) async throws -> [(
    at: Instant, document: LedgerDocument
  )] {
    let url = Wire.url(erps, "ledger")
    let response = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(30))
    guard response.status == .ok else {
      throw LoadTestError(description: "\(url) answers \(response.status.code)")
    }
    let body = try await response.body.collect(upTo: 1 << 30)
    let lines = try JSONDecoder().decode([LedgerLine].self, from: Data(body.readableBytesView))
    // Entities that change their ERP keep the first: see ``ERPStation``.
    let readers = configuration.erps.map { PayloadReader(catalog: configuration.catalog, rules: $0.payload) }
    return try lines.map { line in
      guard let at = Instant(iso8601: line.at),
        let entity = configuration.catalog.entities.firstIndex(where: { $0.name == line.entity }),
        case .success(let entry) = readers[entity].entry(.netSuite(line.record))
      else { throw LoadTestError(description: "document \(line.entity)/\(line.number) cannot be read") }
      return (
        at, LedgerDocument(entity: EntityID(index: UInt32(entity)), number: line.number, entry: entry)
      )
    }
  }
}

/// Something that is set once.
final class Flag: Sendable {
  private let value = Atomic(false)

  var isSet: Bool { value.load(ordering: .acquiring) }
  func set() { value.store(true, ordering: .releasing) }
}
