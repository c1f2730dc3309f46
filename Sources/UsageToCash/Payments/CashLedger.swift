import CanonicalModel
import Chronology
import CoreInterface

/// The documents of money, numbered by kind and entity, and what they come to.
struct CashLedger: Sendable {
  private let catalog: Catalog
  private let planted: PlantedDefects
  private var nextNumber: [[UInt32]]
  /// What was booked, and what the bank and the gateway report.
  var book: CashBook
  /// What customers have paid or were given by credit notes, and no invoice was settled by, per entity.
  var unapplied: DenseTable<EntityID, Money>
  /// What customers have paid, less what they took or were given back, per entity.
  private(set) var received: DenseTable<EntityID, Money>
  /// What has settled invoices, less what was opened again, per entity.
  private(set) var applied: DenseTable<EntityID, Money>

  init(catalog: Catalog, planted: PlantedDefects) {
    self.catalog = catalog
    self.planted = planted
    nextNumber = DocumentKind.allCases.map { _ in Array(repeating: 1, count: catalog.entities.count) }
    book = CashBook(entities: catalog.entities.count)
    unapplied = DenseTable(repeating: .zero, count: catalog.entities.count)
    received = unapplied
    applied = unapplied
  }

  /// Makes a document and counts it.
  ///
  /// - Parameter given: its number, where it has one already.
  mutating func document(
    _ kind: DocumentKind, _ entity: EntityID, number given: UInt32? = nil, account: AccountID?,
    at now: Instant, gross: Money, fees: Money = .zero, applications: [CashDocument.Application] = [],
    isAtGateway: Bool = false, origin: CashOrigin? = nil, isOfCharge: Bool = false
  ) -> CashDocument {
    let index = Int(entity.index)
    let settled = applications.reduce(Money.zero) { $0 + $1.amount }
    switch kind {
    case .payment, .chargebackReversal:
      received[index] += gross
      applied[index] += settled
    case .chargeback, .refund:
      received[index] -= gross
      applied[index] -= settled
    case .cashApplication:
      applied[index] += settled
      unapplied[index] -= settled
    default: break
    }
    precondition(
      kind == .payment || !isAtGateway, "money that was not collected is at the gateway")
    precondition(
      kind != .payment || settled <= gross || gross < .zero, "a payment settles more than it is")
    let number = given ?? nextNumber[Int(kind.rawValue)][index]
    if given == nil { nextNumber[Int(kind.rawValue)][index] += 1 }
    var period = Period(holding: now)
    if planted.contains(.paymentInAnotherPeriod), kind == .payment { period = period.next }
    var payer = account
    if planted.contains(.paymentToAnotherCustomer), [.payment, .chargebackReversal].contains(kind) {
      payer = account.map { another(than: $0) }
    }
    var document = CashDocument(
      key: PostingKey(kind: kind, entity: entity, sequence: number), account: payer,
      currency: catalog.entities[index].currency, period: period, gross: gross,
      fees: fees, applications: applications, isAtGateway: isAtGateway, origin: origin)
    document.isOfCharge = isOfCharge
    book.record(document, at: now)
    return document
  }

  /// Another customer of the same entity.
  private func another(than account: AccountID) -> AccountID {
    let entity = catalog[account].entity
    let others = catalog.accounts.indices.filter {
      catalog.accounts[$0].entity == entity && $0 != Int(account.index)
    }
    return others.first.map { AccountID(index: UInt32($0)) } ?? account
  }
}
