import CanonicalModel
import Chronology
import RunRecord
import UsageToCash
import Verification
import World

/// Tells of the usage of one account and meter: how much was emitted and metered, what was subtracted, and where each event that
/// is missing ended.
struct UsageNarrative {
  let tracer: UsageTracer
  let account: String
  let meter: String
  /// The metering window.
  let window: Span
  /// The window that a violation names: of others nothing is told; `nil`: all of them.
  var only: Instant?
  /// Events that are told one by one.
  private static let told = 5

  /// The sentences.
  var sentences: [String] {
    let all = tracer.ordered.filter { isTold($0.event.time.floored(to: window)) }
    let metered = changes.reduce(0) { $0 + $1.count }
    var parts = ["\(all.count) events emitted", "\(metered) metered"]
    let withdrawn = all.filter { $0.withdrawn != nil }
    if !withdrawn.isEmpty { parts.append("\(withdrawn.count) taken back or replaced by their source") }
    let waiting = all.filter { $0.quarantined != nil }
    if !waiting.isEmpty { parts.append("\(waiting.count) in quarantine") }
    let rejected = all.count { $0.rejected != nil }
    if rejected > 0 { parts.append("\(rejected) rejected") }
    let place = only.map { ", window \($0)" } ?? ""
    var sentences = ["Customer \(account), \(meter)\(place): \(parts.joined(separator: ", "))."]
    let (missing, extra, untold) = tracer.differences(window: window, only: only)
    sentences += subtractions(withdrawn)
    sentences += told(missing, "Missing") { end(of: $0) }
    sentences += told(extra, "Counted though it should not be, or more than once") { history(of: $0) }
    if untold > 0 {
      sentences.append("The summaries' sums do not identify \(untold) more events.")
    }
    let reasons = Dictionary(grouping: waiting) { $0.quarantined?.reason.name ?? "" }
    for (reason, events) in reasons.sorted(by: { $0.key < $1.key }) {
      sentences.append(
        "In quarantine (\(reason)): \(Narrative.folded(events.map { tracer.name($0.event) })).")
    }
    return sentences
  }

  private func isTold(_ start: Instant) -> Bool { only == nil || start == only }

  private var changes: [UsageTracer.Change] { tracer.changes.filter { isTold($0.window) } }

  private func told(
    _ trails: [UsageTracer.EventHistory], _ what: String, _ text: (UsageTracer.EventHistory) -> String
  ) -> [String] {
    var lines = trails.prefix(Self.told).map { "\(what): \(tracer.name($0.event)) \(text($0))." }
    if trails.count > Self.told { lines.append("… and \(trails.count - Self.told) more.") }
    return lines
  }

  /// Summaries that took usage away, and the corrections that they come from.
  private func subtractions(_ withdrawn: [UsageTracer.EventHistory]) -> [String] {
    let negative = changes.filter { $0.count < 0 }
    guard !negative.isEmpty else { return [] }
    let total = negative.reduce(Int64(0)) { $0 + $1.count }
    var sentences = [
      "These corrections subtracted: \(negative.count) summaries took away \(total.magnitude) events, the first for the window "
        + "\(negative[0].window) at \(negative[0].at)."
    ]
    let early = withdrawn.filter { trail in
      guard let at = trail.withdrawn else { return false }
      return trail.delivered.first.map { $0 > at } ?? true
    }
    guard !early.isEmpty else { return sentences }
    sentences.append(
      "\(early.count) of the corrections came before their event had been handed to ingestion, so that nothing had counted which they could take away:"
    )
    sentences += told(early, "Corrected too early") { trail in
      let came = trail.delivered.first.map { "came at \($0)" } ?? "never came"
      return "was corrected at \(trail.withdrawn.map { "\($0)" } ?? "") and \(came)"
    }
    return sentences
  }

  /// Where an event ended that is in no summary.
  private func end(of trail: UsageTracer.EventHistory) -> String {
    guard let first = trail.delivered.first else {
      return "happened at \(trail.event.time) and was never handed to ingestion"
    }
    var text = "happened at \(trail.event.time), was handed to ingestion at \(first)"
    if trail.delivered.count > 1 { text += " and \(trail.delivered.count - 1) more times" }
    if let namesake = trail.namesake {
      text += ", after an event with the same identifier of the source \(tracer.source(namesake.source))"
    }
    let start = trail.event.time.floored(to: window)
    if let closed = tracer.changes.first(where: { $0.window == start })?.at, closed < first {
      text += ", after its window had been summarised at \(closed)"
    }
    return text + ", and is in no summary"
  }

  private func history(of trail: UsageTracer.EventHistory) -> String {
    var text = "was handed to ingestion \(trail.delivered.count) times"
    if let last = trail.delivered.last { text += ", last at \(last)" }
    if let withdrawn = trail.withdrawn { text += "; its source took it back at \(withdrawn)" }
    if let quarantined = trail.quarantined { text += "; it has been in quarantine since \(quarantined.at)" }
    return text
  }

  /// What happened to the events that are missing or counted too often, in order.
  var timeline: [Explanation.Event] {
    let (missing, extra, _) = tracer.differences(window: window, only: only)
    var events: [(at: Instant, place: String, text: String, id: String)] = []
    for trail in missing + extra {
      let id = tracer.name(trail.event)
      events.append((trail.event.time, "producer", "happens", id))
      for at in trail.delivered { events.append((at, "core", "is handed to ingestion", id)) }
      if let at = trail.withdrawn { events.append((at, "producer", "is taken back or replaced", id)) }
      if let (reason, at) = trail.quarantined {
        events.append((at, "core", "goes into quarantine: \(reason.name)", id))
      }
    }
    for change in changes where change.count < 0 {
      events.append(
        (
          change.at, "core",
          "a summary of the window \(change.window) takes away \(change.count.magnitude) event\(change.count == -1 ? "" : "s")",
          ""
        ))
    }
    return events.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map {
      Explanation.Event(
        at: "\($0.element.at)", place: $0.element.place,
        text: $0.element.text + ($0.element.id.isEmpty ? "" : " (\($0.element.id))"),
        ids: $0.element.id.isEmpty ? [] : [$0.element.id])
    }
  }
}

extension SimulationRun {
  /// The names of the customers.
  var customers: [String] { assembly.world.catalog.accounts.map(\.name) }

  /// The customer whom a text such as `customer c1`, `account c1` or `c1` names, `c0001` too where there are thousands; `nil`: none.
  func customer(_ text: String) -> String? {
    let words = text.split(separator: " ").map(String.init)
    guard let name = words.last,
      words.count == 1 || words.count == 2 && ["customer", "account"].contains(words[0])
    else { return nil }
    func digits(_ text: String) -> Substring { text.drop { !$0.isNumber } }
    return customers.first { $0 == name }
      ?? customers.first { customer in
        let (padded, asked) = (digits(customer), digits(name))
        return !asked.isEmpty && padded.drop { $0 == "0" } == asked
          && customer.dropLast(padded.count) == name.dropLast(asked.count)
      }
  }

  /// Repeats the run with somebody who follows the usage of the account and meter that some ids name; `nil` where they name none.
  func traceUsage(_ ids: [String]) -> UsageNarrative? {
    func named(_ kind: String) -> String? {
      ids.first { $0.hasPrefix(kind + " ") }.map { String($0.dropFirst(kind.count + 1)) }
    }
    let catalog = assembly.world.catalog
    guard let account = named("account"), let meter = named("meter") ?? named("item"),
      let subscription = catalog.subscriptions.firstIndex(where: {
        catalog[$0.account].name == account
      }),
      let number = catalog.meters.firstIndex(where: { $0.name == meter })
    else { return nil }
    var tracer: UsageTracer?
    _ = outcome(
      keepingJournal: false, .verdict, progress: { _ in true },
      listener: { oracle, catalog in
        let own = UsageTracer(
          oracle, catalog: catalog, subscription: SubscriptionID(index: UInt32(subscription)),
          meter: MeterID(index: UInt32(number)))
        tracer = own
        return own
      })
    return tracer.map {
      UsageNarrative(
        tracer: $0, account: account, meter: meter, window: policy.metering.window,
        only: named("window").flatMap { Instant(iso8601: $0) })
    }
  }
}
