import CanonicalModel
import Chronology
import CoreInterface

/// Turns journal entries into the shapes of ERPs.
struct PayloadMapping: Sendable {
  private let catalog: Catalog
  private let chart: ChartOfAccounts
  private let planted: PlantedDefects

  init(catalog: Catalog, planted: PlantedDefects = []) {
    self.catalog = catalog
    self.planted = planted
    chart = ChartOfAccounts(catalog)
  }

  func payload(_ entry: JournalEntry, for shape: PayloadShape) -> ERPPayload {
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
      case .creditMemo, .creditNote: "DG"
      case .payment, .refund, .chargeback, .chargebackReversal: "DZ"
      case .recognition, .payout, .accrual, .accrualReversal, .cashApplication, .writeOff, .closingBalance,
        .openingBalance:
        "SA"
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
      // No ERP takes an invoice whose total is negative: what is owed to the customer is a credit memo.
      case .invoice: .invoice
      case .creditMemo, .creditNote: .creditMemo
      case .payment, .refund, .chargeback, .recognition, .payout, .accrual, .accrualReversal,
        .cashApplication,
        .chargebackReversal, .writeOff, .closingBalance,
        .openingBalance:
        .journalEntry
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
