import Addresses
import ArgumentParser
import Foundation

/// Where a service listens, and for whom.
package struct ServiceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The port on 127.0.0.1; 0 picks a free one.", valueName: "n"))
  package var port: UInt16?

  @Option(
    help: ArgumentHelp(
      "Listens on this address instead of 127.0.0.1; other machines need a token.",
      valueName: "host:port"))
  package var listen: String?

  @Option(
    help: ArgumentHelp(
      "A file with the token that clients must send: 'Authorization: Bearer TOKEN', or '?token=TOKEN' once in a browser.",
      valueName: "file"))
  package var tokenFile: String?

  @Option(help: ArgumentHelp("Stops after N seconds.", valueName: "n"))
  package var seconds: Double?

  /// The port if none is given.
  static let usualPort: UInt16 = 8380

  package func validate() throws {
    if port != nil, listen != nil { throw ValidationError("give --port or --listen, not both") }
    if let listen, ListenAddress(listen) == nil {
      throw ValidationError("'\(listen)' should be an address such as 0.0.0.0:8380")
    }
    if let listen, let address = ListenAddress(listen), !address.isLoopback, tokenFile == nil {
      throw ValidationError("--listen \(listen): other machines could reach it: name a --token-file")
    }
    if let seconds, !(seconds > 0 && seconds <= 1e7) {
      throw ValidationError("--seconds must be more than 0 and at most 10000000")
    }
    // Before any work: what comes of that would be thrown away.
    _ = try token()
    do { try address.check() } catch { throw ValidationError(error.description) }
  }

  /// Where the service listens.
  package var address: ListenAddress {
    listen.flatMap(ListenAddress.init) ?? .loopback(port: Int(port ?? Self.usualPort))
  }

  /// The token of the file; `nil`: none is needed.
  package func token() throws -> String? {
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
        "--token-file \(tokenFile): a token must have at least 16 printable ASCII characters, without space, comma or semicolon"
      )
    }
    return token
  }

  package init() {}
}
