import Chronology
import Foundation
import RunRecord

extension TimeChart {
  private struct Data: Encodable {
    /// Milliseconds since 1970.
    var start: Double
    var seconds: Double
    var from: Double
    var to: Double
    var series: [Curve]
    var faults: [Band]
    var marks: [Mark]
  }

  /// Where things are in a picture of one size.
  private struct Layout {
    let size: Drawing.Size
    /// Where the plots begin.
    var left: Double { size == .wide ? 52 : 48 }
    /// How wide the plots are; behind them stand labels, where there is room.
    var width: Double { size == .wide ? 712 : 304 }
    var lane: Double { size == .wide ? 18 : 31 }
    var plot: Double { size == .wide ? 84 : 76 }
    /// How much stands above a plot: its title, and in the slim picture the names of its curves.
    func head(_ track: Track) -> Double { size == .wide || track.curves.count < 2 ? 20 : 36 }
    func height(_ track: Track) -> Double { head(track) + plot + 18 }
    /// Ticks at most.
    var ticks: Int { size == .wide ? 8 : 4 }
  }

  /// The chart, or words where there is nothing to draw.
  func markup(_ id: String) -> String {
    guard tracks.contains(where: { !$0.curves.isEmpty }) else {
      return HTML.paragraph("The run ended before anything was sampled.", "quiet")
    }
    let buttons =
      windows.count > 4
      ? ""
      : windows.map { window in
        "<button type=\"button\" data-window=\"\(HTML.number(window.from)),\(HTML.number(window.to))\" aria-pressed=\"\(window == view)\">\(TimeAxis.days(start, window.from, window.to))</button>"
      }.joined()
    return """
      <figure class="chart" id="\(id)"><figcaption>Times are UTC. <span class="window">\(TimeAxis.stretch(start, view.from, view.to))</span>. Point at the chart to read values; drag to move, Ctrl and wheel to zoom, or use the arrow keys, + and −.</figcaption>
      <div class="tools">\(buttons)<button type="button" data-zoom="all" aria-pressed="\(view.from == 0 && view.to == seconds)">whole run</button><button type="button" data-zoom="1.6">zoom in</button><button type="button" data-zoom="0.625">zoom out</button></div>
      <div class="canvas picture">\(Drawing.Size.allCases.map { svg(id, Layout(size: $0)) }.joined(separator: "\n"))</div>
      <script type="application/json">\(json)</script></figure>
      """
  }

  private var json: String {
    let data = Data(
      start: start.span(after: Instant(nanoseconds: 0)).seconds * 1000, seconds: seconds, from: view.from,
      to: view.to, series: tracks.flatMap(\.curves), faults: bands, marks: marks)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = (try? encoder.encode(data)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    return text.replacing("<", with: "\\u003c").replacing(">", with: "\\u003e").replacing(
      "&", with: "\\u0026")
  }

  // MARK: Picture

  private func svg(_ id: String, _ layout: Layout) -> String {
    let clip = "\(id)-\(layout.size == .wide ? "wide" : "slim")"
    var parts: [String] = []
    var top = 4.0
    let rows = (marks.isEmpty ? [] : ["first violation of a kind"]) + lanes
    for (row, name) in rows.enumerated() {
      let lane = row - (marks.isEmpty ? 0 : 1)
      let y = top + Double(row) * layout.lane
      let bar = layout.size == .wide ? y + 2 : y + 16
      parts.append(
        layout.size == .wide
          ? text(layout.left + layout.width + 10, y + 13, Self.short(name, 29), "label")
          : text(layout.left, y + 12, Self.short(name, 48), "label"))
      parts.append(clipped(clip, layout, lane < 0 ? pins(layout, bar) : bars(layout, lane, bar)))
    }
    top += Double(rows.count) * layout.lane + (rows.isEmpty ? 0 : 10)
    let begin = top
    for track in tracks {
      parts.append(self.track(track, at: top, clip, layout))
      top += layout.height(track)
    }
    let shades =
      faulty.map { stretch in
        "<rect x=\"\(HTML.number(x(stretch.from, layout)))\" y=\"\(HTML.number(begin))\" width=\"\(HTML.number(max(0.5, x(stretch.to, layout) - x(stretch.from, layout))))\" height=\"\(HTML.number(top - begin - 10))\" fill=\"var(--fault)\" fill-opacity=\".6\"/>"
      }.joined()
      + marks.map { mark in
        line(x(mark.at, layout), begin, top - 10, "stroke=\"var(--bad)\" stroke-dasharray=\"2 4\"")
      }.joined()
    let bottom = top - 10
    return """
      <svg class="\(layout.size == .wide ? "wide" : "slim")" viewBox="0 0 \(HTML.number(layout.size.width)) \(HTML.number(top + 14))" role="img" tabindex="0" data-x="\(HTML.number(layout.left))" data-width="\(HTML.number(layout.width))" data-view="\(HTML.number(layout.size.width))" data-ticks="\(layout.ticks)" data-top="\(HTML.number(begin))" data-bottom="\(HTML.number(bottom))" aria-label="Faults, throughput, queues and ledgers over time; the tables below have the figures">
      <defs><clipPath id="\(clip)-clip"><rect x="\(HTML.number(layout.left))" y="0" width="\(HTML.number(layout.width))" height="\(HTML.number(top))"/></clipPath></defs>
      \(clipped(clip, layout, shades))
      <g class="ticks">\(ticks(layout, begin, bottom))</g>
      \(parts.joined(separator: "\n"))
      <line class="cursor" x1="0" x2="0" y1="0" y2="\(HTML.number(bottom))" stroke="var(--ink)" stroke-dasharray="3 3" visibility="hidden"/>
      </svg>
      """
  }

  /// Where any fault held.
  private var faulty: [Window] {
    var stretches: [Window] = []
    for band in bands.sorted(by: { ($0.from, $0.to) < ($1.from, $1.to) }) {
      if let last = stretches.last, band.from <= last.to {
        stretches[stretches.count - 1].to = max(last.to, band.to)
      } else {
        stretches.append(Window(from: band.from, to: band.to))
      }
    }
    return stretches
  }

  private func bars(_ layout: Layout, _ lane: Int, _ y: Double) -> String {
    bands.filter { $0.lane == lane }.map { band in
      let title = layout.size == .wide ? "<title>\(HTML.escaped(band.name))</title>" : ""
      return
        "<rect x=\"\(HTML.number(x(band.from, layout)))\" y=\"\(HTML.number(y))\" width=\"\(HTML.number(max(0.5, x(band.to, layout) - x(band.from, layout))))\" height=\"13\" fill=\"var(--bad)\" fill-opacity=\".5\">\(title)</rect>"
    }.joined()
  }

  private func pins(_ layout: Layout, _ y: Double) -> String {
    marks.map { line(x($0.at, layout), y, y + 13, "stroke=\"var(--bad)\" stroke-width=\"3\"") }.joined()
  }

  private func ticks(_ layout: Layout, _ top: Double, _ bottom: Double) -> String {
    TimeAxis.ticks(start, view.from, view.to, count: layout.ticks).map { tick in
      let x = layout.left + (tick.second - view.from) / (view.to - view.from) * layout.width
      let anchor = x < layout.left + 20 ? "start" : x > layout.left + layout.width - 20 ? "end" : "middle"
      return
        "<line class=\"\(tick.isDay ? "day" : "axis")\" x1=\"\(HTML.number(x))\" x2=\"\(HTML.number(x))\" y1=\"\(HTML.number(top))\" y2=\"\(HTML.number(bottom))\"/>"
        + text(x, bottom + 18, tick.text, "label tick", anchor)
    }.joined()
  }

  private func track(_ track: Track, at top: Double, _ clip: String, _ layout: Layout) -> String {
    let base = top + layout.head(track) + layout.plot
    let greatest = max(1, track.curves.flatMap(\.values).max() ?? 1)
    let (left, right) = (layout.left, layout.left + layout.width)
    let own = track.curves.count == 1 ? track.curves.first : nil
    var parts = [
      text(left, top + 13, track.title, own == nil ? "halo" : "halo \(own?.colour ?? "")"),
      "<line class=\"axis\" x1=\"\(HTML.number(left))\" x2=\"\(HTML.number(right))\" y1=\"\(HTML.number(base))\" y2=\"\(HTML.number(base))\"/>",
      text(
        left - 6, base - layout.plot + 9, greatest < 1000 ? "\(greatest)" : Wording.short(Double(greatest)),
        "label", "end"),
      text(left - 6, base, "0", "label", "end"),
    ]
    let paths = track.curves.map { curve -> String in
      var path = ""
      for (at, value) in zip(curve.at, curve.values) {
        let y = base - Double(value) / Double(greatest) * layout.plot
        path += (path.isEmpty ? "M" : "L") + "\(HTML.number(x(at, layout))) \(HTML.number(y))"
      }
      return
        "<path\(layout.size == .wide ? " data-series=\"\(curve.id)\"" : "") d=\"\(path)\" fill=\"none\" stroke=\"var(--\(curve.colour))\" stroke-width=\"1.8\" vector-effect=\"non-scaling-stroke\"/>"
    }.joined()
    parts.append(clipped(clip, layout, paths))
    parts.append(labels(track, base, greatest, layout))
    return parts.joined(separator: "\n")
  }

  /// Each curve's name with its figure, at its right end; in the slim picture, under the title.
  private func labels(_ track: Track, _ base: Double, _ greatest: Int, _ layout: Layout) -> String {
    let figures = track.curves.map { figure($0) }
    func label(_ index: Int, _ x: Double, _ y: Double, _ anchor: String = "start") -> String {
      let curve = track.curves[index]
      let name = layout.size == .wide ? Self.short(curve.label, 12) : Self.short(curve.label, 8)
      let words = curve.figure == .peak ? "\(name) peak " : "\(name) "
      return
        "<text class=\"\(curve.colour) halo\" data-label=\"\(curve.id)\" data-words=\"\(HTML.escaped(words))\" x=\"\(HTML.number(x))\" y=\"\(HTML.number(y))\" text-anchor=\"\(anchor)\">\(HTML.escaped(words + Wording.grouped(figures[index].shown)))</text>"
    }
    let right = layout.left + layout.width
    guard layout.size == .wide else {
      let count = track.curves.count
      guard count > 1 else { return label(0, right, base - layout.plot - 7, "end") }
      let step = layout.width / Double(min(count, 2))
      return track.curves.indices.prefix(2).map { index in
        label(index, layout.left + Double(index) * step, base - layout.plot - 5)
      }.joined()
    }
    // Those that end close together are spread, from below.
    var places = track.curves.indices.map { index in
      (index: index, y: base - Double(figures[index].last) / Double(greatest) * layout.plot + 4)
    }.sorted { ($1.y, $0.index) < ($0.y, $1.index) }
    for place in places.indices.dropFirst() {
      places[place].y = min(places[place].y, places[place - 1].y - 14)
    }
    return places.prefix(6).map { label($0.index, right + 10, $0.y) }.joined()
  }

  /// What is shown of a curve in view, and where it ends.
  private func figure(_ curve: Curve) -> (shown: Int, last: Int) {
    var (peak, last) = (0, 0)
    for (at, value) in zip(curve.at, curve.values) where at <= view.to {
      last = value
      if at >= view.from { peak = max(peak, value) }
    }
    return (curve.figure == .peak ? peak : last, last)
  }

  // MARK: Parts

  /// What is on the plots: scaled so that the view fills them.
  private func clipped(_ clip: String, _ layout: Layout, _ content: String) -> String {
    let scale = seconds / (view.to - view.from)
    let shift = layout.left * (1 - scale) - view.from / seconds * layout.width * scale
    let transform =
      scale == 1
      ? "" : " transform=\"translate(\(HTML.number(shift)),0) scale(\(Wording.fixed(scale, decimals: 6)),1)\""
    return "<g clip-path=\"url(#\(clip)-clip)\"><g class=\"plot\"\(transform)>\(content)</g></g>"
  }

  private func line(_ x: Double, _ y1: Double, _ y2: Double, _ style: String) -> String {
    "<line x1=\"\(HTML.number(x))\" x2=\"\(HTML.number(x))\" y1=\"\(HTML.number(y1))\" y2=\"\(HTML.number(y2))\" \(style) vector-effect=\"non-scaling-stroke\"/>"
  }

  private func text(
    _ x: Double, _ y: Double, _ text: String, _ style: String, _ anchor: String = "start"
  ) -> String {
    "<text class=\"\(style)\" x=\"\(HTML.number(x))\" y=\"\(HTML.number(y))\" text-anchor=\"\(anchor)\">\(HTML.escaped(text))</text>"
  }

  private func x(_ second: Double, _ layout: Layout) -> Double {
    layout.left + second / seconds * layout.width
  }

  private static func short(_ name: String, _ maximum: Int) -> String {
    name.count <= maximum ? name : name.prefix(maximum - 1) + "…"
  }
}

/// Ticks of an axis of time, at days where there is room for them, and the words at them.
enum TimeAxis {
  /// A place on the axis.
  struct Tick: Equatable {
    /// Since the start.
    var second: Double
    var text: String
    /// Whether a day begins there.
    var isDay: Bool
  }

  /// Seconds between ticks.
  static let steps: [Double] = [
    1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600,
  ]
  /// Months between ticks, where days are too many.
  private static let spans = [1, 2, 3, 6, 12, 24, 60, 120]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// The ticks between two instants, given in seconds after a start: as many as there is room for, or fewer.
  static func ticks(_ start: Instant, _ from: Double, _ to: Double, count: Int) -> [Tick] {
    guard to > from, (to - from).isFinite else { return [] }
    guard let step = steps.first(where: { (to - from) / $0 <= Double(count) }) else {
      return months(start, from, to, count: count)
    }
    let origin = start.span(after: Instant(nanoseconds: 0)).seconds
    let first = ((origin + from) / step).rounded(.up)
    return (0...count).map { (first + Double($0)) * step - origin }.filter { $0 <= to }.map { second in
      let (date, time) = parts(start, second)
      let isDay = time == "00:00:00"
      return Tick(
        second: second, text: isDay ? date.short : String(step < 60 ? time[...] : time.prefix(5)),
        isDay: isDay && step < 86_400)
    }
  }

  /// Ticks at the beginnings of months; January with its year.
  private static func months(_ start: Instant, _ from: Double, _ to: Double, count: Int) -> [Tick] {
    let span = spans.first { (to - from) / (Double($0) * 2_629_746) <= Double(count) } ?? 240
    let fields = "\(start + Span(seconds: from.rounded()))".prefix(7).split(separator: "-").compactMap {
      Int($0)
    }
    guard fields.count == 2 else { return [] }
    var number = (fields[0] * 12 + fields[1] - 1) / span * span
    var ticks: [Tick] = []
    while ticks.count <= count {
      let (year, month) = (number / 12, number % 12)
      let text = "\(year)-\(month < 9 ? "0" : "")\(month + 1)-01T00:00:00Z"
      guard let at = Instant(iso8601: text) else { break }
      let second = at.span(after: start).seconds
      if second > to { break }
      if second >= from {
        ticks.append(Tick(second: second, text: month == 0 ? "Jan \(year)" : months[month], isDay: false))
      }
      number += span
    }
    return ticks
  }

  /// `31 Jan – 3 Feb`.
  static func days(_ start: Instant, _ from: Double, _ to: Double) -> String {
    let (first, last) = (parts(start, from).0.short, parts(start, to).0.short)
    return first == last ? first : "\(first) – \(last)"
  }

  /// `31 Jan 2026 18:00 to 3 Feb 2026 04:00`.
  static func stretch(_ start: Instant, _ from: Double, _ to: Double) -> String {
    let (first, last) = (parts(start, from), parts(start, to))
    return "\(first.0.long) \(first.1.prefix(5)) to \(last.0.long) \(last.1.prefix(5))"
  }

  private static func parts(
    _ start: Instant, _ second: Double
  ) -> ((short: String, long: String), String) {
    let text = "\(start + Span(seconds: second.rounded()))"
    let fields = text.prefix(10).split(separator: "-")
    guard fields.count == 3, let month = Int(fields[1]), let day = Int(fields[2]), (1...12).contains(month)
    else { return ((String(text.prefix(10)), String(text.prefix(10))), String(text.dropFirst(11).prefix(8))) }
    let short = "\(day) \(months[month - 1])"
    return ((short, "\(short) \(fields[0])"), String(text.dropFirst(11).prefix(8)))
  }
}
