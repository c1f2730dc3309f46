import CanonicalModel
import Chronology

/// Amounts by item, in the order of items. An invoice has few: they are looked for one after another.
private struct ItemSums {
  private(set) var entries: [(item: ItemID, amount: Money)] = []

  mutating func add(_ amount: Money, to item: ItemID) {
    let place = entries.firstIndex { $0.item >= item } ?? entries.endIndex
    if place < entries.endIndex, entries[place].item == item {
      entries[place].amount += amount
    } else {
      entries.insert((item, amount), at: place)
    }
    assert(
      zip(entries, entries.dropFirst()).allSatisfy { $0.item < $1.item },
      "the sums of items are not in their order")
  }
}

/// The one place that knows how a document becomes a journal entry.
enum JournalMapping {
  /// Debits the receivable with the total; credits the revenue of each item, or its deferred revenue where it is
  /// still to be earned, in the order of items; credits the taxes.
  static func entry(for invoice: Invoice, revenue: Revenue) -> JournalEntry {
    var lines: [JournalLine] = []
    lines.reserveCapacity(1 + invoice.lines.count + invoice.taxes.count)
    lines.append(JournalLine(account: .receivable, amount: invoice.total))
    if invoice.rebills == nil {
      var earned = ItemSums()
      var deferred = ItemSums()
      for line in invoice.lines {
        if revenue.isDeferred(line, on: invoice) {
          deferred.add(line.amount, to: line.charge.item)
        } else {
          earned.add(line.amount, to: line.charge.item)
        }
      }
      for (item, amount) in earned.entries {
        lines.append(JournalLine(account: .revenue(item), amount: -amount))
      }
      for (item, amount) in deferred.entries {
        lines.append(JournalLine(account: .deferredRevenue(item), amount: -amount))
      }
    } else {
      // The credit has lowered revenue as a whole, and this restores it: what was earned or deferred stays so.
      let net = invoice.lines.reduce(Money.zero) { $0 + $1.amount }
      lines.append(JournalLine(account: .creditsGiven, amount: -net))
    }
    for tax in invoice.taxes where tax.amount != .zero {
      lines.append(JournalLine(account: .taxPayable(tax.jurisdiction), amount: -tax.amount))
    }
    return JournalEntry(
      key: PostingKey(invoice: invoice.number), account: invoice.account, currency: invoice.currency,
      period: accountingPeriod(of: invoice), lines: lines)
  }

  /// The accounting period: the last month that the billing period reaches into, but not later than that of the issue.
  private static func accountingPeriod(of invoice: Invoice) -> Period {
    guard invoice.period.day != 1 else { return invoice.period }
    return min(Period(holding: invoice.period.end - Span(nanoseconds: 1)), Period(holding: invoice.issued))
  }

  /// Debits the money where it is, credits the receivables that it settles and what is unapplied; a payout moves it
  /// from the gateway to the bank, less the fees; a chargeback or refund goes the other way. Unapplied cash settles receivables later,
  /// and what nobody will pay becomes an expense.
  static func entry(for cash: CashDocument) -> JournalEntry {
    var lines: [JournalLine] = []
    func add(_ account: LedgerAccount, _ amount: Money) {
      if amount != .zero { lines.append(JournalLine(account: account, amount: amount)) }
    }
    precondition(cash.key.invoice == nil, "an invoice is taken for a movement of money")
    let settled = cash.applications.reduce(Money.zero) { $0 + $1.amount }
    switch cash.key.kind {
    case .payout:
      add(.bank, cash.gross - cash.fees)
      add(.gatewayFees, cash.fees)
      add(.clearing, -cash.gross)
    case .refund:
      add(.receivable, settled)
      add(.unappliedCash, cash.unapplied)
      add(.bank, -cash.gross)
    case .cashApplication:
      add(.unappliedCash, cash.gross)
      add(.receivable, -settled)
    case .writeOff:
      add(.badDebt, cash.gross)
      add(.receivable, -settled)
    case .chargeback:
      add(.receivable, settled)
      add(.unappliedCash, cash.unapplied)
      add(.gatewayFees, cash.fees)
      add(.bank, -(cash.gross + cash.fees))
    default:
      add(cash.isAtGateway ? .clearing : .bank, cash.gross)
      add(.receivable, -settled)
      add(.unappliedCash, -cash.unapplied)
    }
    return JournalEntry(
      key: cash.key, account: cash.account, currency: cash.currency, period: cash.period, lines: lines)
  }

  /// Debits what is given and its tax, credits the receivable. What was still to be earned is a liability that ends; what was earned is revenue
  /// given back.
  static func entry(for memo: CreditMemo) -> JournalEntry {
    var unearned = ItemSums()
    for part in memo.parts where part.unearned != .zero { unearned.add(part.unearned, to: part.item) }
    let given = unearned.entries.reduce(memo.net) { $0 - $1.amount }
    var lines = [JournalLine(account: .receivable, amount: -memo.total)]
    if given != .zero || unearned.entries.isEmpty {
      lines.append(JournalLine(account: .creditsGiven, amount: given))
    }
    for (item, amount) in unearned.entries {
      lines.append(JournalLine(account: .deferredRevenue(item), amount: amount))
    }
    for tax in memo.taxes where tax.amount != .zero {
      lines.append(JournalLine(account: .taxPayable(tax.jurisdiction), amount: tax.amount))
    }
    return JournalEntry(
      key: memo.key, account: memo.account, currency: memo.currency, period: memo.period, lines: lines)
  }

  /// Debits what is unbilled and credits the revenue of each item; what prepaid credits pay lowers what is deferred. The end of an accrual goes the
  /// other way.
  static func entry(for accrual: Accrual, of catalog: Catalog) -> JournalEntry {
    let sign = accrual.reverses == nil
    precondition(
      sign == (accrual.key.kind == .accrual),
      "an accrual is numbered as the end of one, or the other way round")
    let total = accrual.lines.reduce(Money.zero) { $0 + $1.amount }
    return JournalEntry(
      key: accrual.key, account: accrual.account, currency: accrual.currency, period: accrual.period,
      lines: [JournalLine(account: .unbilledReceivable, amount: sign ? total : -total)]
        + accrual.lines.map {
          JournalLine(
            account: catalog[$0.item].kind == .prepaid ? .deferredRevenue($0.item) : .revenue($0.item),
            amount: sign ? -$0.amount : $0.amount)
        })
  }

  /// Debits the deferred revenue of each item and credits its revenue.
  static func entry(for recognition: Recognition) -> JournalEntry {
    JournalEntry(
      key: recognition.key, account: nil, currency: recognition.currency, period: recognition.period,
      lines: recognition.lines.flatMap { line in
        [
          JournalLine(account: .deferredRevenue(line.item), amount: line.amount),
          JournalLine(account: .revenue(line.item), amount: -line.amount),
        ]
      })
  }
}
