import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded

/// What a request is answered with.
struct Answer {
  var status: Int
  var headers: HTTPFields
  var body: String
}

extension RouterResponder where Context == BasicRequestContext {
  func answer(
    _ target: String, method: HTTPRequest.Method = .get, host: String = "localhost",
    _ headers: HTTPFields = [:]
  ) async throws -> Answer {
    let head = HTTPRequest(
      method: method, scheme: "http", authority: host, path: target, headerFields: headers)
    let request = Request(head: head, body: .init(buffer: ByteBuffer()))
    let context = BasicRequestContext(
      source: .init(channel: EmbeddedChannel(), logger: Logger(label: "test")))
    let response = try await respond(to: request, context: context)
    let writer = Collector()
    try await response.body.write(writer)
    return Answer(status: response.status.code, headers: response.headers, body: writer.text)
  }
}

private final class Collector: ResponseBodyWriter {
  private(set) var text = ""
  func write(_ buffer: ByteBuffer) async throws { text += String(buffer: buffer) }
  func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
