import Chronology

/// An account of the general ledger, as far as the canonical mapping needs it.
public enum LedgerAccount: Hashable, Sendable {
  /// Accounts receivable.
  case receivable
  /// Revenue of an item (product family).
  case revenue(ItemID)
  /// What was invoiced for an item and is not earned yet.
  case deferredRevenue(ItemID)
  /// Tax that is owed to a jurisdiction.
  case taxPayable(JurisdictionID)
  /// Collected money that is still at the gateway.
  case clearing
  /// Money at the bank.
  case bank
  /// What the gateway keeps.
  case gatewayFees
  /// What customers have paid and no invoice was settled by.
  case unappliedCash
  /// What was credited to customers: it lowers revenue.
  case creditsGiven
  /// What was earned and is not invoiced yet.
  case unbilledReceivable
  /// What is gained or lost as rates change between a position's beginning and its end.
  case exchangeGains
  /// Receivables that were written off.
  case badDebt
  /// What balances are moved against when one ERP takes another's place; nets to zero over both ledgers.
  case migrationClearing
}

extension LedgerAccount {
  /// See ``KeyHash``.
  public func _rawHashValue(seed: Int) -> Int {
    let word: UInt64 =
      switch self {
      case .receivable: 0
      case .revenue(let item): 1 | UInt64(item.index) << 8
      case .deferredRevenue(let item): 2 | UInt64(item.index) << 8
      case .taxPayable(let id): 3 | UInt64(id.index) << 8
      case .clearing: 4
      case .bank: 5
      case .gatewayFees: 6
      case .unappliedCash: 7
      case .creditsGiven: 8
      case .unbilledReceivable: 9
      case .exchangeGains: 10
      case .badDebt: 11
      case .migrationClearing: 12
      }
    return KeyHash.of(word, seed: seed)
  }

  /// The account's name in a chart of accounts, such as `revenue:api_calls`.
  public func name(in catalog: Catalog) -> String {
    switch self {
    case .receivable: "assets:receivable"
    case .revenue(let item): "revenue:\(catalog[item].name)"
    case .deferredRevenue(let item): "liabilities:deferred:\(catalog[item].name)"
    case .clearing: "assets:clearing"
    case .bank: "assets:bank"
    case .gatewayFees: "expenses:gateway-fees"
    case .creditsGiven: "revenue:credits-given"
    case .unbilledReceivable: "assets:unbilled"
    case .exchangeGains: "revenue:exchange-gains"
    case .badDebt: "expenses:bad-debt"
    case .migrationClearing: "assets:migration-clearing"
    case .unappliedCash: "liabilities:unapplied-cash"
    case .taxPayable(let id): "liabilities:tax:\(catalog[id].name)"
    }
  }
}

/// One line of a journal entry: positive amounts are debits, negative ones credits.
public struct JournalLine: Hashable, Sendable {
  /// The ledger account.
  public var account: LedgerAccount
  /// The signed amount: debit positive, credit negative.
  public var amount: Money
  /// The same in the currency of the books, where that is another.
  public var functional: Money?

  /// Makes a line.
  public init(account: LedgerAccount, amount: Money, functional: Money? = nil) {
    self.account = account
    self.amount = amount
    self.functional = functional
  }
}

/// The kinds of documents that are posted.
public enum DocumentKind: UInt8, Sendable, CaseIterable {
  /// An invoice.
  case invoice
  /// The recognition of deferred revenue, for an entity and period.
  case recognition
  /// Money that a customer has paid, with what it settles.
  case payment
  /// Collected money that the gateway pays out.
  case payout
  /// A payment that was taken back.
  case chargeback
  /// A credit on an invoice.
  case creditMemo
  /// Money that is given back to a customer.
  case refund
  /// Revenue that was earned and is invoiced later.
  case accrual
  /// The end of an accrual, when it has been invoiced.
  case accrualReversal
  /// Unapplied cash that settles invoices.
  case cashApplication
  /// A chargeback that was taken back, as its dispute was won.
  case chargebackReversal
  /// A receivable that nobody will pay.
  case writeOff
  /// Balances that leave the ledger of an ERP whose place another takes.
  case closingBalance
  /// Balances that come into the ledger of the ERP that takes over.
  case openingBalance
  /// What would be an invoice if its total were not below zero.
  case creditNote

  /// The name in keys and exports.
  public var name: String {
    switch self {
    case .invoice: "invoice"
    case .recognition: "recognition"
    case .payment: "payment"
    case .payout: "payout"
    case .chargeback: "chargeback"
    case .creditMemo: "credit-memo"
    case .refund: "refund"
    case .accrual: "accrual"
    case .accrualReversal: "accrual-reversal"
    case .cashApplication: "cash-application"
    case .chargebackReversal: "chargeback-reversal"
    case .writeOff: "write-off"
    case .closingBalance: "closing-balance"
    case .openingBalance: "opening-balance"
    case .creditNote: "credit-note"
    }
  }

  /// What stands before the entity in a printed number; invoices have none.
  public var prefix: String {
    switch self {
    case .invoice: ""
    case .recognition: "RR-"
    case .payment: "PY-"
    case .payout: "PO-"
    case .chargeback: "CB-"
    case .creditMemo: "CM-"
    case .refund: "RF-"
    case .accrual: "AC-"
    case .accrualReversal: "AX-"
    case .cashApplication: "CA-"
    case .chargebackReversal: "CR-"
    case .writeOff: "WO-"
    case .closingBalance: "BC-"
    case .openingBalance: "BO-"
    case .creditNote: "CN-"
    }
  }
}

/// What makes a posting unique: kind, document and revision. Everything that retries uses the same key.
public struct PostingKey: Hashable, Comparable, Sendable {
  /// The kind of the document.
  public var kind: DocumentKind
  /// The legal entity.
  public var entity: EntityID
  /// The document's number within kind and entity.
  public var sequence: UInt32
  /// The revision of the document: 1 for the first posting.
  public var revision: UInt32
  /// Which part of the document this is, from 1, where it has more lines than its ERP takes; 0: the whole.
  public var part: UInt16
  /// Into how many parts the document is split; 0: into none.
  public var parts: UInt16

  /// Makes a key.
  public init(
    kind: DocumentKind, entity: EntityID, sequence: UInt32, revision: UInt32 = 1, part: UInt16 = 0,
    of parts: UInt16 = 0
  ) {
    self.kind = kind
    self.entity = entity
    self.sequence = sequence
    self.revision = revision
    self.part = part
    self.parts = parts
  }

  /// The key of the document that this is a part of.
  public var whole: PostingKey {
    PostingKey(kind: kind, entity: entity, sequence: sequence, revision: revision)
  }
  /// Whether this is the whole document, or the last of its parts.
  public var isLast: Bool { part == parts }

  /// The key of an invoice or a credit note.
  public init(invoice: InvoiceNumber, revision: UInt32 = 1) {
    self.init(
      kind: invoice.isCreditNote ? .creditNote : .invoice, entity: invoice.entity, sequence: invoice.sequence,
      revision: revision)
  }

  /// The number, if this is an invoice or a credit note.
  public var invoice: InvoiceNumber? {
    switch kind {
    case .invoice: InvoiceNumber(entity: entity, sequence: sequence)
    case .creditNote: InvoiceNumber(entity: entity, sequence: sequence, isCreditNote: true)
    case .recognition, .payment, .payout, .chargeback, .creditMemo, .refund, .accrual, .accrualReversal,
      .cashApplication, .chargebackReversal, .writeOff, .closingBalance, .openingBalance:
      nil
    }
  }

  /// See ``KeyHash``.
  @inlinable
  public func _rawHashValue(seed: Int) -> Int {
    KeyHash.of(
      UInt64(sequence) | UInt64(entity.index) << 32 | UInt64(kind.rawValue) << 56,
      UInt64(revision) | UInt64(part) << 32 | UInt64(parts) << 48, seed: seed)
  }

  /// Orders by entity, kind, number, revision and part.
  public static func < (a: PostingKey, b: PostingKey) -> Bool {
    (a.entity, a.kind.rawValue, a.sequence, a.revision, a.part)
      < (b.entity, b.kind.rawValue, b.sequence, b.revision, b.part)
  }

  /// The document's printed number, such as `US-000042` or `RR-US-000001`.
  public func number(in catalog: Catalog) -> String {
    kind.prefix + InvoiceNumber(entity: entity, sequence: sequence).text(in: catalog)
  }

  /// The printed form, such as `invoice/US-000042/1`, or `invoice/US-000042/1/2of3` for a part.
  public func text(in catalog: Catalog) -> String {
    var text = kind.name
    text.reserveCapacity(48)
    text += "/"
    text += kind.prefix
    text += catalog[entity].printedName
    text += "-"
    text += DecimalDigits.text(sequence, width: 6)
    text += "/"
    text += DecimalDigits.text(revision)
    if parts > 0 { text += "/\(part)of\(parts)" }
    return text
  }
}

/// A balanced journal entry: the canonical finance object that is mapped to an ERP's payload.
public struct JournalEntry: Hashable, Sendable {
  /// The posting that it belongs to.
  public var key: PostingKey
  /// The customer account; `nil` where the entry is not about one.
  public var account: AccountID?
  /// The currency of every amount.
  public var currency: Currency
  /// The currency of the books, where that is another.
  public var functionalCurrency: Currency?
  /// The accounting period.
  public var period: Period
  /// The lines; their signed amounts sum to zero.
  public var lines: [JournalLine]

  /// Makes an entry.
  public init(
    key: PostingKey, account: AccountID?, currency: Currency, period: Period, lines: [JournalLine]
  ) {
    self.key = key
    self.account = account
    self.currency = currency
    self.period = period
    self.lines = lines
  }

  /// The receivable: the sum of the debits on accounts receivable.
  public var receivable: Money {
    lines.reduce(.zero) { $1.account == .receivable ? $0 + $1.amount : $0 }
  }

  /// Whether debits and credits are the same, in every currency that the entry is kept in.
  public var isBalanced: Bool {
    lines.reduce(Money.zero) { $0 + $1.amount } == .zero
      && (functionalCurrency == nil
        || lines.reduce(Money.zero) { $0 + ($1.functional ?? $1.amount) } == .zero)
  }
}

/// A document in an ERP's ledger.
public struct LedgerDocument: Hashable, Sendable {
  /// The legal entity whose ERP holds it.
  public var entity: EntityID
  /// The ERP's own number, rising within the ERP.
  public var number: UInt32
  /// The journal entry.
  public var entry: JournalEntry
  /// Whether the ERP is the one that took over at a cut-over.
  public var isSuccessor = false

  /// Makes a document.
  public init(entity: EntityID, number: UInt32, entry: JournalEntry) {
    self.entity = entity
    self.number = number
    self.entry = entry
  }
}
