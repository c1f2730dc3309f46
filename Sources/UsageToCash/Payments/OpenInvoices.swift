import CanonicalModel

/// What is asked of customers, invoice by invoice, and what CRM was told of it.
struct OpenInvoices: Sendable {
  /// One invoice.
  struct Entry: Sendable {
    var account: AccountID
    var total: Money
    var tax: Money
    var told: PaymentStatus?
    /// How often it was told.
    var revision: UInt32 = 0
    var status: PaymentStatus {
      if writtenOff > .zero, amount <= .zero { return .writtenOff }
      return amount <= .zero ? .settled : amount < total ? .partlySettled : .open
    }
    var amount: Money
    var writtenOff = Money.zero
    /// Chargebacks that are not decided.
    var disputes = 0
    /// Whether it could not be written off when that was due.
    var isWriteOffPostponed = false
    /// The latest attempt to collect it.
    var attempt: UInt32 = 0
  }

  /// Whether CRM is told at all.
  private let isStatusTold: Bool
  private var entries: [InvoiceNumber: Entry] = [:]
  private var byAccount: [AccountID: [InvoiceNumber]] = [:]
  /// Invoices whose open amount has changed since CRM was told last.
  private var touched: [InvoiceNumber] = []

  init(isStatusTold: Bool) { self.isStatusTold = isStatusTold }

  subscript(invoice: InvoiceNumber) -> Entry? {
    get { entries[invoice] }
    set { entries[invoice] = newValue }
  }

  /// The invoices of a customer, oldest first.
  func invoices(of account: AccountID) -> [InvoiceNumber] { byAccount[account] ?? [] }

  /// Takes an issued invoice.
  mutating func add(_ invoice: Invoice) {
    precondition(entries[invoice.number] == nil, "an invoice is open twice under one number")
    entries[invoice.number] = Entry(
      account: invoice.account, total: invoice.total,
      tax: invoice.taxes.reduce(.zero) { $0 + $1.amount }, amount: invoice.total)
    byAccount[invoice.account, default: []].append(invoice.number)
    touched.append(invoice.number)
  }

  /// Changes what an invoice asks for.
  mutating func change(_ invoice: InvoiceNumber, by amount: Money) {
    entries[invoice]?.amount += amount
    touched.append(invoice)
  }

  /// Dequeues the statuses of which CRM has to be notified.
  mutating func dequeueStatuses() -> [(invoice: InvoiceNumber, status: PaymentStatus, revision: UInt32)] {
    guard !touched.isEmpty else { return [] }
    var changes: [(invoice: InvoiceNumber, status: PaymentStatus, revision: UInt32)] = []
    for number in touched {
      guard let entry = entries[number], isStatusTold, entry.told != entry.status else {
        continue
      }
      entries[number]?.told = entry.status
      entries[number]?.revision += 1
      changes.append((number, entry.status, entry.revision + 1))
    }
    touched.removeAll()
    return changes
  }
}
