import Chronology
import Foundation
import RunRecord

/// What happened over a run: faults, throughput, queues and ledgers, one above the other on one axis of time, which begins zoomed to
/// where documents waited.
struct TimeChart {
  /// One value over time.
  struct Curve: Encodable {
    /// What the label at the curve's right end says.
    enum Figure: String, Encodable {
      /// The greatest value in view.
      case peak
      /// The value at the end of the view.
      case last
    }

    var id: String
    /// With what it measures: `outbox us`.
    var name: String
    /// In its own track: `us`.
    var label: String
    var figure: Figure
    /// Seconds since the run's start, rising.
    var at: [Double]
    /// As many values as instants.
    var values: [Int]
    /// A name of the style's colours.
    var colour: String
  }

  /// A fault while it held.
  struct Band: Encodable {
    var name: String
    var from: Double
    var to: Double
    /// Which line of the faults' track.
    var lane: Int

    enum CodingKeys: CodingKey { case name, from, to }
  }

  /// Where a property first broke.
  struct Mark: Encodable {
    var name: String
    var at: Double
  }

  /// Curves of one unit on one scale.
  struct Track {
    var title: String
    var curves: [Curve]
  }

  /// A stretch of time in which something happened.
  struct Window: Equatable {
    /// Seconds since the run's start.
    var from: Double
    var to: Double
  }

  let start: Instant
  /// How long the axis is: a little longer than the run, so that its last state can be seen.
  let seconds: Double
  let bands: [Band]
  let lanes: [String]
  let marks: [Mark]
  let tracks: [Track]
  /// Where documents waited or were posted, in the order of time; empty where that is most of the run.
  let windows: [Window]
  /// What is shown at first.
  let view: Window

  /// Points of a curve that are drawn at most, inside of windows and outside: of more, the greatest of each stretch is kept.
  private static let maximum = 1200
  /// Lines of faults at most.
  private static let maximumLanes = 10
  private static let colours = ["a", "b", "c", "d", "e", "f"]

  init(_ record: RunRecord) {
    let start = Instant(iso8601: record.simulated.start) ?? Instant(nanoseconds: 0)
    self.start = start
    let series = record.series
    let times = Self.times(record)
    let end = times.last ?? 0
    let seconds = max(1, end + max(series.step, end * 0.02))
    self.seconds = seconds
    func second(_ text: String) -> Double? { Instant(iso8601: text).map { $0.span(after: start).seconds } }
    (lanes, bands) = Self.faults(record.faults, until: seconds, second)
    marks = record.brokenInvariants.compactMap { invariant in
      invariant.violations.compactMap { second($0.at) }.min().map {
        Mark(name: HTML.visible(invariant.name), at: min(max(0, $0), seconds))
      }
    }
    windows = Self.windows(series, times, marks: marks, seconds: seconds)
    view = Self.chosen(windows, series, times, marks: marks) ?? Window(from: 0, to: seconds)
    let kept = windows
    var number = 0
    func track(_ title: String, _ figure: Curve.Figure, _ curves: [(String, String, [Int])]) -> Track {
      Track(
        title: title,
        curves: curves.enumerated().map { index, entry in
          number += 1
          let points = Self.points(entry.2, times, windows: kept, until: seconds)
          return Curve(
            id: "s\(number)", name: HTML.visible(entry.0), label: HTML.visible(entry.1), figure: figure,
            at: points.at, values: points.values, colour: Self.colours[index % Self.colours.count])
        })
    }
    let entities = record.configuration.entities.map(\.name)
    func each(_ what: String, _ values: [[Int]]) -> [(String, String, [Int])] {
      zip(entities, values).map { ("\(what) \($0)", $0, $1) }
    }
    tracks = [
      track(
        "usage events delivered per \(Wording.span(series.step))", .peak,
        [("delivered", "events", series.delivered)]),
      track("usage events queued in the broker", .peak, [("broker", "events", series.brokerLag)]),
      track("documents queued for their ERP", .peak, each("outbox", series.outbox)),
      track("calls that ERPs refused", .peak, [("refused", "calls", series.refused)]),
      track("documents in the ledgers", .last, each("ledger", series.posted)),
    ].filter { $0.curves.contains { $0.values.contains { $0 != 0 } } }
  }

  // MARK: Time

  /// When each sample was taken. The last one is the state at the run's end, which is rarely a whole step after the one before.
  private static func times(_ record: RunRecord) -> [Double] {
    let (count, step) = (record.series.delivered.count, record.series.step)
    guard count > 0 else { return [] }
    var times = (0..<count).map { Double($0) * step }
    if count > 1, record.simulated.seconds > times[count - 2] {
      times[count - 1] = min(times[count - 1], record.simulated.seconds)
    }
    return times
  }

  /// Stretches in which documents were queued, refused or posted, or in which something first broke.
  private static func windows(
    _ series: RunRecord.Series, _ times: [Double], marks: [Mark], seconds: Double
  ) -> [Window] {
    let count = times.count
    guard count > 8 else { return [] }
    let first = marks.map(\.at).min().map { mark in times.lastIndex { $0 <= mark } ?? 0 }
    func happens(_ index: Int) -> Bool {
      index == first || series.outbox.contains { $0.indices.contains(index) && $0[index] > 0 }
        || series.refused.indices.contains(index) && series.refused[index] > 0
        || index > 0 && series.posted.contains { $0.indices.contains(index) && $0[index] != $0[index - 1] }
    }
    // What is closer together than this is seen together.
    let gap = max(6, count / 25)
    var found: [ClosedRange<Int>] = []
    for index in 0..<count where happens(index) {
      if let last = found.last, index - last.upperBound <= gap {
        found[found.count - 1] = last.lowerBound...index
      } else {
        found.append(index...index)
      }
    }
    let windows = found.map { range in
      let (from, to) = (times[range.lowerBound], times[range.upperBound])
      let margin = max((to - from) * 0.1, series.step * Double(max(3, (12 - range.count) / 2)))
      return Window(from: max(0, from - margin), to: min(seconds, to + margin))
    }
    return windows.contains { $0.to - $0.from > seconds * 0.6 } ? [] : windows
  }

  /// The window of what broke first, or the one in which most was queued.
  private static func chosen(
    _ windows: [Window], _ series: RunRecord.Series, _ times: [Double], marks: [Mark]
  ) -> Window? {
    if let first = marks.map(\.at).min(),
      let window = windows.first(where: { $0.from <= first && first <= $0.to })
    {
      return window
    }
    func queued(_ window: Window) -> Double {
      times.indices.filter { times[$0] >= window.from && times[$0] <= window.to }.reduce(0) { sum, index in
        sum + series.outbox.reduce(0) { $0 + ($1.indices.contains(index) ? Double($1[index]) : 0) }
      }
    }
    let amounts = windows.map(queued)
    guard let most = amounts.max(), let index = amounts.firstIndex(of: most) else { return nil }
    return windows[index]
  }

  /// The points of a curve: where its value changes. Of more than fit, those in windows are kept before those outside.
  private static func points(
    _ values: [Int], _ times: [Double], windows: [Window], until end: Double
  ) -> (at: [Double], values: [Int]) {
    let count = min(values.count, times.count)
    guard count > 0 else { return ([], []) }
    let changes = (0..<count).filter { index in
      index == 0 || index + 1 == count || values[index] != values[index - 1]
        || values[index] != values[index + 1]
    }
    func isInside(_ index: Int) -> Bool {
      windows.contains { $0.from <= times[index] && times[index] <= $0.to }
    }
    func thinned(_ indices: [Int]) -> [Int] {
      guard indices.count > maximum else { return indices }
      return (0..<maximum).flatMap { part -> [Int] in
        let some = indices[part * indices.count / maximum..<(part + 1) * indices.count / maximum]
        guard let most = some.max(by: { values[$0] < values[$1] }) else { return [] }
        // The last two may be the beginning and the end of a long stretch of one value.
        return Set([most] + some.suffix(2)).sorted()
      }
    }
    var kept = changes
    if changes.count > maximum {
      kept = (thinned(changes.filter(isInside)) + thinned(changes.filter { !isInside($0) })).sorted()
      if kept.last != count - 1 { kept.append(count - 1) }
    }
    // The state at the end lasts until the axis ends.
    return (kept.map { times[$0] } + [end], kept.map { values[$0] } + [values[count - 1]])
  }

  // MARK: Faults

  /// A line for each kind and target; where these are many, for each kind.
  private static func faults(
    _ faults: [RunRecord.Fault], until seconds: Double, _ second: (String) -> Double?
  ) -> (lanes: [String], bands: [Band]) {
    let kinds = Set(faults.map { [$0.kind, $0.target] })
    let isFine = kinds.count <= maximumLanes
    var lanes: [String] = []
    var bands: [Band] = []
    for fault in faults {
      guard let from = second(fault.start), let to = second(fault.end) else { continue }
      let targets = Set(faults.lazy.filter { $0.kind == fault.kind }.map(\.target)).count
      var lane = HTML.visible(
        isFine || targets == 1 ? "\(fault.kind) · \(fault.target)" : "\(fault.kind) · \(targets) targets")
      if !lanes.contains(lane), lanes.count >= maximumLanes { lane = "other faults" }
      if !lanes.contains(lane) { lanes.append(lane) }
      let band = Band(
        name: HTML.visible("\(fault.kind) of \(fault.target)"), from: max(0, from), to: min(seconds, to),
        lane: lanes.firstIndex(of: lane) ?? 0)
      if band.to > band.from { bands.append(band) }
    }
    return (lanes, bands)
  }
}
