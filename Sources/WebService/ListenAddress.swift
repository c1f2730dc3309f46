/// Where a service listens.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
  /// A name or an address.
  public var host: String
  /// The port; 0: any that is free.
  public var port: Int

  /// Makes an address.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// A port of this machine, which no other machine reaches.
  public static func loopback(port: Int) -> ListenAddress { ListenAddress(host: "127.0.0.1", port: port) }

  /// Reads `host:port`, such as `0.0.0.0:8380` or `[::1]:8380`; `nil` for anything else.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      return nil
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty, host.allSatisfy({ $0.isASCII && !$0.isWhitespace && $0 != "/" }) else { return nil }
    self.init(host: String(host), port: Int(port))
  }

  /// Whether only this machine reaches it.
  public var isLoopback: Bool { Self.isLoopback(host) }

  static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
