import Foundation
import RunRecord

/// Shows a page in the user's browser.
enum Browser {
  /// The name of a run's page in its folder.
  static let page = "report.html"

  /// Seconds within which a browser says that it cannot be started.
  private static let patience = 3.0

  /// Writes the page of a run into its folder, or into a new temporary one; says where, and opens it.
  static func open(_ page: Data, of record: RunRecord, in folder: OutputFolder?) throws {
    let file: String
    if let folder {
      file = try folder.write(page, Self.page)
    } else {
      let url = FileManager.default.temporaryDirectory.appendingPathComponent(
        "meterstorm-\(UUID().uuidString.prefix(8))/\(record.scenario)-\(record.seed).html")
      do {
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try page.write(to: url, options: .atomic)
      } catch {
        Console.note("meterstorm: cannot write \(url.path): \(SystemError.reason(error))")
        throw Exit.internalFault
      }
      file = url.path
    }
    try Console.print("\(file)\n")
    for command in commands(in: ProcessInfo.processInfo.environment) where start(command, file) { return }
    Console.note("meterstorm: no browser could be started: set $BROWSER, or open the file yourself")
  }

  /// What opens a page, in the order in which it is tried.
  static func commands(in environment: [String: String]) -> [String] {
    (environment["BROWSER"] ?? "").split(separator: ":").map(String.init).filter {
      !$0.allSatisfy(\.isWhitespace)
    } + ["xdg-open"]
  }

  /// Starts a program with a file, in the place of `%s` or at the end; does not wait for one that keeps running.
  private static func start(_ command: String, _ file: String) -> Bool {
    var words = command.split(separator: " ").map(String.init)
    if words.contains("%s") {
      words = words.map { $0 == "%s" ? file : $0 }
    } else {
      words.append(file)
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.standardError
    do { try process.run() } catch { return false }
    let until = Date(timeIntervalSinceNow: patience)
    while process.isRunning, Date() < until { usleep(20_000) }
    return process.isRunning || process.terminationStatus == 0
  }
}
