import ArgumentParser
import Foundation
import Reports
import RunRecord

/// The folder of `--output`, made before the run so that a bad one costs nothing.
struct OutputFolder {
  private let url: URL

  init(_ path: String) throws {
    url = URL(fileURLWithPath: path, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      let probe = url.appendingPathComponent(".meterstorm-probe")
      try Data().write(to: probe)
      try FileManager.default.removeItem(at: probe)
    } catch {
      throw ValidationError("cannot write into the output folder '\(path)'")
    }
  }

  /// Whether a path is a folder.
  static func isFolder(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }

  /// Writes the record and what is made of it; each file appears whole or not at all.
  func write(_ record: RunRecord, journal: Journal?, manifest: RunManifest) throws {
    do {
      try put(RecordJSON.encode(manifest), "run.json")
      try put(record.json(), "record.json")
      if let journal { try put(journal.json(), "journal.json") }
      try put(Data(TextSummary(record).text().utf8), "summary.txt")
      try put(Data(Timeline(record).text().utf8), "timeline.txt")
    } catch {
      Console.note("meterstorm: cannot write into \(url.path): \(error.localizedDescription)")
      throw Exit.internalFault
    }
  }

  private func put(_ data: Data, _ name: String) throws {
    try data.write(to: url.appendingPathComponent(name), options: .atomic)
  }
}
