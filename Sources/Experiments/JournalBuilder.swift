import CanonicalModel
import Chronology
import RunRecord
import World

/// Writes the ERPs' ledgers down.
enum JournalBuilder {
  static func journal(_ world: borrowing SimulatedWorld, catalog: Catalog) -> Journal {
    var documents: [Journal.Document] = []
    for (document, posted) in world.ledgers.joined() {
      let entry = document.entry
      let currency = entry.functionalCurrency ?? entry.currency
      documents.append(
        Journal.Document(
          entity: catalog[document.entity].name, number: document.number,
          posted: "\(posted)", key: entry.key.text(in: catalog),
          customer: entry.account.map { catalog[$0].name }, period: "\(entry.period)",
          currency: currency.code,
          lines: entry.lines.map {
            Journal.Line(
              account: $0.account.name(in: catalog), amount: ($0.functional ?? $0.amount).text(in: currency))
          }, successor: document.isSuccessor ? true : nil))
    }
    return Journal(documents: documents)
  }
}
