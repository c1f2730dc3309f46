import CanonicalModel
import Chronology

/// Every item has an account of its own.
struct MappingComplete: Invariant {
  static let definition = InvariantDefinition(
    name: "mapping-complete", boundary: .posting,
    statement:
      "each item that an invoice charges for stands on its own revenue account in the ledger, earned or deferred, and no "
      + "other item's account is touched",
    evidence: "the lines of issued invoices against the accounts of their documents in the ERPs",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func observe(_ document: LedgerDocument, _ books: Books, at now: Instant) {
    guard let invoice = books.invoice(document.entry.key), invoice.rebills == nil else { return }
    var amounts: [ItemID: Money] = [:]
    for line in invoice.lines { amounts[line.charge.item, default: .zero] += line.amount }
    let expected = Set(amounts.filter { $0.value != .zero }.keys)
    var touched: Set<ItemID> = []
    for line in document.entry.lines where line.amount != .zero {
      switch line.account {
      case .revenue(let item), .deferredRevenue(let item): touched.insert(item)
      default: break
      }
    }
    // Earned and deferred parts of one item may cancel out.
    let isRight = touched.isSubset(of: amounts.keys) && expected.isSubset(of: touched)
    findings.require(isRight, at: now) {
      func names(_ items: Set<ItemID>) -> String {
        items.sorted().map { books.catalog.items[Int($0.index)].name }.joined(separator: ", ")
      }
      return Breach(
        ids: books.ids(of: document), expected: "accounts of \(names(expected))",
        actual: "of \(names(touched))")
    }
  }
}
