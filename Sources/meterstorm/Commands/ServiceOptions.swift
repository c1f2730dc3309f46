import ArgumentParser
import Foundation
import Hummingbird
import WebService

/// Where a service listens, and for whom.
struct ServiceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The port on 127.0.0.1; 0 takes one that is free.", valueName: "n"))
  var port: UInt16?

  @Option(
    help: ArgumentHelp(
      "Listens there instead of on 127.0.0.1; for others than this machine only with a token.",
      valueName: "host:port"))
  var listen: String?

  @Option(
    help: ArgumentHelp(
      "A file with the token that clients have to show: 'Authorization: Bearer TOKEN', or '?token=TOKEN' once in a browser.",
      valueName: "file"))
  var tokenFile: String?

  @Option(help: ArgumentHelp("Stops after N seconds.", valueName: "n"))
  var seconds: Double?

  /// The port if none is given.
  static let usualPort: UInt16 = 8380

  func validate() throws {
    if port != nil, listen != nil { throw ValidationError("give --port or --listen, not both") }
    if let listen, ListenAddress(listen) == nil {
      throw ValidationError("'\(listen)' should be an address such as 0.0.0.0:8380")
    }
    if let listen, let address = ListenAddress(listen), !address.isLoopback, tokenFile == nil {
      throw ValidationError("--listen \(listen): others would reach it: name a --token-file")
    }
    if let seconds, !(seconds > 0 && seconds <= 1e7) {
      throw ValidationError("--seconds must be more than 0 and at most 10000000")
    }
    // Before any work: what comes of that would be thrown away.
    _ = try token()
    do { try address.check() } catch { throw ValidationError(error.description) }
  }

  private var address: ListenAddress {
    listen.flatMap(ListenAddress.init) ?? .loopback(port: Int(port ?? Self.usualPort))
  }

  private func token() throws -> String? {
    guard let tokenFile else { return nil }
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: tokenFile)) else {
      throw ValidationError("--token-file \(tokenFile): the file cannot be read")
    }
    let token = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    let isPlain = token.utf8.allSatisfy {
      $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ",")
    }
    guard isPlain, token.utf8.count >= 16 else {
      throw ValidationError(
        "--token-file \(tokenFile): a token has at least 16 printable ASCII characters, and no space, comma or semicolon"
      )
    }
    return token
  }

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
    } catch let error as WebServiceError {
      Console.note("meterstorm: \(error)")
      throw Exit.badUsage
    }
  }
}
