/// A place in a file: line and column count from 1; columns are Unicode scalars.
public struct Position: Hashable, Sendable {
  /// The file as the user named it; `--set` for values from the command line.
  public var file: String
  /// The line; 0 where the whole file is meant.
  public var line: Int
  /// The column; 0 where the whole line is meant.
  public var column: Int

  /// Makes a position.
  public init(file: String, line: Int = 0, column: Int = 0) {
    self.file = file
    self.line = line
    self.column = column
  }
}

extension Position: CustomStringConvertible {
  /// `file:line:column`, as far as known.
  public var description: String {
    line == 0 ? file : (column == 0 ? "\(file):\(line)" : "\(file):\(line):\(column)")
  }
}

/// What is wrong with a file, where, and what would be right.
public struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where.
  public var position: Position
  /// What is wrong; what would be right.
  public var message: String

  /// Makes a diagnostic.
  public init(_ message: String, at position: Position) {
    self.position = position
    self.message = message
  }

  /// `file:line:column: message`.
  public var description: String { "\(position): \(message)" }
}

/// One or more diagnostics: why a file cannot be used.
public struct InvalidInput: Error, Sendable, CustomStringConvertible {
  /// The diagnostics, in the order of the file; at least one.
  public var diagnostics: [Diagnostic]

  /// Makes an error.
  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  /// Makes an error of one diagnostic.
  public init(_ message: String, at position: Position) {
    diagnostics = [Diagnostic(message, at: position)]
  }

  /// One line a diagnostic.
  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
