import Foundation

/// What the work of a commit costs, counted and not timed: the file that `scripts/instructions --json` writes and `gate` reads.
package struct WorkCounts: Codable, Equatable, Sendable, CheckedRecord {
  /// The version of this format.
  package static let currentSchema = "meterstorm.work-counts/1"

  /// What is counted.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// Instructions of the processor.
    case instructions
    /// Allocations of memory, or bytes that were allocated.
    case allocations
  }

  /// A figure.
  package struct Count: Codable, Equatable, Sendable, CheckedRecord {
    /// What was done, such as `campaign of chaos.yaml`.
    package var name: String
    /// What is counted.
    package var kind: Kind
    /// Such as `thousand instructions a seed`.
    package var unit: String
    /// The figure, from 0 on.
    package var value: Double

    /// Makes an entry.
    package init(name: String, kind: Kind, unit: String, value: Double) {
      (self.name, self.kind, self.unit, self.value) = (name, kind, unit, value)
    }

    /// What comparisons rely on.
    package func check() throws(RecordProblem) {
      try Check.figure(value, "value")
      guard value >= 0 else { throw RecordProblem("\(value) should not be negative", at: "value") }
      try Check.line(name, "name")
      try Check.line(unit, "unit")
    }
  }

  /// The version of the format.
  package var schema = WorkCounts.currentSchema
  /// The commit; left out where it is not known.
  package var commit: String?
  /// The figures.
  package var counts: [Count]

  /// Makes a file's content.
  package init(commit: String?, counts: [Count]) {
    self.commit = commit
    self.counts = counts
  }

  /// What comparisons rely on.
  package func check() throws(RecordProblem) {
    guard schema == Self.currentSchema else {
      throw RecordProblem("'\(schema)' should be \(Self.currentSchema)", at: "schema")
    }
    try Check.each("counts", counts) { (count) throws(RecordProblem) in try count.check() }
    let names = counts.map { "\($0.kind.rawValue) of \($0.name)" }
    guard Set(names).count == names.count else {
      throw RecordProblem("two figures have the same name", at: "counts")
    }
  }

  /// The counts as JSON, indented, with sorted keys and a newline at the end.
  package func json() throws -> Data { try RecordJSON.encode(self) }
}
