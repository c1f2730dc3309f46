import Foundation

@testable import Scenario

/// A folder with scenario files that is gone when the test is over.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("meterstorm-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ text: String, to name: String) throws -> String {
    try write(Data(text.utf8), to: name)
  }

  func write(_ data: Data, to name: String) throws -> String {
    let file = url.appendingPathComponent(name)
    try data.write(to: file)
    return file.path
  }

  /// The path of a file, there or not.
  func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}

enum Sample {
  static let priceBook = """
    currency: USD
    charges:
      - { meter: calls, model: perUnit, unitPrice: 0.01 }
    """

  static let scenario = """
    name: sample
    horizon: 2d
    entities: [ { name: us, currency: USD, erp: ideal } ]
    customers: { count: 10, contracts: book.yaml }
    load:
      - { meter: calls, arrivals: 1/s }
    """

  static let trace = "time,units\n2026-01-01 00:00:01,5\n2026-01-01T00:00:00.5Z,7\n"

  /// Writes a scenario, with its price book and trace, and returns its path.
  static func write(_ scenario: String, in folder: TemporaryFolder) throws -> String {
    _ = try folder.write(priceBook, to: "book.yaml")
    _ = try folder.write(trace, to: "trace.csv")
    return try folder.write(scenario, to: "scenario.yaml")
  }

  /// What is wrong with a scenario, without the folder's path; empty if nothing is.
  static func problems(_ scenario: String, settings: [String] = []) throws -> String {
    let folder = try TemporaryFolder()
    let file = try write(scenario, in: folder)
    do {
      _ = try ScenarioFile.read(file: file, settings: settings.compactMap(ScenarioFile.Setting.init))
      return ""
    } catch {
      return error.description.replacingOccurrences(of: folder.url.path + "/", with: "")
    }
  }
}
