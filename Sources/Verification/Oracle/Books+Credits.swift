import CanonicalModel
import Chronology

/// What finance has credited, line by line, by the oracle's own arithmetic.
extension Books {
  /// The line that a part of a memo is about, and the invoice that first asked for it; `nil`: there is no such line.
  func line(of part: CreditMemo.Part, _ memo: CreditMemo) -> (line: InvoiceLine, invoice: Invoice)? {
    guard var invoice = invoice(PostingKey(invoice: memo.request.invoice)) else { return nil }
    while let first = invoice.rebills, let earlier = self.invoice(PostingKey(invoice: first)) {
      invoice = earlier
    }
    return invoice.lines.indices.contains(part.line) ? (invoice.lines[part.line], invoice) : nil
  }

  /// What of a part of a memo was still to be earned when its accounting period began: never more than was of its service.
  func unearned(_ part: CreditMemo.Part, _ memo: CreditMemo) -> Money {
    deferrals.unearned(part, memo.key)
  }

  func addParts(of memo: CreditMemo) {
    latestCredit = memo.parts.compactMap { part in
      guard let (line, invoice) = line(of: part, memo) else { return nil }
      deferrals.add(part, memo, of: line, on: invoice, revenue)
      let gross = credit.add(
        credited: part, of: line, on: memo.request.invoice, in: memo.currency)
      return CreditedPart(
        part: part, line: line, invoice: invoice, gross: gross, scheduled: deferrals.latest,
        unearned: unearned(part, memo))
    }
  }
}
