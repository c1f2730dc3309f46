import Chronology
import SimulationKernel

/// Collects what a run's kernel events were, for ``DeterminismCheck``.
package struct EventTrace {
  private let request: DeterminismCheck.Request
  private var fingerprint = Fingerprint()
  private var count: UInt64 = 0
  /// The lines so far.
  package private(set) var lines: [String] = []

  /// Makes an empty trace.
  package init(_ request: DeterminismCheck.Request) { self.request = request }

  /// Takes the next event.
  package mutating func add(_ event: SimulationRun.TracedEvent) {
    count += 1
    switch request {
    case .record: break
    case .checkpoints(let every):
      fingerprint.absorb(UInt64(bitPattern: event.time.nanoseconds) ^ event.words.0)
      fingerprint.absorb(event.words.1)
      if count.isMultiple(of: every) { lines.append("\(count) \(fingerprint)") }
    case .events(let range):
      if range.contains(event.number) {
        lines.append("\(event.time) \(String(event.words.0, radix: 16)) \(String(event.words.1, radix: 16))")
      }
    }
  }

  /// Ends the trace.
  package mutating func finish() {
    if case .checkpoints = request { lines.append("end \(count) \(fingerprint)") }
  }
}
