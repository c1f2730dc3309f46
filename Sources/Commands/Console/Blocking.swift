import Dispatch
import Synchronization

/// Asynchronous work in a synchronous command.
package enum Blocking {
  /// Waits until the work is done.
  package static func wait(_ work: @escaping @Sendable () async throws -> Void) throws {
    let done = DispatchSemaphore(value: 0)
    let failure = Mutex<(any Error)?>(nil)
    Task.detached {
      do { try await work() } catch { failure.withLock { $0 = error } }
      done.signal()
    }
    done.wait()
    if let failure = failure.withLock(\.self) { throw failure }
  }
}
