import CanonicalModel
import Chronology
import UsageToCash

/// How an ERP reads what it is sent: by its own rules, from the texts of the payload alone.
package struct PayloadReader: Sendable {
  private let catalog: Catalog
  private let chart: ChartOfAccounts
  private let customers: [String: AccountID]
  private let kinds: [String: DocumentKind]

  package init(catalog: Catalog) {
    self.catalog = catalog
    chart = ChartOfAccounts(catalog)
    customers = Dictionary(
      catalog.accounts.enumerated().map { ($0.element.name, AccountID(index: UInt32($0.offset))) },
      uniquingKeysWith: { first, _ in first })
    kinds = Dictionary(uniqueKeysWithValues: DocumentKind.allCases.map { ($0.name, $0) })
  }

  /// What the ledger is to hold, or why the payload is refused.
  package func entry(_ payload: ERPPayload) -> Result<JournalEntry, Refusal> {
    switch payload {
    case .canonical(let entry): checked(entry)
    case .sap(let document): read(document)
    case .netSuite(let record): read(record)
    }
  }

  /// Why a payload is refused.
  package struct Refusal: Error, Sendable {
    package var reason: String
  }

  private func read(_ document: SAPDocument) -> Result<JournalEntry, Refusal> {
    guard let key = key(document.reference), let currency = Currency(code: document.currency) else {
      return .failure(Refusal(reason: "reference or currency is not known"))
    }
    var lines: [JournalLine] = []
    for item in document.items {
      guard let account = chart.account(item.account), let amount = Money(item.amount) else {
        return .failure(Refusal(reason: "G/L account \(item.account) is not in the chart of accounts"))
      }
      let local = item.localAmount.flatMap { Money($0) }
      lines.append(
        JournalLine(
          account: account, amount: item.indicator == "H" ? .zero - amount : amount,
          functional: local.map { item.localIndicator == "H" ? .zero - $0 : $0 }))
    }
    let period = Period(ordinal: Int32(document.fiscalYear * 12 + document.fiscalPeriod - 1))
    var entry = JournalEntry(
      key: key, account: document.customer.flatMap { customers[$0] }, currency: currency, period: period,
      lines: lines)
    entry.functionalCurrency = document.localCurrency.flatMap { Currency(code: $0) }
    return checked(entry)
  }

  private func read(_ record: NetSuiteRecord) -> Result<JournalEntry, Refusal> {
    let parts = record.postingPeriod.split(separator: "-").compactMap { Int32($0) }
    guard let key = key(record.externalId), let currency = Currency(code: record.currency), parts.count == 2
    else {
      return .failure(Refusal(reason: "external id, currency or posting period is not known"))
    }
    var lines: [JournalLine] = []
    var total = Money.zero
    var baseTotal = Money.zero
    let sign: Int128 = record.recordType == .invoice ? -1 : 1
    for line in record.lines {
      guard let account = chart.account(line.account) else {
        return .failure(Refusal(reason: "account \(line.account) is not in the chart of accounts"))
      }
      let base = line.baseAmount.flatMap { Money($0) }
      baseTotal += base ?? .zero
      if let amount = line.amount.flatMap({ Money($0) }) {
        total += amount
        lines.append(
          JournalLine(account: account, amount: Money(units: amount.units * sign), functional: base))
      } else if let debit = line.debit.flatMap({ Money($0) }) {
        lines.append(JournalLine(account: account, amount: debit, functional: base))
      } else if let credit = line.credit.flatMap({ Money($0) }) {
        lines.append(JournalLine(account: account, amount: .zero - credit, functional: base))
      } else {
        return .failure(Refusal(reason: "a line has no amount"))
      }
    }
    if record.recordType != .journalEntry {
      let functional = record.baseCurrency == nil ? nil : .zero - baseTotal
      lines.insert(
        JournalLine(
          account: .receivable, amount: Money(units: total.units * -sign), functional: functional), at: 0)
    }
    var entry = JournalEntry(
      key: key, account: record.entity.flatMap { customers[$0] }, currency: currency,
      period: Period(ordinal: parts[0] * 12 + parts[1] - 1), lines: lines)
    entry.functionalCurrency = record.baseCurrency.flatMap { Currency(code: $0) }
    return checked(entry)
  }

  /// No ERP takes a document that does not balance.
  private func checked(_ entry: JournalEntry) -> Result<JournalEntry, Refusal> {
    let sum = entry.lines.reduce(Money.zero) { $0 + $1.amount }
    let base = entry.lines.reduce(Money.zero) { $0 + ($1.functional ?? $1.amount) }
    guard base == .zero else { return .failure(Refusal(reason: "base amounts differ by \(base)")) }
    guard sum == .zero else { return .failure(Refusal(reason: "debits and credits differ by \(sum)")) }
    return .success(entry)
  }

  /// Reads `invoice/US-000042/1`, `recognition/RR-US-000001/1` or, for a part, `invoice/US-000042/1/2of3`.
  func key(_ text: String) -> PostingKey? {
    let parts = text.split(separator: "/")
    let share = parts.count == 4 ? parts[3].split(separator: "of") : ["0", "0"]
    guard share.count == 2, let part = UInt16(share[0]), let count = UInt16(share[1]) else { return nil }
    guard (3...4).contains(parts.count), let kind = kinds[String(parts[0])], let revision = UInt32(parts[2])
    else {
      return nil
    }
    guard let dash = parts[1].lastIndex(of: "-"),
      let sequence = UInt32(parts[1][parts[1].index(after: dash)...])
    else { return nil }
    let name = parts[1][..<dash]
    for (index, entity) in catalog.entities.enumerated() {
      let own = entity.name.uppercased()
      guard name == own || name.hasSuffix("-\(own)") else { continue }
      let key = PostingKey(
        kind: kind, entity: EntityID(index: UInt32(index)), sequence: sequence, revision: revision,
        part: part, of: count)
      if key.text(in: catalog) == text { return key }
    }
    return nil
  }
}
