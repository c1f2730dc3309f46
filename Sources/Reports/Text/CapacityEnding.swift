import RunRecord

/// The last lines of a capacity study: its answer, what is missed first beyond it, and the command that shows that.
struct CapacityEnding {
  private let study: CapacityStudy
  private let style: TextStyle

  init(_ study: CapacityStudy, _ style: TextStyle) {
    self.study = study
    self.style = style
  }

  var lines: [String] {
    guard !study.interrupted else { return [style.bad("INTERRUPTED") + "  what is complete was kept"] }
    guard !study.curves.isEmpty else {
      return [style.good("DONE") + "  \(study.name): \(Wording.grouped(study.runs)) replications"]
    }
    let answered = study.curves.filter { $0.answer != nil }
    let verdict = answered.isEmpty ? style.bad("NOT MET") : style.good("MET")
    let answers = study.curves.map { curve in
      (curve.setting.map { "\($0): " } ?? "")
        + (curve.answer.map { "\(knob) = \(CapacityText.readable($0))" } ?? "by no value in the range")
    }
    var lines = ["\(verdict)  \(study.name): " + answers.joined(separator: " · ")]
    guard let (curve, point) = firstMissed else { return lines }
    let values = point.values.map(CapacityText.readable).joined(separator: ", ")
    lines.append(
      "first: missed at \(values): " + (point.reasons.first ?? "an objective"))
    // A share of the whole load is no value of the scenario.
    if curve.setting == nil, !study.knobs.contains(where: { $0.subject == "load" }) {
      lines.append("next:  \(command(point))")
    }
    return lines
  }

  private var knob: String { study.knobs.first?.path ?? study.name }

  /// The first value beyond the answer that is shown to miss an objective.
  private var firstMissed: (CapacityStudy.Curve, CapacityStudy.Point)? {
    for curve in study.curves {
      let missed = curve.points.filter { [.missed, .seemsMissed].contains($0.finding) }
      if let point = study.seeks == "smallest" ? missed.last : missed.first { return (curve, point) }
    }
    return nil
  }

  /// One run with that value.
  private func command(_ point: CapacityStudy.Point) -> String {
    var words = ["meterstorm", "run", study.scenario, "--seed", "1"]
    for option in study.options.dropFirst() {
      let parts = option.split(separator: " ", maxSplits: 1).map(String.init)
      words.append("--\(parts[0])=\(parts.count > 1 ? parts[1] : "")")
    }
    for (knob, value) in zip(study.knobs, point.values) {
      words += knob.path.split(separator: ",").map { "--set=\($0)=\(value)" }
    }
    return ShellWords.text(words + ["--log", "short"])
  }
}
