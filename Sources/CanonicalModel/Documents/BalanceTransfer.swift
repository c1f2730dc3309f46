/// Balances that leave the ledger of an ERP at a cut-over, or come into that of the ERP that takes over: one pair of documents a
/// customer, and one for what belongs to no customer, each against the migration clearing account.
///
/// What a period has earned or cost stays where it was posted.
public struct BalanceTransfer: Hashable, Sendable {
  /// A receivable of one invoice.
  public struct OpenItem: Hashable, Sendable {
    /// The invoice.
    public var invoice: InvoiceNumber
    /// What is open of it in the old ledger, in the currency of the invoice.
    public var amount: Money

    /// Makes an item.
    public init(invoice: InvoiceNumber, amount: Money) {
      self.invoice = invoice
      self.amount = amount
    }
  }

  /// The document: of kind ``DocumentKind/closingBalance`` in the old ledger, ``DocumentKind/openingBalance`` in the new one.
  public var entry: JournalEntry
  /// The receivables that move, by invoice.
  public var items: [OpenItem]

  /// Makes a transfer.
  public init(entry: JournalEntry, items: [OpenItem]) {
    self.entry = entry
    self.items = items
  }
}
