import CanonicalModel
import Chronology

/// What a line of a document adds to revenue or to a contract liability, or takes off them, with what its rate of exchange depends on.
struct RevenuePart: Sendable {
  enum Kind: Sendable {
    /// Usage, and what it lacks to a minimum spend.
    case usage
    /// Prepaid credits that pay for usage.
    case drawdown
    /// A fee, or a purchase of credits.
    case fee
    /// A change of one.
    case change
  }

  var account: LedgerAccount
  /// What it adds; negative: what it gives back, or what prepaid credits pay.
  var amount: Money
  var kind: Kind
  /// When the service is rendered.
  var period: Period?
  var subscription: SubscriptionID?
  /// The rated charge.
  var charge: UInt64?

  /// What a line of an invoice adds.
  fileprivate init(_ line: InvoiceLine, isDeferred: Bool) {
    let charge = line.charge
    precondition(charge.kind != .drawdown || isDeferred, "credits pay for usage that nobody has bought")
    account = isDeferred ? .deferredRevenue(charge.item) : .revenue(charge.item)
    amount = line.amount
    kind =
      switch charge.kind {
      case .usage, .lateUsage, .trueUp: .usage
      case .drawdown: .drawdown
      case .recurring: .fee
      case .proration: .change
      }
    (period, subscription, self.charge) = (charge.servicePeriod, charge.subscription, charge.id)
  }

  /// What a line of an accrual adds.
  fileprivate init(_ line: Accrual.Line, of catalog: Catalog) {
    (account, amount) = (.revenue(line.item), line.amount)
    switch catalog[line.item].kind {
    case .prepaid: (account, kind) = (.deferredRevenue(line.item), .drawdown)
    case .recurring: kind = .fee
    case .usage, .minimumSpend: kind = .usage
    }
  }

  /// What is earned of what is deferred, or credited.
  fileprivate init(deferred item: ItemID, _ amount: Money, in period: Period?) {
    (account, self.amount, kind, self.period) = (.deferredRevenue(item), amount, .fee, period)
  }
}

extension Translation.Document {
  /// An invoice: its lines one by one where the books are in another currency. One that is issued anew is carried as the one whose place it takes.
  init(_ entry: JournalEntry, of invoice: Invoice, revenue: Revenue, _ catalog: Catalog) {
    self.init(entry)
    guard invoice.rebills == nil, catalog[entry.key.entity].booksCurrency != nil else { return }
    parts = invoice.lines.map { RevenuePart($0, isDeferred: revenue.isDeferred($0, on: invoice)) }
  }

  /// A credit memo: what it takes off what is still to be earned, service by service.
  init(
    _ entry: JournalEntry, of memo: CreditMemo, about invoice: CashDocument.Application, _ credits: Credits
  ) {
    self.init(entry, invoices: [invoice])
    parts = memo.parts.map {
      RevenuePart(
        deferred: $0.item, $0.unearned, in: credits.line(of: $0, memo)?.line.charge.servicePeriod)
    }
  }

  /// An accrual, or its end.
  init(_ accrual: Accrual, of catalog: Catalog) {
    self.init(JournalMapping.entry(for: accrual, of: catalog), reverses: accrual.reverses)
    parts = accrual.lines.map { RevenuePart($0, of: catalog) }
    if accrual.account != nil { late = accrual.charges }
  }

  /// A recognition.
  init(_ recognition: Recognition) {
    self.init(JournalMapping.entry(for: recognition))
    parts = recognition.lines.map { RevenuePart(deferred: $0.item, $0.amount, in: $0.servicePeriod) }
  }

  /// Its parts; of a bare entry, its lines of deferred revenue and of revenue.
  var revenueParts: [RevenuePart] {
    guard parts.isEmpty, rebills == nil else { return parts }
    return entry.lines.compactMap { line in
      switch (line.account, entry.key.kind) {
      case (.deferredRevenue(let item), .recognition), (.deferredRevenue(let item), .creditMemo):
        return RevenuePart(deferred: item, line.amount, in: nil)
      case (.revenue, .recognition): return nil
      case (.deferredRevenue(let item), _), (.revenue(let item), _):
        var part = RevenuePart(deferred: item, .zero - line.amount, in: nil)
        part.account = line.account
        return part
      default: return nil
      }
    }
  }
}
