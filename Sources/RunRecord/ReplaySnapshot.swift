import Foundation

/// How a run stands at an instant: the state of every stage and queue.
package struct ReplaySnapshot: Codable, Equatable, Sendable {
  /// The version of this format.
  package static let currentSchema = "meterstorm.state/1"

  /// A figure of a stage.
  package struct Figure: Codable, Equatable, Sendable {
    /// The stage: `ingestion`, `posting erp/us`.
    package var stage: String
    /// What it is.
    package var name: String
    /// The figure with its unit.
    package var value: String

    /// Makes a figure.
    package init(stage: String, name: String, value: String) {
      self.stage = stage
      self.name = name
      self.value = value
    }
  }

  /// The version of the format.
  package var schema = ReplaySnapshot.currentSchema
  /// What repeats the run.
  package var run: String
  /// The instant until which it was run.
  package var until: String
  /// The last kernel event before it, and how many there were.
  package var last: String
  package var kernelEvents: UInt64
  /// Whether the run had come to rest by then.
  package var isOver: Bool
  /// The hash over every event so far.
  package var fingerprint: String
  /// Every stage and queue, in the order in which usage passes them.
  package var figures: [Figure]
  /// Faults that hold.
  package var faults: [String]
  /// Processes that are down.
  package var processesDown: [String]
  /// Invariants that have broken so far, with their first violation.
  package var broken: [String]
  /// The last noteworthy moments, oldest first.
  package var moments: [String]

  /// Makes a state.
  package init(
    run: String, until: String, last: String, kernelEvents: UInt64, isOver: Bool, fingerprint: String,
    figures: [Figure], faults: [String], processesDown: [String], broken: [String], moments: [String]
  ) {
    self.run = run
    self.until = until
    self.last = last
    self.kernelEvents = kernelEvents
    self.isOver = isOver
    self.fingerprint = fingerprint
    self.figures = figures
    self.faults = faults
    self.processesDown = processesDown
    self.broken = broken
    self.moments = moments
  }

  /// The state as JSON, indented, with sorted keys and a newline at the end.
  package func json() throws -> Data { try RecordJSON.encode(self) }
}
