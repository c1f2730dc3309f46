import CanonicalModel
import Chronology

/// The balances that the first ERP of each entity carries, as far as a cut-over moves them: receivables by customer and invoice, what
/// is unapplied and unbilled by customer, and deferred revenue, taxes and money of the entity as a whole.
///
/// Counts what the ERP has confirmed, so that what is still under way moves with nothing.
struct CarriedBalances: Sendable {
  /// What a balance is about.
  private enum Position: Hashable, Sendable {
    case invoice(InvoiceNumber)
    case account(LedgerAccount)
  }

  /// An amount in both currencies.
  private struct Carried: Hashable, Sendable {
    var amount = Money.zero
    var functional = Money.zero
  }

  /// Whose balances they are; no account: the entity's own.
  struct Owner: Hashable, Comparable, Sendable {
    var entity: EntityID
    var account: AccountID?

    static func < (a: Owner, b: Owner) -> Bool {
      (a.entity.index, a.account.map { Int64($0.index) } ?? .max)
        < (b.entity.index, b.account.map { Int64($0.index) } ?? .max)
    }
  }

  private let catalog: Catalog
  /// In the order in which they arose; few an owner, and looked for one after another.
  private var balances: [Owner: [(position: Position, carried: Carried)]] = [:]
  /// The invoices that documents are about, until the documents are confirmed.
  private var references: [PostingKey: [CashDocument.Application]] = [:]
  private var nextNumber: DenseTable<EntityID, UInt32>

  init(catalog: Catalog) {
    self.catalog = catalog
    nextNumber = DenseTable(repeating: 1, count: catalog.entities.count)
  }

  /// Whether nothing has to be moved.
  @inline(__always)
  var isEmpty: Bool { balances.isEmpty }

  /// Whose balances there are of an entity, in order: the entity's own last.
  func owners(of entity: EntityID) -> [Owner] { balances.keys.filter { $0.entity == entity }.sorted() }

  /// Notes which invoices a document is about.
  mutating func record(_ key: PostingKey, about invoices: [CashDocument.Application]) {
    guard !invoices.isEmpty else { return }
    // What takes a write-off back is about its invoices the other way.
    references[key] = invoices.map { .init(invoice: $0.invoice, amount: max($0.amount, .zero - $0.amount)) }
  }

  /// A document has left for good; `isCarried`: the first ERP holds it.
  mutating func confirm(_ document: JournalEntry, isCarried: Bool) {
    let key = document.key
    guard isCarried, key.kind != .closingBalance else {
      if key.isLast { references[key.whole] = nil }
      return
    }
    precondition(key.kind != .openingBalance, "an opening balance is in the ledger that it leaves")
    for line in document.lines {
      let carried = Carried(amount: line.amount, functional: line.functional ?? line.amount)
      switch line.account {
      case .receivable: add(receivable: carried, of: document)
      case .unappliedCash, .unbilledReceivable: add(carried, .account(line.account), document.account, key)
      case .deferredRevenue, .taxPayable, .clearing, .bank: add(carried, .account(line.account), nil, key)
      case .revenue, .creditsGiven, .gatewayFees, .exchangeGains, .badDebt, .migrationClearing: break
      }
    }
    if key.isLast { references[key.whole] = nil }
  }

  private mutating func add(receivable: Carried, of document: JournalEntry) {
    if let invoice = document.key.invoice {
      return add(receivable, .invoice(invoice), document.account, document.key)
    }
    // A movement of money may be about several invoices; what it is carried at goes with the first of them.
    var left = receivable
    let sign: Int128 = receivable.amount < .zero ? -1 : 1
    var parts = references[document.key.whole] ?? []
    for index in parts.indices where left.amount != .zero {
      let open = left.amount.units * sign
      let part = min(parts[index].amount.units, open)
      parts[index].amount.units -= part
      let own = Carried(amount: Money(units: part * sign), functional: left.functional)
      left.functional = .zero
      left.amount -= own.amount
      let functional = document.functionalCurrency == nil ? own.amount : own.functional
      add(
        Carried(amount: own.amount, functional: functional), .invoice(parts[index].invoice), document.account,
        document.key)
    }
    references[document.key.whole] = parts
    assert(left.amount == .zero, "a document settles more than the invoices that it is about")
  }

  private mutating func add(
    _ carried: Carried, _ position: Position, _ account: AccountID?, _ key: PostingKey
  ) {
    let owner = Owner(entity: key.entity, account: account)
    var own = balances[owner] ?? []
    if let place = own.firstIndex(where: { $0.position == position }) {
      own[place].carried.amount += carried.amount
      own[place].carried.functional += carried.functional
      if own[place].carried == Carried() { own.remove(at: place) }
    } else if carried != Carried() {
      own.append((position, carried))
    }
    balances[owner] = own.isEmpty ? nil : own
  }

  /// The next number of an entity's transfers.
  mutating func takeNumber(_ entity: EntityID) -> UInt32 {
    defer { nextNumber[entity] += 1 }
    return nextNumber[entity]
  }

  /// Moves the balances of an owner: they are carried here no longer.
  ///
  /// - Returns: the document that closes them in the old ledger, and the one that opens them in the new one.
  mutating func move(
    _ owner: Owner, at now: Instant
  ) -> (closing: BalanceTransfer, opening: BalanceTransfer)? {
    guard let own = balances.removeValue(forKey: owner) else { return nil }
    let entity = catalog[owner.entity]
    let number = takeNumber(owner.entity)
    func transfer(_ kind: DocumentKind, _ sign: Int128) -> BalanceTransfer {
      func line(_ account: LedgerAccount, _ carried: Carried, _ sign: Int128) -> JournalLine {
        JournalLine(
          account: account, amount: Money(units: carried.amount.units * sign),
          functional: entity.booksCurrency == nil ? nil : Money(units: carried.functional.units * sign))
      }
      var total = Carried()
      var items: [BalanceTransfer.OpenItem] = []
      var lines: [JournalLine] = []
      for (position, carried) in own {
        total.amount += carried.amount
        total.functional += carried.functional
        switch position {
        case .invoice(let invoice):
          items.append(.init(invoice: invoice, amount: carried.amount))
          lines.append(line(.receivable, carried, sign))
        case .account(let account): lines.append(line(account, carried, sign))
        }
      }
      var entry = JournalEntry(
        key: PostingKey(kind: kind, entity: owner.entity, sequence: number), account: owner.account,
        currency: entity.currency, period: Period(holding: now),
        lines: [line(.migrationClearing, total, -sign)] + lines)
      entry.functionalCurrency = entity.booksCurrency
      precondition(entry.isBalanced, "balances that move do not balance")
      return BalanceTransfer(entry: entry, items: items)
    }
    return (transfer(.closingBalance, -1), transfer(.openingBalance, 1))
  }
}
