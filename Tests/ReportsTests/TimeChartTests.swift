import Chronology
import Foundation
import RunRecord
import Testing

@testable import Reports

@Suite("Charts over time")
struct TimeChartTests {
  private let start = Instant(iso8601: "2026-01-30T22:30:00Z") ?? Instant(nanoseconds: 0)

  @Test("ticks stand at round hours and at midnight, where a day is named, and are no more than fit")
  func ticks() {
    let day = TimeAxis.ticks(start, 0, 86_400, count: 8)
    #expect(day.map(\.text) == ["31 Jan", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"])
    #expect(day.map(\.isDay) == [true] + Array(repeating: false, count: 7))
    #expect(day.first?.second == 5400)
    let week = TimeAxis.ticks(start, 0, 7 * 86_400, count: 8)
    #expect(
      week.map(\.text).first == "31 Jan" && week.map(\.text).contains("1 Feb") && !week.contains { $0.isDay },
      "only among hours a day stands out")
    #expect(
      TimeAxis.ticks(start, 0, 380 * 86_400, count: 8).map(\.text) == [
        "Mar", "May", "Jul", "Sep", "Nov", "Jan 2027",
      ])
    #expect(TimeAxis.ticks(start, 0, 200 * 86_400, count: 8).map(\.text).first == "Feb")
    #expect(TimeAxis.ticks(start, 0, 700 * 86_400, count: 8).map(\.text).contains("Jan 2027"))
    for seconds in [1.0, 7, 100, 5000, 40_000, 1e6, 1e7, 1e8] {
      let ticks = TimeAxis.ticks(start, 0, seconds, count: 8)
      #expect(!ticks.isEmpty && ticks.count <= 9, "\(seconds): \(ticks.count)")
    }
    #expect(TimeAxis.ticks(start, 5, 5, count: 8).isEmpty)
    #expect(TimeAxis.days(start, 0, 3600) == "30 Jan" && TimeAxis.days(start, 0, 86_400) == "30 Jan – 31 Jan")
  }

  @Test("a run is shown where most documents waited, and not from its first day to its last")
  func view() throws {
    let chart = TimeChart(try Records.reference())
    #expect(chart.windows.count == 2 && chart.windows.first == chart.view)
    #expect(TimeAxis.days(chart.start, chart.view.from, chart.view.to) == "31 Jan – 1 Feb")
    var quiet = try Records.reference()
    quiet.series.outbox = quiet.series.outbox.map { $0.map { _ in 1 } }
    let whole = TimeChart(quiet)
    #expect(
      whole.windows.isEmpty && whole.view == .init(from: 0, to: whole.seconds), "something waits always")
  }

  @Test("what broke first is in view, with a mark")
  func marks() throws {
    var record = try Records.reference()
    record.invariants[3].verdict = .broken
    record.invariants[3].violations = [.init(at: "2026-01-10T00:00:00Z", ids: [], expected: "1", actual: "2")]
    let chart = TimeChart(record)
    #expect(chart.marks.map(\.name) == [record.invariants[3].name])
    #expect(chart.view.from < 9 * 86_400 && chart.view.to > 9 * 86_400 && chart.view.to < 11 * 86_400)
    #expect(chart.markup("c").contains("first violation of a kind"))
  }

  @Test("the last sample is the state at rest, at the run's end, and lasts until the axis ends")
  func rest() throws {
    let record = try Records.reference()
    let chart = TimeChart(record)
    for curve in chart.tracks.flatMap(\.curves) {
      #expect(curve.at.suffix(2) == [record.simulated.seconds, chart.seconds], "\(curve.name)")
      #expect(
        curve.values.count == curve.at.count && zip(curve.at, curve.at.dropFirst()).allSatisfy { $0 <= $1 })
    }
    let outbox = try #require(chart.tracks.flatMap(\.curves).first { $0.name == "outbox us" })
    #expect(outbox.values.last == 0 && outbox.values.max() == record.series.outbox[0].max())
    #expect(chart.seconds > record.simulated.seconds)
  }

  @Test("each kind of fault is named with its target, and where these are many, with how many")
  func lanes() throws {
    var record = try Records.reference()
    let chart = TimeChart(record)
    #expect(chart.lanes.contains("outage · erp/us") && chart.lanes.contains("throttle · erp/de"))
    let kinds = Set(record.faults.map { $0.kind })
    record.faults = (0..<30).flatMap { index in
      record.faults.prefix(5).map { fault in
        var fault = fault
        fault.target = "erp/e\(index)"
        return fault
      }
    }
    let many = TimeChart(record)
    #expect(
      many.lanes.count <= kinds.count && many.lanes.contains { $0.hasSuffix("· 30 targets") }, "\(many.lanes)"
    )
  }

  @Test("a curve of a long run keeps every change in view, and is thinned elsewhere")
  func thinned() throws {
    var record = try Records.reference()
    let count = 20_000
    let waits = 15_000..<15_200
    record.series = .init(
      step: 60, delivered: (0..<count).map { $0 % 7 }, refused: Array(repeating: 0, count: count),
      openWindows: Array(repeating: 0, count: count), brokerLag: (0..<count).map { $0 % 3 },
      outbox: record.series.outbox.map { _ in (0..<count).map { waits.contains($0) ? $0 % 5 + 1 : 0 } },
      posted: record.series.posted.map { _ in Array(repeating: 0, count: count) })
    record.simulated.seconds = Double(count - 1) * 60
    let chart = TimeChart(record)
    let curve = try #require(chart.tracks.first?.curves.first)
    #expect(curve.at.count < 5000)
    #expect(waits.allSatisfy { index in curve.at.contains(Double(index) * 60) })
  }
}

@Suite("Violations on a page")
struct ViolationPageTests {
  private func values(_ key: String, _ html: String) -> [String] {
    html.components(separatedBy: key).dropFirst().map { String($0.prefix { $0 != "\"" }) }
  }

  @Test("the first of a kind is in sight, the others are folded behind it, and each leads to its story")
  func folded() throws {
    let record = try Records.hostile()
    let html = try RunReport(record).html()
    let article = try #require(html.components(separatedBy: "<article>").dropFirst().first)
    let visible = article.components(separatedBy: "more of this kind")[0]
    #expect(visible.components(separatedBy: "class=\"violation\"").count - 1 == 1)
    #expect(article.contains("9,999 more of this kind"))
    #expect(values(" id=\"violation-", html).contains("10"))
    #expect(
      values("href=\"#", html).contains("story-command") && values(" id=\"", html).contains("story-command"))
    #expect(html.contains("meterstorm explain") && html.contains("--violation 1</pre>"))
    let served = try RunReport(record, served: Served(path: [], stories: "/runs/1/story")).html()
    #expect(values("href=\"/runs/1/story?violation=", served).prefix(10) == (1...10).map { "\($0)" }[...])
    #expect(!served.contains("--violation 1</pre>"), "the dashboard tells it itself")
  }
}

@Suite("Diagrams of calls")
struct SequenceDiagramTests {
  private func story(_ events: [(String, String, String, UInt64?, Explanation.Call.Step?)]) -> Explanation {
    Explanation(
      run: "r", fingerprint: "f", transaction: "t", violation: nil, summary: [], lineage: [],
      timeline: events.map { at, place, text, number, step in
        .init(
          at: "2026-02-01T00:\(at)Z", place: place, text: text, ids: [],
          call: number.flatMap { number in
            step.map { .init(number: number, step: $0, callee: "erp/us") }
          })
      })
  }

  @Test("a call that is answered goes there and back; one whose answer is lost ends on its way, with a cross")
  func lost() {
    let answered = SequenceDiagram(
      story([
        ("00:00", "core", "posts <it>", 1, .sent), ("00:01", "erp/us", "posted", 1, .processed),
        ("00:02", "core", "receives", 1, .received),
      ])
    ).markup
    // Two arrows with heads, in two sizes, and no cross.
    #expect(answered.components(separatedBy: "-4v8z").count - 1 == 4)
    #expect(!answered.contains("l10 10m0 -10l-10 10") && answered.contains("posts &lt;it&gt;"))
    for step in [Explanation.Call.Step.answerLost, .requestLost] {
      let lost = SequenceDiagram(
        story([
          ("00:00", "core", "posts it", 1, .sent), ("00:01", "erp/us", "posted", 1, .processed),
          ("00:02", "network", "lost", 1, step), ("01:00", "core", "no answer", 1, .timedOut),
        ])
      ).markup
      #expect(lost.components(separatedBy: "l10 10m0 -10l-10 10").count - 1 == 2, "\(step)")
      #expect(lost.contains("+1m 0.00s"))
    }
  }

  @Test("without a call there is no diagram; of a long story the beginning and the end are drawn")
  func long() {
    #expect(SequenceDiagram(story([("00:00", "core", "rates", nil, nil)])).markup.isEmpty)
    let events = (0..<60).map { index in
      (
        "\(index < 10 ? "0" : "")\(index):00", "core", "posts it \(index).", UInt64?(UInt64(index)),
        Explanation.Call.Step?.some(.sent)
      )
    }
    let markup = SequenceDiagram(story(events)).markup
    #expect(markup.contains("20 events in the middle are not drawn"))
    #expect(
      markup.contains(">posts it 0.<") && markup.contains(">posts it 59.<")
        && !markup.contains(">posts it 30.<"))
  }

  @Test("times are told since the first event, with the digits that tell neighbours apart")
  func relative() {
    #expect(
      [0, 0.5, 59.99, 61.31, 62.56, 7200].map(SequenceDiagram.relative)
        == ["0s", "+0.50s", "+60.0s", "+1m 1.31s", "+1m 2.56s", "+2h"])
  }
}
