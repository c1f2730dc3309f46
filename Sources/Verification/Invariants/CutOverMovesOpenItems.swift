import CanonicalModel
import Chronology

/// Where one ERP takes another's place, balances move once, and each ledger ties on its own.
struct CutOverMovesOpenItems: Invariant, HearsWholeDocument, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "cut-over-moves-open-items", boundary: .ledger, place: 8,
    statement:
      "after a cut-over the old ledger holds no receivable, liability or money any more; the new one holds each customer's "
      + "receivable as the subledger has it; each invoice is closed in the one and opened in the other with what was open; and "
      + "migration clearing nets to zero",
    evidence: "the ledgers of both ERPs, each on its own, against invoices, credits and movements of money",
    property: .safety, cost: .atRest(.document))
  var findings = Findings()

  /// One of the two ledgers of an entity.
  private struct Ledger: Hashable {
    var entity: EntityID
    var isSuccessor: Bool
  }
  private struct Customer: Hashable {
    var ledger: Ledger
    var account: AccountID
  }
  private struct Item: Hashable {
    var ledger: Ledger
    var invoice: InvoiceNumber
  }
  private var balances: [Ledger: [LedgerAccount: Money]] = [:]
  private var receivables: [Customer: Money] = [:]
  /// What invoices, credits and movements of money leave open of each invoice, ledger by ledger.
  private var open: [Item: Money] = [:]
  /// What was moved of each invoice: out of the one, into the other.
  private var moved: [Item: Money] = [:]

  mutating func hear(wholeDocument document: LedgerDocument, _ books: Books, at _: Instant) {
    guard books.catalog[document.entity].cutOver != nil else { return }
    let ledger = Ledger(entity: document.entity, isSuccessor: document.isSuccessor)
    for line in document.entry.lines {
      balances[ledger, default: [:]][line.account, default: .zero] += line.amount
      guard line.account == .receivable, let account = document.entry.account else { continue }
      receivables[Customer(ledger: ledger, account: account), default: .zero] += line.amount
    }
    let key = document.entry.key
    func add(_ amount: Money, _ invoice: InvoiceNumber) {
      open[Item(ledger: ledger, invoice: invoice), default: .zero] += amount
    }
    if let invoice = books.invoice(key) { add(invoice.total, invoice.number) }
    if let memo = books.creditMemo(key) { add(.zero - memo.total, memo.request.invoice) }
    if let cash = books.cashDocument(key) {
      let isGivenBack = [.chargeback, .refund].contains(key.kind)
      for part in cash.applications { add(isGivenBack ? part.amount : .zero - part.amount, part.invoice) }
    }
    if let transfer = books.transfer(key) {
      for item in transfer.items {
        moved[Item(ledger: ledger, invoice: item.invoice), default: .zero] += item.amount
      }
    }
  }

  /// What stays where it was posted: what a period has earned or cost.
  private func staysBehind(_ account: LedgerAccount) -> Bool {
    switch account {
    case .revenue, .creditsGiven, .gatewayFees, .exchangeGains, .badDebt, .migrationClearing: true
    case .receivable, .deferredRevenue, .taxPayable, .clearing, .bank, .unappliedCash, .unbilledReceivable:
      false
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    for index in books.catalog.entities.indices {
      let entity = EntityID(index: UInt32(index))
      let (old, new) = (
        Ledger(entity: entity, isSuccessor: false), Ledger(entity: entity, isSuccessor: true)
      )
      // Without an ERP that has taken over there is one ledger, and nothing to move.
      guard let then = balances[old], let now = balances[new] else { continue }
      if let reason = books.unfinished[entity] {
        findings.leaveOut(reason)
        continue
      }
      judgeBalances(then, now, entity, rest.at, books)
      judgeCustomers(old, new, rest.at, books)
      judgeInvoices(old, new, rest.at, books)
    }
  }

  private mutating func judgeBalances(
    _ old: [LedgerAccount: Money], _ new: [LedgerAccount: Money], _ entity: EntityID, _ at: Instant,
    _ books: Books
  ) {
    let own = books.catalog[entity]
    let accounts = old.keys.filter { !staysBehind($0) }.map { ($0, $0.name(in: books.catalog)) }
    for (account, name) in accounts.sorted(by: { $0.1 < $1.1 }) {
      findings.expect(
        old[account] ?? .zero, equals: .zero, at: at, show: { $0.text(in: own.currency) },
        ["entity \(own.name)", "account \(name)", "the ERP before the cut-over"])
    }
    findings.expect(
      (old[.migrationClearing] ?? .zero) + (new[.migrationClearing] ?? .zero), equals: .zero, at: at,
      isReal: old[.migrationClearing] != nil || new[.migrationClearing] != nil,
      show: { $0.text(in: own.currency) },
      ["entity \(own.name)", "account \(LedgerAccount.migrationClearing.name(in: books.catalog))"])
  }

  private mutating func judgeCustomers(_ old: Ledger, _ new: Ledger, _ at: Instant, _ books: Books) {
    var due: [AccountID: Money] = [:]
    // Sums: the order cannot matter.
    for (item, amount) in open where item.ledger == old || item.ledger == new {
      guard let invoice = books.invoice(PostingKey(invoice: item.invoice)) else { continue }
      due[invoice.account, default: .zero] += amount
    }
    let currency = books.catalog[old.entity].currency
    for (account, amount) in due.sorted(by: { $0.key < $1.key }) {
      let ids = ["entity \(books.catalog[old.entity].name)", "account \(books.catalog[account].name)"]
      findings.expect(
        receivables[Customer(ledger: old, account: account)] ?? .zero, equals: .zero, at: at,
        show: { $0.text(in: currency) }, ids + ["receivable in the ERP before the cut-over"])
      findings.expect(
        receivables[Customer(ledger: new, account: account)] ?? .zero, equals: amount, at: at,
        show: { $0.text(in: currency) }, ids + ["receivable in the ERP after the cut-over"])
    }
  }

  private mutating func judgeInvoices(_ old: Ledger, _ new: Ledger, _ at: Instant, _ books: Books) {
    var invoices: Set<InvoiceNumber> = []
    for item in open.keys where item.ledger == old { invoices.insert(item.invoice) }
    for item in moved.keys where item.ledger == old || item.ledger == new { invoices.insert(item.invoice) }
    let currency = books.catalog[old.entity].currency
    for invoice in invoices.sorted() {
      let due = open[Item(ledger: old, invoice: invoice)] ?? .zero
      for (ledger, what) in [(old, "closed in the old ERP"), (new, "opened in the new ERP")] {
        findings.expect(
          moved[Item(ledger: ledger, invoice: invoice)] ?? .zero, equals: due, at: at,
          show: { $0.text(in: currency) }, books.ids(of: invoice) + [what])
      }
    }
  }
}
