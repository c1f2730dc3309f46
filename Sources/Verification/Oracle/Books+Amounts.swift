import CanonicalModel

extension Books {
  /// What a document has to come to on each account, by the oracle's own rules of booking; `nil` where nothing of the key is
  /// known, and for money that has moved, which `fx-ties` and `settlement-ties` speak for.
  func amounts(of key: PostingKey) -> Sums<LedgerAccount>? {
    guard let source = source(key) else { return nil }
    var amounts = Sums<LedgerAccount>(capacity: 4)
    switch source {
    case .invoice(let invoice):
      amounts = Sums(capacity: 1 + invoice.lines.count + invoice.taxes.count)
      amounts.add(invoice.total, to: .receivable)
      for line in invoice.lines { amounts.add(-line.amount, to: account(of: line, on: invoice)) }
      for tax in invoice.taxes where tax.amount != .zero {
        amounts.add(-tax.amount, to: .taxPayable(tax.jurisdiction))
      }
    case .recognition(let document):
      for line in document.lines {
        amounts.add(line.amount, to: .deferredRevenue(line.item))
        amounts.add(-line.amount, to: .revenue(line.item))
      }
    case .accrual(let document):
      for line in document.lines {
        let amount = document.reverses == nil ? line.amount : .zero - line.amount
        amounts.add(amount, to: .unbilledReceivable)
        amounts.add(-amount, to: catalog.account(ofAccrued: line.item))
      }
    case .credit(let memo):
      amounts.add(-memo.total, to: .receivable)
      for part in memo.parts {
        let unearned = unearned(part, memo)
        amounts.add(unearned, to: .deferredRevenue(part.item))
        amounts.add(-unearned, to: .creditsGiven)
      }
      amounts.add(memo.net, to: .creditsGiven)
      for tax in memo.taxes { amounts.add(tax.amount, to: .taxPayable(tax.jurisdiction)) }
    case .transfer(let transfer):
      for line in transfer.entry.lines { amounts.add(line.amount, to: line.account) }
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

extension Catalog {
  /// Where what is accrued of an item stands: what prepaid credits pay is taken off what is deferred.
  func account(ofAccrued item: ItemID) -> LedgerAccount {
    self[item].kind == .prepaid ? .deferredRevenue(item) : .revenue(item)
  }
}
