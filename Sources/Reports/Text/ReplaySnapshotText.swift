import RunRecord

/// How a run stands at an instant, for a terminal.
package struct ReplaySnapshotText {
  private let state: ReplaySnapshot
  private let style: TextStyle

  /// Makes a text.
  package init(_ state: ReplaySnapshot, style: TextStyle = TextStyle(isColoured: false)) {
    self.state = Printable.record(state)
    self.style = style
  }

  /// The text, with a newline at the end.
  package func text() -> String {
    var lines = [
      style.bold(state.until)
        + (state.isOver
          ? "  all queues had drained before, at \(state.last)" : "  after the event at \(state.last)"),
      "",
    ]
    var table = TextTable([.left, .left, .right])
    var stage = ""
    for figure in state.figures {
      table.add([figure.stage == stage ? "" : figure.stage, figure.name, grouped(figure.value)])
      stage = figure.stage
    }
    lines += table.lines
    lines += ["", style.bold("Faults")] + listed(state.faults)
    lines += ["", style.bold("Processes that are down")] + listed(state.processesDown)
    lines += ["", style.bold("Broken so far")]
    lines += state.broken.isEmpty ? ["  nothing"] : state.broken.map { "  " + style.bad("✗ ") + $0 }
    lines += ["", style.bold("Most recent events")] + listed(state.moments)
    lines += [
      "", "\(state.run)",
      "\(Wording.grouped(state.kernelEvents)) kernel events, fingerprint \(state.fingerprint)",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private func listed(_ texts: [String]) -> [String] { texts.isEmpty ? ["  none"] : texts.map { "  \($0)" } }

  /// Groups the digits of a figure; anything else stays.
  private func grouped(_ value: String) -> String {
    value.allSatisfy { $0.isNumber || $0 == "." || $0 == "-" } ? Wording.grouped(value) : value
  }
}
