import CanonicalModel
import Chronology

/// An entity's books hold its own business only.
struct EntityIsolation: Invariant, HearsDocumentPosted {
  static let definition = InvariantDefinition(
    name: "entity-isolation", boundary: .lineage, place: 2,
    statement:
      "a document stands in the ERP of the legal entity that made it, and concerns a customer of that entity",
    evidence: "the ERPs' ledgers against the master data",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  mutating func hear(documentPosted document: LedgerDocument, _ books: Books, at now: Instant) {
    let key = document.entry.key
    let customer = document.entry.account.map { books.catalog[$0].entity }
    let isOwn = key.entity == document.entity && (customer ?? document.entity) == document.entity
    findings.require(isOwn, at: now, isReal: books.catalog.entities.count > 1) {
      func name(_ id: EntityID) -> String { books.catalog[id].name }
      return Breach(
        ids: books.ids(of: document),
        expected: "in the ERP of \(name(key.entity)), a customer of \(name(key.entity))",
        actual: "in that of \(name(document.entity)), a customer of \(customer.map(name) ?? "none")")
    }
  }
}
