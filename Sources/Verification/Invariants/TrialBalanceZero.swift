import CanonicalModel
import Chronology

/// The general ledger of every entity balances.
struct TrialBalanceZero: Invariant, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "trial-balance-zero", boundary: .ledger, place: 2,
    statement: "per legal entity, the balances of all accounts of its general ledger sum to zero",
    evidence: "the ERPs' ledgers",
    property: .safety, cost: .atRest(.document))
  var findings = Findings()

  mutating func judge(_ rest: Rest, _ books: Books) {
    let now = rest.at
    for (entity, ledger) in books.ledgers.enumerated() {
      var sum: Int128 = 0
      for balance in ledger.values { sum += balance.units }  // a sum: the order cannot matter
      var functional: Int128 = 0
      for balance in books.functionalLedgers[entity].values { functional += balance.units }  // likewise
      if books.catalog.entities[entity].booksCurrency != nil {
        findings.expect(
          Money(units: functional), equals: .zero, at: now, isReal: !ledger.isEmpty,
          ["entity \(books.catalog.entities[entity].name)", "trial balance in the books' currency"])
      }
      let currency = books.catalog.entities[entity].currency
      findings.expect(
        Money(units: sum), equals: .zero, at: now, isReal: !ledger.isEmpty, show: { $0.text(in: currency) },
        ["entity \(books.catalog.entities[entity].name)", "trial balance"])
    }
  }
}
