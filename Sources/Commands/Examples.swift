import ArgumentParser

/// A line of a command that a help text shows; one that goes on ends with a backslash, as in a shell.
typealias Example = String

/// A command that shows how it is used.
protocol Exemplified: ParsableCommand {
  /// Commands that work as they stand, in the repository's root.
  static var examples: [Example] { get }
}

/// The examples of help texts.
enum Examples {
  /// A section of a help text; no line is longer than help texts are wide.
  static func text(_ lines: [Example]) -> String {
    "\nEXAMPLES:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
  }

  /// The commands, each on one line.
  static func commands(_ lines: [Example]) -> [String] {
    lines.reduce(into: []) { commands, line in
      if let last = commands.last, last.hasSuffix("\\") {
        commands[commands.count - 1] = String(last.dropLast()) + line.drop { $0 == " " }
      } else {
        commands.append(line)
      }
    }
  }
}
