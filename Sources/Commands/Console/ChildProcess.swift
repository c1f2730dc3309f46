import ArgumentParser
import Foundation

/// Runs this same executable again.
enum ChildProcess {
  /// What a child writes to standard output.
  ///
  /// - Throws: where it ends with anything but 0 or 1.
  static func output(of arguments: [String], adding environment: [String: String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(
      [Defaults.variable: "none"].merging(environment) { _, new in new }
    ) { _, new in new }
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationReason == .exit, [0, 1].contains(process.terminationStatus) else {
      if Interruption.isRequested { throw Exit.interrupted }
      Console.note("meterstorm: a run in another process ended with status \(process.terminationStatus)")
      throw Exit.internalFault
    }
    return String(decoding: data, as: UTF8.self)
  }
}
