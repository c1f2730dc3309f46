import Foundation

/// The story of one transaction: where it comes from, where it has gone, and everything that touched it.
public struct Explanation: Codable, Equatable, Sendable {
  /// The version of this format.
  public static let currentSchema = "meterstorm.explanation/1"

  /// A step of the lineage, with those that it leads to.
  public struct Step: Codable, Equatable, Sendable {
    /// Such as `invoice US-000042`.
    public var id: String
    /// What it is, in words: its amounts and counts.
    public var text: String
    /// Where it has come from: the ids of earlier steps.
    public var from: [String]

    /// Makes a step.
    public init(id: String, text: String, from: [String]) {
      self.id = id
      self.text = text
      self.from = from
    }
  }

  /// Something that happened to the transaction, or around it.
  public struct Event: Codable, Equatable, Sendable {
    /// When.
    public var at: String
    /// Where: `core`, `erp/us`, `gateway`, `fault`, `process/posting`.
    public var place: String
    /// What.
    public var text: String
    /// What it is about.
    public var ids: [String]

    /// Makes an event.
    public init(at: String, place: String, text: String, ids: [String]) {
      self.at = at
      self.place = place
      self.text = text
      self.ids = ids
    }
  }

  /// A violation that is explained.
  public struct Violation: Codable, Equatable, Sendable {
    public var invariant: String
    /// What was promised.
    public var statement: String
    public var at: String
    public var ids: [String]
    public var expected: String
    public var actual: String
    /// Makes a violation.
    public init(
      invariant: String, statement: String, at: String, ids: [String], expected: String, actual: String
    ) {
      self.invariant = invariant
      self.statement = statement
      self.at = at
      self.ids = ids
      self.expected = expected
      self.actual = actual
    }
  }

  /// The version of the format.
  public var schema = Explanation.currentSchema
  /// The scenario and seed, as a command would repeat them.
  public var run: String
  /// The hash over every event of the run that was repeated to tell the story.
  public var fingerprint: String
  /// What was asked for.
  public var transaction: String
  /// The violation that it is about; left out where a transaction was asked for.
  public var violation: Violation?
  /// What happened, in short, in plain sentences.
  public var summary: [String]
  /// The lineage: from usage to cash.
  public var lineage: [Step]
  /// Everything that touched it, in order.
  public var timeline: [Event]

  /// Makes a story.
  public init(
    run: String, fingerprint: String, transaction: String, violation: Violation?, summary: [String],
    lineage: [Step], timeline: [Event]
  ) {
    self.run = run
    self.fingerprint = fingerprint
    self.transaction = transaction
    self.violation = violation
    self.summary = summary
    self.lineage = lineage
    self.timeline = timeline
  }

  /// The story as JSON, indented, with sorted keys and a newline at the end.
  public func json() throws -> Data { try RecordJSON.encode(self) }
}
