import Foundation
import Scenario
import Synchronization

/// What commands use where the command line does not say, from a `.meterstorm.yaml`: see ``DefaultsFile``. What is given on the
/// command line wins.
enum Defaults {
  /// Set to `none`, no file is looked for: for scripts, and for the processes that a command starts.
  static let variable = "METERSTORM_DEFAULTS"

  private static let read = Mutex<DefaultsFile?>(nil)

  /// Reads the file, once.
  ///
  /// - Throws: ``Exit/badInput``, after what is wrong has been told.
  static func load() throws -> DefaultsFile {
    if let known = read.withLock({ $0 }) { return known }
    let environment = ProcessInfo.processInfo.environment
    let file =
      environment[variable] == "none"
      ? nil
      : DefaultsFile.find(
        from: FileManager.default.currentDirectoryPath, home: environment["HOME"] ?? NSHomeDirectory())
    let defaults = try file.map { file in try Console.reading { try DefaultsFile.read(file: file) } }
    read.withLock { $0 = defaults ?? DefaultsFile() }
    return defaults ?? DefaultsFile()
  }

  /// Maximum concurrent runs where neither says.
  private static let usualJobs = 2

  static func jobs(_ given: Int?) throws -> Int { try given ?? load().jobs ?? usualJobs }

  static func database(_ given: String?) throws -> String? { try given ?? load().database }

  /// Of a command whose formats have the names of ``StudyFormat`` and may have others; `text` where neither says.
  static func format<Format: RawRepresentable<String>>(_ given: Format?) throws -> Format {
    if let format = try given ?? load().format.flatMap({ Format(rawValue: $0.rawValue) }) { return format }
    guard let text = Format(rawValue: "text") else { preconditionFailure("every command can print text") }
    return text
  }
}
