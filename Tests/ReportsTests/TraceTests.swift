import Foundation
import RunRecord
import Testing

@testable import Reports

@Suite("Traces for Perfetto")
struct TraceTests {
  private struct Trace: Decodable {
    struct Event: Decodable {
      var name: String
      var ph: String
      var ts: Double?
      var dur: Double?
      var tid: Int
    }
    var traceEvents: [Event]
    var otherData: [String: String]
  }

  private func record(_ name: String) throws -> RunRecord {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try RunRecord(json: Data(contentsOf: root.appendingPathComponent("reports/\(name)/record.json")))
  }

  @Test(
    "a run: a span for each fault, a moment for each of the timeline, counters that end where the series end")
  func run() throws {
    let record = try record("month-end-throttle")
    let trace = try JSONDecoder().decode(Trace.self, from: ChromeTrace.data(record))
    let spans = trace.traceEvents.filter { $0.ph == "X" }
    #expect(spans.count == record.faults.count && spans.allSatisfy { ($0.dur ?? -1) >= 0 })
    #expect(trace.traceEvents.count { $0.ph == "i" } == record.timeline.count)
    let outage = try #require(spans.first { $0.name == "outage" })
    // From the end of January for six hours, in microseconds.
    #expect(outage.dur == 6 * 3600 * 1e6)
    let threads = trace.traceEvents.filter { $0.ph == "M" }.map(\.tid)
    #expect(Set(threads).count == threads.count)
    #expect(Set(trace.traceEvents.filter { "Xi".contains($0.ph) }.map(\.tid)).isSubset(of: threads))
    let counters = Set(trace.traceEvents.filter { $0.ph == "C" }.map(\.name))
    #expect(counters == ["broker lag", "open windows", "outbox us", "outbox de", "ledger us", "ledger de"])
    #expect(trace.otherData["fingerprint"] == record.fingerprint)
  }

  @Test(
    "a story: places are threads, faults are spans as long as they are told, and times begin at the first event"
  )
  func story() throws {
    func event(_ at: String, _ place: String, _ text: String) -> Explanation.Event {
      Explanation.Event(at: at, place: place, text: text, ids: ["posting x"])
    }
    let story = Explanation(
      run: "r", fingerprint: "f", transaction: "posting x", violation: nil, summary: [], lineage: [],
      timeline: [
        event("2026-02-01T00:00:00Z", "core", "sends \"it\""),
        event("2026-02-01T00:00:01Z", "fault", "erp/us: outage begins (since 2026-01-31T00:00:00Z)"),
        event("2026-02-01T00:00:03Z", "fault", "erp/us: outage ends"),
        event("2026-02-01T00:00:04Z", "fault", "erp/us: drop begins"),
        event("2026-02-01T00:00:06.5Z", "erp/us", "posts it"),
      ])
    let trace = try JSONDecoder().decode(Trace.self, from: ChromeTrace.data(story))
    let events = trace.traceEvents.filter { $0.ph != "M" }
    #expect(events.map(\.name) == ["sends \"it\"", "erp/us: outage", "erp/us: drop", "posts it"])
    #expect(events.map { $0.ts ?? -1 } == [0, 1e6, 4e6, 6.5e6])
    #expect(events.map(\.dur) == [nil, 2e6, 2.5e6, nil])
    #expect(trace.traceEvents.filter { $0.ph == "M" }.count == 3)
    let empty = Explanation(
      run: "r", fingerprint: "f", transaction: "t", violation: nil, summary: [], lineage: [], timeline: [])
    #expect(try JSONDecoder().decode(Trace.self, from: ChromeTrace.data(empty)).traceEvents.isEmpty)
  }

  private struct Export: Decodable {
    struct Resource: Decodable { var scopeSpans: [Scope] }
    struct Scope: Decodable { var spans: [Span] }
    struct Span: Decodable {
      struct Event: Decodable {
        var timeUnixNano: String
        var name: String
      }
      struct Status: Decodable { var code: Int }
      var traceId: String
      var spanId: String
      var parentSpanId: String?
      var name: String
      var startTimeUnixNano: String
      var endTimeUnixNano: String
      var events: [Event]
      var status: Status
    }
    var resourceSpans: [Resource]
  }

  private static func lineage() -> Explanation {
    func event(_ at: String, _ ids: [String]) -> Explanation.Event {
      Explanation.Event(at: at, place: "core", text: "what", ids: ids)
    }
    return Explanation(
      run: "r", fingerprint: "f", transaction: "invoice 1", violation: nil, summary: ["It was <issued>."],
      lineage: [
        .init(id: "charge 1", text: "a charge", from: ["usage 1"]),
        .init(id: "invoice 1", text: "an invoice", from: ["charge 1"]),
        .init(id: "posting 1", text: "a posting", from: ["invoice 1"]),
      ],
      timeline: [
        event("1970-01-01T00:00:01Z", ["charge 1"]),
        event("1970-01-01T00:00:02Z", ["invoice 1", "charge 1"]),
        event("1970-01-01T00:00:03Z", []), event("1970-01-01T00:00:04Z", ["invoice 1"]),
      ])
  }

  @Test("OpenTelemetry: a trace a transaction, a span a step with a story, under the step that it comes from")
  func spans() throws {
    var other = Self.lineage()
    other.transaction = "invoice 2"
    other.violation = .init(invariant: "i", statement: "s", at: "", ids: [], expected: "1", actual: "2")
    let data = try OpenTelemetryTrace.data([Self.lineage(), other])
    let spans = try JSONDecoder().decode(Export.self, from: data).resourceSpans.flatMap {
      $0.scopeSpans.flatMap(\.spans)
    }
    let (first, second) = (spans.prefix(3), spans.suffix(3))
    #expect(spans.count == 6, "nothing is told of the posting")
    #expect(first.map(\.name) == ["invoice 1", "charge 1", "invoice 1"])
    #expect(first.map(\.startTimeUnixNano) == ["1000000000", "1000000000", "2000000000"])
    #expect(first.map(\.endTimeUnixNano) == ["4000000000", "2000000000", "4000000000"])
    #expect(first.map(\.parentSpanId) == [nil, first[0].spanId, first[1].spanId])
    #expect(first.map(\.events.count) == [1, 2, 2])
    #expect(Set(spans.map(\.traceId)).count == 2 && Set(spans.map(\.spanId)).count == 6)
    #expect(spans.allSatisfy { $0.traceId.count == 32 && $0.spanId.count == 16 })
    #expect(first.map(\.status.code) == [1, 1, 1] && second.first?.status.code == 2)
    #expect(try OpenTelemetryTrace.data([Self.lineage(), other]) == data)
  }

  @Test("a story as a page: in a file its ids are words, in the dashboard they lead on")
  func page() throws {
    let file = try ExplanationReport(Self.lineage()).html()
    #expect(file.contains("It was &lt;issued&gt;.") && !file.contains("<issued>"))
    #expect(!file.contains("?transaction=") && file.contains("this file needs no network"))
    let served = Served(path: [.init("All", "/")], stories: "/runs/1/story")
    let page = try ExplanationReport(Self.lineage(), served: served).html()
    #expect(page.contains("href=\"/runs/1/story?transaction=charge%201\"") && page.contains("href=\"/\""))
    #expect(!page.contains("this file needs no network"))
  }
}
