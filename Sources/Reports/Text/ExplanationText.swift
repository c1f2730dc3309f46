import RunRecord

/// The story of a transaction for a terminal.
package struct ExplanationText {
  private let story: Explanation
  private let style: TextStyle
  /// Steps of the lineage, and moments from the beginning and the end, that are told: of more, their number is.
  private static let steps = 24
  private static let moments = (first: 40, last: 12)

  private static func more(_ count: Int) -> [String] { count > 0 ? ["  … and \(count) more"] : [] }

  /// Makes a text.
  package init(_ story: Explanation, style: TextStyle = TextStyle(isColoured: false)) {
    self.story = Printable.record(story)
    self.style = style
  }

  /// The text, with a newline at the end.
  package func text() -> String {
    var lines: [String] = []
    if let violation = story.violation {
      lines.append(style.bad("✗ \(violation.invariant)") + "  \(Self.listed(violation.ids, maximum: 6))")
    } else {
      lines.append(style.bold(story.transaction))
    }
    lines += ["", style.bold("In short")]
    lines += story.summary.flatMap { Self.wrapped($0, indent: "  ") }
    lines += ["", style.bold("From usage to cash")]
    var table = TextTable([.left, .left, .left])
    for step in story.lineage.prefix(Self.steps) {
      table.add([step.id, step.text, step.from.isEmpty ? "" : "← " + Self.listed(step.from)])
    }
    lines += story.lineage.isEmpty ? ["  no lineage is kept for this kind of violation"] : table.lines
    lines += Self.more(story.lineage.count - Self.steps)
    lines += ["", style.bold("What happened")]
    var moments = TextTable([.left, .left, .left, .left])
    // Of a long story the beginning and the end are told.
    let isLong = story.timeline.count > Self.moments.first + Self.moments.last
    let shown = isLong ? Array(story.timeline.prefix(Self.moments.first)) : story.timeline
    let end = isLong ? Array(story.timeline.suffix(Self.moments.last)) : []
    func add(_ event: Explanation.Event) {
      moments.add([event.at, event.place, event.text, story.lineage.count > 6 ? Self.listed(event.ids) : ""])
    }
    for event in shown + end { add(event) }
    var told = moments.lines
    if isLong {
      let more = Self.more(story.timeline.count - shown.count - end.count)
      told.insert(contentsOf: more, at: min(told.count, shown.count))
    }
    lines += story.timeline.isEmpty ? ["  nothing"] : told
    lines += ["", "\(story.run)", "fingerprint \(story.fingerprint)"]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func listed(_ ids: [String], maximum: Int = 3) -> String {
    ids.count <= maximum
      ? ids.joined(separator: ", ")
      : ids.prefix(maximum - 1).joined(separator: ", ") + " and \(ids.count - maximum + 1) more"
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
