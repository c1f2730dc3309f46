import ArgumentParser
import Commands
import Foundation

/// The folder of a log.
struct LiveFolder {
  /// The log's file.
  let log: String

  init(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw ValidationError("cannot create the folder '\(path)': \(SystemError.reason(error))")
    }
    log = URL(fileURLWithPath: path).appendingPathComponent("pipeline.log").path
  }
}
