import CanonicalModel
import Chronology

/// Each control account of the general ledger is what its subledger says.
struct SubledgerEqualsGL: Invariant, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "subledger-equals-gl", boundary: .ledger, place: 3,
    statement:
      "per legal entity, receivables in the general ledger = the issued invoices, less credits, payments and write-offs, plus chargebacks and refunds",
    evidence: "the issued invoices and the documents of moved money against the ERPs' ledgers",
    property: .safety, cost: .atRest(.document))
  var findings = Findings()

  mutating func judge(_ rest: Rest, _ books: Books) {
    let now = rest.at
    var receivables = DenseTable<EntityID, Money>(
      repeating: .zero, count: books.catalog.entities.count)
    for key in books.postingOrder {
      if let invoice = books.invoice(key) { receivables[key.entity] += invoice.total }
      if let memo = books.creditMemo(key) { receivables[key.entity] -= memo.total }
      guard let cash = books.cashDocument(key) else { continue }
      for application in cash.applications {
        if key.kind == .chargeback || key.kind == .refund {
          receivables[key.entity] += application.amount
        } else {
          receivables[key.entity] -= application.amount
        }
      }
    }
    for (entity, expected) in receivables.enumerated() {
      if let reason = books.unfinished[entity] {
        findings.leaveOut(reason)
        continue
      }
      let currency = books.catalog.entities[entity].currency
      let balance = books.ledgers[entity][.receivable]
      findings.expect(
        balance ?? .zero, equals: expected, at: now, isReal: balance != nil,
        show: { $0.text(in: currency) },
        ["entity \(books.catalog.entities[entity].name)", "account assets:receivable"])
    }
  }
}
