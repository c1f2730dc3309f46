import CanonicalModel
import Chronology

@testable import Verification

extension PlantedFacts {
  /// Another ERP takes over after the close: what the ledger holds of customers, and what it holds besides, moves into its ledger.
  ///
  /// - Parameter times: how often it is moved; once is right.
  mutating func changeERP(times: Int = 1) {
    var owners: [AccountID?] = []
    for document in documents where !owners.contains(document.entry.account) {
      owners.append(document.entry.account)
    }
    if !owners.contains(nil) { owners.append(nil) }
    let old = documents
    for time in 0..<times {
      for (index, owner) in owners.enumerated() {
        move(owner, of: old, number: UInt32(time * owners.count + index + 1))
      }
    }
    acknowledged = documents.map { ($0.entry.key, $0.number) }
  }

  /// Takes transfers out again, with their documents.
  mutating func forget(_ isGone: (JournalEntry) -> Bool) {
    let gone = Set(transfers.map(\.entry).filter(isGone).map(\.key))
    transfers.removeAll { gone.contains($0.entry.key) }
    documents.removeAll { gone.contains($0.entry.key) }
    acknowledged = documents.map { ($0.entry.key, $0.number) }
  }

  private mutating func move(_ owner: AccountID?, of old: [LedgerDocument], number: UInt32) {
    var sums: [(account: LedgerAccount, amount: Money)] = []
    func add(_ amount: Money, _ account: LedgerAccount) {
      if let place = sums.firstIndex(where: { $0.account == account }) {
        sums[place].amount += amount
      } else {
        sums.append((account, amount))
      }
    }
    for document in old {
      for line in document.entry.lines {
        switch line.account {
        case .receivable where document.entry.account == owner && owner != nil: add(line.amount, line.account)
        case .unbilledReceivable, .unappliedCash:
          if document.entry.account == owner { add(line.amount, line.account) }
        case .deferredRevenue, .taxPayable, .clearing, .bank:
          if owner == nil { add(line.amount, line.account) }
        default: break
        }
      }
    }
    sums.removeAll { $0.amount == .zero }
    guard !sums.isEmpty else { return }
    var items: [BalanceTransfer.OpenItem] = []
    for invoice in invoices where invoice.account == owner {
      var open = invoice.total
      for memo in memos where memo.request.invoice == invoice.number { open -= memo.total }
      for document in cash {
        for part in document.applications where part.invoice == invoice.number { open -= part.amount }
      }
      if open != .zero { items.append(.init(invoice: invoice.number, amount: open)) }
    }
    let total = sums.reduce(Money.zero) { $0 + $1.amount }
    for (kind, sign) in [(DocumentKind.closingBalance, Int128(-1)), (.openingBalance, 1)] {
      let lines = [(LedgerAccount.migrationClearing, .zero - total)] + sums.map { ($0.account, $0.amount) }
      let entry = JournalEntry(
        key: PostingKey(kind: kind, entity: EntityID(index: 0), sequence: number), account: owner,
        currency: Self.dollar, period: Self.period.next,
        lines: lines.map { JournalLine(account: $0.0, amount: Money(units: $0.1.units * sign)) })
      transfers.append(BalanceTransfer(entry: entry, items: items))
      var document = LedgerDocument(
        entity: EntityID(index: 0), number: UInt32(documents.count + 1), entry: entry)
      document.isSuccessor = kind == .openingBalance
      documents.append(document)
    }
  }
}
