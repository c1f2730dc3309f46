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

/// Turns journal entries into the shapes of ERPs.
struct PayloadMapping: Sendable {
  /// A shape.
  enum Shape: Sendable {
    case canonical
    case sap
    case netSuite

    init(profile: String) {
      switch profile {
      case "s4hana-cloud": self = .sap
      case "netsuite": self = .netSuite
      default: self = .canonical
      }
    }
  }

  private let catalog: Catalog
  private let chart: ChartOfAccounts
  private let planted: PlantedDefects

  init(catalog: Catalog, planted: PlantedDefects = []) {
    self.catalog = catalog
    self.planted = planted
    chart = ChartOfAccounts(catalog)
  }

  func payload(_ entry: JournalEntry, for shape: Shape) -> ERPPayload {
    switch shape {
    case .canonical: .canonical(entry)
    case .sap: .sap(sap(entry))
    case .netSuite: .netSuite(netSuite(entry))
    }
  }

  private func number(of account: LedgerAccount) -> String {
    if planted.contains(.revenueAccountMappedWrong), case .revenue = account {
      return chart.number(of: .revenue(ItemID(index: 0)))
    }
    return chart.number(of: account)
  }

  private func customer(of entry: JournalEntry) -> String? {
    entry.account.map { catalog[$0].name }
  }

  private func unsigned(_ amount: Money, _ currency: Currency) -> String {
    (amount < .zero ? .zero - amount : amount).text(in: currency)
  }

  /// A line's amount in the currency of the books, where that is another.
  private func base(_ line: JournalLine, _ entry: JournalEntry) -> (Money, Currency)? {
    guard let currency = entry.functionalCurrency else { return nil }
    return (line.functional ?? line.amount, currency)
  }

  private func baseText(_ line: JournalLine, _ entry: JournalEntry) -> String? {
    base(line, entry).map { $0.0.text(in: $0.1) }
  }

  private func sap(_ entry: JournalEntry) -> SAPDocument {
    let type =
      switch entry.key.kind {
      case .invoice: "DR"
      case .creditMemo: "DG"
      case .payment, .refund, .chargeback: "DZ"
      case .recognition, .payout, .accrual, .accrualReversal: "SA"
      }
    return SAPDocument(
      documentType: type, companyCode: catalog[entry.key.entity].name,
      fiscalYear: entry.period.year, fiscalPeriod: entry.period.month,
      reference: entry.key.text(in: catalog), currency: entry.currency.code,
      localCurrency: entry.functionalCurrency?.code, customer: customer(of: entry),
      items: entry.lines.map { line in
        SAPDocument.Item(
          account: number(of: line.account), indicator: line.amount < .zero ? "H" : "S",
          amount: unsigned(line.amount, entry.currency),
          localAmount: base(line, entry).map { unsigned($0.0, $0.1) },
          localIndicator: base(line, entry).map { $0.0 < .zero ? "H" : "S" })
      })
  }

  private func netSuite(_ entry: JournalEntry) -> NetSuiteRecord {
    let type: NetSuiteRecord.RecordType =
      switch entry.key.kind {
      case .invoice: .invoice
      case .creditMemo: .creditMemo
      default: .journalEntry
      }
    precondition(
      type == .journalEntry || entry.lines.count { $0.account == .receivable } == 1,
      "a record implies a receivable that its entry has not, or has twice")
    let sign: Int128 = type == .creditMemo ? 1 : -1
    let lines = entry.lines.filter { type == .journalEntry || $0.account != .receivable }.map { line in
      let number = number(of: line.account)
      guard type == .journalEntry else {
        // An invoice's lines are sales, a credit memo's are what is taken back: positive as a rule, negative where not.
        let amount = Money(units: line.amount.units * sign)
        return NetSuiteRecord.Line(
          account: number, amount: amount.text(in: entry.currency), baseAmount: baseText(line, entry))
      }
      let amount = unsigned(line.amount, entry.currency)
      return line.amount < .zero
        ? NetSuiteRecord.Line(account: number, credit: amount, baseAmount: baseText(line, entry))
        : NetSuiteRecord.Line(account: number, debit: amount, baseAmount: baseText(line, entry))
    }
    return NetSuiteRecord(
      recordType: type, externalId: entry.key.text(in: catalog),
      subsidiary: catalog[entry.key.entity].name, entity: customer(of: entry),
      postingPeriod: "\(entry.period)", currency: entry.currency.code,
      baseCurrency: entry.functionalCurrency?.code, lines: lines)
  }
}
