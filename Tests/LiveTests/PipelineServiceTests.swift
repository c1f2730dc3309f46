import CanonicalModel
import Chronology
import Foundation
import HTTPTypes
import Hummingbird
import Testing
import UsageToCash

@testable import Experiments
@testable import Live
@testable import World

@Suite("The core as a service")
struct PipelineServiceTests {
  private static let batch: HTTPFields = [.contentType: "application/cloudevents-batch+json"]

  private struct Receipt: Decodable {
    struct Problem: Decodable {
      var index: Int
      var reason: String
    }
    var accepted: Int
    var errors: [Problem]?
  }

  private struct State: Decodable {
    var received: Int64
    var accepted: Int64
    var duplicates: Int64
    var queuedEvents: Int
    var outbox: [String: Int]
    var batches: Int
  }

  /// A service with its routes, and events in JSON that it knows.
  private func withService(
    _ body: (PipelineService, RouterResponder<BasicRequestContext>, [String]) async throws -> Void
  ) async throws {
    let folder = NSTemporaryDirectory() + "meterstorm-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let assembly = try LiveFixture.assembly()
    let service = try PipelineService(
      assembly.world, policy: assembly.policy, scenario: "service", identity: LogIdentity([]),
      log: folder + "/pipeline.log", clock: LiveClock(start: assembly.world.start + .hours(1), scale: 1),
      erps: "http://127.0.0.1:9")
    let router = Router()
    service.add(to: router)
    let codec = CloudEventCodec(assembly.world.catalog)
    let events = try #require(LoadPlan(assembly.world, seed: 42, maximum: 100_000)).emitted.prefix(5).map {
      String(decoding: try JSONEncoder().encode(codec.cloud($0)), as: UTF8.self)
    }
    do {
      try await body(service, router.buildResponder(), events)
    } catch {
      await service.stop()
      throw error
    }
    await service.stop()
  }

  @Test("accepts events one by one, in batches and in binary mode, and counts copies as such")
  func ingestion() async throws {
    try await withService { _, service, events in
      let batch = try await service.answer(
        "/events", method: .post, Self.batch, body: "[\(events[0...2].joined(separator: ","))]")
      let receipt = try batch.json(Receipt.self)
      #expect(batch.status == 200 && receipt.accepted == 3)
      for event in [events[3], events[0]] {
        let answer = try await service.answer(
          "/events", method: .post, [.contentType: "application/cloudevents+json; charset=utf-8"], body: event
        )
        let receipt = try answer.json(Receipt.self)
        #expect(answer.status == 200 && receipt.accepted == 1)
      }
      let fields = try #require(
        JSONSerialization.jsonObject(with: Data(events[4].utf8)) as? [String: Any])
      var headers: HTTPFields = [.contentType: "application/json"]
      for name in ["specversion", "id", "source", "type", "subject", "time"] {
        headers[try #require(HTTPField.Name("ce-\(name)"))] = try #require(fields[name] as? String)
      }
      let binary = try await service.answer(
        "/events", method: .post, headers, body: "{\"quantity0\": 1}")
      #expect(binary.status == 200, "\(binary.body)")
      let metrics = try await service.answer("/metrics").body
      #expect(
        metrics.contains("pipeline_received_total 6\n") && metrics.contains("pipeline_duplicates_total 1\n"))
      #expect(metrics.contains("pipeline_outbox{entity=\"de\"} 0\n") && metrics.hasSuffix("# EOF\n"))
      let state = try await service.answer("/state").json(State.self)
      #expect(state.received == 6 && state.accepted == 5 && state.duplicates == 1)
      #expect(state.outbox == ["us": 0, "de": 0] && state.queuedEvents == 0 && state.batches == 4)
    }
  }

  @Test("one event that is wrong does not keep the others of its batch out, and is named by its place")
  func partialBatch() async throws {
    try await withService { _, service, events in
      let answer = try await service.answer(
        "/events", method: .post, Self.batch, body: "[\(events[0]), {\"specversion\":\"1.0\"}, \(events[1])]")
      let receipt = try answer.json(Receipt.self)
      #expect(answer.status == 200 && receipt.accepted == 2)
      #expect(receipt.errors?.map(\.index) == [1] && receipt.errors?[0].reason == "data is missing")
      let none = try await service.answer("/events", method: .post, Self.batch, body: "[7]")
      let nothing = try none.json(Receipt.self)
      #expect(none.status == 400 && nothing.accepted == 0)
      #expect(try await service.answer("/state").json(State.self).received == 2)
    }
  }

  @Test("what is no event is refused with the reason, and leaves no trace")
  func refusals() async throws {
    try await withService { _, service, events in
      for (type, body, status, reason) in [
        ("text/plain", events[0], 415, "content type"), ("", events[0], 415, "content type"),
        ("application/cloudevents-batch+json", "{", 400, "JSON array"),
        ("application/cloudevents-batch+json", events[0], 400, "JSON array"),
        ("application/cloudevents+json", "[]", 400, "JSON object"),
        ("application/json", "{\"quantity0\": 1}", 400, "ce-specversion"),
        (
          "application/cloudevents+json", String(repeating: " ", count: 4 << 20) + "{}", 413,
          "must not exceed"
        ),
      ] {
        let headers: HTTPFields = type.isEmpty ? [:] : [.contentType: type]
        let answer = try await service.answer("/events", method: .post, headers, body: body)
        #expect(answer.status == status && answer.body.contains(reason), "\(type): \(answer.body)")
      }
      #expect(try await service.answer("/state").json(State.self).received == 0)
    }
  }

  @Test("asks for patience once it ends, and tells of its health until then")
  func end() async throws {
    try await withService { service, responder, events in
      #expect(try await responder.answer("/health").json() == ["status": "up"])
      await service.stop()
      let answer = try await responder.answer("/events", method: .post, Self.batch, body: "[\(events[0])]")
      #expect(answer.status == 429 && answer.headers[.retryAfter] == "1")
    }
  }
}
