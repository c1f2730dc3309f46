import ArgumentParser
import Foundation
import Reports
import ResultsDatabase
import Scenario

/// The exit codes, as README lists them.
package enum Exit {
  package static let broken = ExitCode(1)
  package static let badUsage = ExitCode(64)
  package static let badInput = ExitCode(65)
  package static let internalFault = ExitCode(70)
  package static let interrupted = ExitCode(130)
}

/// Standard output and standard error.
package enum Console {
  /// Writes results; a reader that has gone away ends the command.
  package static func print(_ text: String) throws {
    try write(Data(text.utf8))
  }

  package static func write(_ data: Data) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: data)
    } catch {
      note("meterstorm: standard output cannot be written: \(SystemError.reason(error))")
      throw Exit.internalFault
    }
  }

  /// Writes a message.
  package static func note(_ text: String, terminator: String = "\n") {
    try? FileHandle.standardError.write(contentsOf: Data((text + terminator).utf8))
  }

  /// The style of texts on standard output: see ``ColourChoice``.
  package static var style: TextStyle { TextStyle(isColoured: ColourChoice.isColoured) }

  /// Does something that reads files, and reports what is wrong with them.
  package static func reading<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as InvalidInput {
      note(error.description)
      throw Exit.badInput
    }
  }

  /// Opens a results database, or one in memory where none is named.
  package static func store(_ path: String?) throws -> ResultsStore {
    guard let path else { return try database { try ResultsStore(path: ":memory:") } }
    guard !path.isEmpty else { throw ValidationError("--database needs the name of a file") }
    return try database { try ResultsStore(path: path) }
  }

  /// Does something with a results database, and reports what is wrong with it.
  package static func database<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as ResultsError {
      note(error.description)
      throw Exit.badInput
    }
  }
}
