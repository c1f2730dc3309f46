import Foundation
import Synchronization

/// Whether the user has asked to stop. The first Ctrl-C asks, a second one kills; so does one that nobody has noticed
/// after three seconds, because whatever is under way does not come to an end.
package enum Interruption {
  private static let requested = Atomic<Bool>(false)

  /// Seconds within which a request has to be noticed.
  private static let patience: UInt32 = 3

  package static var isRequested: Bool {
    guard requested.load(ordering: .relaxed) else { return false }
    alarm(0)
    return true
  }

  package static func listen() {
    signal(SIGALRM) { _ in
      let text: StaticString =
        "\nmeterstorm: interrupted in the middle of a step; none of it was written\n"
      _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
      _exit(130)
    }
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let before = signal(number) { number in
        Interruption.requested.store(true, ordering: .relaxed)
        alarm(Interruption.patience)
        signal(number, SIG_DFL)
      }
      // What nohup has ignored stays so.
      if number == SIGHUP, unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        signal(number, SIG_IGN)
      }
    }
  }
}
