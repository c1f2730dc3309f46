/// What is varied, as the command line has it: `path=a..b`, `path=a..b step c`, `path=a,b,c`, and several paths with commas.
package enum KnobText {
  /// What is wrong with a text.
  package struct Problem: Error, CustomStringConvertible {
    package let description: String
  }

  /// The greatest number of values in a list.
  private static let longest = 100

  /// Reads a text.
  package static func knob(_ text: String) throws(Problem) -> CapacityQuestion.Knob {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let paths = paths(parts[0]) else {
      throw Problem(
        description:
          "'\(text)' should be path=values, such as customers.count=100..5000, 'a.b,c.d=5..65 step 10' or customers.count=100,500"
      )
    }
    return CapacityQuestion.Knob(paths: paths, range: try range(parts[1], in: text))
  }

  /// The parts of `entities.0.erp.concurrency,design.posting.concurrency`; `nil` where one of them is empty.
  package static func paths(_ text: String) -> [[String]]? {
    let paths = text.split(separator: ",", omittingEmptySubsequences: false).map { path in
      trimmed(path).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }
    return paths.contains { $0.contains("") } ? nil : paths
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    text.split(separator: " ").joined(separator: " ")
  }

  private static func range(_ text: String, in whole: String) throws(Problem) -> ExploredRange {
    guard let dots = text.firstRange(of: "..") else {
      let texts = text.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
      guard texts.count >= 2 else {
        throw Problem(
          description:
            "'\(whole)' should be path=a..b with two figures of the same unit, such as customers.count=100..5000, or a list of "
            + "figures such as customers.count=100,500,2000")
      }
      guard texts.count <= longest else {
        throw Problem(
          description:
            "'\(whole)' lists \(texts.count) values, more than \(longest); use a range with a step, such as 5..5000 step 10"
        )
      }
      guard let range = ExploredRange(listing: texts) else {
        throw Problem(description: problem(withList: texts))
      }
      return range
    }
    let low = trimmed(text[..<dots.lowerBound])
    var words = text[dots.upperBound...].split(separator: " ").map(String.init)
    let high = words.isEmpty ? "" : words.removeFirst()
    guard let range = ExploredRange(from: low, to: high), words.isEmpty || words.first == "step" else {
      throw Problem(
        description:
          "'\(whole)' should be path=a..b with two figures of the same unit, the lower one first, such as customers.count=100..5000, "
          + "with a step if need be: 'customers.count=100..5000 step 100'")
    }
    guard let first = words.first, first == "step" else { return range }
    guard words.count == 2, let stepped = ExploredRange(from: low, to: high, step: words[1]) else {
      throw Problem(
        description: problem(withStep: words.dropFirst().joined(separator: " "), from: low, to: high))
    }
    return stepped
  }

  /// Why a step is none.
  static func problem(withStep step: String, from low: String, to high: String) -> String {
    "the step '\(step)' must be positive, no larger than \(low)..\(high), and in the same unit"
  }

  /// Why a list is none.
  static func problem(withList texts: [String]) -> String {
    for (index, text) in texts.enumerated() where texts[..<index].contains(text) {
      return "duplicate value '\(text)'"
    }
    return
      "'\(texts.joined(separator: ","))' should be different figures with the same unit, such as 1,2,5,10 or 30m,1h"
  }
}
