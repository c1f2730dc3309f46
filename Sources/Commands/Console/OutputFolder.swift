import ArgumentParser
import Foundation
import Reports
import RunRecord

/// The folder of `--output`, made before the run so that a bad one costs nothing: a new or empty one, or one that an earlier
/// command has filled; somebody else's only with `--force`.
struct OutputFolder {
  private let url: URL
  /// What `run --output` writes.
  static let runFiles = ["run.json", "record.json", "journal.json", "summary.txt", "timeline.txt"]

  /// - Parameters:
  ///   - files: what will be written.
  ///   - marks: files by which a folder is known as one of ours.
  ///   - force: whether it may hold other files.
  init(
    _ path: String, files: [String] = Self.runFiles, marks: [String] = ["run.json"], force: Bool
  ) throws {
    guard !path.isEmpty else { throw ValidationError("--output needs the name of a folder") }
    url = URL(fileURLWithPath: path, isDirectory: true)
    switch OutputPath.kind(of: path) {
    case .link:
      throw ValidationError("--output \(path): this is a symbolic link; name the folder that it points to")
    case .file, .other: throw ValidationError("--output \(path): this is not a folder")
    case .nothing, .folder: break
    }
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw ValidationError("cannot write into the output folder '\(path)'")
    }
    let present = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    guard force || present.isEmpty || marks.contains(where: present.contains) else {
      throw ValidationError(
        "--output \(path): the folder contains other files and no Meterstorm results; name a new or an empty one, or give --force"
      )
    }
    for name in files where ![.nothing, .file].contains(OutputPath.kind(of: "\(path)/\(name)")) {
      throw ValidationError("--output \(path): \(name) in it is not a regular file, and would be overwritten")
    }
    try OutputPath.probe(path, option: "--output", path: path)
  }

  /// Whether a path is a folder.
  static func isFolder(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }

  /// Writes the record and what is made of it; each file appears whole or not at all.
  func write(_ record: RunRecord, journal: Journal?, manifest: RunManifest) throws {
    try write(RecordJSON.encode(manifest), "run.json")
    try write(record.json(), "record.json")
    if let journal { try write(journal.json(), "journal.json") }
    try write(Data(TextSummary(record, isVerbose: true).text().utf8), "summary.txt")
    try write(Data(Timeline(record).text().utf8), "timeline.txt")
  }

  /// Writes one file; gives its path.
  @discardableResult
  func write(_ data: Data, _ name: String) throws -> String {
    let file = url.appendingPathComponent(name)
    do {
      try data.write(to: file, options: .atomic)
      return file.relativePath
    } catch {
      Console.note("meterstorm: cannot write into \(url.path): \(SystemError.reason(error))")
      throw Exit.internalFault
    }
  }
}
