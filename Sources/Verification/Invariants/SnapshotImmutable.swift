import CanonicalModel
import Chronology

/// What was reported at a close stays what was reported.
struct SnapshotImmutable: Invariant, HearsInvoiceIssued, HearsSnapshotTaken, HearsSnapshotRead,
  HearsDocumentPosted, JudgesAtRest, HearsSummary
{
  static let definition = InvariantDefinition(
    name: "snapshot-immutable", boundary: .ledger, place: 6,
    statement:
      "a close snapshot holds the period's usage and invoices so far and its documents and debits in the ledgers at its "
      + "cut-off, and reads the same at the end",
    evidence:
      "the ERPs' ledgers and the issued invoices against the snapshots, when taken and when read again",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private struct Key: Hashable, Sendable {
    var entity: EntityID
    var period: Period
    var version = 1
  }
  private var posted: [Key: [(at: Instant, debits: Money)]] = [:]
  /// By month and entity; the month of the last window on its own.
  private var events: [Int32: DenseTable<EntityID, Int64>] = [:]
  private var last = (
    window: Instant.distantPast, month: Int32.min, events: [] as DenseTable<EntityID, Int64>
  )
  private var invoices: [Key: (count: Int64, total: Money)] = [:]
  private var taken: [Key: CloseSnapshot] = [:]
  private var read: Set<Key> = []

  mutating func hear(summary: UsageSummary, left _: UsageCell, _ books: Books, at _: Instant) {
    guard books.catalog.accountingCalendar != nil else { return }
    if summary.window != last.window {
      let month = books.calendar.month(holding: summary.window, day: 1)
      if month != last.month {
        if !last.events.isEmpty { events[last.month] = last.events }
        last.month = month
        last.events = events[month] ?? DenseTable(repeating: 0, count: books.catalog.entities.count)
      }
      last.window = summary.window
    }
    last.events[books.entityOf[summary.subscription]] += summary.count
  }

  /// An invoice is of the month that it bills; of the last month that its billing period reaches into, where that is none,
  /// but of no month after its issue.
  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at _: Instant) {
    let key = Key(entity: invoice.number.entity, period: books.calendar.accountingPeriod(of: invoice))
    let before = invoices[key] ?? (0, .zero)
    invoices[key] = (before.count + 1, before.total + invoice.total)
  }

  mutating func hear(documentPosted document: LedgerDocument, _: Books, at now: Instant) {
    let debits = document.entry.lines.reduce(Money.zero) { $1.amount > .zero ? $0 + $1.amount : $0 }
    posted[Key(entity: document.entity, period: document.entry.period), default: []].append((now, debits))
  }

  mutating func hear(snapshotTaken snapshot: CloseSnapshot, _ books: Books, at now: Instant) {
    let key = Key(entity: snapshot.entity, period: snapshot.period, version: snapshot.version)
    findings.require(taken[key] == nil, at: now) {
      Breach(
        ids: Self.ids(of: snapshot, books), expected: "a further version", actual: "the same one again")
    }
    if taken[key] == nil { taken[key] = snapshot }
    let month = Key(entity: snapshot.entity, period: snapshot.period)
    let own = (posted[month] ?? []).filter { $0.at <= snapshot.ledgerAsOf }
    let debits = own.reduce(Money.zero) { $0 + $1.debits }
    findings.require(Int64(own.count) == snapshot.documents && debits == snapshot.debits, at: now) {
      Breach(
        ids: Self.ids(of: snapshot, books), expected: "\(own.count) documents, debits \(debits)",
        actual: "\(snapshot.documents) documents, debits \(snapshot.debits)")
    }
    let all = last.month == month.period.ordinal ? last.events : events[month.period.ordinal] ?? []
    let usage = all.isEmpty ? 0 : all[month.entity]
    let billed = invoices[month] ?? (0, .zero)
    let isRight = usage == snapshot.usageEvents && billed == (snapshot.invoices, snapshot.invoiced)
    findings.require(isRight, at: now) {
      Breach(
        ids: Self.ids(of: snapshot, books),
        expected: "\(usage) usage events, \(billed.count) invoices of \(billed.total)",
        actual: "\(snapshot.usageEvents) usage events, \(snapshot.invoices) invoices of \(snapshot.invoiced)")
    }
  }

  mutating func hear(snapshotRead snapshot: CloseSnapshot, _ books: Books, at now: Instant) {
    let key = Key(entity: snapshot.entity, period: snapshot.period, version: snapshot.version)
    read.insert(key)
    let first = taken[key]
    findings.require(first == snapshot, at: now) {
      Breach(
        ids: Self.ids(of: snapshot, books),
        expected: first.map { "\($0.documents) documents, debits \($0.debits), as of \($0.ledgerAsOf)" }
          ?? "no such snapshot",
        actual: "\(snapshot.documents) documents, debits \(snapshot.debits), as of \(snapshot.ledgerAsOf)")
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let now = rest.at
    findings.require(read.count == taken.count, at: now, isReal: !taken.isEmpty) {
      Breach(
        ids: ["close snapshots"], expected: "\(taken.count) taken, all still there",
        actual: "\(read.count) read")
    }
  }

  private static func ids(of snapshot: CloseSnapshot, _ books: Books) -> [String] {
    [
      "entity \(books.catalog[snapshot.entity].name)", "period \(snapshot.period)",
      "version \(snapshot.version)",
    ]
  }
}
