import CanonicalModel
import Chronology

/// Every item has an account of its own.
struct MappingComplete: Invariant, HearsWholeDocument {
  static let definition = InvariantDefinition(
    name: "mapping-complete", boundary: .posting, place: 6,
    statement:
      "each item that an invoice charges for is on its own revenue account in the ledger, earned or deferred, and no "
      + "other item's account is touched",
    evidence: "the lines of issued invoices against the accounts of their documents in the ERPs",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func hear(wholeDocument document: LedgerDocument, _ books: Books, at now: Instant) {
    guard let invoice = books.invoice(document.entry.key), invoice.rebills == nil else { return }
    var amounts = Sums<ItemID>(capacity: invoice.lines.count)
    for line in invoice.lines { amounts.add(line.amount, to: line.charge.item) }
    var touched = Sums<ItemID>(capacity: document.entry.lines.count)
    for line in document.entry.lines where line.amount != .zero {
      switch line.account {
      case .revenue(let item), .deferredRevenue(let item): touched.add(.zero, to: item)
      default: break
      }
    }
    // Earned and deferred parts of one item may cancel out.
    let isRight =
      touched.entries.allSatisfy { amounts[$0.key] != nil }
      && amounts.entries.allSatisfy { $0.amount == .zero || touched[$0.key] != nil }
    findings.require(isRight, at: now) {
      func names(_ items: [ItemID]) -> String {
        items.sorted().map { books.catalog[$0].name }.joined(separator: ", ")
      }
      let expected = amounts.entries.filter { $0.amount != .zero }.map(\.key)
      return Breach(
        ids: books.ids(of: document), expected: "accounts of \(names(expected))",
        actual: "of \(names(touched.entries.map(\.key)))")
    }
  }
}
