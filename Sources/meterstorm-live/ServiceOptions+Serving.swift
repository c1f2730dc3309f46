import Addresses
import Commands
import Hummingbird
import WebService

extension ServiceOptions {
  /// Serves until a signal, or until time is up.
  func serve(
    _ name: String, readOnly: Bool, ended: @escaping @Sendable () async -> Void = {},
    routes: (Router<BasicRequestContext>) -> Void
  ) throws {
    let address = address
    do {
      let service = try WebService(name: name, address: address, token: token())
      let responder = service.responder(readOnly: readOnly, routes)
      let seconds = seconds
      try Blocking.wait {
        try await service.run(responder, seconds: seconds) { port in
          Console.note("\(name) on http://\(ListenAddress(host: address.host, port: port))/")
        }
        await ended()
      }
    } catch let error as ListenError {
      Console.note("meterstorm: \(error)")
      throw Exit.badUsage
    }
  }
}
