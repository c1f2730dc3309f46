import CanonicalModel
import Chronology
import CoreInterface
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import UsageToCash
import World

/// The ERPs of a scenario over HTTP, each under the name of its entity: documents, look-ups, statements, jobs, the ledger for an
/// audit, and faults on request. They answer with the status codes and error bodies of their vendors, and sometimes not at all.
package struct ERPEmulator: Sendable {
  private let desk: ERPDesk
  private let catalog: Catalog
  private let profiles: [ERPProfile]
  private let clock: LiveClock
  /// Bytes that a request may have.
  private static let maximum = 4 << 20

  /// Makes an emulator.
  package init(_ configuration: WorldConfiguration, seed: UInt64, clock: LiveClock) {
    precondition(
      configuration.erps.count == configuration.catalog.entities.count, "each entity has an ERP")
    desk = ERPDesk(configuration, seed: seed, clock: clock)
    catalog = configuration.catalog
    profiles = configuration.erps
    self.clock = clock
  }

  /// Adds the routes to a router.
  package func add(to router: Router<BasicRequestContext>) {
    router.get("health") { _, _ in Response.json(["status": "up"]) }
    router.post("erp/:entity/documents") { try await post($0, $1) }
    router.post("erp/:entity/lookups") { try await lookUp($0, $1) }
    router.get("erp/:entity/statement") { _, context in
      try await answer(.statement, of: entity(context))
    }
    router.get("erp/:entity/periods/:period") { _, context -> Response in
      let entity = try entity(context)
      let text = context.parameters.get("period") ?? ""
      guard let period = PayloadReader.period(text, in: profiles[entity].payload.years) else {
        return .problem(.badRequest, "the period should look like 2026-01")
      }
      return try await answer(.closing(period), of: entity)
    }
    router.get("erp/:entity/jobs/:job") { _, context -> Response in
      guard let number = context.parameters.get("job").flatMap({ Int($0) }), let job = await desk.job(number)
      else {
        return .problem(.notFound, "there is no such job")
      }
      return job.map { Response.json(Wire.Answer($0)) }
        ?? .json(Wire.Answer.running(number), status: .accepted)
    }
    router.get("ledger") { request, _ in
      let from = request.uri.queryParameters.get("from").flatMap { Int($0) } ?? 0
      return Response.json(await ledger(from: from))
    }
    router.post("faults") { request, context in try await fault(request, context) }
    router.get("metrics") { _, _ in await metrics() }
  }

  // MARK: Calls

  private func entity(_ context: BasicRequestContext) throws -> Int {
    let name = context.parameters.get("entity") ?? ""
    guard let index = catalog.entities.firstIndex(where: { $0.name == name }) else {
      throw HTTPError(
        .notFound,
        message:
          "there is no entity '\(name)'; there are: \(catalog.entities.map(\.name).joined(separator: ", "))")
    }
    return index
  }

  private func post(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
    let entity = try entity(context)
    guard let body: Wire.Documents = try await request.json(upTo: Self.maximum) else {
      return .problem(.badRequest, "the body should be JSON with documents")
    }
    let requests = body.documents.map(\.request)
    guard !requests.isEmpty, requests.allSatisfy({ $0 != nil }) else {
      return .problem(.badRequest, "give at least one document, each with a netSuite or a sap object")
    }
    return try await answer(.post(requests.compactMap(\.self)), of: entity)
  }

  private func lookUp(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
    let entity = try entity(context)
    guard let body: Wire.LookUp = try await request.json(upTo: Self.maximum) else {
      return .problem(.badRequest, "the body should be JSON with keys")
    }
    var keys: [PostingKey] = []
    for text in body.keys {
      guard let key = await desk.key(text, of: entity) else {
        return .problem(
          .badRequest, "'\(text)' is not a document number (expected for example invoice/US-000042/1)")
      }
      keys.append(key)
    }
    return try await answer(.lookUp(keys), of: entity)
  }

  private func answer(_ request: ERPRequest, of entity: Int) async throws -> Response {
    let (number, answer) = await desk.call(request, of: entity)
    guard let answer else {
      // The caller is to hear nothing: it goes away when it has waited for long enough, or when this service ends.
      try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(60)) }
      throw HTTPError(.gatewayTimeout)
    }
    let profile = profiles[entity]
    switch answer {
    case .accepted:
      assert(number > 0, "a job is found again by the number of its call")
      var response = Response.json(Wire.Answer.running(number), status: .accepted)
      response.headers[.location] = "/erp/\(catalog.entities[entity].name)/jobs/\(number)"
      return response
    case .throttled(let span):
      var response = Response(
        status: .init(code: VendorError.throttled(profile).status),
        headers: [.contentType: "application/json"],
        body: .init(byteBuffer: ByteBuffer(string: VendorError.throttled(profile).body(Wire.Answer(answer)))))
      if let span { response.headers[.retryAfter] = "\(Int(clock.real(span).seconds.rounded(.up)))" }
      return response
    case .unavailable:
      return Response(
        status: .serviceUnavailable, headers: [.contentType: "application/json"],
        body: .init(
          byteBuffer: ByteBuffer(string: VendorError.unavailable(profile).body(Wire.Answer(answer)))))
    case .posted(let results):
      if case .post(let documents) = request {
        assert(results.count == documents.count, "each document has its result")
      }
      // Where nothing was posted because of what it says, the call fails as the vendor's does, with the results beside.
      let reasons = results.compactMap { if case .refused(let reason) = $0 { reason } else { nil } }
      guard let first = reasons.first, reasons.count == results.count else {
        return .json(Wire.Answer(answer))
      }
      let error = VendorError.refused(profile, first)
      return Response(
        status: .init(code: error.status), headers: [.contentType: "application/json"],
        body: .init(byteBuffer: ByteBuffer(string: error.body(Wire.Answer(answer)))))
    default: return Response.json(Wire.Answer(answer))
    }
  }

  // MARK: Audit and control

  private func ledger(from: Int) async -> [LedgerLine] {
    let chart = ChartOfAccounts(catalog)
    return await desk.documents(from: from).map {
      LedgerLine($0.document, at: $0.at, catalog: catalog, chart: chart)
    }
  }

  /// A fault on request: `{"entity": "us", "kind": "outage", "seconds": 600}`, in the scenario's seconds.
  private struct Order: Decodable {
    var entity: String
    var kind: String
    var seconds: Double
    var share: Double?
  }

  private func fault(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
    guard let order: Order = try await request.json(upTo: 4096),
      let entity = catalog.entities.firstIndex(where: { $0.name == order.entity }), order.seconds > 0,
      order.seconds <= 1e8, let kind = Self.kind(order.kind, share: order.share)
    else {
      return .problem(
        .badRequest,
        "the body should be {\"entity\", \"kind\", \"seconds\", \"share\"}; kinds are outage, throttle, timeoutAfterCommit, partialFailure, drop and partition"
      )
    }
    await desk.begin(kind, at: entity, for: Span(seconds: order.seconds))
    return .json(["status": "begun"], status: .accepted)
  }

  private static func kind(_ name: String, share: Double?) -> FaultKind? {
    let share = share ?? 0.5
    guard (0...1).contains(share) else { return nil }
    switch name {
    case "outage": return .outage
    case "throttle": return .throttle(to: share)
    case "timeoutAfterCommit": return .timeoutAfterCommit(share: share)
    case "partialFailure": return .partialFailure(share: share)
    case "drop": return .drop(share: share)
    case "partition": return .partition
    default: return nil
    }
  }

  private func metrics() async -> Response {
    var out = ""
    let families: [(String, String, KeyPath<ERPStatistics, Int>)] = [
      ("calls", "Calls received.", \.calls), ("throttled", "Calls refused because of limits.", \.throttled),
      ("unavailable", "Calls refused because the ERP was down.", \.unavailable),
      ("answers_lost", "Calls that were committed and never answered.", \.answersLost),
      ("look_ups", "Look-ups processed.", \.lookUps),
      ("key_hits", "Duplicate documents recognised by their idempotency key.", \.keyHits),
      ("refused", "Documents refused because of what they named.", \.refused),
    ]
    for (name, help, path) in families {
      out += "# TYPE erp_\(name) counter\n# HELP erp_\(name) \(help)\n"
      for (index, entity) in catalog.entities.enumerated() {
        let value = await desk.statistics(of: index)[keyPath: path]
        out += "erp_\(name)_total{entity=\"\(entity.name)\"} \(value)\n"
      }
    }
    return .openMetrics(out)
  }
}

/// A document of a ledger, for an audit.
package struct LedgerLine: Codable, Sendable {
  /// When it was posted.
  package var at: String
  /// The legal entity.
  package var entity: String
  /// The ERP's own number.
  package var number: UInt32
  /// What it is called at its sender: `invoice/US-000042/1`.
  package var reference: String
  /// The document.
  package var record: NetSuiteRecord

  init(_ document: LedgerDocument, at: Instant, catalog: Catalog, chart: ChartOfAccounts) {
    assert(document.number > 0, "an ERP numbers its documents from one")
    self.at = "\(at)"
    entity = catalog[document.entity].name
    number = document.number
    reference = document.entry.key.text(in: catalog)
    record = NetSuiteRecord(document.entry, catalog: catalog, chart: chart)
  }
}

/// How vendors say that something is wrong.
struct VendorError {
  var status: Int
  var code: String
  var title: String
  private let shape: Shape

  private enum Shape {
    case plain
    case oData
    case netSuite
  }

  private init(_ status: Int, _ code: String, _ title: String, _ profile: ERPProfile) {
    assert((400...599).contains(status), "an error is told by an error's status code")
    assert(!code.isEmpty, "a vendor's error has a code")
    self.status = status
    self.code = code
    self.title = title
    shape =
      switch profile.name {
      case "netsuite": .netSuite
      case "s4hana-cloud", "business-central": .oData
      default: .plain
      }
  }

  /// The status code stands at the beginning of a profile's ``ERPProfile/throttleAnswer``.
  static func throttled(_ profile: ERPProfile) -> VendorError {
    let words = profile.throttleAnswer.split(separator: " ").map(String.init)
    let status = words.first.flatMap { Int($0) } ?? 429
    let code = words.dropFirst().first ?? "TOO_MANY_REQUESTS"
    return VendorError((400...599).contains(status) ? status : 429, code, "Too many requests", profile)
  }

  static func unavailable(_ profile: ERPProfile) -> VendorError {
    VendorError(503, "SERVICE_UNAVAILABLE", "The service is not available", profile)
  }

  static func refused(_ profile: ERPProfile, _ reason: String) -> VendorError {
    VendorError(400, "INVALID_CONTENT", reason, profile)
  }

  /// The vendor's body, with what a program needs beside it.
  func body(_ answer: Wire.Answer) -> String {
    var fields: [String: JSONField] = [:]
    switch shape {
    case .plain: fields["error"] = .object(["code": .text(code), "message": .text(title)])
    case .oData:
      fields["error"] = .object([
        "code": .text(code), "message": .object(["lang": .text("en"), "value": .text(title)]),
      ])
    case .netSuite:
      fields["type"] = .text("https://www.rfc-editor.org/rfc/rfc9110#section-15")
      fields["title"] = .text(title)
      fields["status"] = .number(Double(status))
      fields["o:errorDetails"] = .list([.object(["detail": .text(title), "o:errorCode": .text(code)])])
    }
    if let results = answer.results {
      fields["results"] = .list(
        results.map { .object(["status": .text($0.status), "reason": .text($0.reason ?? "")]) })
    }
    if answer.isThrottled == true { fields["isThrottled"] = .flag(true) }
    if answer.isUnavailable == true { fields["isUnavailable"] = .flag(true) }
    if let seconds = answer.retryAfterSeconds { fields["retryAfterSeconds"] = .number(seconds) }
    guard let data = try? JSONEncoder().encode(fields) else {
      preconditionFailure("an error has no figures that JSON cannot write")
    }
    return String(decoding: data, as: UTF8.self)
  }
}

/// A value of JSON.
enum JSONField: Encodable {
  case text(String)
  case number(Double)
  case flag(Bool)
  case list([JSONField])
  case object([String: JSONField])

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .flag(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

extension Wire.Answer {
  /// A job that goes on.
  static func running(_ number: Int) -> Wire.Answer {
    var answer = Wire.Answer(.accepted)
    answer.job = number
    return answer
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

extension Request {
  /// The body as JSON; `nil` where it is none of that shape.
  ///
  /// - Throws: where it is too long.
  func json<Value: Decodable>(upTo maximum: Int) async throws -> Value? {
    let buffer = try await body.collect(upTo: maximum)
    return try? JSONDecoder().decode(Value.self, from: Data(buffer.readableBytesView))
  }
}

extension Response {
  static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
    guard let data = try? JSONEncoder().encode(value) else {
      preconditionFailure("an answer has no figures that JSON cannot write")
    }
    return Response(
      status: status, headers: [.contentType: "application/json"],
      body: .init(byteBuffer: ByteBuffer(bytes: data)))
  }

  /// What is wrong, and what would be right.
  static func problem(_ status: HTTPResponse.Status, _ words: String) -> Response {
    json(["error": words], status: status)
  }

  static func openMetrics(_ text: String) -> Response {
    Response(
      status: .ok, headers: [.contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8"],
      body: .init(byteBuffer: ByteBuffer(string: text + "# EOF\n")))
  }
}
