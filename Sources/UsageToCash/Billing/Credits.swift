import CanonicalModel
import Chronology

/// Credits on invoices: each request once, never more than is left of the invoice and its tax, and over a limit only
/// with the approval of a second person.
public struct Credits: Sendable {
  private struct Credited: Sendable {
    var account: AccountID
    var currency: Currency
    var invoice: Invoice
    var subtotal: Money
    var tax: TaxLine?
    var net = Money.zero
    var taxBack = Money.zero
  }

  private let catalog: Catalog
  private let planted: PlantedDefects
  private var invoices: [InvoiceNumber: Credited] = [:]
  private var done: Set<UInt32> = []
  private var waiting: Set<UInt32> = []
  private var nextSequence: DenseTable<EntityID, UInt32>

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, planted: PlantedDefects = []) {
    self.catalog = catalog
    self.planted = planted
    nextSequence = DenseTable(repeating: 1, count: catalog.entities.count)
  }

  mutating func record(issued invoice: Invoice) {
    guard catalog.creditLimit != nil else { return }
    precondition(invoices[invoice.number] == nil, "an invoice is issued twice under one number")
    invoices[invoice.number] = Credited(
      account: invoice.account, currency: invoice.currency, invoice: invoice,
      subtotal: invoice.lines.reduce(.zero) { $0 + $1.amount }, tax: invoice.taxes.first)
  }

  /// Takes a request.
  ///
  /// - Returns: the memo, if there is one; whether the request has begun to wait for an approval.
  mutating func handle(_ request: CreditRequest, at now: Instant) -> (memo: CreditMemo?, isWaiting: Bool) {
    guard var invoice = invoices[request.invoice], let limit = catalog.creditLimit else {
      return (nil, false)
    }
    if !planted.contains(.creditReplayed), done.contains(request.id) { return (nil, false) }
    let hasSecondPerson = request.approvedBy.map { $0 != request.requestedBy } ?? false
    if !planted.contains(.creditWithoutApproval), (request.isRebill ? invoice.subtotal : request.net) > limit,
      !hasSecondPerson
    {
      return (nil, waiting.insert(request.id).inserted)
    }
    // Only an invoice on which nothing was credited is credited as a whole and issued anew.
    if request.isRebill, invoice.net != .zero { return (nil, false) }
    let asked = request.isRebill ? invoice.subtotal : request.net
    let left = invoice.subtotal - invoice.net
    let net = planted.contains(.creditUncapped) ? asked : min(asked, left)
    guard net > .zero else { return (nil, false) }
    done.insert(request.id)
    waiting.remove(request.id)
    invoice.net += net
    precondition(
      invoice.net <= invoice.subtotal || planted.contains(.creditUncapped),
      "more is credited on an invoice than it asks for")
    precondition(
      !request.isRebill || net == invoice.subtotal || planted.contains(.creditUncapped),
      "an invoice that is issued anew is credited in part")
    let tax = creditedTax(&invoice, net: net)
    invoices[request.invoice] = invoice
    let entity = Int(request.invoice.entity.index)
    let key = PostingKey(
      kind: .creditMemo, entity: request.invoice.entity, sequence: nextSequence[entity])
    nextSequence[entity] += 1
    return (
      CreditMemo(
        key: key, request: request, account: invoice.account, currency: invoice.currency,
        period: Period(holding: now), net: net, tax: tax), false
    )
  }

  /// The invoice that a memo has credited in full, to be issued anew.
  func rebilled(_ memo: CreditMemo) -> Invoice? { invoices[memo.request.invoice]?.invoice }

  /// The tax on all that was credited, less what was credited of it before: the parts never exceed the whole.
  private func creditedTax(_ invoice: inout Credited, net: Money) -> TaxLine? {
    guard let tax = invoice.tax else { return nil }
    let exact = Money(units: invoice.net.units / 1_000_000_000_000 * tax.rate.units)
    var sum = exact.rounded(to: invoice.currency)
    if !planted.contains(.creditUncapped) {
      sum = invoice.net == invoice.subtotal ? tax.amount : min(sum, tax.amount)
    }
    let amount = sum - invoice.taxBack
    invoice.taxBack = sum
    return TaxLine(jurisdiction: tax.jurisdiction, rate: tax.rate, taxable: net, amount: amount)
  }
}
