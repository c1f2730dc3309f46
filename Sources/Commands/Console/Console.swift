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
      if SystemError.number(error) == EPIPE {
        // As it would have, had whoever started the program not had the signal ignored.
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
      }
      note("meterstorm: standard output cannot be written: \(SystemError.reason(error))")
      throw Exit.internalFault
    }
  }

  /// Writes one result after another; what keeps one of them from being written, such as a full disk, keeps no other, and is thrown at the end.
  static func each(_ outputs: (() throws -> Void)...) throws {
    var problem: (any Error)?
    for output in outputs {
      do { try output() } catch { problem = problem ?? error }
    }
    if let problem { throw problem }
  }

  /// Writes a message, whatever names and values are in it: see ``Reports/Printable/message(_:)``.
  package static func note(_ text: String, terminator: String = "\n") {
    control(Printable.message(text) + terminator)
  }

  /// Writes to standard error as it stands, with what a terminal obeys.
  static func control(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
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
      throw error.isOfMachine ? Exit.internalFault : Exit.badInput
    }
  }
}
