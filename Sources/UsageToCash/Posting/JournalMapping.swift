import CanonicalModel

/// The one place that knows how an invoice becomes a journal entry.
public enum JournalMapping {
  /// Debits the receivable with the total and credits the usage revenue of each meter, in the order of meters.
  public static func entry(for invoice: Invoice) -> JournalEntry {
    var revenue: [MeterID: Money] = [:]
    for line in invoice.lines { revenue[line.charge.meter, default: .zero] += line.amount }
    var lines = [JournalLine(account: .receivable, amount: invoice.total)]
    for meter in revenue.keys.sorted() {
      lines.append(JournalLine(account: .revenue(meter), amount: -(revenue[meter] ?? .zero)))
    }
    return JournalEntry(
      key: PostingKey(invoice: invoice.number), account: invoice.account, currency: invoice.currency,
      period: invoice.period, lines: lines)
  }
}
