import Chronology
import RunRecord

/// Who called whom, and what was lost on the way: a lifeline for the core and each ERP, one row per event, time running down.
struct SequenceDiagram {
  private struct Row {
    /// Seconds since the first event.
    var second: Double
    var place: String
    var text: String
    var call: Explanation.Call?
    /// Whether something was lost, or nobody knows what became of it.
    var isBad: Bool
  }

  private let rows: [Row]
  private let places: [String]
  /// Rows that are left out between the first ones and the last ones.
  private let hidden: Int
  /// Rows from the beginning and the end.
  private static let shown = (first: 28, last: 12)

  init(_ story: Explanation) {
    let start = story.timeline.first.flatMap { Instant(iso8601: $0.at) }
    var known: Set<String> = []
    let all = story.timeline.compactMap { event -> Row? in
      guard let start, let at = Instant(iso8601: event.at) else { return nil }
      guard
        event.call != nil
          || ["core", "fault"].contains(event.place) || event.place.hasPrefix("erp/")
          || event.place.hasPrefix("process/")
      else { return nil }
      if let call = event.call {
        // Of the documents of one call, one stands for all.
        guard known.insert("\(call.number) \(call.step.rawValue) \(event.text)").inserted else { return nil }
      }
      let isBad =
        switch event.call?.step {
        case .requestLost, .answerLost, .unanswered, .timedOut, .abandoned, .ignored, .refused: true
        default: event.place == "fault" && !event.text.hasSuffix(" ends") || event.text == "crashes"
        }
      let (place, text) = Self.words(event, start)
      return Row(
        second: at.span(after: start).seconds, place: place, text: text, call: event.call, isBad: isBad)
    }
    // Of a long story, what concerns calls.
    let chosen =
      all.count > Self.shown.first + Self.shown.last
      ? all.filter { $0.call != nil || $0.place.hasPrefix("erp/") } : all
    let isLong = chosen.count > Self.shown.first + Self.shown.last
    rows = isLong ? Array(chosen.prefix(Self.shown.first) + chosen.suffix(Self.shown.last)) : chosen
    hidden = chosen.count - rows.count
    var places = ["core"]
    for place in rows.flatMap({ [$0.call?.callee, $0.place.hasPrefix("erp/") ? $0.place : nil] }) {
      if let place, !places.contains(place), places.count < 4 { places.append(place) }
    }
    self.places = places
  }

  /// Where an event happened, and what: a fault at the ERP that it concerns, and since when.
  private static func words(_ event: Explanation.Event, _ start: Instant) -> (place: String, text: String) {
    guard event.place == "fault", let colon = event.text.firstRange(of: ": ") else {
      return event.place == "network" || event.place.hasPrefix("process/")
        ? ("core", "\(event.place): \(event.text)") : (event.place, event.text)
    }
    let place = String(event.text[..<colon.lowerBound])
    var text = String(event.text[colon.upperBound...])
    if let since = text.firstRange(of: " begins (since "),
      let at = Instant(iso8601: String(text[since.upperBound...].dropLast()))
    {
      text = "\(text[..<since.lowerBound]) since \(Wording.span(start.span(after: at).seconds)) before"
    }
    return (place, "fault: \(text)")
  }

  /// The picture; nothing where nobody was called.
  var markup: String {
    guard rows.contains(where: { $0.call != nil }) else { return "" }
    return Drawing.both(picture)
      + (hidden > 0
        ? HTML.paragraph(
          "\(Wording.grouped(hidden)) events in the middle are not drawn; the table below has them.", "quiet")
        : "")
  }

  /// `+1m 2.58s`: a span after the first event, with the digits that tell one event from the next.
  static func relative(_ second: Double) -> String {
    if second == 0 { return "0s" }
    guard second >= 60, second < 3600 else { return "+" + Wording.span(second) }
    let minutes = (second / 60).rounded(.down)
    return "+\(Wording.whole(minutes))m \(Wording.fixed(second - minutes * 60, decimals: 2))s"
  }

  /// Where things are: texts stand outside of the lifelines, so that calls cross none of them.
  private struct Layout {
    let size: Drawing.Size
    let places: [String]
    let hidden: Int
    var isWide: Bool { size == .wide }
    var row: Double { isWide ? 36 : 58 }
    /// The lifeline of the core; in the wide picture, what it does stands at its left.
    var core: Double { isWide ? 484 : 10 }
    var step: Double {
      isWide ? (places.count < 3 ? 170 : 90) : places.count < 3 ? 74 : 44
    }
    func x(_ place: String) -> Double { core + Double(places.firstIndex(of: place) ?? 0) * step }
    /// Where the texts of ERPs begin.
    var texts: Double { x(places.last ?? "core") + (isWide ? 14 : 12) }
    func y(_ index: Int) -> Double {
      let isLate = hidden > 0 && index >= SequenceDiagram.shown.first
      return 56 + Double(index) * row + (isLate ? row : 0)
    }
    /// Characters in a line.
    func room(_ place: String) -> Int {
      isWide && place == "core" ? 58 : Int((size.width - texts) / 6.9)
    }
  }

  private func picture(_ size: Drawing.Size) -> String {
    var drawing = Drawing()
    let layout = Layout(size: size, places: places, hidden: hidden)
    let bottom = layout.y(rows.count - 1) + (layout.isWide ? 20 : 32)
    for (index, place) in places.enumerated() {
      let x = layout.x(place)
      drawing.line(x, 24, x, bottom, "stroke=\"var(--quiet)\" stroke-width=\"1.5\" stroke-dasharray=\"1 3\"")
      drawing.text(
        x, places.count > 2 && index.isMultiple(of: 2) && index > 0 ? 28 : 14, place,
        layout.isWide || index > 0 ? "middle" : "start", "class=\"halo\" style=\"font-weight:700\"")
    }
    for index in rows.indices where rows[index].call?.step == .sent { arrows(of: index, &drawing, layout) }
    var before = ""
    for (index, entry) in rows.enumerated() {
      let place = places.contains(entry.place) ? entry.place : "core"
      let (x, y) = (layout.x(place), layout.y(index))
      let time = Self.relative(entry.second)
      let style = "class=\"halo\"" + (entry.isBad ? " style=\"fill:var(--bad);font-weight:600\"" : "")
      drawing.raw(
        "<circle cx=\"\(HTML.number(x))\" cy=\"\(HTML.number(y - 4))\" r=\"3.5\" fill=\"var(--\(entry.isBad ? "bad" : "ink"))\"/>"
      )
      let lines = Self.wrapped(entry.text, layout.room(place), lines: 2)
      if layout.isWide {
        if time != before { drawing.text(76, y, time, "end") }
        let isCore = place == "core"
        for (line, text) in lines.enumerated() {
          drawing.text(
            isCore ? layout.core - 12 : layout.texts, y + Double(line) * 14, text, isCore ? "end" : "start",
            style)
        }
      } else {
        drawing.text(layout.texts, y, time == before ? place : "\(place), \(time)")
        for (line, text) in lines.enumerated() {
          drawing.text(layout.texts, y + 15 + Double(line) * 14, text, "start", style)
        }
      }
      before = time
    }
    if hidden > 0 {
      drawing.text(
        layout.isWide ? layout.core - 12 : layout.texts, layout.y(Self.shown.first) - layout.row,
        "⋮ \(Wording.grouped(hidden)) more", layout.isWide ? "end" : "start")
    }
    return drawing.markup(
      size, height: bottom + 6,
      label:
        "Calls between \(places.joined(separator: " and ")), in the order of time; the table below has every step"
    )
  }

  /// A text in as many lines as there are; what does not fit is cut.
  private static func wrapped(_ text: String, _ room: Int, lines: Int) -> [String] {
    var done: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + word.count + 1 > room {
        done.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    done.append(line)
    if done.count > lines {
      done = Array(done.prefix(lines - 1)) + [done[(lines - 1)...].joined(separator: " ")]
    }
    return done.map { $0.count > room ? $0.prefix(room - 1) + "…" : $0 }
  }

  /// The request and the answer of a call, as far as they got.
  private func arrows(of sent: Int, _ drawing: inout Drawing, _ layout: Layout) {
    guard let call = rows[sent].call, places.contains(call.callee) else { return }
    func place(of steps: Set<Explanation.Call.Step>) -> Int? {
      rows.indices.first { index in
        index > sent
          && rows[index].call.map { $0.number == call.number && steps.contains($0.step) } == true
      }
    }
    func y(_ index: Int) -> Double { layout.y(index) - 4 }
    let (core, erp) = (layout.core, layout.x(call.callee))
    let middle = (core + erp) / 2
    let there = place(of: [.processed, .unanswered, .refused, .abandoned])
    if let lost = place(of: [.requestLost]) {
      arrow(core, y(sent), middle, y(lost), isLost: true, &drawing)
    } else if let there {
      arrow(core, y(sent), erp, y(there), isLost: false, &drawing)
    }
    guard let there else { return }
    if let lost = place(of: [.answerLost]) {
      arrow(erp, y(there), middle, y(lost), isLost: true, &drawing)
    } else if let back = place(of: [.received, .ignored]) {
      arrow(erp, y(there), core, y(back), isLost: false, &drawing)
    } else if rows[there].call?.step == .unanswered {
      arrow(erp, y(there), middle, y(there) + layout.row * 0.55, isLost: true, &drawing)
    }
  }

  private func arrow(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, isLost: Bool, _ drawing: inout Drawing
  ) {
    let colour = isLost ? "bad" : "a"
    drawing.line(
      x1, y1, x2, y2,
      "stroke=\"var(--\(colour))\" stroke-width=\"1.6\"\(isLost ? " stroke-dasharray=\"5 3\"" : "")")
    if isLost {
      drawing.raw(
        "<path d=\"M\(HTML.number(x2 - 5)) \(HTML.number(y2 - 5))l10 10m0 -10l-10 10\" stroke=\"var(--bad)\" stroke-width=\"2.5\"/>"
      )
    } else {
      let back = x2 > x1 ? -8.0 : 8.0
      drawing.raw(
        "<path d=\"M\(HTML.number(x2)) \(HTML.number(y2))l\(HTML.number(back)) -4v8z\" fill=\"var(--a)\"/>")
    }
  }
}
