/// A place in a file: line and column count from 1; columns are Unicode scalars.
package struct Position: Hashable, Sendable {
  /// The file as the user named it; `--set` for values from the command line.
  package var file: String
  /// The line; 0 where the whole file is meant.
  package var line: Int
  /// The column; 0 where the whole line is meant.
  package var column: Int

  /// Makes a position.
  package init(file: String, line: Int = 0, column: Int = 0) {
    self.file = file
    self.line = line
    self.column = column
  }
}

extension Position: CustomStringConvertible {
  /// `file:line:column`, as far as known.
  package var description: String {
    line == 0 ? file : (column == 0 ? "\(file):\(line)" : "\(file):\(line):\(column)")
  }
}

/// What is wrong with a file, where, and what would be right.
package struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where.
  package var position: Position
  /// What is wrong; what would be right.
  package var message: String

  /// Makes a diagnostic.
  package init(_ message: String, at position: Position) {
    self.position = position
    self.message = message
  }

  /// `file:line:column: message`, on one line whatever names and values are in it.
  package var description: String { Self.singleLine("\(position): \(message)") }

  /// A text on one line: with a line break in it, a file's name or value could begin a line that a CI server takes for a command.
  static func singleLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" }) else { return text }
    return String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\n" || $0 == "\r" ? "\u{FFFD}" : $0 }))
  }
}

/// One or more diagnostics: why a file cannot be used.
package struct InvalidInput: Error, Sendable, CustomStringConvertible {
  /// The diagnostics, in the order of the file; at least one.
  package var diagnostics: [Diagnostic]

  /// Makes an error.
  package init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  /// Makes an error of one diagnostic.
  package init(_ message: String, at position: Position) {
    diagnostics = [Diagnostic(message, at: position)]
  }

  /// One line a diagnostic.
  package var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
