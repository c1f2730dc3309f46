import CanonicalModel
import Chronology

/// Usage, invoices and ledger agree end to end, per legal entity and meter.
struct StageTotalsBalance: Invariant, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "stage-totals-balance", boundary: .ledger, place: 4,
    statement:
      "per legal entity and meter, emitted - excluded = metered = rated = invoiced usage, and rated = invoiced = "
      + "ledger amounts, up to visible cases",
    evidence: "the sources' emissions, the issued invoices and the ERPs' ledgers",
    property: .safety, cost: .atRest(.document))
  var findings = Findings()

  mutating func judge(_ rest: Rest, _ books: Books) {
    let stages = rest.stages
    let usageIsComplete = rest.usageUnderWay == nil
    let waiting = rest.stuck.map(\.queue)
    let now = rest.at
    for (index, stage) in stages.enumerated() {
      let entity = index / books.itemCount
      let item = ItemID(index: UInt32(index % books.itemCount))
      let currency = books.catalog.entities[entity].currency
      let ids = [
        "entity \(books.catalog.entities[entity].name)",
        "item \(books.catalog[item].name)",
      ]
      if usageIsComplete, books.isUsage(item) {
        compare(stage.metered, stage.countable, ids + ["emitted-metered"], now)
        compare(stage.rated, stage.metered, ids + ["metered-rated"], now)
      }
      var invoiced = stage.invoiced
      invoiced += stage.held
      compare(invoiced, stage.rated, ids + ["rated-invoiced"], now)
      findings.expect(
        stage.invoicedInFull + stage.heldAmount, equals: stage.ratedAmount, at: now,
        isReal: stage.ratedAmount != .zero, show: { $0.text(in: currency) },
        ids + ["rated-invoiced"])
    }
    if !usageIsComplete { findings.leaveOut("usage is still under way") }
    for (entity, documents) in books.documents.enumerated() {
      guard documents.excepted == 0 else {
        findings.leaveOut(
          "entity \(books.catalog.entities[entity].name): \(documents.excepted) documents were rejected by its ERP"
        )
        continue
      }
      let name = books.catalog.entities[entity].name
      guard !waiting.contains(.outbox(name)) else {
        // A visible queue; `drains` speaks for it.
        findings.leaveOut("entity \(name): documents wait in its outbox")
        continue
      }
      let currency = books.catalog.entities[entity].currency
      let ids = ["entity \(name)", "invoiced-ledger"]
      findings.expect(
        documents.postedAmount, equals: documents.issuedAmount, at: now, isReal: documents.issued > 0,
        show: { $0.text(in: currency) }, ids)
      for item in 0..<books.itemCount {
        let stage = stages[entity * books.itemCount + item]
        findings.expect(
          stage.ledgerAmount, equals: stage.invoicedAmount, at: now, isReal: stage.invoicedAmount != .zero,
          show: { $0.text(in: currency) },
          ids + ["item \(books.catalog.items[item].name)"])
      }
    }
  }

  private mutating func compare(
    _ actual: StageTotals.Usage, _ expected: StageTotals.Usage, _ ids: [String], _ now: Instant
  ) {
    findings.expect(
      actual, equals: expected, at: now, isReal: expected != StageTotals.Usage(),
      show: { "\($0.count) events, quantity \($0.quantity), hash \(String($0.digest, radix: 16))" }, ids)
  }
}
