import CanonicalModel
import Chronology

/// A declared backfill that nothing speaks against is taken.
struct BackfillsTaken: Invariant, HearsQuarantined, HearsBackfillDeclared, HearsCaseRouted, JudgesAtRest,
  HearsCaptured
{
  static let definition = InvariantDefinition(
    name: "backfills-taken", boundary: .capture, place: 7,
    statement:
      "no declared backfill is refused, nor an event of it quarantined as too old, where the gap is whole hours of which its "
      + "producer had delivered nothing else",
    evidence:
      "the deliveries and the declared gaps against the cases and the events that the core quarantined",
    property: .safety, cost: .each(.event))
  var findings = Findings()
  private struct Gap: Hashable {
    var source: SourceID
    var from: Instant
    var until: Instant

    func holds(_ event: UsageEvent) -> Bool {
      event.source == source && event.time >= from && event.time < until
    }
  }

  /// Hours by the day: each day's in the bits of a number.
  private struct Hours {
    private var days: [Int64: UInt32] = [:]
    private var last: (day: Int64, hours: UInt32) = (.min, 0)

    mutating func insert(_ hour: Int64) {
      let day = (hour - (hour % 24 + 24) % 24) / 24
      if day != last.day {
        if last.day != .min { days[last.day, default: 0] |= last.hours }
        last = (day, days[day] ?? 0)
      }
      last.hours |= 1 << UInt32(hour - day * 24)
    }

    func contains(anyOf hours: Range<Int64>) -> Bool {
      hours.contains { hour in
        let day = (hour - (hour % 24 + 24) % 24) / 24
        let marked = day == last.day ? last.hours : days[day] ?? 0
        return marked >> UInt32(hour - day * 24) & 1 == 1
      }
    }
  }

  private static let hour = Span.hours(1).nanoseconds
  /// By producer, the hours of which it has delivered something in the ordinary way, and that of its last delivery.
  private var delivered: [(hours: Hours, last: Int64)] = []
  private var declared: Set<Gap> = []
  private var honest: [Gap] = []

  mutating func hear(
    captured events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, _ books: Books, at _: Instant
  ) {
    guard books.catalog.hasBackfills else { return }
    for event in events where declared.isEmpty || !declared.contains(where: { $0.holds(event) }) {
      let (source, hour) = (Int(event.source.index), Self.hour(of: event.time))
      while delivered.count <= source { delivered.append((Hours(), .min)) }
      guard delivered[source].last != hour else { continue }
      delivered[source].last = hour
      delivered[source].hours.insert(hour)
    }
  }

  mutating func hear(backfillDeclared backfill: Backfill, _: Books, at _: Instant) {
    let gap = Gap(source: backfill.source, from: backfill.from, until: backfill.until)
    guard declared.insert(gap).inserted else { return }
    let isWhole = [gap.from, gap.until].allSatisfy { $0.nanoseconds % Self.hour == 0 }
    let hours = Self.hour(of: gap.from)..<Self.hour(of: gap.until)
    let source = Int(gap.source.index)
    let overlaps = source < delivered.count && delivered[source].hours.contains(anyOf: hours)
    if isWhole, !overlaps { honest.append(gap) }
  }

  mutating func hear(
    quarantined event: UsageEvent, _ reason: QuarantineReason, _ books: Books, at now: Instant
  ) {
    guard reason == .beyondHorizon, let gap = honest.first(where: { $0.holds(event) }) else { return }
    findings.require(false, at: now) {
      Breach(
        ids: ["event \(books.catalog[event.source])/\(event.id)"],
        expected: "accepted, as the gap from \(gap.from) to \(gap.until) is declared",
        actual: "quarantined as too old")
    }
  }

  mutating func hear(caseRouted routed: RoutedCase, _ books: Books, at now: Instant) {
    guard routed.kind == "backfill-refused" else { return }
    func value(_ name: String) -> String { routed.fields.first { $0.name == name }?.value ?? "" }
    let refused = honest.first {
      books.catalog[$0.source] == value("source") && "\($0.from)" == value("from")
    }
    findings.require(refused == nil, at: now) {
      Breach(
        ids: ["source \(value("source"))"], expected: "accepted, as nothing of the gap was delivered before",
        actual: "refused: \(value("reason"))")
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let now = rest.at
    for _ in honest { findings.require(true, at: now) { Breach(ids: [], expected: "", actual: "") } }
  }

  private static func hour(of instant: Instant) -> Int64 {
    (instant.nanoseconds - (instant.nanoseconds % hour + hour) % hour) / hour
  }
}
