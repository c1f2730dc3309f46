import Foundation

/// What ends the program though no command has foreseen it: a check of its own that failed, memory that is not to be had, a stack that is
/// used up. All of them are internal errors, 70, and said in one line.
enum CrashSignals {
  /// Bytes of the stack on which the handler runs: the thread's own may be what is used up.
  private static let stackBytes = 1 << 16

  /// From here on. Where `SWIFT_BACKTRACE` is set, the runtime's own handlers are left alone: somebody wants to see the stack.
  static func listen() {
    guard getenv("SWIFT_BACKTRACE") == nil else { return }
    var stack = stack_t()
    stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: stackBytes, alignment: 16)
    stack.ss_size = stackBytes
    sigaltstack(&stack, nil)
    for number in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT] {
      var action = sigaction()
      action.sa_flags = Int32(truncatingIfNeeded: Int64(SA_ONSTACK) | Int64(SA_RESETHAND))
      action.__sigaction_handler.sa_handler = { number in
        // Nothing but writes: whatever is locked stays locked.
        let text: StaticString = "\nmeterstorm: internal error, or out of memory or stack\n"
        _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
        _exit(70)
      }
      sigaction(number, &action, nil)
    }
  }
}
