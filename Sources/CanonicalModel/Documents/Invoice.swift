import Chronology

/// The number of an invoice or a credit note: each of the two series is gapless and rising within its legal entity.
public struct InvoiceNumber: Hashable, Comparable, Sendable {
  /// The entity that issued it.
  public var entity: EntityID
  /// 1, 2, 3, … within the entity and the series.
  public var sequence: UInt32
  /// Whether it is of the series of credit notes: documents that owe something to the customer.
  public var isCreditNote: Bool

  /// Makes a number.
  public init(entity: EntityID, sequence: UInt32, isCreditNote: Bool = false) {
    self.entity = entity
    self.sequence = sequence
    self.isCreditNote = isCreditNote
  }

  /// See ``KeyHash``.
  @inlinable
  public func _rawHashValue(seed: Int) -> Int {
    KeyHash.of(UInt64(sequence) | UInt64(entity.index) << 32 | (isCreditNote ? 1 << 63 : 0), seed: seed)
  }

  /// Orders by entity, then by series and sequence; invoices come first.
  public static func < (a: InvoiceNumber, b: InvoiceNumber) -> Bool {
    (a.entity, a.isCreditNote ? 1 : 0, a.sequence) < (b.entity, b.isCreditNote ? 1 : 0, b.sequence)
  }

  /// The printed form, such as `US-000042`, or `CN-US-000042` of a credit note.
  public func text(in catalog: Catalog) -> String {
    (isCreditNote ? DocumentKind.creditNote.prefix : "") + catalog[entity].printedName + "-"
      + DecimalDigits.text(sequence, width: 6)
  }
}

/// One line of an invoice: one rated charge, and its parts of what was agreed for the invoice as a whole.
public struct InvoiceLine: Hashable, Sendable {
  /// The rated charge.
  public var charge: RatedCharge
  /// Its part of the customer's discount: what is taken off.
  public var discount: Money
  /// Its part of the invoice's taxes.
  public var tax: Money
  /// What of its price is tax: nothing where taxes are added to prices.
  public var included = Money.zero
  /// What of its price, less discount, was supplied when, where a rate of tax changes in the meantime; empty: all of it under the same rates.
  public var supply: [SupplyPart] = []
  /// Its part of each of the invoice's taxes; empty where there is one, and it is on all lines alike.
  public var taxes: [TaxPart] = []

  /// The amount of the line, without tax: the charge less its discount and the tax that is included.
  public var amount: Money { charge.amount - discount - included }
  /// The price: the charge less its discount.
  public var price: Money { charge.amount - discount }

  /// Makes a line.
  public init(charge: RatedCharge, discount: Money = .zero, tax: Money = .zero) {
    self.charge = charge
    self.discount = discount
    self.tax = tax
  }
}

/// An issued invoice, or the credit note of a total below zero: immutable.
public struct Invoice: Hashable, Sendable {
  /// The number.
  public var number: InvoiceNumber
  /// The account that owes it.
  public var account: AccountID
  /// The currency of every amount.
  public var currency: Currency
  /// The billing period.
  public var period: Period
  /// When it was issued.
  public var issued: Instant
  /// The lines.
  public var lines: [InvoiceLine]
  /// The taxes: one for each jurisdiction, rate, and reason for not charging it.
  public var taxes: [TaxLine]
  /// The sum of the lines and the taxes.
  public var total: Money
  /// The invoice that this one takes the place of, which was credited in full; `nil`: none.
  public var rebills: InvoiceNumber?
  /// Of a credit note, the invoices on which what it gives back was charged, in order.
  public var credits: [InvoiceNumber]

  /// Makes an invoice.
  public init(
    number: InvoiceNumber, account: AccountID, currency: Currency, period: Period, issued: Instant,
    lines: [InvoiceLine], taxes: [TaxLine] = [], total: Money, rebills: InvoiceNumber? = nil,
    credits: [InvoiceNumber] = []
  ) {
    self.number = number
    self.account = account
    self.currency = currency
    self.period = period
    self.issued = issued
    self.lines = lines
    self.taxes = taxes
    self.total = total
    self.rebills = rebills
    self.credits = credits
  }
}
