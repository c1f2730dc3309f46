import Chronology
import Foundation
import RunRecord

/// Stories of transactions as spans in OpenTelemetry's JSON ("OTLP/HTTP, JSON Protobuf Encoding" of the OpenTelemetry Protocol
/// Specification 1.5: ids in lower-case hex, 64-bit numbers as texts): a trace a transaction, a span a step of its lineage, from
/// its first event to its last, under the step that it comes from.
package enum OpenTelemetryTrace {
  private struct Export: Encodable {
    var resourceSpans: [ResourceSpans]
  }

  private struct ResourceSpans: Encodable {
    var resource: Resource
    var scopeSpans: [ScopeSpans]
  }

  private struct Resource: Encodable {
    var attributes: [Attribute]
  }

  private struct ScopeSpans: Encodable {
    struct Scope: Encodable { var name: String }
    var scope: Scope
    var spans: [Span]
  }

  private struct Attribute: Encodable {
    struct Value: Encodable { var stringValue: String }
    var key: String
    var value: Value

    init(_ key: String, _ value: String) { (self.key, self.value) = (key, Value(stringValue: value)) }
  }

  private struct Span: Encodable {
    struct Event: Encodable {
      var timeUnixNano: String
      var name: String
      var attributes: [Attribute]
    }

    struct Status: Encodable {
      var message: String?
      /// 1: ok; 2: an error.
      var code: Int
    }

    var traceId: String
    var spanId: String
    var parentSpanId: String?
    var name: String
    /// 1: within a process.
    var kind = 1
    var startTimeUnixNano: String
    var endTimeUnixNano: String
    var attributes: [Attribute]
    var events: [Event]
    var status: Status
  }

  /// The stories as one export request.
  package static func data(_ stories: [Explanation]) throws -> Data {
    let attributes = [
      Attribute("service.name", "meterstorm"), Attribute("meterstorm.run", stories.first?.run ?? ""),
      Attribute("meterstorm.fingerprint", stories.first?.fingerprint ?? ""),
    ]
    let export = Export(resourceSpans: [
      ResourceSpans(
        resource: Resource(attributes: attributes),
        scopeSpans: [ScopeSpans(scope: .init(name: "meterstorm"), spans: stories.flatMap(spans))])
    ])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(export) + Data("\n".utf8)
  }

  private static func spans(_ story: Explanation) -> [Span] {
    let timed = story.timeline.compactMap { event in Instant(iso8601: event.at).map { (at: $0, event: event) }
    }
    guard let first = timed.first?.at, let last = timed.last?.at else { return [] }
    let trace =
      hex("\(story.fingerprint)/\(story.transaction)/a") + hex("\(story.fingerprint)/\(story.transaction)/b")
    func id(_ step: String) -> String { hex(trace + step) }
    func events(_ chosen: [(at: Instant, event: Explanation.Event)]) -> [Span.Event] {
      chosen.map { at, event in
        Span.Event(
          timeUnixNano: "\(at.nanoseconds)", name: event.text,
          attributes: [Attribute("meterstorm.place", event.place)])
      }
    }
    func times(_ start: Instant, _ end: Instant) -> (String, String) {
      ("\(start.nanoseconds)", "\(end.nanoseconds)")
    }
    let whole = times(first, last)
    let violation = story.violation
    let root = Span(
      traceId: trace, spanId: id(""), name: story.transaction, startTimeUnixNano: whole.0,
      endTimeUnixNano: whole.1,
      attributes: violation.map {
        [
          Attribute("meterstorm.invariant", $0.invariant), Attribute("meterstorm.expected", $0.expected),
          Attribute("meterstorm.actual", $0.actual),
        ]
      } ?? [], events: events(timed.filter { $0.event.ids.isEmpty }),
      status: violation.map { .init(message: $0.statement, code: 2) } ?? .init(code: 1))
    // Steps of which nothing is told happened within those that they come from.
    let told = story.lineage.filter { step in timed.contains { $0.event.ids.contains(step.id) } }
    let names = Set(told.map(\.id))
    return [root]
      + told.map { step in
        let own = timed.filter { $0.event.ids.contains(step.id) }
        let time = times(own.first?.at ?? first, own.last?.at ?? last)
        return Span(
          traceId: trace, spanId: id(step.id), parentSpanId: id(step.from.first(where: names.contains) ?? ""),
          name: step.id, startTimeUnixNano: time.0, endTimeUnixNano: time.1,
          attributes: [Attribute("meterstorm.what", step.text)], events: events(own), status: .init(code: 1))
      }
  }

  /// Sixteen hex digits of a text, never all zero, which the specification forbids.
  private static func hex(_ text: String) -> String {
    // FNV-1a, mixed at the end, as it differs little for texts that do.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash = (hash ^ (hash >> 32)) &* 0xd6e8_feb8_6659_fd93
    hash ^= hash >> 32
    let digits = String(max(1, hash), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
