import ArgumentParser
import Foundation

/// The address of another service, from the command line.
enum ServiceAddress {
  /// Refuses what no request could be sent to.
  static func check(_ text: String, _ option: String) throws {
    let parts = URLComponents(string: text)
    guard let parts, ["http", "https"].contains(parts.scheme), let host = parts.host, !host.isEmpty,
      parts.user == nil, parts.query == nil, parts.fragment == nil,
      (1...65535).contains(parts.port ?? 80)
    else { throw ValidationError("\(option) '\(text)' should be an address such as http://127.0.0.1:8381") }
  }
}
