import CanonicalModel
import Chronology
import CoreInterface

/// How an ERP reads what it is sent: by its own rules, from the texts of the payload alone.
package struct PayloadReader: Sendable {
  private let catalog: Catalog
  private let chart: ChartOfAccounts
  private let customers: [String: AccountID]
  private let kinds: [String: DocumentKind]
  private let rules: PayloadRules
  private let amountLimit: UInt128

  package init(catalog: Catalog, rules: PayloadRules) {
    precondition((1...18).contains(rules.amountDigits), "an amount has 1 to 18 digits before the point")
    self.catalog = catalog
    self.rules = rules
    amountLimit = (0..<rules.amountDigits).reduce(UInt128(Money.one)) { limit, _ in limit * 10 }
    chart = ChartOfAccounts(catalog)
    customers = Dictionary(
      catalog.accounts.enumerated().map { ($0.element.name, AccountID(index: UInt32($0.offset))) },
      uniquingKeysWith: { first, _ in first })
    kinds = Dictionary(uniqueKeysWithValues: DocumentKind.allCases.map { ($0.name, $0) })
  }

  /// What the ledger is to hold, or why the payload is refused.
  package func entry(_ payload: ERPPayload) -> Result<JournalEntry, Refusal> {
    do throws(Refusal) {
      let entry =
        switch payload {
        case .canonical(let entry): entry
        case .sap(let document): try read(document)
        case .netSuite(let record): try read(record)
        }
      try check(entry)
      return .success(entry)
    } catch {
      return .failure(error)
    }
  }

  /// Why a payload is refused.
  package struct Refusal: Error, Sendable {
    package var reason: String
  }

  private func read(_ document: SAPDocument) throws(Refusal) -> JournalEntry {
    guard let key = key(document.reference), let currency = Currency(code: document.currency) else {
      throw Refusal(reason: "reference or currency is not known")
    }
    var lines: [JournalLine] = []
    for item in document.items {
      guard let account = chart.account(item.account) else {
        throw Refusal(reason: "G/L account \(item.account.prefix(40)) is not in the chart of accounts")
      }
      let amount = try amount(item.amount, indicator: item.indicator)
      let local = try item.localAmount.map { text throws(Refusal) in
        try self.amount(text, indicator: item.localIndicator ?? item.indicator)
      }
      lines.append(JournalLine(account: account, amount: amount, functional: local))
    }
    guard let period = Self.period(year: document.fiscalYear, month: document.fiscalPeriod, in: rules.years)
    else {
      throw Refusal(
        reason:
          "posting period \(document.fiscalPeriod) of fiscal year \(document.fiscalYear) is not defined")
    }
    var entry = JournalEntry(
      key: key, account: document.customer.flatMap { customers[$0] }, currency: currency, period: period,
      lines: lines)
    entry.functionalCurrency = document.localCurrency.flatMap { Currency(code: $0) }
    return entry
  }

  private func read(_ record: NetSuiteRecord) throws(Refusal) -> JournalEntry {
    guard let key = key(record.externalId), let currency = Currency(code: record.currency),
      let period = Self.period(record.postingPeriod, in: rules.years)
    else { throw Refusal(reason: "external id, currency or posting period is not known") }
    var lines: [JournalLine] = []
    var total = Money.zero
    var baseTotal = Money.zero
    let isInvoice = record.recordType == .invoice
    for line in record.lines {
      guard let account = chart.account(line.account) else {
        throw Refusal(reason: "account \(line.account.prefix(40)) is not in the chart of accounts")
      }
      let base = try line.baseAmount.map { text throws(Refusal) in try amount(text) }
      try Self.add(base ?? .zero, to: &baseTotal)
      if let text = line.amount {
        let amount = try amount(text)
        try Self.add(amount, to: &total)
        lines.append(JournalLine(account: account, amount: isInvoice ? -amount : amount, functional: base))
      } else if let debit = line.debit {
        lines.append(JournalLine(account: account, amount: try amount(debit), functional: base))
      } else if let credit = line.credit {
        lines.append(JournalLine(account: account, amount: -(try amount(credit)), functional: base))
      } else {
        throw Refusal(reason: "a line has no amount")
      }
    }
    if record.recordType != .journalEntry {
      guard total >= .zero else {
        throw Refusal(
          reason:
            "the total of \(isInvoice ? "an invoice" : "a credit memo") cannot be negative, and this one's is \(total)"
        )
      }
      let functional = record.baseCurrency == nil ? nil : -baseTotal
      lines.insert(
        JournalLine(account: .receivable, amount: isInvoice ? total : -total, functional: functional), at: 0)
    }
    var entry = JournalEntry(
      key: key, account: record.entity.flatMap { customers[$0] }, currency: currency, period: period,
      lines: lines)
    entry.functionalCurrency = record.baseCurrency.flatMap { Currency(code: $0) }
    return entry
  }

  /// Reads a period such as `2026-01`; `nil` where there is none, or none that books are kept for.
  package static func period(_ text: String, in years: ClosedRange<Int>) -> Period? {
    var (year, month) = (0, 0)
    var (hasYear, hasMonth, hasDash) = (false, false, false)
    for byte in text.utf8 {
      switch byte {
      case 48...57 where hasDash: (month, hasMonth) = (min(month, 1000) * 10 + Int(byte - 48), true)
      case 48...57: (year, hasYear) = (min(year, 1000) * 10 + Int(byte - 48), true)
      case UInt8(ascii: "-") where !hasDash: hasDash = true
      default: return nil
      }
    }
    return hasYear && hasMonth ? period(year: year, month: month, in: years) : nil
  }

  private static func period(year: Int, month: Int, in years: ClosedRange<Int>) -> Period? {
    guard years.contains(year), (1...12).contains(month) else { return nil }
    return Period(ordinal: Int32(year * 12 + month - 1))
  }

  private func amount(_ text: String) throws(Refusal) -> Money {
    guard let amount = Money(text), amount.units.magnitude < amountLimit else {
      throw Refusal(
        reason:
          "'\(text.prefix(40))' is no amount with at most \(rules.amountDigits) digits before the decimal point"
      )
    }
    return amount
  }

  /// SAP's amounts are unsigned: the indicator tells debits from credits.
  private func amount(_ text: String, indicator: String) throws(Refusal) -> Money {
    let amount = try amount(text)
    switch indicator {
    case "S": return amount
    case "H": return -amount
    default: throw Refusal(reason: "'\(indicator.prefix(40))' is no debit/credit indicator: S or H")
    }
  }

  private static func add(_ amount: Money, to sum: inout Money) throws(Refusal) {
    let (units, isOver) = sum.units.addingReportingOverflow(amount.units)
    guard !isOver else { throw Refusal(reason: "the document's total is beyond what a ledger holds") }
    sum.units = units
  }

  /// No ERP takes a document that does not balance.
  private func check(_ entry: JournalEntry) throws(Refusal) {
    var sum = Money.zero
    var base = Money.zero
    for line in entry.lines {
      try Self.add(line.amount, to: &sum)
      try Self.add(line.functional ?? line.amount, to: &base)
    }
    guard base == .zero else { throw Refusal(reason: "base amounts differ by \(base)") }
    guard sum == .zero else { throw Refusal(reason: "debits and credits differ by \(sum)") }
  }

  /// Reads `invoice/US-000042/1`, `recognition/RR-US-000001/1` or, for a part, `invoice/US-000042/1/2of3`.
  func key(_ text: String) -> PostingKey? {
    var text = text
    guard let (kind, name, numbers) = text.withUTF8(self.parts) else { return nil }
    for (index, entity) in catalog.entities.enumerated() where name.hasSuffix(entity.printedName) {
      let key = PostingKey(
        kind: kind, entity: EntityID(index: UInt32(index)), sequence: numbers.sequence,
        revision: numbers.revision, part: numbers.part, of: numbers.parts)
      // Only what is printed just so is that key.
      if key.text(in: catalog) == text { return key }
    }
    return nil
  }

  private typealias Numbers = (sequence: UInt32, revision: UInt32, part: UInt16, parts: UInt16)

  /// Kind, name and numbers of a key's text, as far as it has the form of one.
  private func parts(_ text: UnsafeBufferPointer<UInt8>) -> (DocumentKind, name: String, Numbers)? {
    let fields = text.split(separator: UInt8(ascii: "/"), maxSplits: 4)
    guard (3...4).contains(fields.count), let kind = kinds[String(decoding: fields[0], as: UTF8.self)],
      let dash = fields[1].lastIndex(of: UInt8(ascii: "-")),
      let sequence: UInt32 = Self.number(fields[1][(dash + 1)...]),
      let revision: UInt32 = Self.number(fields[2])
    else { return nil }
    var numbers: Numbers = (sequence, revision, 0, 0)
    if fields.count == 4 {
      let share = fields[3].split(separator: UInt8(ascii: "o"), maxSplits: 1)
      guard share.count == 2, share[1].first == UInt8(ascii: "f"),
        let part: UInt16 = Self.number(share[0]),
        let count: UInt16 = Self.number(share[1].dropFirst())
      else { return nil }
      (numbers.part, numbers.parts) = (part, count)
    }
    return (kind, String(decoding: fields[1][..<dash], as: UTF8.self), numbers)
  }

  private static func number<Number: FixedWidthInteger>(
    _ digits: Slice<UnsafeBufferPointer<UInt8>>
  ) -> Number? {
    guard !digits.isEmpty, digits.count <= 10 else { return nil }
    var number: UInt64 = 0
    for digit in digits {
      guard (48...57).contains(digit) else { return nil }
      number = number * 10 + UInt64(digit - 48)
    }
    return Number(exactly: number)
  }
}
