import Chronology
import Foundation
import RunRecord

/// What happened over a run: faults, throughput, queues and ledgers, one above the other on one axis of time.
struct TimeChart {
  private struct Curve: Encodable {
    var id: String
    var name: String
    var values: [Int]
  }

  private struct Band: Encodable {
    var name: String
    var from: Double
    var to: Double
    /// Which line of the faults' track.
    var lane: Int

    enum CodingKeys: CodingKey { case name, from, to }
  }

  private struct Track {
    var title: String
    var curves: [(curve: Curve, colour: String)]
  }

  private struct Data: Encodable {
    var start: Double
    var seconds: Double
    var view: Double
    var x: Double
    var width: Double
    var ticks: Int
    var series: [Curve]
    var faults: [Band]
  }

  private static let view = 1000.0
  private static let left = 62.0
  private static let width = 926.0
  private static let ticks = 6
  private static let colours = ["a", "b", "c", "d", "e", "f"]
  /// Samples that are drawn at most; of more, the greatest of each stretch is kept.
  private static let most = 1200

  private let start: Instant
  private let seconds: Double
  private let bands: [Band]
  private let lanes: [String]
  private let tracks: [Track]

  init(_ record: RunRecord) {
    start = Instant(iso8601: record.simulated.start) ?? Instant(nanoseconds: 0)
    let series = record.series
    seconds = max(1, series.step * Double(max(1, series.delivered.count - 1)))
    var lanes: [String] = []
    var bands: [Band] = []
    for fault in record.faults {
      guard let from = Instant(iso8601: fault.start), let to = Instant(iso8601: fault.end) else { continue }
      if !lanes.contains(fault.target) { lanes.append(fault.target) }
      bands.append(
        Band(
          name: HTML.visible("\(fault.kind) of \(fault.target)"),
          from: max(0, from.span(after: start).seconds),
          to: min(seconds, to.span(after: start).seconds), lane: lanes.firstIndex(of: fault.target) ?? 0))
    }
    self.lanes = lanes
    self.bands = bands.filter { $0.to > $0.from }
    var number = 0
    func track(_ title: String, _ curves: [(String, [Int])]) -> Track {
      Track(
        title: title,
        curves: curves.enumerated().map { index, entry in
          number += 1
          return (
            Curve(id: "s\(number)", name: HTML.visible(entry.0), values: Self.thinned(entry.1)),
            Self.colours[index % Self.colours.count]
          )
        })
    }
    let entities = record.configuration.entities.map(\.name)
    tracks = [
      track("usage events delivered, each \(Wording.span(series.step))", [("delivered", series.delivered)]),
      track("events that wait in the broker", [("broker", series.brokerLag)]),
      track("documents that wait for their ERP", zip(entities, series.outbox).map { ("outbox \($0)", $1) }),
      track("calls that ERPs refused", [("refused", series.refused)]),
      track("documents in the ledgers", zip(entities, series.posted).map { ("ledger \($0)", $1) }),
    ].filter { $0.curves.contains { $0.curve.values.contains { $0 != 0 } } }
  }

  private static func thinned(_ values: [Int]) -> [Int] {
    guard values.count > most else { return values }
    return (0..<most).map { index in
      let range = index * values.count / most..<(index + 1) * values.count / most
      return values[range].max() ?? 0
    }
  }

  /// The chart, or words where there is nothing to draw.
  func markup(_ id: String) -> String {
    guard tracks.contains(where: { !$0.curves.isEmpty }) else {
      return HTML.paragraph("The run ended before anything was sampled.", "quiet")
    }
    return """
      <figure class="chart" id="\(id)"><figcaption>All on one axis of time (UTC). Point at it to read it; drag, Ctrl and wheel, or + and − zoom.</figcaption>
      <div class="tools legend"><button type="button" data-zoom="1.6">zoom in</button><button type="button" data-zoom="0.625">zoom out</button><button type="button" data-zoom="all">whole run</button>\(legend)</div>
      <div class="canvas">\(svg(id))</div>
      <script type="application/json">\(json)</script></figure>
      """
  }

  private var legend: String {
    tracks.flatMap(\.curves).map { entry in
      "<button type=\"button\" data-toggle=\"\(entry.curve.id)\" aria-pressed=\"true\"><span class=\"key\" style=\"background:var(--\(entry.colour))\"></span>\(HTML.escaped(entry.curve.name))</button>"
    }.joined()
  }

  private var json: String {
    let data = Data(
      start: start.span(after: Instant(nanoseconds: 0)).seconds * 1000, seconds: seconds, view: Self.view,
      x: Self.left,
      width: Self.width, ticks: Self.ticks, series: tracks.flatMap { $0.curves.map(\.curve) }, faults: bands)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = (try? encoder.encode(data)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    return text.replacing("<", with: "\\u003c").replacing(">", with: "\\u003e").replacing(
      "&", with: "\\u0026")
  }

  private func svg(_ id: String) -> String {
    var parts: [String] = []
    var top = 6.0
    if !lanes.isEmpty {
      parts.append(label("faults", top + 11))
      top += 18
      for (index, lane) in lanes.enumerated() {
        let y = top + Double(index) * 16
        parts.append(
          "<text class=\"label\" x=\"\(HTML.number(Self.left - 6))\" y=\"\(HTML.number(y + 11))\" text-anchor=\"end\">\(HTML.escaped(Self.short(lane)))</text>"
        )
        let rects = bands.filter { $0.lane == index }.map { band in
          "<rect x=\"\(HTML.number(x(band.from)))\" y=\"\(HTML.number(y + 1))\" width=\"\(HTML.number(max(1, x(band.to) - x(band.from))))\" height=\"13\" fill=\"var(--bad)\" fill-opacity=\".55\"><title>\(HTML.escaped(band.name))</title></rect>"
        }.joined()
        parts.append(clipped(id, rects))
      }
      top += Double(lanes.count) * 16 + 12
    }
    let begin = top
    for track in tracks {
      parts += self.track(track, at: top, id)
      top += 122
    }
    let shades = bands.map { band in
      "<rect x=\"\(HTML.number(x(band.from)))\" y=\"\(HTML.number(begin))\" width=\"\(HTML.number(max(0.5, x(band.to) - x(band.from))))\" height=\"\(HTML.number(top - begin - 8))\" fill=\"var(--fault)\" fill-opacity=\".35\"/>"
    }.joined()
    let ticks = (0..<Self.ticks).map { index -> String in
      let share = Double(index) / Double(Self.ticks - 1)
      let at = start + Span(seconds: (share * seconds).rounded())
      let anchor = index == 0 ? "start" : index == Self.ticks - 1 ? "end" : "middle"
      return
        "<text class=\"label tick\" x=\"\(HTML.number(Self.left + share * Self.width))\" y=\"\(HTML.number(top + 8))\" text-anchor=\"\(anchor)\">\("\(at)".prefix(16).replacing("T", with: " "))</text>"
    }.joined()
    return """
      <svg viewBox="0 0 \(HTML.number(Self.view)) \(HTML.number(top + 16))" role="img" tabindex="0" aria-label="Faults, throughput, queues and ledgers over time; the tables below have the figures">
      <defs><clipPath id="\(id)-clip"><rect x="\(HTML.number(Self.left))" y="0" width="\(HTML.number(Self.width))" height="\(HTML.number(top))"/></clipPath></defs>
      \(clipped(id, shades))
      \(parts.joined(separator: "\n"))
      \(ticks)
      <line class="cursor" x1="0" x2="0" y1="0" y2="\(HTML.number(top - 6))" stroke="var(--ink)" stroke-dasharray="3 3" visibility="hidden"/>
      </svg>
      """
  }

  private func track(_ track: Track, at top: Double, _ id: String) -> [String] {
    let height = 84.0
    let base = top + 18 + height
    let greatest = max(1, track.curves.flatMap { $0.curve.values }.max() ?? 1)
    var parts = [
      label(track.title, top + 11),
      "<line class=\"axis\" x1=\"\(HTML.number(Self.left))\" x2=\"\(HTML.number(Self.left + Self.width))\" y1=\"\(HTML.number(base))\" y2=\"\(HTML.number(base))\"/>",
      "<text class=\"label\" x=\"\(HTML.number(Self.left - 6))\" y=\"\(HTML.number(top + 28))\" text-anchor=\"end\">\(greatest < 1000 ? "\(greatest)" : Wording.short(Double(greatest)))</text>",
      "<text class=\"label\" x=\"\(HTML.number(Self.left - 6))\" y=\"\(HTML.number(base))\" text-anchor=\"end\">0</text>",
    ]
    let paths = track.curves.map { entry -> String in
      let count = Double(max(1, entry.curve.values.count - 1))
      var path = ""
      for (index, value) in entry.curve.values.enumerated() {
        // A run of equal values is one line.
        let isInner = index > 0 && index + 1 < entry.curve.values.count
        if isInner, entry.curve.values[index - 1] == value, entry.curve.values[index + 1] == value {
          continue
        }
        let x = Self.left + Double(index) / count * Self.width
        let y = base - Double(value) / Double(greatest) * height
        path += (path.isEmpty ? "M" : "L") + "\(HTML.number(x)) \(HTML.number(y))"
      }
      return
        "<path data-series=\"\(entry.curve.id)\" d=\"\(path)\" fill=\"none\" stroke=\"var(--\(entry.colour))\" stroke-width=\"1.6\" vector-effect=\"non-scaling-stroke\"/>"
    }.joined()
    parts.append(clipped(id, paths))
    return parts
  }

  private func clipped(_ id: String, _ content: String) -> String {
    "<g clip-path=\"url(#\(id)-clip)\"><g class=\"plot\">\(content)</g></g>"
  }

  private func label(_ text: String, _ y: Double) -> String {
    "<text x=\"\(HTML.number(Self.left))\" y=\"\(HTML.number(y))\">\(HTML.escaped(text))</text>"
  }

  private func x(_ second: Double) -> Double { Self.left + second / seconds * Self.width }

  private static func short(_ name: String) -> String {
    name.count <= 10 ? name : "…" + name.suffix(9)
  }
}
