import Foundation

/// What commands use where the command line does not say: `.meterstorm.yaml`. Nothing in it shapes what is simulated; a campaign
/// resumes from the database that it names, and takes the verdicts in it as they are.
package struct DefaultsFile: Hashable, Sendable {
  /// What goes to standard output.
  package enum Format: String, CaseIterable, Hashable, Sendable {
    case text
    case json
    case html
  }

  /// Maximum concurrent runs; `nil`: not said.
  package var jobs: Int?
  /// The results database; a relative name is taken from the folder of the file.
  package var database: String?
  /// What goes to standard output.
  package var format: Format?

  /// Defaults that say nothing.
  package init() {}

  /// The name of the file.
  package static let name = ".meterstorm.yaml"

  static let schema = Schema<DefaultsFile>.changing(
    DefaultsFile(),
    [
      .setOptional("jobs", \.jobs, Schema<Int>.integer(1...256), "maximum concurrent runs, from 1 to 256"),
      .setOptional(
        "database", \.database, .text, "the results database of run, campaign, compare and capacity"),
      .setOptional("format", \.format, .choice(), "what goes to standard output: text, json or html"),
    ])

  /// Reads a file.
  ///
  /// - Throws: `InvalidInput` with line and column, for an unknown key with the nearest known one.
  package static func read(file: String) throws(InvalidInput) -> DefaultsFile {
    var defaults = try schema.value(of: try YAMLReader.read(file: file))
    if let database = defaults.database, database != ":memory:" {
      defaults.database = Paths.resolve(database, relativeTo: Paths.folder(of: file))
    }
    return defaults
  }

  /// The file that holds for a folder: in it, or in the nearest folder above it. The search ends at the root of a git repository and
  /// at the home folder.
  ///
  /// - Returns: its name; relative to the folder where it stands in it. `nil`: there is none.
  package static func find(from folder: String, home: String) -> String? {
    let files = FileManager.default
    // A folder that has been deleted has no path.
    guard folder.hasPrefix("/") else { return nil }
    var place = URL(fileURLWithPath: folder).standardizedFileURL
    let home = URL(fileURLWithPath: home).standardizedFileURL.path
    var isHere = true
    while true {
      let file = isHere ? name : place.appendingPathComponent(name).path
      let path = place.appendingPathComponent(name).path
      // Of another user it is not: it could name a database in which results lie already, or have one written anywhere.
      if files.fileExists(atPath: path), isOwn(path) { return file }
      let isRoot = files.fileExists(atPath: place.appendingPathComponent(".git").path)
      guard !isRoot, place.path != home, place.path != "/" else { return nil }
      let below = place.path
      place.deleteLastPathComponent()
      place = place.standardizedFileURL
      guard place.path.count < below.count else { return nil }
      isHere = false
    }
  }

  /// Whether a file is of whoever runs the program, or of root.
  private static func isOwn(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && (status.st_uid == geteuid() || status.st_uid == 0)
  }
}
