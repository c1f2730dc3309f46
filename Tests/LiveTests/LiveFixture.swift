import CanonicalModel
import Chronology
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import Synchronization

@testable import Experiments
@testable import Live
@testable import Scenario
@testable import World

/// A small scenario for the services on the real clock, and requests that they answer without a socket.
enum LiveFixture {
  static func assembly(_ settings: [String] = [], isSmall: Bool = true) throws -> Assembly {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let small = ["customers.count=20", "load.0.arrivals.poisson=0.5/s", "load.1.arrivals.poisson=0.1/s"]
    return try Assembly(
      ScenarioTemplate(
        file: root.appendingPathComponent("scenarios/live/month-end.yaml").path,
        settings: ((isSmall ? small : []) + settings).compactMap(ScenarioFile.Setting.init)
      ).scenario)
  }

  /// Something that is waited for, for ten seconds at most: whoever asks says what it means that it has not come.
  static func comes(_ condition: () async throws -> Bool) async rethrows -> Bool {
    for _ in 0..<2_000 {
      if try await condition() { return true }
      try? await Task.sleep(for: .milliseconds(5))
    }
    return false
  }
}

/// What is put down from several threads, in order.
final class Journal<Entry: Sendable>: Sendable {
  private let kept = Mutex<[Entry]>([])

  var entries: [Entry] { kept.withLock { $0 } }
  func append(_ entry: Entry) { kept.withLock { $0.append(entry) } }
}

/// What a request is answered with.
struct LiveAnswer {
  var status: Int
  var headers: HTTPFields
  var body: String

  /// The body as JSON.
  func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(type, from: Data(body.utf8))
  }
}

extension RouterResponder where Context == BasicRequestContext {
  func answer(
    _ target: String, method: HTTPRequest.Method = .get, _ headers: HTTPFields = [:], body: String = ""
  ) async throws -> LiveAnswer {
    let head = HTTPRequest(
      method: method, scheme: "http", authority: "localhost", path: target, headerFields: headers)
    let request = Request(head: head, body: .init(buffer: ByteBuffer(string: body)))
    let context = BasicRequestContext(
      source: .init(channel: EmbeddedChannel(), logger: Logger(label: "test")))
    let response: Response
    do {
      response = try await respond(to: request, context: context)
    } catch let error as HTTPError {
      return LiveAnswer(status: error.status.code, headers: error.headers, body: error.body ?? "")
    }
    let writer = Collector()
    try await response.body.write(writer)
    return LiveAnswer(status: response.status.code, headers: response.headers, body: writer.text)
  }
}

private final class Collector: ResponseBodyWriter {
  private(set) var text = ""
  func write(_ buffer: ByteBuffer) async throws { text += String(buffer: buffer) }
  func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
