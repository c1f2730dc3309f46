import CanonicalModel

/// The one place that knows how an invoice becomes a journal entry.
public enum JournalMapping {
  /// Debits the receivable with the total and credits the usage revenue of each item, in the order of items.
  public static func entry(for invoice: Invoice) -> JournalEntry {
    var revenue: [ItemID: Money] = [:]
    for line in invoice.lines { revenue[line.charge.item, default: .zero] += line.amount }
    var lines = [JournalLine(account: .receivable, amount: invoice.total)]
    for item in revenue.keys.sorted() {
      lines.append(JournalLine(account: .revenue(item), amount: -(revenue[item] ?? .zero)))
    }
    return JournalEntry(
      key: PostingKey(invoice: invoice.number), account: invoice.account, currency: invoice.currency,
      period: invoice.period, lines: lines)
  }
}
