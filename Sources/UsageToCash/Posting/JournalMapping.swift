import CanonicalModel

/// The one place that knows how an invoice becomes a journal entry.
public enum JournalMapping {
  /// Debits the receivable with the total and credits the revenue of each item, in the order of items, and the taxes.
  public static func entry(for invoice: Invoice) -> JournalEntry {
    var revenue: [ItemID: Money] = [:]
    for line in invoice.lines { revenue[line.charge.item, default: .zero] += line.amount }
    var lines = [JournalLine(account: .receivable, amount: invoice.total)]
    for item in revenue.keys.sorted() {
      lines.append(JournalLine(account: .revenue(item), amount: -(revenue[item] ?? .zero)))
    }
    for tax in invoice.taxes where tax.amount != .zero {
      lines.append(JournalLine(account: .taxPayable(tax.jurisdiction), amount: -tax.amount))
    }
    return JournalEntry(
      key: PostingKey(invoice: invoice.number), account: invoice.account, currency: invoice.currency,
      period: invoice.period, lines: lines)
  }
}
