import Foundation

/// A folder for a test's own files, gone afterwards.
struct Temporary {
  private let url: URL

  static func folder(_ body: (Temporary) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("meterstorm-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(Temporary(url: url))
  }

  /// Writes a file; returns its path.
  func write(_ name: String, _ text: String) throws -> String {
    let file = url.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return file.path
  }
}
