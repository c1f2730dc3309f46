import CanonicalModel
import Chronology
import RunRecord
import Scenario
import UsageToCash
import Verification
import World

/// Tells the story of one transaction: repeats a run, which is determined, and listens.
package struct Explain {
  /// Why there is no story.
  package struct Failure: Error, CustomStringConvertible, Sendable {
    /// What is wrong, and what would be right.
    package var description: String
  }

  /// What is asked for.
  package enum Question: Hashable, Sendable {
    /// A usage event, charge, invoice, posting, document or payment, by its id.
    case transaction(String)
    /// A violation, by the number under which the summary shows it: see ``RunRecord/RunRecord/brokenInvariants``.
    case violation(Int)
  }

  private let run: SimulationRun
  private let command: String

  /// Prepares.
  ///
  /// - Parameter command: what repeats the run, for the reader.
  package init(_ run: SimulationRun, command: String) {
    self.run = run
    self.command = command
  }

  /// Repeats the run and tells the story.
  ///
  /// - Parameters:
  ///   - fingerprint: of the run that is meant; `nil`: whatever comes of it.
  ///   - progress: called with the share of the horizon that has passed.
  package func answer(
    _ question: Question, fingerprint: String? = nil, progress: (Double) -> Bool = { _ in true }
  ) throws(Failure) -> Explanation {
    var wanted: String?
    if case .transaction(let text) = question { wanted = text }
    let (record, story) = run.repeatRun(event: wanted, progress: progress)
    try check(record, fingerprint)
    var violation: Explanation.Violation?
    var starts: [String]
    switch question {
    case .transaction(let text):
      starts = Self.candidates(text).filter { story.nodes[$0] != nil }
      if starts.isEmpty, let name = run.customer(text) { return explain(customer: name, record, story) }
      guard !starts.isEmpty else {
        throw Failure(
          description:
            "no '\(text)' in this run; expected for example \(Self.examples)" + hint(text, story))
      }
    case .violation(let number):
      let all = record.brokenInvariants.flatMap { invariant in invariant.violations.map { (invariant, $0) } }
      guard number >= 1, number <= all.count else {
        throw Failure(
          description: all.isEmpty
            ? "no invariant broke in this run" : "the record shows \(all.count) violations, counted from 1")
      }
      let (invariant, found) = all[number - 1]
      violation = Explanation.Violation(
        invariant: invariant.name, statement: invariant.statement, at: found.at, ids: found.ids,
        expected: found.expected, actual: found.actual)
      starts = found.ids.flatMap(Self.candidates).filter { story.nodes[$0] != nil }
    }
    return explain(starts, violation, record, story)
  }

  /// Repeats the run and tells the stories of some invoices, spread evenly over those that there are.
  ///
  /// - Parameter count: how many at most.
  package func sample(
    _ count: Int, fingerprint: String? = nil, progress: (Double) -> Bool = { _ in true }
  ) throws(Failure) -> [Explanation] {
    let (record, story) = run.repeatRun(event: nil, progress: progress)
    try check(record, fingerprint)
    let invoices = story.nodes.keys.filter { $0.hasPrefix("invoice ") }
      .sorted { ($0.count, $0) < ($1.count, $1) }
    let chosen = min(count, invoices.count)
    return (0..<chosen).map { explain([invoices[$0 * invoices.count / chosen]], nil, record, story) }
  }

  private func check(_ record: RunRecord, _ fingerprint: String?) throws(Failure) {
    guard let fingerprint, fingerprint != record.fingerprint else { return }
    throw Failure(
      description:
        "the run cannot be repeated: its fingerprint was \(fingerprint) and is \(record.fingerprint) now; "
        + "the scenario or Meterstorm has changed since")
  }

  private func explain(
    _ starts: [String], _ violation: Explanation.Violation?, _ record: RunRecord, _ story: TransactionTracer
  ) -> Explanation {
    var nodes = story.nodes
    // What never counted has come to nothing.
    for id in starts where story.fates[id] != nil {
      for key in nodes.keys { nodes[key]?.from.removeAll { $0 == id } }
    }
    let fates = starts.compactMap { id in story.fates[id].map { "The \(id) \($0)." } }
    let related = Self.related(to: starts, in: nodes)
    let events = Self.timeline(of: related, story, record)
    // Usage that is missing has left no document that could be followed: its events are.
    let totals = starts.isEmpty ? violation.flatMap { StageNarrative($0.ids, record, story.nodes) } : nil
    let usage =
      starts.isEmpty ? violation.flatMap { run.traceUsage(totals?.usage?.ids ?? $0.ids) } : nil
    var recognition: [String: ERPProfile.Idempotency] = [:]
    for (entity, erp) in zip(run.scenario.entities, run.assembly.world.erps) {
      recognition["erp/\(entity.name)"] = erp.idempotency
    }
    return Explanation(
      run: command, fingerprint: record.fingerprint,
      transaction: starts.first ?? violation?.ids.joined(separator: ", ") ?? "",
      violation: violation,
      summary: fates
        + Narrative(story, record, recognition: recognition)
        .sentences(
          about: starts, related, violation, usage: (totals?.sentences ?? []) + (usage?.sentences ?? [])),
      lineage: Self.lineage(related, nodes), timeline: events + (usage?.timeline ?? []))
  }

  /// What an id may be short for.
  static func candidates(_ text: String) -> [String] {
    [text] + ["invoice", "posting", "document", "charge", "event"].map { "\($0) \(text)" }
      + (text.hasPrefix("memo ") ? ["posting \(text.dropFirst(5))"] : [])
  }

  /// Ids of each kind.
  package static let examples =
    "'customer c1', 'usage c1 api_calls 2026-01', 'event api_calls-1/99', 'charge 17', 'invoice US-000042', "
    + "'posting invoice/US-000042/1' or 'document us/24'"

  /// What is meant: of the same kind, where the text names one.
  private func hint(_ text: String, _ story: TransactionTracer) -> String {
    let words = text.split(separator: " ").map(String.init)
    let customers = run.customers.map { "customer \($0)" }
    let all = story.nodes.keys.sorted() + customers
    let kind = words.count > 1 ? (words[0] == "account" ? "customer" : words[0]) : nil
    let known = all.filter { id in kind.map { id.hasPrefix($0 + " ") } ?? true }
      .map { id in id.drop { $0 != " " }.dropFirst() }.map(String.init)
    return NearestKey.hint(for: words.dropFirst(kind == nil ? 0 : 1).joined(separator: " "), among: known)
  }

  /// The story of a customer: what became of all usage, meter by meter, and of the invoices.
  private func explain(customer name: String, _ record: RunRecord, _ story: TransactionTracer) -> Explanation
  {
    let starts = story.nodes.keys.filter { $0.hasPrefix("usage \(name) ") }.sorted()
    var explanation = explain(starts, nil, record, story)
    explanation.transaction = "customer \(name)"
    let meters = run.assembly.world.catalog.meters.map(\.name)
    let usage = meters.prefix(Self.toldMeters).compactMap { meter in
      run.traceUsage(["account \(name)", "meter \(meter)"]).map(\.sentences)
    }
    explanation.summary = usage.flatMap { $0 } + explanation.summary
    return explanation
  }

  /// Meters of which a customer's story tells each event that is missing: each takes a run.
  private static let toldMeters = 4

  /// What some nodes come from, and what has come of them: no siblings.
  private static func related(to starts: [String], in nodes: [String: TransactionTracer.Node]) -> Set<String>
  {
    var children: [String: [String]] = [:]
    for id in nodes.keys.sorted() {
      for parent in nodes[id]?.from ?? [] { children[parent, default: []].append(id) }
    }
    func closure(_ next: (String) -> [String]) -> Set<String> {
      var found = Set(starts)
      var open = starts
      while let id = open.popLast() {
        for other in next(id) where nodes[other] != nil && found.insert(other).inserted { open.append(other) }
      }
      return found
    }
    return closure { nodes[$0]?.from ?? [] }.union(closure { children[$0] ?? [] })
  }

  /// Steps from usage to cash: what leads to another comes before it.
  private static func lineage(
    _ related: Set<String>, _ nodes: [String: TransactionTracer.Node]
  ) -> [Explanation.Step] {
    let order = ["event", "usage", "charge", "invoice", "posting", "document"]
    func rank(_ id: String) -> Int { order.firstIndex { id.hasPrefix($0 + " ") } ?? order.count }
    return related.sorted { (rank($0), $0.count, $0) < (rank($1), $1.count, $1) }.compactMap { id in
      nodes[id].map {
        Explanation.Step(id: id, text: $0.text, from: $0.from.filter(related.contains).sorted())
      }
    }
  }

  /// What happened to the related documents, with the deaths of processes and the faults of their places in between.
  private static func timeline(
    of related: Set<String>, _ story: TransactionTracer, _ record: RunRecord
  ) -> [Explanation.Event] {
    let own = story.events.filter { !related.isDisjoint(with: $0.ids) }
    guard let first = own.first?.at, let last = own.last?.at else { return [] }
    let places = Set(own.map(\.place))
    var events = story.events.enumerated().filter { _, event in
      !related.isDisjoint(with: event.ids)
        || event.ids == ["process"] && event.at >= first && event.at <= last
    }.map { (at: $1.at, order: $0, place: $1.place, text: $1.text, ids: $1.ids, call: $1.call) }
    for fault in record.faults where places.contains(fault.target) {
      guard let window = fault.window, window.overlaps(first...last) else { continue }
      let (start, end) = (window.lowerBound, window.upperBound)
      let begun = start < first ? " (since \(fault.start))" : ""
      events.append(
        (max(start, first), -1, "fault", "\(fault.target): \(fault.kind) begins\(begun)", [], nil))
      if end <= last { events.append((end, .max, "fault", "\(fault.target): \(fault.kind) ends", [], nil)) }
    }
    return events.sorted { ($0.at, $0.order) < ($1.at, $1.order) }.map {
      Explanation.Event(
        at: "\($0.at)", place: $0.place, text: $0.text, ids: $0.ids.filter(related.contains),
        call: $0.call)
    }
  }
}

extension SimulationRun {
  /// Repeats the run with tracing on.
  func repeatRun(event text: String?, progress: (Double) -> Bool) -> (RunRecord, TransactionTracer) {
    var tracer: TransactionTracer?
    let outcome = outcome(
      keepingJournal: false, progress: progress,
      listener: { oracle, catalog in
        let own = TransactionTracer(oracle, catalog: catalog, event: Self.key(text, catalog))
        tracer = own
        return own
      })
    guard let tracer else { preconditionFailure("a run has asked for its listener") }
    return (outcome.record, tracer)
  }

  /// The usage event of an id such as `event api_calls-1/99`.
  private static func key(_ text: String?, _ catalog: Catalog) -> UsageEventKey? {
    guard let id = text?.split(separator: " ").last, let slash = id.lastIndex(of: "/"),
      let number = UInt64(id[id.index(after: slash)...]),
      let source = catalog.sources.firstIndex(of: String(id[..<slash]))
    else { return nil }
    return UsageEventKey(source: SourceID(index: UInt32(source)), id: number)
  }
}
