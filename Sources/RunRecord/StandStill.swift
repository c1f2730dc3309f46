import Foundation

/// How a run stands at an instant: the state of every stage and queue.
public struct StandStill: Codable, Equatable, Sendable {
  /// The version of this format.
  public static let currentSchema = "meterstorm.state/1"

  /// A figure of a stage.
  public struct Figure: Codable, Equatable, Sendable {
    /// The stage: `ingestion`, `posting erp/us`.
    public var stage: String
    /// What it is.
    public var name: String
    /// The figure with its unit.
    public var value: String

    /// Makes a figure.
    public init(stage: String, name: String, value: String) {
      self.stage = stage
      self.name = name
      self.value = value
    }
  }

  /// The version of the format.
  public var schema = StandStill.currentSchema
  /// What repeats the run.
  public var run: String
  /// The instant until which it was run.
  public var until: String
  /// The last kernel event before it, and how many there were.
  public var last: String
  public var kernelEvents: UInt64
  /// Whether the run had come to rest by then.
  public var isOver: Bool
  /// The hash over every event so far.
  public var fingerprint: String
  /// Every stage and queue, in the order in which usage passes them.
  public var figures: [Figure]
  /// Faults that hold.
  public var faults: [String]
  /// Processes that are down.
  public var processesDown: [String]
  /// Invariants that have broken so far, with their first violation.
  public var broken: [String]
  /// The last noteworthy moments, oldest first.
  public var moments: [String]

  /// Makes a state.
  public init(
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
  public func json() throws -> Data { try RecordJSON.encode(self) }
}
