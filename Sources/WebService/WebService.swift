import Addresses
import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// An HTTP service that only this machine reaches, unless it is given a token, and that a badly behaved client cannot
/// exhaust: connections, headers, addresses and idle time are bounded.
package struct WebService: Sendable {
  /// Bounds.
  package struct Limits: Sendable {
    /// Connections at once; more wait to be accepted.
    package var connections = 256
    /// A connection that is silent for so long is closed.
    package var idle: Duration = .seconds(30)
    /// Bytes of all headers of a request.
    package var headers = 16 * 1024
    /// Bytes of a request's target.
    package var target = 4096

    /// Makes the usual bounds.
    package init() {}
  }

  private let name: String
  private let address: ListenAddress
  private let token: String?
  private let limits: Limits

  /// Makes a service.
  ///
  /// - Parameters:
  ///   - name: for its log.
  ///   - token: what a client has to show; `nil`: none, which is for loopback alone.
  /// - Throws: ``ListenError`` where others would reach it without a token.
  package init(
    name: String, address: ListenAddress, token: String?, limits: Limits = Limits()
  ) throws(ListenError) {
    guard address.isLoopback || !(token ?? "").isEmpty else {
      throw ListenError(
        description: "\(address): other machines could reach it: set a token, or listen on 127.0.0.1")
    }
    self.name = name
    self.address = address
    self.token = token
    self.limits = limits
  }

  /// What requests are answered in: bounds and access are checked before any route.
  ///
  /// - Parameters:
  ///   - readOnly: whether only GET and HEAD are answered.
  ///   - routes: adds the routes.
  package func responder(
    readOnly: Bool = false, _ routes: (Router<BasicRequestContext>) -> Void
  ) -> RouterResponder<BasicRequestContext> {
    let router = Router(options: .autoGenerateHeadEndpoints)
    router.add(middleware: Gate(address: address, token: token, target: limits.target, readOnly: readOnly))
    routes(router)
    return router.buildResponder()
  }

  /// Listens until SIGINT or SIGTERM, or until the task is cancelled, and lets running requests end.
  ///
  /// - Parameters:
  ///   - seconds: after which it ends by itself; `nil`: never.
  ///   - ready: called with the port once it listens.
  /// - Throws: ``ListenError`` where it cannot listen.
  package func run(
    _ responder: RouterResponder<BasicRequestContext>, services: [any ServiceLifecycle.Service] = [],
    seconds: Double? = nil,
    ready: @escaping @Sendable (Int) -> Void
  ) async throws {
    var logger = Logger(label: name)
    logger.logLevel = .critical
    var http1 = HTTP1Channel.Configuration(
      idleTimeout: TimeAmount.nanoseconds(
        limits.idle.components.seconds * 1_000_000_000 + limits.idle.components.attoseconds / 1_000_000_000))
    http1.httpDecoder.maxHeaderFieldSize = limits.headers
    http1.httpDecoder.maxHeaderListSize = limits.headers
    http1.httpDecoder.maxHeaderFieldCount = 100
    let app = Application(
      responder: responder, server: .http1(configuration: http1),
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: address.port), serverName: "meterstorm",
        availableConnectionsDelegate: MaximumAvailableConnections(limits.connections)),
      services: services,
      onServerRunning: { channel in ready(channel.localAddress?.port ?? 0) }, logger: logger)
    let group = ServiceGroup(
      configuration: .init(
        services: [.init(service: app)], gracefulShutdownSignals: [.sigint, .sigterm], logger: logger))
    do {
      let clock = seconds.map { seconds in
        Task {
          try await Task.sleep(for: .seconds(seconds))
          await group.triggerGracefulShutdown()
        }
      }
      defer { clock?.cancel() }
      try await group.run()
    } catch let error as IOError {
      throw ListenError(address, code: error.errnoCode)
    } catch let error as SocketAddressError {
      throw ListenError(description: "\(address): there is no such address: \(error)")
    } catch let error as NIOConnectionError {
      throw ListenError(description: "\(address): there is no such host: \(error)")
    }
  }
}
