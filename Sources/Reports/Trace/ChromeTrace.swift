import Chronology
import Foundation
import RunRecord

/// Traces in the JSON format that [Perfetto](https://ui.perfetto.dev) and `chrome://tracing` read ("Trace Event Format",
/// Google): places are threads, faults are spans, moments are instants, and depths are counters. Times are microseconds since
/// the first event, as virtual time is longer than what the viewers are made for.
package enum ChromeTrace {
  private struct Trace: Encodable {
    var traceEvents: [Event] = []
    var displayTimeUnit = "ms"
    /// The instant of time 0, and what repeats the run.
    var otherData: [String: String]
  }

  private struct Event: Encodable {
    var name: String
    var cat: String?
    /// `X`: a span; `i`: an instant; `C`: a counter; `M`: a name of a thread.
    var ph: String
    var ts: Double?
    var dur: Double?
    var pid = 1
    var tid: Int
    /// An instant's scope: its thread.
    var s: String?
    var args: Arguments?
  }

  private enum Arguments: Encodable {
    case texts([String: String])
    case numbers([String: Int])

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .texts(let texts): try container.encode(texts)
      case .numbers(let numbers): try container.encode(numbers)
      }
    }
  }

  /// Threads by name, in the order in which they are first met.
  private struct Threads {
    var names: [String] = []

    mutating func number(_ name: String) -> Int {
      if let index = names.firstIndex(of: name) { return index + 1 }
      names.append(name)
      return names.count
    }

    var events: [Event] {
      names.enumerated().map {
        Event(name: "thread_name", ph: "M", tid: $0.offset + 1, args: .texts(["name": $0.element]))
      }
    }
  }

  /// The story of a transaction.
  package static func data(_ story: Explanation) throws -> Data {
    let times = story.timeline.compactMap { Instant(iso8601: $0.at) }
    let start = times.first ?? Instant(nanoseconds: 0)
    var threads = Threads()
    var events: [Event] = []
    var begun: [String: (at: Instant, index: Int)] = [:]
    for (event, at) in zip(story.timeline, times) {
      let thread = threads.number(event.place)
      // A fault begins and ends: a span, to the last event where its end is not told.
      if event.place == "fault" {
        for (word, isEnd) in [(" begins", false), (" ends", true)] {
          guard let range = event.text.firstRange(of: word) else { continue }
          let name = String(event.text[..<range.lowerBound])
          if isEnd, let open = begun.removeValue(forKey: name) {
            events[open.index].dur = microseconds(from: open.at, to: at)
          } else if !isEnd {
            begun[name] = (at, events.count)
            events.append(
              Event(
                name: name, cat: "fault", ph: "X", ts: microseconds(from: start, to: at),
                dur: microseconds(from: at, to: times.last ?? at), tid: thread))
          }
        }
        continue
      }
      events.append(
        Event(
          name: event.text, cat: event.place, ph: "i", ts: microseconds(from: start, to: at), tid: thread,
          s: "t", args: .texts(["ids": event.ids.joined(separator: ", "), "at": event.at])))
    }
    let trace = Trace(
      traceEvents: threads.events + events,
      otherData: [
        "begins": "\(start)", "run": story.run, "transaction": story.transaction,
        "fingerprint": story.fingerprint,
      ])
    return try encoded(trace)
  }

  /// A whole run: its faults, its noteworthy moments, and what waited where.
  package static func data(_ record: RunRecord) throws -> Data {
    let start = Instant(iso8601: record.simulated.start) ?? Instant(nanoseconds: 0)
    var threads = Threads()
    var events: [Event] = []
    for fault in record.faults {
      guard let from = Instant(iso8601: fault.start), let to = Instant(iso8601: fault.end) else { continue }
      events.append(
        Event(
          name: fault.kind, cat: "fault", ph: "X", ts: microseconds(from: start, to: from),
          dur: microseconds(from: from, to: to), tid: threads.number("fault \(fault.target)"),
          args: fault.drainSeconds.map { .texts(["drained after": Wording.span($0)]) }))
    }
    for moment in record.timeline {
      guard let at = Instant(iso8601: moment.at) else { continue }
      events.append(
        Event(
          name: moment.text, cat: moment.subject, ph: "i", ts: microseconds(from: start, to: at),
          tid: threads.number(moment.subject), s: "t", args: .texts(["at": moment.at])))
    }
    for invariant in record.invariants {
      for violation in invariant.violations {
        guard let at = Instant(iso8601: violation.at) else { continue }
        events.append(
          Event(
            name: invariant.name, cat: "violation", ph: "i", ts: microseconds(from: start, to: at),
            tid: threads.number("violations"), s: "t",
            args: .texts([
              "ids": violation.ids.joined(separator: ", "), "expected": violation.expected,
              "actual": violation.actual,
            ])))
      }
    }
    let series = record.series
    let counters: [(String, [Int])] =
      [("broker lag", series.brokerLag), ("open windows", series.openWindows)]
      + zip(record.configuration.entities, series.outbox).map { ("outbox \($0.name)", $1) }
      + zip(record.configuration.entities, series.posted).map { ("ledger \($0.name)", $1) }
    for (name, values) in counters {
      for (index, value) in values.enumerated() where index == 0 || values[index - 1] != value {
        events.append(
          Event(
            name: name, ph: "C", ts: Double(index) * series.step * 1e6, tid: 0,
            args: .numbers(["value": value])))
      }
    }
    let trace = Trace(
      traceEvents: threads.events + events,
      otherData: [
        "begins": record.simulated.start, "scenario": record.scenario, "seed": "\(record.seed)",
        "fingerprint": record.fingerprint,
      ])
    return try encoded(trace)
  }

  private static func encoded(_ trace: Trace) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(trace) + Data("\n".utf8)
  }

  private static func microseconds(from start: Instant, to end: Instant) -> Double {
    Double(end.span(after: start).nanoseconds) / 1000
  }
}
