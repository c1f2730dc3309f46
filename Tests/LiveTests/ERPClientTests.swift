import Addresses
import CanonicalModel
import Chronology
import CoreInterface
import Foundation
import HTTPTypes
import Hummingbird
import Testing
import UsageToCash
import WebService

@testable import Experiments
@testable import Live
@testable import World

@Suite("Calls to ERPs over HTTP")
struct ERPClientTests {
  /// A service on loopback for as long as a test asks it, for 30 seconds at most.
  private func withServer(
    _ routes: (Router<BasicRequestContext>) -> Void, _ body: (String) async throws -> Void
  ) async throws {
    let service = try WebService(name: "test", address: .loopback(port: 0), token: nil)
    let responder = service.responder(routes)
    let (ports, told) = AsyncStream.makeStream(of: Int.self)
    let server = Task { try await service.run(responder, seconds: 30) { told.yield($0) } }
    defer { server.cancel() }
    var iterator = ports.makeAsyncIterator()
    let port = try #require(await iterator.next())
    try await body("http://127.0.0.1:\(port)/")
    server.cancel()
    _ = await server.result
  }

  private func heard(
    _ base: String, _ configuration: WorldConfiguration, _ request: ERPRequest, scale: Double = 1
  ) async throws -> [ERPAnswer] {
    let client = ERPClient(
      base: base, catalog: configuration.catalog, clock: LiveClock(start: configuration.start, scale: scale),
      timeout: Span(seconds: 20 * scale))
    let answers = Journal<ERPAnswer>()
    await client.call(
      ERPCall(id: ERPCallID(number: 1), entity: EntityID(index: 0), request: request)
    ) { answers.append($0) }
    await client.shutDown()
    return answers.entries
  }

  @Test("what the emulator answers is heard, a job's announcement first and its outcome then")
  func emulator() async throws {
    var configuration = try LiveFixture.assembly().world
    configuration.faults = []
    configuration.erps[0].jobTime = .minutes(1)
    let emulator = ERPEmulator(
      configuration, seed: 1, clock: LiveClock(start: configuration.start, scale: 100_000))
    try await withServer(
      { emulator.add(to: $0) },
      { base in
        let post = ERPRequest.post([EmulatedERPs.request(1, key: "k", configuration)])
        let answers = try await heard(base, configuration, post, scale: 100_000)
        #expect(answers == [.accepted, .posted([.posted(documentNumber: 1)])])
        let key = PostingKey(kind: .invoice, entity: EntityID(index: 0), sequence: 1)
        let found = try await heard(base, configuration, .lookUp([key]), scale: 100_000)
        #expect(found == [.found([1])])
      })
  }

  @Test("a vendor's status codes and headers say enough, and what is no answer is silence")
  func vendors() async throws {
    let configuration = try LiveFixture.assembly().world
    for (status, headers, body, expected) in [
      (429, ["retry-after": "2"], "slow down", [.throttled(retryAfter: .seconds(20))]),
      (429, [:], "", [.throttled(retryAfter: nil)]), (503, [:], "<html>", [.unavailable]),
      (200, [:], "<html>", []), (500, [:], "{}", []),
    ] as [(Int, [String: String], String, [ERPAnswer])] {
      try await withServer(
        { router in
          router.get("erp/us/statement") { _, _ in
            var fields: HTTPFields = [:]
            for (name, value) in headers { fields[HTTPField.Name(name)!] = value }
            return Response(
              status: .init(code: status), headers: fields, body: .init(byteBuffer: .init(string: body)))
          }
        },
        { base in
          let answers = try await heard(base, configuration, .statement, scale: 10)
          #expect(answers == expected, "\(status) \(headers)")
        })
    }
  }

  @Test("where nobody listens there is silence")
  func nobody() async throws {
    #expect(try await heard("http://127.0.0.1:9", LiveFixture.assembly().world, .statement) == [])
  }
}
