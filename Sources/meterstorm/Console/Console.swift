import ArgumentParser
import Foundation
import Reports
import ResultsDatabase
import Scenario

/// The exit codes, as README lists them.
enum Exit {
  static let broken = ExitCode(1)
  static let badUsage = ExitCode(64)
  static let badInput = ExitCode(65)
  static let internalFault = ExitCode(70)
  static let interrupted = ExitCode(130)
}

/// Standard output and standard error.
enum Console {
  /// Writes results; a reader that has gone away ends the command.
  static func print(_ text: String) throws {
    try write(Data(text.utf8))
  }

  static func write(_ data: Data) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: data)
    } catch {
      note("meterstorm: cannot write to standard output: \(error.localizedDescription)")
      throw Exit.internalFault
    }
  }

  /// Writes a message.
  static func note(_ text: String, terminator: String = "\n") {
    try? FileHandle.standardError.write(contentsOf: Data((text + terminator).utf8))
  }

  /// Colours on a terminal, unless `NO_COLOR` is set (https://no-color.org).
  static var style: TextStyle {
    let isOff = !(ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
    return TextStyle(isColoured: !isOff && isatty(STDOUT_FILENO) == 1)
  }

  /// Does something that reads files, and reports what is wrong with them.
  static func reading<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as InvalidInput {
      note(error.description)
      throw Exit.badInput
    }
  }

  /// Opens a results database, or one in memory where none is named.
  static func store(_ path: String?) throws -> ResultsStore {
    guard let path else { return try database { try ResultsStore(path: ":memory:") } }
    guard !path.isEmpty else { throw ValidationError("--database needs the name of a file") }
    return try database { try ResultsStore(path: path) }
  }

  /// Does something with a results database, and reports what is wrong with it.
  static func database<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as ResultsError {
      note(error.description)
      throw Exit.badInput
    }
  }
}
