import CanonicalModel
import Chronology

@testable import Verification

extension Lie {
  static let further: [Lie] = [
    Lie("cut-over-moves-open-items", "a customer's open item stays in the old ledger") { facts in
      facts.changeERP()
      facts.forget { $0.account == AccountID(index: 0) }
    },
    Lie("cut-over-moves-open-items", "balances that belong to no customer stay in the old ledger") { facts in
      facts.changeERP()
      facts.forget { $0.account == nil }
    },
    Lie("cut-over-moves-open-items", "all balances are moved a second time") { $0.changeERP(times: 2) },
    Lie("cut-over-moves-open-items", "balances leave the old ledger and come into no other") { facts in
      facts.changeERP()
      facts.forget { $0.key.kind == .openingBalance && $0.account != nil }
    },
    Lie("cut-over-moves-open-items", "an open item is opened as another invoice's") { facts in
      facts.changeERP()
      if let index = facts.transfers.lastIndex(where: { !$0.items.isEmpty }) {
        facts.transfers[index].items[0].invoice.sequence += 1
      }
    },
    Lie("charged-in-force", "the fee of a contract that has ended is that of the month after") { facts in
      facts.term = ContractTerm(months: 1, renews: false)
      for index in facts.invoices[2].lines.indices {
        facts.invoices[2].lines[index].charge.servicePeriod = PlantedFacts.period.next
      }
      facts.post()
    },
    Lie("charged-in-force", "usage of a month after the contract's end is charged for") { facts in
      facts.term = ContractTerm(months: 1, renews: false)
      facts.invoices[0].lines[0].charge.servicePeriod = PlantedFacts.period.next
      facts.post()
    },
    Lie("no-false-dedup", "an event that nobody copied is called a duplicate") { facts in
      facts.claim.accepted = 1
      facts.claim.duplicates = 1
      facts.summaries.removeLast()
    },
    Lie("period-partition", "an event counts in the month before its own") { facts in
      facts.summaries[0].window = PlantedFacts.period.start - .hours(1)
    },
    Lie("filter-partition", "an event counts in a second bucket as well") { facts in
      facts.summaries.append(facts.summaries[1])
    },
    Lie("filter-partition", "an event counts in no bucket") { $0.summaries.removeLast() },
    Lie("quantity-conserved", "metered usage is on no charge") { facts in
      facts.charges.remove(at: 1)
      facts.invoices.remove(at: 1)
      facts.post()
    },
    Lie("quantity-conserved", "a charge rates another event of the same quantity") { facts in
      facts.charges[0].digest &+= 1
    },
    Lie("tiers-additive", "usage is rated again from the first unit on") { facts in
      var late = facts.charges[0]
      late.id = 9
      late.kind = .lateUsage
      late.quantity = Quantity(1)
      late.count = 1
      facts.charges.append(late)
    },
    Lie("spend-bounded", "a period costs more than its maximum") { facts in
      facts.price(charge: 0, at: PlantedFacts.cents(301))
    },
    Lie("spend-bounded", "a period with usage costs less than its minimum") { facts in
      facts.price(charge: 0, at: PlantedFacts.cents(49))
    },
    Lie("one-invoice-per-period", "the usage of a period is billed on two invoices") { facts in
      facts.invoices[2].lines.append(facts.invoices[1].lines[0])
    },
    Lie("one-invoice-per-period", "a fee is billed a second time") { facts in
      facts.invoices[1].lines.append(facts.invoices[2].lines[0])
    },
    Lie("invoice-immutable", "a customer holds an invoice with another line") { facts in
      facts.received = facts.invoices
      facts.received?[0].lines.removeLast()
    },
    Lie("late-usage-resolved", "a charge for late usage is nowhere") { facts in
      facts.charges.append(
        RatedCharge(
          id: 7, subscription: SubscriptionID(index: 0), item: ItemID(index: 0),
          servicePeriod: PlantedFacts.period, kind: .lateUsage, count: 0, quantity: .zero, digest: 0,
          amount: PlantedFacts.cents(5)))
    },
    Lie("acknowledged-posting-is-real", "a posting is called done that the ledger does not hold") { facts in
      facts.acknowledged[1].1 = 99
    },
    Lie("voids-propagate", "a credit never reaches the ledger") { facts in
      facts.documents.removeAll { $0.entry.key.kind == .creditMemo }
      facts.acknowledged.removeAll { $0.0.kind == .creditMemo }
    },
    Lie("mapping-complete", "an item stands on another's account") { facts in
      facts.documents[1].entry.lines[1].account = .revenue(PlantedFacts.fee)
    },
    Lie("mapping-complete", "an item stands on no account") { facts in
      facts.documents[0].entry.lines[1].account = .creditsGiven
    },
    Lie("erp-limits-honoured", "a call is made before the ERP said to come back") { facts in
      facts.calledAfter = .seconds(59)
    },
    Lie("unknown-terminates", "a charge that was collected is not known to be") { facts in
      facts.cash.removeFirst()
      facts.post()
    },
    Lie("deferred-rolls-forward", "the ledger still defers what was recognised") { facts in
      facts.documents[3].entry.lines[0].account = .creditsGiven
    },
    Lie("entity-isolation", "a document stands in another entity's ERP") { facts in
      facts.documents[0].entity = EntityID(index: 1)
    },
    Lie("reconciliation-detects", "a document is in the ledger twice, and the core sees no break") { facts in
      facts.documents.append(facts.documents[0])
    },
    Lie("reconciliation-detects", "a document is not in the ledger, and the core sees no break") { facts in
      facts.documents.removeFirst()
      facts.acknowledged.removeFirst()
    },
    Lie("reconciliation-quiet", "the core cries where nothing is wrong") { facts in
      facts.breaks = [.ratedInvoiced]
    },
    Lie("reconciliation-quiet", "the core misses what its ledger holds") { facts in
      facts.breaks = [.postedLedger]
    },
    Lie("billed-in-time", "a fee in advance is billed at the end of its month") { facts in
      facts.invoices[2].issued = PlantedFacts.period.end
    },
    Lie("dunning-kept", "a declined charge is never tried again") { facts in
      facts.declined = [ChargeKey(invoice: facts.invoices[2].number, attempt: 1)]
    },
    Lie("dunning-kept", "attempts are numbered as if there were more") { facts in
      facts.declined = [1, 3].map { ChargeKey(invoice: facts.invoices[2].number, attempt: $0) }
    },
    Lie("lineage-complete", "a charge leads back to nothing") { $0.trace.origins = [nil] },
    Lie("lineage-complete", "a charge leads back to another month") { facts in
      facts.trace.origins[0]?.period = PlantedFacts.period.next
    },
    Lie("backfills-taken", "a declared backfill is refused") { facts in
      let event = facts.emitted[0]
      facts.backfill = Backfill(
        source: event.source, from: PlantedFacts.start, until: PlantedFacts.start + .days(1), events: [event])
      facts.cases = [
        RoutedCase(
          number: 1, kind: "backfill-refused", owner: .platform, raised: PlantedFacts.start,
          fields: [
            CaseField("source", facts.catalog.sources[0], .technical),
            CaseField("from", "\(PlantedFacts.start)", .technical), CaseField("reason", "why", .technical),
          ])
      ]
    },
    Lie("backfills-taken", "an event of a declared backfill is put aside") { facts in
      let event = facts.emitted[0]
      facts.backfill = Backfill(
        source: event.source, from: PlantedFacts.start, until: PlantedFacts.start + .days(1), events: [event])
      facts.tooOld = [event]
    },
    Lie("capture-balances", "an event leaves a quarantine that it was not in") { facts in
      facts.released = [facts.emitted[0]]
    },
    Lie("quantity-conserved", "a fee is charged for two where one was agreed") { facts in
      guard let fee = facts.charges.firstIndex(where: { $0.kind == .recurring }) else { return }
      facts.charges[fee].quantity = Quantity(2)
    },
    Lie("snapshot-immutable", "a snapshot counts an invoice too many") { facts in
      facts.snapshots[0].invoices += 1
      facts.reread = facts.snapshots
    },
    Lie("snapshot-immutable", "a snapshot lacks usage") { facts in
      facts.snapshots[0].usageEvents = 1
      facts.reread = facts.snapshots
    },
    Lie("allocation-exact", "the lines' parts of the tax are a cent less than the tax") { facts in
      facts.invoices[0].lines[0].tax -= PlantedFacts.cents(1)
    },
    Lie("allocation-exact", "a cent of the tax is on the wrong line") { facts in
      facts.invoices[0].lines[0].tax -= PlantedFacts.cents(1)
      facts.invoices[0].lines[1].tax += PlantedFacts.cents(1)
    },
    Lie("allocation-exact", "a customer has a discount that nobody agreed to") { facts in
      facts.invoices[1].lines[0].discount = PlantedFacts.cents(10)
    },
    Lie("close-snapshotted", "a period closes, and nobody takes a snapshot") { facts in
      facts.snapshots = []
    },
    Lie("close-snapshotted", "a snapshot is taken before the close, and none after") { facts in
      facts.snapshots[0].ledgerAsOf = PlantedFacts.period.end + .hours(2)
    },
    Lie("close-snapshotted", "a second snapshot is taken of a period that closed once") { facts in
      facts.snapshots.append(facts.snapshots[0])
      facts.snapshots[1].version = 2
    },
    Lie("split-complete", "a document has more lines than its ERP takes") { $0.linesPerDocument = 3 },
    Lie("split-complete", "the last part of a document never comes") { facts in
      facts.split()
      facts.documents.remove(at: 2)
    },
    Lie("split-complete", "a part balances with another one only") { facts in
      facts.split()
      facts.documents[0].entry.lines[0].amount += PlantedFacts.cents(1)
      facts.documents[1].entry.lines[0].amount += PlantedFacts.cents(-1)
    },
    Lie("split-complete", "a part balances, and is not all of its line") { facts in
      facts.split()
      facts.documents[1].entry.lines[0].amount += PlantedFacts.cents(-1)
      facts.documents[1].entry.lines[1].amount += PlantedFacts.cents(1)
    },
    Lie("split-complete", "a part balances in one currency only") { facts in
      facts.keepBooksInEuros()
      facts.split()
      for line in facts.documents[0].entry.lines.indices {
        facts.documents[0].entry.lines[line].functional = .zero
      }
      facts.documents[0].entry.lines[0].functional = PlantedFacts.cents(1)
    },
    Lie("posting-matches-invoice", "the first part of a document is dated to the next period") { facts in
      facts.split()
      facts.documents[0].entry.period = PlantedFacts.period.next
    },
    Lie("credits-by-line", "the parts of a credit do not come to it") { facts in
      facts.memos[0].parts[0].amount = PlantedFacts.cents(599)
    },
    Lie("credits-by-line", "a part is more than its line") { facts in
      facts.memos[0].parts = [.init(line: 0, item: ItemID(index: 0), amount: PlantedFacts.cents(600))]
    },
    Lie("credits-by-line", "a part is of no line") { $0.memos[0].parts[0].line = 9 },
    Lie("credits-by-line", "what was earned long ago is called unearned") { facts in
      facts.memos[0].parts[0].unearned = PlantedFacts.cents(1)
    },
    Lie("credits-by-line", "a credit stands in the month before") {
      $0.memos[0].period = PlantedFacts.period
    },
    Lie("corrections-bounded", "what is credited is also corrected") { facts in
      var charge = facts.charges[2]
      (charge.id, charge.kind) = (9, .proration)
      charge.amount = PlantedFacts.cents(-500)
      facts.charges.append(charge)
    },
    Lie("unbilled-accrued", "what nobody has used is accrued") { facts in
      facts.accrueUnbilled([.init(item: ItemID(index: 0), amount: PlantedFacts.cents(1))])
    },
    Lie("unbilled-accrued", "an accrual never ends") { facts in
      facts.accrueUnbilled()
      facts.accruals.removeLast()
    },
    Lie("unbilled-accrued", "an accrual ends in its own month") { facts in
      facts.accrueUnbilled()
      facts.accruals[1].period = PlantedFacts.period
    },
    Lie("split-complete", "a part is another customer's") { facts in
      facts.split()
      facts.documents[1].entry.account = AccountID(index: 1)
    },
    Lie("no-double-posting", "a part is posted twice") { facts in
      facts.split()
      facts.documents.append(facts.documents[1])
      facts.documents[facts.documents.count - 1].number = 200
    },
    Lie("split-complete", "a document is split that would fit") { facts in
      facts.split()
      facts.linesPerDocument = 4
    },
    Lie("erp-limits-honoured", "the tax engine is called again at once") { facts in
      facts.taxCalledAfter = .milliseconds(1)
    },
    Lie("reconciliation-detects", "the ledger was read before its last document came") { $0.unread = 1 },
    Lie("exceptions-surface", "a rate is still missing that nothing waits for") { facts in
      facts.openCases = [
        RoutedCase(
          number: 2, kind: "rate-missing", owner: .finance, raised: PlantedFacts.start, fields: [])
      ]
    },
    Lie("exceptions-surface", "a case is open though nothing waits in it") { facts in
      facts.openCases = [
        RoutedCase(
          number: 2, kind: "late-usage-held", owner: .finance, raised: PlantedFacts.start,
          fields: [CaseField("held charges", "1", .technical)])
      ]
    },
  ]
}
