import Foundation

/// The story of one transaction: where it comes from, where it has gone, and everything that touched it.
package struct Explanation: Codable, Equatable, Sendable {
  /// The version of this format.
  package static let currentSchema = "meterstorm.explanation/1"

  /// A step of the lineage, with those that it leads to.
  package struct Step: Codable, Equatable, Sendable {
    /// Such as `invoice US-000042`.
    package var id: String
    /// What it is, in words: its amounts and counts.
    package var text: String
    /// Where it has come from: the ids of earlier steps.
    package var from: [String]

    /// Makes a step.
    package init(id: String, text: String, from: [String]) {
      self.id = id
      self.text = text
      self.from = from
    }
  }

  /// Something that happened to the transaction, or around it.
  package struct Event: Codable, Equatable, Sendable {
    /// When.
    package var at: String
    /// Where: `core`, `erp/us`, `gateway`, `fault`, `process/posting`.
    package var place: String
    /// What.
    package var text: String
    /// What it is about.
    package var ids: [String]
    /// Its part in a call from the core to an ERP; left out where it has none.
    package var call: Call?

    /// Makes an event.
    package init(at: String, place: String, text: String, ids: [String], call: Call? = nil) {
      self.at = at
      self.place = place
      self.text = text
      self.ids = ids
      self.call = call
    }
  }

  /// The part of an event in a call from the core to an ERP.
  package struct Call: Codable, Equatable, Sendable {
    /// What becomes of a call, in the order in which it can.
    package enum Step: String, Codable, Sendable {
      case sent, requestLost, refused, abandoned, processed
      /// The ERP has processed it and does not answer.
      case unanswered
      case answerLost, received, timedOut
      /// The answer came when nobody waited for it.
      case ignored
    }

    /// The call's number in the run.
    package var number: UInt64
    package var step: Step
    /// The ERP that is called: `erp/us`.
    package var callee: String

    /// Makes a part.
    package init(number: UInt64, step: Step, callee: String) {
      self.number = number
      self.step = step
      self.callee = callee
    }
  }

  /// A violation that is explained.
  package struct Violation: Codable, Equatable, Sendable {
    package var invariant: String
    /// What was promised.
    package var statement: String
    package var at: String
    package var ids: [String]
    package var expected: String
    package var actual: String
    /// Makes a violation.
    package init(
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
  package var schema = Explanation.currentSchema
  /// The scenario and seed, as a command would repeat them.
  package var run: String
  /// The hash over every event of the run that was repeated to tell the story.
  package var fingerprint: String
  /// What was asked for.
  package var transaction: String
  /// The violation that it is about; left out where a transaction was asked for.
  package var violation: Violation?
  /// What happened, in short, in plain sentences.
  package var summary: [String]
  /// The lineage: from usage to cash.
  package var lineage: [Step]
  /// Everything that touched it, in order.
  package var timeline: [Event]

  /// Makes a story.
  package init(
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
  package func json() throws -> Data { try RecordJSON.encode(self) }
}
