import CanonicalModel
import Chronology

/// A posting in the shape that an ERP's interface takes. Amounts are unsigned decimal texts, as those interfaces want them;
/// accounts are numbers of the ``ChartOfAccounts``.
public indirect enum ERPPayload: Hashable, Sendable {
  /// The canonical entry, for ERPs without a shape of their own here.
  case canonical(JournalEntry)
  /// SAP: an accounting document.
  case sap(SAPDocument)
  /// NetSuite: a transaction record.
  case netSuite(NetSuiteRecord)
}

/// An accounting document as SAP S/4HANA's journal entry interface takes it: header and items, each with its debit or credit
/// indicator.
public struct SAPDocument: Hashable, Sendable, Codable {
  /// A line.
  public struct Item: Hashable, Sendable, Codable {
    /// The G/L account.
    public var account: String
    /// `S` (Soll) for a debit, `H` (Haben) for a credit.
    public var indicator: String
    /// The amount in document currency, unsigned.
    public var amount: String
    /// The same in the company code's currency, with its indicator; `nil` where the currencies are the same.
    public var localAmount: String?
    public var localIndicator: String?

    /// Makes a line.
    public init(
      account: String, indicator: String, amount: String, localAmount: String? = nil,
      localIndicator: String? = nil
    ) {
      self.account = account
      self.indicator = indicator
      self.amount = amount
      self.localAmount = localAmount
      self.localIndicator = localIndicator
    }
  }
  /// `DR` customer invoice, `DG` customer credit, `DZ` customer payment, `SA` G/L document.
  public var documentType: String
  /// The legal entity.
  public var companyCode: String
  /// The fiscal year and the posting period in it.
  public var fiscalYear: Int
  public var fiscalPeriod: Int
  /// The document's own number at the sender, which the ERP keeps as reference.
  public var reference: String
  /// The document currency.
  public var currency: String
  /// The company code's currency, where it is another.
  public var localCurrency: String?
  /// The business partner; `nil` where the document is about none.
  public var customer: String?
  /// The lines.
  public var items: [Item]

  /// Makes a document.
  public init(
    documentType: String, companyCode: String, fiscalYear: Int, fiscalPeriod: Int, reference: String,
    currency: String, localCurrency: String? = nil, customer: String? = nil, items: [Item]
  ) {
    self.documentType = documentType
    self.companyCode = companyCode
    self.fiscalYear = fiscalYear
    self.fiscalPeriod = fiscalPeriod
    self.reference = reference
    self.currency = currency
    self.localCurrency = localCurrency
    self.customer = customer
    self.items = items
  }
}

/// A transaction as NetSuite's record interface takes it: an invoice or credit memo with its lines, where the receivable is
/// implied by the total, or a journal entry with debits and credits.
public struct NetSuiteRecord: Hashable, Sendable, Codable {
  /// The record type.
  public enum RecordType: String, Sendable, Codable {
    case invoice
    case creditMemo
    case journalEntry
  }
  /// A line: an invoice's has an amount, a journal entry's a debit or a credit.
  public struct Line: Hashable, Sendable, Codable {
    public var account: String
    public var amount: String?
    public var debit: String?
    public var credit: String?
    /// The signed amount in the subsidiary's currency, debits positive; `nil` where the currencies are the same.
    public var baseAmount: String?

    /// Makes a line.
    public init(
      account: String, amount: String? = nil, debit: String? = nil, credit: String? = nil,
      baseAmount: String? = nil
    ) {
      self.account = account
      self.amount = amount
      self.debit = debit
      self.credit = credit
      self.baseAmount = baseAmount
    }
  }
  /// The type.
  public var recordType: RecordType
  /// The sender's identifier: the posting key.
  public var externalId: String
  /// The legal entity.
  public var subsidiary: String
  /// The customer; `nil` where the transaction is not about one.
  public var entity: String?
  /// The accounting period, such as `2026-01`.
  public var postingPeriod: String
  /// The currency.
  public var currency: String
  /// The subsidiary's currency, where it is another.
  public var baseCurrency: String?
  /// The lines.
  public var lines: [Line]

  /// Makes a record.
  public init(
    recordType: RecordType, externalId: String, subsidiary: String, entity: String?, postingPeriod: String,
    currency: String, baseCurrency: String?, lines: [Line]
  ) {
    self.recordType = recordType
    self.externalId = externalId
    self.subsidiary = subsidiary
    self.entity = entity
    self.postingPeriod = postingPeriod
    self.currency = currency
    self.baseCurrency = baseCurrency
    self.lines = lines
  }
}
