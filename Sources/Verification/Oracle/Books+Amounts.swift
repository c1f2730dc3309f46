import CanonicalModel

extension Books {
  /// What a document has to come to on each account, by the oracle's own rules of booking; `nil` where nothing of the key is
  /// known, and for money that has moved, which `fx-ties` and `settlement-ties` speak for.
  func amounts(of key: PostingKey) -> [LedgerAccount: Money]? {
    guard let source = obligations[key]?.source else { return nil }
    var amounts: [LedgerAccount: Money] = [:]
    switch source {
    case .invoice(let invoice):
      amounts[.receivable] = invoice.total
      for line in invoice.lines {
        amounts[account(of: line, on: invoice), default: .zero] -= line.amount
      }
      for tax in invoice.taxes where tax.amount != .zero {
        amounts[.taxPayable(tax.jurisdiction), default: .zero] -= tax.amount
      }
    case .recognition(let document):
      for line in document.lines {
        amounts[.deferredRevenue(line.item), default: .zero] += line.amount
        amounts[.revenue(line.item), default: .zero] -= line.amount
      }
    case .accrual(let document):
      for line in document.lines {
        let amount = document.reverses == nil ? line.amount : .zero - line.amount
        amounts[.unbilledReceivable, default: .zero] += amount
        amounts[.revenue(line.item), default: .zero] -= amount
      }
    case .credit(let memo):
      amounts[.receivable] = .zero - memo.total
      amounts[.creditsGiven] = memo.net
      if let tax = memo.tax { amounts[.taxPayable(tax.jurisdiction), default: .zero] += tax.amount }
    case .cash: return nil
    }
    return amounts
  }

  /// The account of an invoice's line. What is issued anew restores what the credit took, as a whole.
  func account(of line: InvoiceLine, on invoice: Invoice) -> LedgerAccount {
    if invoice.rebills != nil { return .creditsGiven }
    let item = line.charge.item
    return revenue.isDeferred(line, on: invoice) ? .deferredRevenue(item) : .revenue(item)
  }
}
