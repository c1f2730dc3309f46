import CanonicalModel
import Chronology
import CoreInterface

/// Keeps what leads from usage to the ledger and back. The correlation id of a usage event is its subscription, meter and
/// window; of a charge, its number; of a document, its posting key, which the ERP keeps as external id or reference.
public struct Lineage: Sendable {
  private let catalog: Catalog
  private let window: Span
  private let planted: PlantedDefects
  private var charges: [ChargeOrigin: [UInt64]] = [:]
  private var originOf: [ChargeNumber: ChargeOrigin] = [:]
  private var invoiceOf: [ChargeNumber: InvoiceNumber] = [:]
  private var documents: [PostingKey: UInt32] = [:]
  /// The parts of documents that were split, by their wholes.
  private var parts: [PostingKey: [PostingKey]] = [:]
  private var settlements: [InvoiceNumber: [PostingKey]] = [:]

  init(catalog: Catalog, window: Span, planted: PlantedDefects = []) {
    self.catalog = catalog
    self.window = window
    self.planted = planted
  }

  /// Records what the effects of one input have led to.
  mutating func record(_ effects: ArraySlice<Effect>) {
    for effect in effects {
      switch effect {
      case .rated(let charge):
        let cell = ChargeOrigin(
          subscription: charge.subscription, item: charge.item, period: charge.servicePeriod)
        if planted.contains(.lineageWithoutLateCharges), charges[cell] != nil { continue }
        charges[cell, default: []].append(charge.id)
        precondition(
          originOf[ChargeNumber(charge.id)] == nil, "two charges have one number: \(charge.id)")
        originOf[ChargeNumber(charge.id)] = cell
      case .issue(let invoice) where invoice.rebills == nil:
        for line in invoice.lines {
          let before = invoiceOf.updateValue(invoice.number, forKey: ChargeNumber(line.charge.id))
          precondition(
            before == nil || before == invoice.number || planted.contains(.finalisedByLateQuote),
            "charge \(line.charge.id) stands on two invoices")
        }
      case .issue(let invoice):
        if let original = invoice.rebills {
          precondition(original != invoice.number, "an invoice takes the place of itself")
          settlements[original, default: []].append(PostingKey(invoice: invoice.number))
        }
      case .credited(let memo): settlements[memo.request.invoice, default: []].append(memo.key)
      case .cashBooked(let document):
        for application in document.applications {
          settlements[application.invoice, default: []].append(document.key)
        }
      case .acknowledged(let key, let number):
        precondition(key.part <= key.parts, "a part of a document is numbered beyond its parts")
        if key.parts > 0, documents[key] == nil { parts[key.whole, default: []].append(key) }
        documents[key] = number
      default: continue
      }
    }
  }

  /// From a usage event to everything that holds a part of it.
  public func trace(_ event: UsageEvent, of subscription: SubscriptionID, meter: MeterID) -> LineageTrace {
    let cell = ChargeOrigin(
      subscription: subscription, item: ItemID(meter),
      period: catalog.billingPeriod(of: subscription, holding: event.time))
    let own = charges[cell] ?? []
    var invoices: [InvoiceNumber] = []
    for charge in own {
      if let invoice = invoiceOf[ChargeNumber(charge)], !invoices.contains(invoice) {
        invoices.append(invoice)
      }
    }
    var posted: [PostingKey: UInt32] = [:]
    for invoice in invoices {
      let key = PostingKey(invoice: invoice)
      for key in parts[key] ?? [key] { if let number = documents[key] { posted[key] = number } }
    }
    return LineageTrace(
      event: event, subscription: subscription, meter: meter, window: event.time.floored(to: window),
      charges: own,
      origins: own.map { origin(ofCharge: $0) }, invoices: invoices, documents: posted,
      settlements: invoices.flatMap { settlements[$0] ?? [] })
  }

  /// From a charge back to where its usage is summarised: the subscription, item and period whose windows it rates.
  public func origin(ofCharge id: UInt64) -> ChargeOrigin? { originOf[ChargeNumber(id)] }

  /// From a journal line of an invoice's posting back to the charges that it holds.
  public func charges(of invoice: Invoice, in account: LedgerAccount) -> [UInt64] {
    invoice.lines.filter { line in
      switch account {
      case .receivable: true
      case .revenue(let item), .deferredRevenue(let item): line.charge.item == item
      default: false
      }
    }.map(\.charge.id)
  }
}
