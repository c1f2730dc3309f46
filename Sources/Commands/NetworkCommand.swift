import ArgumentParser
import Foundation

/// A verb that needs an HTTP stack. Its options are parsed here; `meterstorm-live`, a second executable, does the work, so that whoever
/// only simulates builds and installs no HTTP.
package protocol NetworkCommand: ParsableCommand {}

extension NetworkCommand {
  package func run() throws { try NetworkProgram.replaceThisProcess() }
}

/// The executable that serves and loads.
enum NetworkProgram {
  static let name = "meterstorm-live"

  /// Where the executable may be: beside this one, or where a package puts what nobody calls by name.
  private static var candidates: [String] {
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    return [own, own.deletingLastPathComponent().appendingPathComponent("libexec/meterstorm")].map {
      $0.appendingPathComponent(name).path
    }
  }

  /// Becomes the other program, with the same arguments; signals, standard input and exit code are then its own.
  ///
  /// - Throws: `Exit.internalFault` where it is not installed, or is of another version.
  static func replaceThisProcess() throws -> Never {
    for path in candidates where access(path, X_OK) == 0 {
      var arguments = CommandLine.arguments.map { strdup($0) }
      arguments.append(nil)
      execv(path, arguments)
      Console.note("meterstorm: cannot start \(path): \(String(cString: strerror(errno)))")
      throw Exit.internalFault
    }
    Console.note(
      """
      meterstorm: this verb needs \(name), which is not installed beside this program (looked for \(candidates.joined(separator: " and "))); \
      in a source checkout: swift build -c release --product \(name)
      """)
    throw Exit.internalFault
  }
}
