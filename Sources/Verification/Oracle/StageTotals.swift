import CanonicalModel

/// What has passed each stage for one legal entity and meter.
public struct StageTotals: Hashable, Sendable {
  /// Usage events and their quantity at one stage.
  public struct Usage: Hashable, Sendable {
    /// Events.
    public var count: Int64 = 0
    /// The sum of their quantities.
    public var quantity = Quantity.zero
    /// The order-free hash.
    public var digest: UInt64 = 0
  }

  /// Truth: everything that the sources emitted and did not take back.
  public var emitted = Usage()
  /// Of it, what the core put aside or rejected.
  public var putAside = Usage()
  /// What the contracts would charge for it beside what was metered.
  public var putAsideAmount = Money.zero
  /// Events of it that no contract prices: their customer is unknown, or has no right to the meter.
  public var putAsideUnpriced: Int64 = 0
  /// What should have been metered.
  public var countable: Usage {
    Usage(
      count: emitted.count - putAside.count, quantity: emitted.quantity - putAside.quantity,
      digest: emitted.digest &- putAside.digest)
  }
  /// What the summaries hold.
  public var metered = Usage()
  /// What the rated charges hold.
  public var rated = Usage()
  /// The sum of the rated charges.
  public var ratedAmount = Money.zero
  /// What waits for a person's decision.
  public var held = Usage()
  /// See ``held``.
  public var heldAmount = Money.zero
  /// What the lines of issued invoices hold.
  public var invoiced = Usage()
  /// The sum of the lines of issued invoices, less their discounts.
  public var invoicedAmount = Money.zero
  /// What was taken off them as discounts.
  public var discounts = Money.zero
  /// What of their prices is tax.
  public var includedTaxes = Money.zero
  /// The same with the discounts and the taxes that prices include: what was rated.
  public var invoicedInFull: Money { invoicedAmount + discounts + includedTaxes }

  mutating func add(rated charge: RatedCharge) {
    rated.add(charge)
    ratedAmount += charge.amount
  }

  mutating func add(invoiced line: InvoiceLine) {
    invoiced.add(line.charge)
    invoicedAmount += line.amount
    discounts += line.discount
    includedTaxes += line.included
  }

  /// Revenue in the ERP's ledger, earned and deferred.
  public var ledgerAmount = Money.zero
}

/// What has been taxed in one jurisdiction.
public struct TaxTotals: Hashable, Sendable {
  /// On issued invoices.
  public var invoiced = Money.zero
  /// Owed in the ERPs' ledgers.
  public var ledger = Money.zero
}

/// What has been issued and posted for one legal entity.
public struct DocumentTotals: Hashable, Sendable {
  /// Invoices issued.
  public var issued: Int64 = 0
  /// Their sum.
  public var issuedAmount = Money.zero
  /// Documents in the ERP's ledger.
  public var posted: Int64 = 0
  /// Their receivables.
  public var postedAmount = Money.zero
  /// Postings that wait in a visible exception case.
  public var excepted: Int64 = 0
  /// Their receivables.
  public var exceptedAmount = Money.zero

  mutating func add(issued invoice: Invoice) {
    issued += 1
    issuedAmount += invoice.total
  }
}

/// What was invoiced in a jurisdiction without tax, and why.
public struct UntaxedTotal: Sendable {
  /// The entity.
  public var entity: EntityID
  /// The jurisdiction.
  public var jurisdiction: JurisdictionID
  /// Why no tax was charged.
  public var reason: TaxReason
  /// The sum without tax.
  public var taxable: Money
}

/// What was invoiced without tax, in the order in which it was first.
struct UntaxedTotals: Sendable {
  private(set) var all: [UntaxedTotal] = []

  mutating func add(_ taxes: [TaxLine], of entity: EntityID, sign: Int128) {
    for tax in taxes {
      guard let reason = tax.reason else { continue }
      let known = all.firstIndex {
        $0.entity == entity && $0.jurisdiction == tax.jurisdiction && $0.reason == reason
      }
      if known == nil {
        all.append(
          UntaxedTotal(entity: entity, jurisdiction: tax.jurisdiction, reason: reason, taxable: .zero))
      }
      all[known ?? all.count - 1].taxable += Money(units: tax.taxable.units * sign)
    }
  }
}
