import CanonicalModel
import Chronology

/// Charges for usage that came after its period was invoiced, where the policy is neither to bill it at once nor simply with
/// the next invoice: accrued in the period in which it was earned, or put before a person.
struct LateUsageDesk: Sendable {
  private let catalog: Catalog
  /// Charges that go on the next invoice of their account.
  private var due: [AccountID: [RatedCharge]] = [:]
  /// Charges that wait for a person, by case.
  private var held: [UInt32: [RatedCharge]] = [:]
  /// The accrual that stands for a charge.
  private var accrued: [UInt64: PostingKey] = [:]
  private var accruals: [PostingKey: Accrual] = [:]
  private var nextCase: UInt32 = 1
  /// How many charges are in each state, beside the collections that hold them.
  private var states = Census<LateChargeState>()
  private var nextSequence: [DenseTable<EntityID, UInt32>]

  init(catalog: Catalog) {
    self.catalog = catalog
    nextSequence = Array(
      repeating: DenseTable(repeating: 1, count: catalog.entities.count), count: 2)
  }

  /// Visits all charges, in no particular order: for sums only.
  func visit(_ body: (RatedCharge) -> Void) {
    for charges in due.values { charges.forEach(body) }
    for charges in held.values { charges.forEach(body) }
  }

  /// Accrues charges: a document an account. They go on its next invoice.
  ///
  /// - Parameter billing: knows what of each charge will be revenue.
  mutating func accrue(
    _ charges: [RatedCharge], in month: Period, _ billing: Billing, at now: Instant
  ) -> [Accrual] {
    var documents: [Accrual] = []
    let byAccount = Dictionary(grouping: charges) { account(of: $0) }
    for account in byAccount.keys.sorted() {
      let own = byAccount[account] ?? []
      precondition(!own.isEmpty, "an accrual stands for no charge")
      states.move(own.count, from: .new, to: .due)
      due[account, default: []] += own
      let entity = catalog[account].entity
      let accrual = Accrual(
        key: key(.accrual, entity), reverses: nil, account: account,
        currency: catalog.currency(of: own[0].subscription), period: month,
        lines: lines(of: own, billing.revenue(of: own, for: account, at: now)), charges: own.map(\.id))
      for charge in own {
        precondition(accrued[charge.id] == nil, "a charge is accrued twice")
        accrued[charge.id] = accrual.key
      }
      accruals[accrual.key] = accrual
      documents.append(accrual)
    }
    return documents
  }

  /// Holds charges for approval: one case per account.
  mutating func holdForApproval(_ charges: [RatedCharge]) -> [(
    number: UInt32, account: AccountID, charges: [RatedCharge]
  )] {
    let byAccount = Dictionary(grouping: charges) { account(of: $0) }
    return byAccount.keys.sorted().map { account in
      let number = nextCase
      nextCase += 1
      precondition(held[number] == nil, "the number of a case is used twice")
      states.move(byAccount[account]?.count ?? 0, from: .new, to: .held)
      held[number] = byAccount[account] ?? []
      return (number, account, byAccount[account] ?? [])
    }
  }

  /// A person has decided that the charges of a case are billed.
  ///
  /// - Returns: the billing days of the subscriptions that are billed.
  mutating func release(_ number: UInt32) -> [UInt8] {
    guard let charges = held.removeValue(forKey: number) else { return [] }
    states.move(charges.count, from: .held, to: .due)
    for charge in charges { due[account(of: charge), default: []].append(charge) }
    return Set(charges.map { catalog[$0.subscription].billingDay }).sorted()
  }

  /// Dequeues the charges for the invoices of a billing day.
  mutating func dequeue(day: UInt8) -> [RatedCharge] {
    var taken: [RatedCharge] = []
    for account in due.keys.sorted() {
      let own = due[account] ?? []
      let ripe = own.filter { catalog[$0.subscription].billingDay == day }
      taken += ripe
      let rest = own.filter { catalog[$0.subscription].billingDay != day }
      due[account] = rest.isEmpty ? nil : rest
    }
    states.move(taken.count, from: .due, to: .drafted)
    assert(
      states[.due] == due.values.reduce(0) { $0 + $1.count }, "a late charge is due in two places, or in none"
    )
    return taken
  }

  /// Ends the accruals whose charges are on an issued invoice, in its accounting period.
  mutating func reverse(on invoice: Invoice, in month: Period) -> [Accrual] {
    var keys: [PostingKey] = []
    for line in invoice.lines {
      guard let key = accrued.removeValue(forKey: line.charge.id), !keys.contains(key) else { continue }
      keys.append(key)
    }
    return keys.compactMap { key in
      guard var reversal = accruals.removeValue(forKey: key) else { return nil }
      precondition(reversal.reverses == nil, "the end of an accrual is ended")
      precondition(reversal.key == key, "an accrual ends under another key than it was made")
      reversal.reverses = key
      reversal.key = self.key(.accrualReversal, key.entity)
      reversal.period = month
      return reversal
    }
  }

  /// Accrues what is earned in a month and billed later, and ends the accruals with the next month: two documents an entity.
  mutating func accrue(
    unbilled: [Unbilled], in month: Period, _ planted: PlantedDefects
  ) -> [Accrual] {
    guard !planted.contains(.unbilledNotAccrued) else { return [] }
    var documents: [Accrual] = []
    for entity in Set(unbilled.map(\.entity)).sorted() {
      let lines = unbilled.filter { $0.entity == entity }
        .map { Accrual.Line(item: $0.item, amount: $0.amount) }
      let accrual = Accrual(
        key: key(.accrual, entity), reverses: nil, account: nil, currency: catalog[entity].currency,
        period: month, lines: lines, charges: [])
      documents.append(accrual)
      guard !planted.contains(.unbilledNotReversed) else { continue }
      var reversal = accrual
      reversal.reverses = accrual.key
      reversal.key = key(.accrualReversal, entity)
      reversal.period = month.next
      documents.append(reversal)
    }
    return documents
  }

  private func account(of charge: RatedCharge) -> AccountID {
    catalog[charge.subscription].account
  }

  private func lines(of charges: [RatedCharge], _ revenue: [Money]) -> [Accrual.Line] {
    precondition(charges.count == revenue.count, "a charge is accrued without its revenue")
    var amounts: [ItemID: Money] = [:]
    for (charge, amount) in zip(charges, revenue) { amounts[charge.item, default: .zero] += amount }
    return amounts.keys.sorted().map { Accrual.Line(item: $0, amount: amounts[$0] ?? .zero) }
  }

  private mutating func key(_ kind: DocumentKind, _ entity: EntityID) -> PostingKey {
    precondition(
      kind == .accrual || kind == .accrualReversal, "a document that is no accrual takes the number of one")
    let row = kind == .accrual ? 0 : 1
    defer { nextSequence[row][entity] += 1 }
    return PostingKey(kind: kind, entity: entity, sequence: nextSequence[row][entity])
  }
}
