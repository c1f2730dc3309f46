import Chronology

/// An account of the general ledger, as far as the canonical mapping needs it.
public enum LedgerAccount: Hashable, Sendable {
  /// Accounts receivable.
  case receivable
  /// Usage revenue of a meter (product family).
  case revenue(ItemID)
  /// Tax that is owed to a jurisdiction.
  case taxPayable(JurisdictionID)
}

/// One line of a journal entry: positive amounts are debits, negative ones credits.
public struct JournalLine: Hashable, Sendable {
  /// The ledger account.
  public var account: LedgerAccount
  /// The signed amount: debit positive, credit negative.
  public var amount: Money

  /// Makes a line.
  public init(account: LedgerAccount, amount: Money) {
    self.account = account
    self.amount = amount
  }
}

/// What makes a posting unique: document, kind and revision. Everything that retries uses the same key.
public struct PostingKey: Hashable, Comparable, Sendable {
  /// The invoice.
  public var invoice: InvoiceNumber
  /// The revision of the document: 1 for the first posting.
  public var revision: UInt32

  /// Makes a key.
  public init(invoice: InvoiceNumber, revision: UInt32 = 1) {
    self.invoice = invoice
    self.revision = revision
  }

  /// Orders by invoice, then by revision.
  public static func < (a: PostingKey, b: PostingKey) -> Bool {
    (a.invoice, a.revision) < (b.invoice, b.revision)
  }

  /// The printed form, such as `invoice/US-000042/1`.
  public func text(in catalog: Catalog) -> String { "invoice/\(invoice.text(in: catalog))/\(revision)" }
}

/// A balanced journal entry: the canonical finance object that is mapped to an ERP's payload.
public struct JournalEntry: Hashable, Sendable {
  /// The posting that it belongs to.
  public var key: PostingKey
  /// The customer account.
  public var account: AccountID
  /// The currency of every amount.
  public var currency: Currency
  /// The accounting period.
  public var period: CalendarMonth
  /// The lines; their signed amounts sum to zero.
  public var lines: [JournalLine]

  /// Makes an entry.
  public init(
    key: PostingKey, account: AccountID, currency: Currency, period: CalendarMonth, lines: [JournalLine]
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
}

/// A document in an ERP's ledger.
public struct LedgerDocument: Hashable, Sendable {
  /// The legal entity whose ERP holds it.
  public var entity: EntityID
  /// The ERP's own number, rising within the ERP.
  public var number: UInt32
  /// The journal entry.
  public var entry: JournalEntry

  /// Makes a document.
  public init(entity: EntityID, number: UInt32, entry: JournalEntry) {
    self.entity = entity
    self.number = number
    self.entry = entry
  }
}
