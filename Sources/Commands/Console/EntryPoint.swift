import ArgumentParser
import Foundation
import Scenario

extension MeterstormCommand {
  /// Runs the command of the command line. Whatever goes wrong in a way that no command has foreseen is an internal error: 70, and never
  /// the 1 that says that an invariant broke.
  ///
  /// - Parameter perform: runs the command; as it stands, its own `run`.
  package static func perform(_ perform: (any ParsableCommand) throws -> Void = runItself) {
    StandardDescriptors.open()
    // A file that may not grow any further is an error of the write, as a full disk is.
    signal(SIGXFSZ, SIG_IGN)
    CrashSignals.listen()
    let arguments = Array(CommandLine.arguments.dropFirst())
    // The parser answers with the help of the verb above the one that there is not.
    if arguments.first == "help", let sentence = UnknownVerb.sentence(Array(arguments.dropFirst())) {
      Console.note(sentence)
      exit(withError: Exit.badUsage)
    }
    let command: any ParsableCommand
    do {
      command = try parseAsRoot()
    } catch {
      if exitCode(for: error) == .validationFailure, let sentence = UnknownVerb.sentence(arguments) {
        Console.note(sentence)
        exit(withError: Exit.badUsage)
      }
      guard !exitCode(for: error).isSuccess else { answer(error) }
      // Words of the command line stand in it as they were given.
      Console.note(fullMessage(for: error))
      exit(withError: exitCode(for: error))
    }
    do {
      try perform(command)
    } catch let error as ValidationError {
      // Found while the command worked: what it is used like does not help.
      Console.note("Error: \(error)")
      exit(withError: Exit.badUsage)
    } catch let error as ExitCode {
      exit(withError: error)
    } catch let error where exitCode(for: error).isSuccess {
      answer(error)
    } catch let error where exitCode(for: error) != .failure {
      exit(withError: error)
    } catch {
      Console.note("meterstorm: internal error: \(error)")
      exit(withError: Exit.internalFault)
    }
  }
}

extension MeterstormCommand {
  /// Prints what was asked for, such as help, which the parser throws; what cannot be printed has not been answered.
  private static func answer(_ request: any Error) -> Never {
    do {
      try Console.print(fullMessage(for: request) + "\n")
    } catch {
      exit(withError: error)
    }
    exit(withError: ExitCode.success)
  }

  package static func runItself(_ command: any ParsableCommand) throws {
    var command = command
    try command.run()
  }
}

/// Standard input, output and error.
enum StandardDescriptors {
  /// Opens those that whoever started the program has closed on nothing: the next file that is opened would get their number,
  /// and what is printed would land in it.
  static func open() {
    for descriptor in STDIN_FILENO...STDERR_FILENO
    where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // The lowest number that is free is this one.
      let opened = Foundation.open("/dev/null", O_RDWR)
      if opened >= 0, opened != descriptor { close(opened) }
    }
  }
}

/// A verb that there is not.
enum UnknownVerb {
  /// What is said of it, with the verb that was probably meant; `nil`: the verbs of a command line are known.
  static func sentence(_ arguments: [String]) -> String? {
    var command: any ParsableCommand.Type = MeterstormCommand.self
    var path = ["meterstorm"]
    for word in arguments {
      let verbs = command.configuration.subcommands
      guard !verbs.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
      if let next = verbs.first(where: { $0.configuration.commandName == word }) {
        command = next
        path.append(word)
        continue
      }
      let names = verbs.compactMap { $0.configuration.commandName }
      let isFile = path.count == 1 && FileManager.default.fileExists(atPath: word)
      let hint =
        isFile ? "; to run the file: meterstorm run \(word)" : NearestKey.hint(for: word, among: names)
      return
        "Error: there is no verb '\(word)'\(hint)\n  See '\(path.joined(separator: " ")) --help' for all verbs."
    }
    return nil
  }
}
