import ArgumentParser
import Foundation

extension MeterstormCommand {
  /// Runs the command of the command line. Whatever goes wrong in a way that no command has foreseen is an internal error: 70, and never
  /// the 1 that says that an invariant broke.
  static func main() {
    StandardDescriptors.open()
    // A file that may not grow any further is an error of the write, as a full disk is.
    signal(SIGXFSZ, SIG_IGN)
    let command: any ParsableCommand
    do { command = try parseAsRoot() } catch { exit(withError: error) }
    do {
      var command = command
      try command.run()
    } catch let error where error is ExitCode || exitCode(for: error) != .failure {
      // What the parser knows, too: `help` and `--help` throw.
      exit(withError: error)
    } catch {
      Console.note("meterstorm: internal error: \(error)")
      exit(withError: Exit.internalFault)
    }
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
