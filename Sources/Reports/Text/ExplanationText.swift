import RunRecord

/// The story of a transaction for a terminal.
public struct ExplanationText {
  private let story: Explanation
  private let style: TextStyle

  /// Makes a text.
  public init(_ story: Explanation, style: TextStyle = TextStyle(isColoured: false)) {
    self.story = story
    self.style = style
  }

  /// The text, with a newline at the end.
  public func text() -> String {
    var lines: [String] = []
    if let violation = story.violation {
      lines.append(style.bad("✗ \(violation.invariant)") + "  \(violation.ids.joined(separator: ", "))")
    } else {
      lines.append(style.bold(story.transaction))
    }
    lines += ["", style.bold("In short")]
    lines += story.summary.flatMap { Self.wrapped($0, indent: "  ") }
    lines += ["", style.bold("From usage to cash")]
    var table = TextTable([.left, .left, .left])
    for step in story.lineage {
      table.add([step.id, step.text, step.from.isEmpty ? "" : "← " + Self.listed(step.from)])
    }
    lines += story.lineage.isEmpty ? ["  nothing that the run has kept"] : table.lines
    lines += ["", style.bold("What happened")]
    var moments = TextTable([.left, .left, .left, .left])
    for event in story.timeline {
      moments.add([event.at, event.place, event.text, story.lineage.count > 6 ? Self.listed(event.ids) : ""])
    }
    lines += story.timeline.isEmpty ? ["  nothing"] : moments.lines
    lines += ["", "\(story.run)", "fingerprint \(story.fingerprint)"]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func listed(_ ids: [String]) -> String {
    ids.count <= 3
      ? ids.joined(separator: ", ") : ids.prefix(2).joined(separator: ", ") + " and \(ids.count - 2) more"
  }

  private static func wrapped(_ sentence: String, indent: String) -> [String] {
    var lines: [String] = []
    var line = indent
    for word in sentence.split(separator: " ") {
      if line.count + word.count > 118, line.count > indent.count + 2 {
        lines.append(line)
        line = indent + "  "
      }
      line += (line.last == " " ? "" : " ") + word
    }
    return lines + [line]
  }
}
