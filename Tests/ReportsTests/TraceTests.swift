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
}
