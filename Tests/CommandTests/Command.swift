import Foundation

/// The program itself, run as a user runs it.
struct Command {
  /// What came of a run of the program.
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The executable: that of METERSTORM_PROGRAM, or else the one which the build puts beside the tests. CI names its release build, which does
  /// in seconds what the debug build does in minutes.
  static let executable: URL = {
    if let path = ProcessInfo.processInfo.environment["METERSTORM_PROGRAM"], !path.isEmpty {
      return URL(fileURLWithPath: path, relativeTo: root).absoluteURL
    }
    return URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("meterstorm")
  }()

  /// Runs the program; a signal that ends it is a status above 128, as a shell has it.
  static func run(_ arguments: String..., in folder: URL? = nil) throws -> Outcome {
    try run(arguments, in: folder)
  }

  static func run(_ arguments: [String], in folder: URL? = nil) throws -> Outcome {
    try outcome(of: executable, arguments, in: folder)
  }

  /// Pastes a line into a shell in which the program is on the path.
  static func shell(_ line: String, in folder: URL) throws -> Outcome {
    try outcome(of: URL(fileURLWithPath: "/bin/bash"), ["-c", line], in: folder)
  }

  /// The environment, with the program on the path.
  static var environment: [String: String] {
    var all = ProcessInfo.processInfo.environment
    all["PATH"] = executable.deletingLastPathComponent().path + ":" + (all["PATH"] ?? "/usr/bin:/bin")
    return all
  }

  private static func outcome(
    of executable: URL, _ arguments: [String], in folder: URL?
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = environment
    process.currentDirectoryURL = folder ?? root
    let scratch = try Scratch()
    let files = ["out", "err"].map { scratch.url.appendingPathComponent($0) }
    for file in files { try Data().write(to: file) }
    let handles = try files.map { try FileHandle(forWritingTo: $0) }
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let status =
      process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    return Outcome(status: status, output: texts[0], errors: texts[1])
  }
}

/// A folder that is gone when nobody needs it any more.
final class Scratch: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("meterstorm-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Everything in it, with its contents.
  func contents() throws -> [String: Data] {
    var all: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: url.path) {
      all[name] = (try? Data(contentsOf: url.appendingPathComponent(name))) ?? Data()
    }
    return all
  }
}
