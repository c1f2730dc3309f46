import CanonicalModel
import Chronology
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import UsageToCash
import World

/// The core as a service: takes usage as CloudEvents over HTTP, keeps it in a log on disk, and posts to ERPs over HTTP.
package final class PipelineService: Sendable {
  private let engine: PipelineEngine
  private let codec: CloudEventCodec
  private let catalog: Catalog
  private let client: ERPClient
  /// Bytes that a request may have.
  private static let maximum = 4 << 20

  /// Opens the log, replays it, and starts to work.
  ///
  /// - Parameters:
  ///   - identity: everything that decides what the log's inputs mean.
  ///   - log: the log's file.
  ///   - clock: of a new log; a log that is there goes on with its own.
  ///   - erps: the address of the ERPs.
  ///   - repairing: whether a damaged log is repaired rather than refused.
  ///   - report: told, in sentences, what happens to the log.
  /// - Throws: ``FileLogError`` where the log cannot be used.
  package init(
    _ configuration: WorldConfiguration, policy: PipelinePolicy, scenario: String, identity: LogIdentity,
    log path: String, clock: LiveClock, erps: String, repairing: Bool = false,
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(FileLogError) {
    let feed = MasterDataFeeds.contracts(configuration)
    let log = try FileLog(
      path: path, header: FileLog.Header(scenario: scenario, identity: identity, clock: clock),
      contracts: feed.map(\.event), repairing: repairing)
    log.notes.forEach(report)
    let own =
      log.header.boot == FileLog.Header.currentBoot
      ? log.header.clock : LiveClock(start: log.last, scale: log.header.scale)
    if own.scale != clock.scale {
      report(
        "\(path): the log was started at \(own.scale) times real time, and must continue at that scale (not at \(clock.scale))"
      )
    }
    self.clock = own
    catalog = configuration.catalog
    codec = CloudEventCodec(configuration.catalog)
    client = ERPClient(
      base: erps, catalog: configuration.catalog, clock: own, timeout: policy.posting.timeout)
    do throws(FileLogError) {
      engine = try PipelineEngine(
        catalog: configuration.catalog, policy: policy, log: log, contracts: feed.map { ($0.at, $0.event) },
        clock: own, caller: client, report: report)
    } catch {
      client.shutDownNow()
      throw error
    }
    engine.start()
  }

  /// The service's clock.
  package let clock: LiveClock

  /// Accepts nothing more, processes what was accepted, and closes.
  package func stop() async {
    engine.stop()
    await client.shutDown()
  }

  /// Adds the routes to a router.
  package func add(to router: Router<BasicRequestContext>) {
    router.post("events") { request, _ in try await self.ingest(request) }
    router.get("health") { _, _ -> Response in
      self.engine.current.failure.map { .unwritten($0.description, isForLackOfRoom: $0.isForLackOfRoom) }
        ?? .json(["status": "up"])
    }
    router.get("state") { _, _ in Response.json(self.state) }
    router.get("metrics") { _, _ in self.metrics }
  }

  // MARK: Ingestion

  private func ingest(_ request: Request) async throws -> Response {
    let type = request.headers[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
    let buffer: ByteBuffer
    do {
      buffer = try await request.body.collect(upTo: Self.maximum)
    } catch is NIOTooManyBytesError {
      return .problem(.contentTooLarge, "a request must not exceed \(Self.maximum) bytes")
    }
    let parsed: [Result<UsageEvent, CloudEventCodec.Refusal>]
    do throws(CloudEventCodec.Refusal) {
      parsed = try events(of: request, type, Array(buffer.readableBytesView))
    } catch {
      return .problem(error.isOfType ? .unsupportedMediaType : .badRequest, error.reason)
    }
    return await submit(parsed)
  }

  /// What a body holds; what is wrong with one event of a batch does not keep the others out.
  private func events(
    of request: Request, _ type: String, _ body: [UInt8]
  ) throws(CloudEventCodec.Refusal) -> [Result<UsageEvent, CloudEventCodec.Refusal>] {
    func json(_ what: String) throws(CloudEventCodec.Refusal) -> JSONText {
      do {
        return try JSONText(body)
      } catch {
        throw .init(reason: "the body should be \(what): \(error)")
      }
    }
    switch type {
    case "application/cloudevents-batch+json":
      guard case .array(let elements) = try json("a JSON array of CloudEvents") else {
        throw .init(reason: "the body should be a JSON array of CloudEvents")
      }
      return elements.map { element in
        do throws(CloudEventCodec.Refusal) {
          return .success(try codec.event(CloudEvent(element)))
        } catch {
          return .failure(error)
        }
      }
    case "application/cloudevents+json":
      return [.success(try codec.event(CloudEvent(try json("a CloudEvent as JSON"))))]
    case "application/json":
      return [.success(try codec.event(binary(request, try json("the data of a CloudEvent as JSON"))))]
    default:
      throw .init(
        reason:
          "the content type is application/cloudevents+json, application/cloudevents-batch+json, or application/json in binary mode",
        isOfType: true)
    }
  }

  private func binary(_ request: Request, _ data: JSONText) throws(CloudEventCodec.Refusal) -> CloudEvent {
    func header(_ name: String) -> String? { HTTPField.Name("ce-" + name).flatMap { request.headers[$0] } }
    guard let version = header("specversion"), let id = header("id"), let source = header("source"),
      let type = header("type"), let subject = header("subject"), let time = header("time")
    else {
      throw .init(
        reason:
          "in binary mode, ce-specversion, ce-id, ce-source, ce-type, ce-subject and ce-time are headers, and data is the body"
      )
    }
    return CloudEvent(
      specversion: version, id: id, source: source, type: type, subject: subject, time: time,
      data: try CloudEvent.Usage(data))
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
    assert(events.count + problems.count == parsed.count, "each event of a request is handed on or refused")
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
      var response = Response.problem(.tooManyRequests, "overloaded, retry later")
      response.headers[.retryAfter] = "1"
      return response
    case .failed(let reason): return .unwritten(reason, isForLackOfRoom: false)
    case .noRoom(let reason): return .unwritten(reason, isForLackOfRoom: true)
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
    assert(status.depths.count == catalog.entities.count, "each entity has an outbox")
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
    assert(status.depths.count == catalog.entities.count, "each entity has an outbox")
    assert(
      status.totals.accepted + status.totals.duplicates <= status.totals.received,
      "no event is counted twice")
    var out = ""
    for (name, help, value) in [
      ("received", "Usage events received.", status.totals.received),
      ("accepted", "Usage events accepted.", status.totals.accepted),
      ("duplicates", "Duplicate usage events.", status.totals.duplicates),
      ("quarantined", "Usage events in quarantine.", status.totals.quarantined),
    ] {
      out +=
        "# TYPE pipeline_\(name) counter\n# HELP pipeline_\(name) \(help)\npipeline_\(name)_total \(value)\n"
    }
    out +=
      "# TYPE pipeline_log_failures counter\n# HELP pipeline_log_failures How often the log could not be written.\npipeline_log_failures_total \(status.failures)\n"
    out +=
      "# TYPE pipeline_queued gauge\n# HELP pipeline_queued Usage events waiting to be written to the log.\n"
    out += "pipeline_queued \(status.queuedEvents)\n"
    out += "# TYPE pipeline_outbox gauge\n# HELP pipeline_outbox Documents waiting for an ERP.\n"
    for (entity, depth) in zip(catalog.entities, status.depths) {
      out += "pipeline_outbox{entity=\"\(entity.name)\"} \(depth)\n"
    }
    return .openMetrics(out)
  }
}

extension Response {
  /// What could not be made durable is refused, and to be sent again: 507 where the disk is full, else 503.
  static func unwritten(_ reason: String, isForLackOfRoom: Bool) -> Response {
    var response = Response.problem(
      isForLackOfRoom ? .init(code: 507, reasonPhrase: "Insufficient Storage") : .serviceUnavailable, reason)
    response.headers[.retryAfter] = "1"
    return response
  }
}
