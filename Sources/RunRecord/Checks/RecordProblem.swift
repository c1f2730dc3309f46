/// Why a record cannot be used: what reads records relies on their shapes and ranges, so that these are checked once, when a
/// record is read.
package struct RecordProblem: Error, CustomStringConvertible, Equatable, Sendable {
  /// Where it stands in the JSON, such as `controlTotals.stages[2].rows[0].count`; empty: the whole.
  package var path: String
  /// What is wrong, and what would be right.
  package var text: String

  /// Makes a problem.
  package init(_ text: String, at path: String = "") {
    self.text = text
    self.path = path
  }

  /// The path and what is wrong there.
  package var description: String { path.isEmpty ? text : "\(path): \(text)" }

  /// The same problem, seen from outside.
  func inside(_ key: String) -> RecordProblem {
    let separator = path.isEmpty || path.hasPrefix("[") ? "" : "."
    return RecordProblem(text, at: key + separator + path)
  }
}
