import AsyncHTTPClient
import CanonicalModel
import Chronology
import CoreInterface
import Foundation
import NIOCore
import NIOHTTP1
import UsageToCash

/// Calls an ERP for the core.
protocol ERPCaller: Sendable {
  /// What the ERP answers, and what becomes of a job; nothing at all where it stays silent.
  func call(_ call: ERPCall, answered: @escaping @Sendable (ERPAnswer) -> Void) async
}

/// Calls ERPs over HTTP, as the emulator has them. Whatever goes wrong on the way is silence: the core finds out.
final class ERPClient: ERPCaller {
  private let base: String
  private let catalog: Catalog
  private let chart: ChartOfAccounts
  private let clock: LiveClock
  private let timeout: Duration
  private let client: HTTPClient

  /// - Parameter timeout: how long the core waits for an answer.
  init(base: String, catalog: Catalog, clock: LiveClock, timeout: Span) {
    precondition(timeout > .zero, "an answer is waited for")
    self.base = base
    self.catalog = catalog
    self.clock = clock
    chart = ChartOfAccounts(catalog)
    self.timeout = clock.real(timeout) + .milliseconds(100)
    var configuration = HTTPClient.Configuration()
    configuration.timeout.connect = .milliseconds(500)
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  func shutDown() async { try? await client.shutdown() }
  func shutDownNow() { try? client.syncShutdown() }

  func call(_ call: ERPCall, answered: @escaping @Sendable (ERPAnswer) -> Void) async {
    let root = Wire.url(base, "erp/\(catalog[call.entity].name)")
    var request: HTTPClientRequest
    switch call.request {
    case .post(let requests):
      let documents = requests.map { Wire.Documents.Document($0, catalog: catalog, chart: chart) }
      request = Self.post("\(root)/documents", Wire.Documents(documents: documents))
    case .lookUp(let keys):
      request = Self.post("\(root)/lookups", Wire.LookUp(keys: keys.map { $0.text(in: catalog) }))
    case .statement: request = HTTPClientRequest(url: "\(root)/statement")
    case .closing(let period): request = HTTPClientRequest(url: "\(root)/periods/\(period)")
    }
    request.headers.add(name: "content-type", value: "application/json")
    guard let answer = await execute(request, timeout) else { return }
    guard let job = answer.job else { return answer.answer.map(answered) ?? () }
    answered(.accepted)
    await follow("\(root)/jobs/\(job)", answered)
  }

  /// Asks for a job's outcome until there is one.
  private func follow(_ address: String, _ answered: @Sendable (ERPAnswer) -> Void) async {
    let pause = max(.milliseconds(20), clock.real(.seconds(10)))
    for _ in 0..<10_000 {
      try? await Task.sleep(for: pause)
      guard !Task.isCancelled else { return }
      guard let answer = await execute(HTTPClientRequest(url: address), .seconds(5)) else { continue }
      if answer.job == nil { return answer.answer.map(answered) ?? () }
    }
  }

  private func execute(_ request: HTTPClientRequest, _ timeout: Duration) async -> Wire.Answer? {
    do {
      let response = try await client.execute(request, timeout: .nanoseconds(Int64(timeout.seconds * 1e9)))
      let body = try await response.body.collect(upTo: 16 << 20)
      var answer = try? JSONDecoder().decode(Wire.Answer.self, from: Data(body.readableBytesView))
      // A vendor without our fields: its status code and header say enough.
      if response.status == .tooManyRequests, answer?.isThrottled != true {
        answer = Wire.Answer(.throttled(retryAfter: retryAfter(response)))
      } else if response.status == .serviceUnavailable, answer?.isUnavailable != true {
        answer = Wire.Answer(.unavailable)
      }
      return answer
    } catch {
      return nil
    }
  }

  private func retryAfter(_ response: HTTPClientResponse) -> Span? {
    response.headers.first(name: "retry-after").flatMap { Double($0) }.map { Span(seconds: $0 * clock.scale) }
  }

  private static func post(_ url: String, _ body: some Encodable) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: url)
    request.method = .POST
    guard let data = try? JSONEncoder().encode(body) else {
      preconditionFailure("a document has no figures that JSON cannot write")
    }
    request.body = .bytes(ByteBuffer(bytes: data))
    return request
  }
}

/// Calls the ERPs of this process, without a network.
struct ERPNeighbour: ERPCaller {
  let desk: ERPDesk
  let clock: LiveClock

  func call(_ call: ERPCall, answered: @escaping @Sendable (ERPAnswer) -> Void) async {
    let (number, answer) = await desk.call(call.request, of: Int(call.entity.index))
    guard let answer else { return }
    answered(answer)
    guard case .accepted = answer else { return }
    let pause = max(.milliseconds(5), clock.real(.seconds(5)))
    while !Task.isCancelled {
      try? await Task.sleep(for: pause)
      guard let job = await desk.job(number) else { return }
      if let outcome = job { return answered(outcome) }
    }
  }
}
