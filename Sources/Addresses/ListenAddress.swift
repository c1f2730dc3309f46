import Glibc

/// Why a service cannot listen.
package struct ListenError: Error, CustomStringConvertible, Sendable {
  /// What is wrong, and what would be right.
  package var description: String

  package init(description: String) { self.description = description }

  /// Why the system does not let a service listen.
  package init(_ address: ListenAddress, code: Int32) {
    description =
      switch code {
      case EADDRINUSE: "\(address): the port is in use; choose another, or 0 for any"
      case EACCES: "\(address): the port needs privileges; choose one above 1023"
      case EADDRNOTAVAIL: "\(address): this machine has no such address"
      default: "\(address): \(String(cString: strerror(code)))"
      }
  }
}

/// Where a service listens.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
  /// A name or an address.
  package var host: String
  /// The port; 0: any that is free.
  package var port: Int

  /// Makes an address.
  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// A port of this machine, which no other machine reaches.
  package static func loopback(port: Int) -> ListenAddress { ListenAddress(host: "127.0.0.1", port: port) }

  /// Reads `host:port`, such as `0.0.0.0:8380` or `[::1]:8380`; `nil` for anything else.
  package init?(_ text: String) {
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

  /// Finds out, before any work is done, whether a service could listen here now.
  ///
  /// - Throws: ``ListenError`` where there is no such host, or the port cannot be had.
  package func check() throws(ListenError) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, "\(port)", &hints, &found)
    guard code == 0, let first = found else {
      throw ListenError(
        description:
          "\(self): there is no host '\(host)' (\(String(cString: gai_strerror(code)))); name an address such as 127.0.0.1:8380"
      )
    }
    defer { freeaddrinfo(found) }
    let probe = socket(first.pointee.ai_family, first.pointee.ai_socktype, first.pointee.ai_protocol)
    guard probe >= 0 else { return }
    defer { close(probe) }
    var isReused: Int32 = 1
    setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
    guard bind(probe, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
      throw ListenError(self, code: errno)
    }
  }

  /// Whether only this machine reaches it.
  package var isLoopback: Bool { Self.isLoopback(host) }

  /// Whether a host is this machine alone.
  package static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
