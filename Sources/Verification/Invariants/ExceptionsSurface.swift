import CanonicalModel
import Chronology

/// Nothing waits where no one looks.
struct ExceptionsSurface: Invariant, HearsQuarantined, HearsCaseRouted, HearsInvoiceIssued,
  HearsChargeHeld, HearsCaseOpen, HearsPostingExcepted, JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "exceptions-surface", boundary: .liveness, place: 2,
    statement:
      "whatever waits for a person (usage, postings, charges) is in a case that has reached its owner, and a case is closed "
      + "once its matter is resolved",
    evidence:
      "what the core quarantined or held against the cases that were routed, and that are open at rest",
    property: .liveness, cost: .atRest(.exceptionCase))
  var findings = Findings()
  private struct PutAside: Hashable {
    var reason: QuarantineReason
    var type: EventTypeID
  }

  private var quarantined: Set<PutAside> = []
  private var postings: Set<String> = []
  private var held = 0
  /// Charges that wait for a person.
  private var waiting: Set<UInt64> = []
  private var open: [RoutedCase] = []
  private var surfaced: Set<String> = []
  private var heldCases = 0

  mutating func hear(quarantined event: UsageEvent, _ reason: QuarantineReason, _: Books, at _: Instant) {
    quarantined.insert(PutAside(reason: reason, type: event.type))
  }

  private func name(of what: PutAside, _ books: Books) -> String {
    let index = Int(what.type.index)
    let type =
      index < books.catalog.eventTypes.count ? books.catalog.eventTypes[index].name : "unknown type \(index)"
    return "\(what.reason.explanation) / \(type)"
  }

  mutating func hear(postingExcepted key: PostingKey, _ books: Books, at _: Instant) {
    postings.insert(key.text(in: books.catalog))
  }

  mutating func hear(chargeHeld charge: RatedCharge, _: Books, at _: Instant) {
    held += 1
    waiting.insert(charge.id)
  }

  mutating func hear(invoiceIssued invoice: Invoice, _: Books, at _: Instant) {
    guard !waiting.isEmpty else { return }
    for line in invoice.lines { waiting.remove(line.charge.id) }
  }

  mutating func hear(caseOpen routed: RoutedCase, _: Books, at _: Instant) { open.append(routed) }

  mutating func hear(caseRouted routed: RoutedCase, _: Books, at _: Instant) {
    func value(_ name: String) -> String { routed.fields.first { $0.name == name }?.value ?? "" }
    if routed.kind.hasPrefix("usage-quarantined") { surfaced.insert("\(value("reason")) / \(value("type"))") }
    if routed.kind == "posting-rejected" { surfaced.insert(value("posting")) }
    if routed.kind == "late-usage-held" { heldCases += 1 }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let stuck = rest.stuck
    let now = rest.at
    let excepted = Set(books.obligations.values.flatMap(\.refused).map { $0.text(in: books.catalog) })
    let isTranslating = stuck.contains(where: \.queue.isTranslation)
    for routed in open {
      let isSettled: Bool
      switch routed.kind {
      case "late-usage-held": isSettled = waiting.isEmpty
      case "rate-missing": isSettled = !isTranslating
      case "posting-rejected":
        isSettled = !excepted.contains { name in routed.fields.contains { $0.value == name } }
      default: continue
      }
      findings.require(!isSettled, at: now) {
        Breach(
          ids: ["case \(routed.number), \(routed.kind)"], expected: "closed",
          actual: "open, and nothing waits in it")
      }
    }
    for what in Set(quarantined.map { name(of: $0, books) }).union(postings).sorted() {
      findings.require(surfaced.contains(what), at: now) {
        Breach(ids: [what], expected: "a case that was routed", actual: "none")
      }
    }
    findings.require(held == 0 || heldCases > 0, at: now, isReal: held > 0) {
      Breach(ids: ["held charges"], expected: "a case that was routed", actual: "\(held) charges, no case")
    }
  }
}
