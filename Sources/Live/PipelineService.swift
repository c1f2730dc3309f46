import CanonicalModel
import Chronology
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import UsageToCash
import World

/// The core as a service: takes usage as CloudEvents over HTTP, keeps it in a log on disk, and posts to ERPs over HTTP.
public final class PipelineService: Sendable {
  private let engine: PipelineEngine
  private let codec: CloudEventCodec
  private let catalog: Catalog
  private let client: ERPClient
  /// Bytes that a request may have.
  private static let most = 4 << 20

  /// Opens the log, replays it, and starts to work.
  ///
  /// - Parameters:
  ///   - log: the log's file.
  ///   - clock: of a new log; a log that is there goes on with its own.
  ///   - erps: the address of the ERPs.
  /// - Throws: ``FileLogError`` where the log cannot be used.
  public init(
    _ configuration: WorldConfiguration, policy: PipelinePolicy, scenario: String, log path: String,
    clock: LiveClock,
    erps: String
  ) throws(FileLogError) {
    let feed = SimulatedWorld.contractFeed(configuration)
    let log = try FileLog(
      path: path, header: FileLog.Header(scenario: scenario, clock: clock), contracts: feed.map(\.event))
    let own =
      log.header.boot == FileLog.Header.currentBoot
      ? log.header.clock : LiveClock(start: log.last, scale: log.header.scale)
    self.clock = own
    tornBytes = log.tornBytes
    catalog = configuration.catalog
    codec = CloudEventCodec(configuration.catalog)
    client = ERPClient(
      base: erps, catalog: configuration.catalog, clock: own, timeout: policy.posting.timeout)
    engine = PipelineEngine(
      catalog: configuration.catalog, policy: policy, log: log, contracts: feed.map { ($0.at, $0.event) },
      clock: own, caller: client)
    engine.start()
  }

  /// The service's clock.
  public let clock: LiveClock
  /// Bytes that a crash had left torn at the end of the log.
  public let tornBytes: Int

  /// Takes nothing more, works off what was taken, and closes.
  public func stop() async {
    engine.stop()
    await client.shutDown()
  }

  /// Adds the routes to a router.
  public func add(to router: Router<BasicRequestContext>) {
    router.post("events") { request, _ in try await self.ingest(request) }
    router.get("health") { _, _ -> Response in
      let failure = self.engine.current.failure
      return failure.map { .problem(.serviceUnavailable, $0) } ?? .json(["status": "up"])
    }
    router.get("state") { _, _ in Response.json(self.state) }
    router.get("metrics") { _, _ in self.metrics }
  }

  // MARK: Ingestion

  private func ingest(_ request: Request) async throws -> Response {
    let type = request.headers[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
    let buffer: ByteBuffer
    do {
      buffer = try await request.body.collect(upTo: Self.most)
    } catch is NIOTooManyBytesError {
      return .problem(.contentTooLarge, "a request has at most \(Self.most) bytes")
    }
    let data = Data(buffer.readableBytesView)
    let parsed: [Result<UsageEvent, CloudEventCodec.Refusal>]
    switch type {
    case "application/cloudevents-batch+json":
      guard let events = try? JSONDecoder().decode([Lenient<CloudEvent>].self, from: data) else {
        return .problem(.badRequest, "the body should be a JSON array of CloudEvents")
      }
      parsed = events.map { event in
        switch event {
        case .value(let event): result(event)
        case .problem(let reason): .failure(.init(reason: reason))
        }
      }
    case "application/cloudevents+json":
      guard let event = try? JSONDecoder().decode(Lenient<CloudEvent>.self, from: data) else {
        return .problem(.badRequest, "the body should be a CloudEvent as JSON")
      }
      switch event {
      case .value(let event): parsed = [result(event)]
      case .problem(let reason): return .problem(.badRequest, reason)
      }
    case "application/json":
      guard let event = binary(request, data) else {
        return .problem(
          .badRequest,
          "in binary mode, ce-specversion, ce-id, ce-source, ce-type, ce-subject and ce-time are headers, and data is the body"
        )
      }
      parsed = [result(event)]
    default:
      return .problem(
        .unsupportedMediaType,
        "the content type is application/cloudevents+json, application/cloudevents-batch+json, or application/json in binary mode"
      )
    }
    return await submit(parsed)
  }

  private func result(_ event: CloudEvent) -> Result<UsageEvent, CloudEventCodec.Refusal> {
    do { return .success(try codec.event(event)) } catch { return .failure(error) }
  }

  private func binary(_ request: Request, _ data: Data) -> CloudEvent? {
    func header(_ name: String) -> String? { HTTPField.Name("ce-" + name).flatMap { request.headers[$0] } }
    guard let version = header("specversion"), let id = header("id"), let source = header("source"),
      let type = header("type"), let subject = header("subject"), let time = header("time"),
      let usage = try? JSONDecoder().decode(CloudEvent.Usage.self, from: data)
    else { return nil }
    return CloudEvent(
      specversion: version, id: id, source: source, type: type, subject: subject, time: time, data: usage)
  }

  /// What became of the events of a request.
  private struct Receipt: Encodable {
    struct Problem: Encodable {
      var index: Int
      var reason: String
    }
    var accepted: Int
    var errors: [Problem]?
  }

  private func submit(_ parsed: [Result<UsageEvent, CloudEventCodec.Refusal>]) async -> Response {
    let events = parsed.compactMap { try? $0.get() }
    let problems = parsed.enumerated().compactMap { index, result -> Receipt.Problem? in
      if case .failure(let refusal) = result {
        Receipt.Problem(index: index, reason: refusal.reason)
      } else {
        nil
      }
    }
    let receipt = Receipt(accepted: events.count, errors: problems.isEmpty ? nil : problems)
    guard !events.isEmpty else {
      return .json(receipt, status: problems.isEmpty ? .ok : .badRequest)
    }
    let outcome = await withCheckedContinuation { continuation in
      engine.submit(events) { continuation.resume(returning: $0) }
    }
    switch outcome {
    case .taken: return .json(receipt)
    case .full:
      var response = Response.problem(.tooManyRequests, "too much is waiting: send it again")
      response.headers[.retryAfter] = "1"
      return response
    case .failed(let reason): return .problem(.serviceUnavailable, reason)
    }
  }

  // MARK: State

  /// What `state` tells.
  private struct State: Encodable {
    var instant: String
    var received: Int64
    var accepted: Int64
    var duplicates: Int64
    var quarantined: Int64
    var rejected: Int64
    var queuedEvents: Int
    var outbox: [String: Int]
    var openWindows: Int
    var isIdle: Bool
    var logBytes: Int64
    var batches: Int
  }

  private var state: State {
    let status = engine.current
    return State(
      instant: "\(status.instant)", received: status.totals.received, accepted: status.totals.accepted,
      duplicates: status.totals.duplicates, quarantined: status.totals.quarantined,
      rejected: status.totals.rejected,
      queuedEvents: status.queuedEvents,
      outbox: Dictionary(uniqueKeysWithValues: zip(catalog.entities.map(\.name), status.depths)),
      openWindows: status.openWindows, isIdle: status.isIdle, logBytes: status.logBytes,
      batches: status.batches)
  }

  private var metrics: Response {
    let status = engine.current
    var out = ""
    for (name, help, value) in [
      ("received", "Usage events handed in.", status.totals.received),
      ("accepted", "Usage events that count.", status.totals.accepted),
      ("duplicates", "Copies of events that were seen before.", status.totals.duplicates),
      ("quarantined", "Usage events that wait in a case.", status.totals.quarantined),
    ] {
      out +=
        "# TYPE pipeline_\(name) counter\n# HELP pipeline_\(name) \(help)\npipeline_\(name)_total \(value)\n"
    }
    out += "# TYPE pipeline_queued gauge\n# HELP pipeline_queued Usage events that wait for the log.\n"
    out += "pipeline_queued \(status.queuedEvents)\n"
    out += "# TYPE pipeline_outbox gauge\n# HELP pipeline_outbox Documents that wait for an ERP.\n"
    for (entity, depth) in zip(catalog.entities, status.depths) {
      out += "pipeline_outbox{entity=\"\(entity.name)\"} \(depth)\n"
    }
    return .openMetrics(out)
  }
}

/// A value of a list of which some may be wrong: what is wrong is kept in words.
enum Lenient<Value: Decodable>: Decodable {
  case value(Value)
  case problem(String)

  init(from decoder: any Decoder) throws {
    do {
      self = .value(try Value(from: decoder))
    } catch let error as DecodingError {
      self = .problem(Self.words(error))
    }
  }

  private static func words(_ error: DecodingError) -> String {
    func path(_ context: DecodingError.Context, _ last: String? = nil) -> String {
      (context.codingPath.filter { $0.intValue == nil }.map(\.stringValue) + (last.map { [$0] } ?? []))
        .joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context): return "\(path(context, key.stringValue)) is missing"
    case .valueNotFound(_, let context): return "\(path(context)) is null"
    case .typeMismatch(_, let context), .dataCorrupted(let context):
      return "\(path(context)) is not what it should be"
    @unknown default: return "it is not what it should be"
    }
  }
}
