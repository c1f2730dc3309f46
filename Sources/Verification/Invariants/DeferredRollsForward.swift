import CanonicalModel
import Chronology

/// Deferred revenue carries over from month to month.
struct DeferredRollsForward: Invariant, HearsInvoiceIssued, HearsRecognised, HearsAccrued, HearsCredited,
  JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "deferred-rolls-forward", boundary: .revenue, place: 4,
    statement:
      "per entity and item, what was deferred at the beginning, plus what was billed in advance, less what was recognised, what was credited "
      + "before it was earned and what prepaid credits have paid of accrued usage, "
      + "is what the ledger holds as deferred",
    evidence:
      "the issued invoices, recognitions and accruals against the deferred accounts of the ERPs' ledgers",
    property: .safety, cost: .atRest(.document))
  var findings = Findings()

  private struct Position: Hashable, Comparable {
    var entity: EntityID
    var item: ItemID

    static func < (a: Position, b: Position) -> Bool { (a.entity, a.item) < (b.entity, b.item) }
  }

  private var deferred: [Position: Money] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at _: Instant) {
    guard invoice.rebills == nil else { return }
    for line in invoice.lines where books.revenue.isDeferred(line, on: invoice) {
      deferred[Position(entity: invoice.number.entity, item: line.charge.item), default: .zero] += line.amount
    }
  }

  mutating func hear(recognised document: Recognition, _: Books, at _: Instant) {
    for line in document.lines {
      deferred[Position(entity: document.key.entity, item: line.item), default: .zero] -= line.amount
    }
  }

  mutating func hear(accrued document: Accrual, _ books: Books, at _: Instant) {
    for line in document.lines
    where books.catalog.account(ofAccrued: line.item) == .deferredRevenue(line.item) {
      deferred[Position(entity: document.key.entity, item: line.item), default: .zero] +=
        document.reverses == nil ? line.amount : .zero - line.amount
    }
  }

  mutating func hear(credited memo: CreditMemo, _ books: Books, at _: Instant) {
    for own in books.latestCredit {
      deferred[Position(entity: memo.key.entity, item: own.part.item), default: .zero] -= own.unearned
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let now = rest.at
    for position in deferred.keys.sorted() {
      if let reason = books.unfinished[position.entity] {
        findings.leaveOut(reason)
        continue
      }
      let held = books.ledgers[position.entity][.deferredRevenue(position.item)] ?? .zero
      findings.expect(
        .zero - held, equals: deferred[position] ?? .zero, at: now,
        [
          "entity \(books.catalog[position.entity].name)",
          "item \(books.catalog[position.item].name)",
        ])
    }
  }
}
