import CanonicalModel
import Chronology
import CoreInterface
import HeapModule

/// The stage after posting: collects what is due through the gateway, applies what customers pay, and turns every
/// movement of money into a document for the ledger.
///
/// A charge whose outcome is not known is asked for again under the same key, which cannot collect twice.
public struct Payments: Sendable {
  private struct Due: Comparable, Sendable {
    var at: Instant
    var key: ChargeKey
    var repetition: UInt32

    static func < (a: Due, b: Due) -> Bool {
      (a.at, a.key, a.repetition) < (b.at, b.key, b.repetition)
    }
  }

  private struct Open: Sendable {
    var account: AccountID
    var total: Money
    var told: PaymentStatus?
    /// How often it was told.
    var revision: UInt32 = 0
    var status: PaymentStatus { amount <= .zero ? .settled : amount < total ? .partlySettled : .open }
    var amount: Money
    var currency: Currency
  }

  private let catalog: Catalog
  private let policy: PaymentPolicy
  private let planted: PlantedDefects
  private var open: [InvoiceNumber: Open] = [:]
  /// The open invoices of each account, oldest first.
  private var byAccount: [AccountID: [InvoiceNumber]] = [:]
  private var due = Heap<Due>()
  /// Invoices whose open amount has changed since CRM was told last.
  private var touched: [InvoiceNumber] = []
  /// Notices that were taken: a further copy moves nothing.
  private var knownNotices: Set<UInt32> = []
  /// The state of each attempt, beside ``due`` and ``inFlight``, which say when it goes on.
  private var states = ChargeStates()
  private var inFlight: [ChargeKey: (deadline: Instant, repetition: UInt32)] = [:]
  /// What was asked for under each key: a repetition asks for the same, whatever was credited or paid since.
  private var requested: [ChargeKey: Money] = [:]
  private var nextNumber: [[UInt32]]
  /// What customers have paid and no invoice was settled by, per entity.
  public private(set) var unapplied: [Money]
  /// What customers have paid, less what they took or were given back, per entity.
  public private(set) var received: [Money]
  /// What has settled invoices, less what was opened again, per entity.
  public private(set) var applied: [Money]

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, policy: PaymentPolicy = PaymentPolicy(), planted: PlantedDefects = []) {
    self.catalog = catalog
    precondition(policy.timeout > .zero, "the outcome of a charge is not unknown before it was asked for")
    self.policy = policy
    self.planted = planted
    nextNumber = DocumentKind.allCases.map { _ in Array(repeating: 1, count: catalog.entities.count) }
    unapplied = Array(repeating: .zero, count: catalog.entities.count)
    received = unapplied
    applied = unapplied
  }

  /// Whether nothing is due and nothing in flight.
  @inline(__always)
  public var isIdle: Bool { due.isEmpty && inFlight.isEmpty }
  /// Charges that are due later or in flight.
  public var depth: Int { due.count + inFlight.count }
  /// What an invoice still asks for.
  public func openAmount(of invoice: InvoiceNumber) -> Money { open[invoice]?.amount ?? .zero }

  @inline(__always)
  var nextDeadline: Instant? {
    var deadline = due.min?.at
    for flight in inFlight.values { deadline = earlier(deadline, flight.deadline) }
    return deadline
  }

  /// Takes an issued invoice: what it asks for is open, and due later.
  mutating func note(issued invoice: Invoice) {
    guard let terms = catalog.paymentTerms, invoice.total > .zero else { return }
    precondition(open[invoice.number] == nil, "an invoice is open twice under one number")
    open[invoice.number] = Open(
      account: invoice.account, total: invoice.total, amount: invoice.total, currency: invoice.currency)
    byAccount[invoice.account, default: []].append(invoice.number)
    touched.append(invoice.number)
    guard catalog[invoice.account].method == .autopay else { return }
    schedule(ChargeKey(invoice: invoice.number, attempt: 1), at: invoice.issued + terms.dueAfter)
  }

  /// Decides that a charge is asked for, again under the same key where nobody knows what became of it.
  private mutating func schedule(_ key: ChargeKey, at instant: Instant, repetition: UInt32 = 0) {
    states.move(key, to: .due)
    precondition(
      repetition == 0 || requested[key] != nil, "a charge is asked for again that was never asked for")
    due.insert(Due(at: instant, key: key, repetition: repetition))
  }

  /// What CRM has to be told: the invoices whose status has changed.
  mutating func takeStatuses() -> [(invoice: InvoiceNumber, status: PaymentStatus, revision: UInt32)] {
    guard !touched.isEmpty else { return [] }
    var changes: [(invoice: InvoiceNumber, status: PaymentStatus, revision: UInt32)] = []
    for number in touched {
      guard let entry = open[number], !planted.contains(.statusNotTold), entry.told != entry.status else {
        continue
      }
      open[number]?.told = entry.status
      open[number]?.revision += 1
      changes.append((number, entry.status, entry.revision + 1))
    }
    touched.removeAll()
    return changes
  }

  /// The charges to ask for now.
  mutating func advance(to now: Instant) -> [ChargeRequest] {
    for key in inFlight.keys.sorted() {
      guard let flight = inFlight[key], flight.deadline <= now else { continue }
      inFlight[key] = nil
      guard !planted.contains(.chargeGivenUp) else {
        states.drop(key)
        continue
      }
      schedule(key, at: now + policy.retryUnknownAfter, repetition: flight.repetition + 1)
    }
    var requests: [ChargeRequest] = []
    while let first = due.min, first.at <= now {
      due.removeMin()
      guard let open = open[first.key.invoice] else {
        preconditionFailure("a charge is due for an invoice that was never noted as issued")
      }
      let amount = requested[first.key] ?? open.amount
      guard amount > .zero else {
        states.move(first.key, to: .lapsed)
        continue
      }
      precondition(
        requested[first.key] == nil || first.repetition > 0, "the first request of a charge repeats another")
      states.move(first.key, to: .asked)
      requested[first.key] = amount
      precondition(inFlight[first.key] == nil, "a charge is asked for twice at once")
      inFlight[first.key] = (now + policy.timeout, first.repetition)
      let text = first.key.text(in: catalog)
      requests.append(
        ChargeRequest(
          key: first.key, repetition: first.repetition,
          idempotencyKey: planted.contains(.chargeKeyPerCall) ? "\(text)/\(first.repetition)" : text,
          account: open.account, amount: amount))
    }
    assert(states.count == depth, "a charge is due and under way at once, or neither")
    return requests
  }

  /// Takes the gateway's answer.
  ///
  /// - Returns: the payment, if there is one; whether the attempts are used up.
  mutating func handle(
    _ answer: ChargeAnswer, to key: ChargeKey, at now: Instant
  ) -> (payment: CashDocument?, isExhausted: Bool) {
    guard let flight = inFlight.removeValue(forKey: key) else { return (nil, false) }
    switch answer {
    case .unavailable:
      schedule(key, at: now + policy.retryUnavailableAfter, repetition: flight.repetition + 1)
      return (nil, false)
    case .declined:
      states.move(key, to: .declined)
      let retries = catalog.paymentTerms?.retries ?? []
      guard !planted.contains(.dunningCutShort), Int(key.attempt) <= retries.count else { return (nil, true) }
      precondition(key.attempt >= 1, "attempts to collect are counted from one")
      schedule(
        ChargeKey(invoice: key.invoice, attempt: key.attempt + 1), at: now + retries[Int(key.attempt) - 1])
      return (nil, false)
    case .succeeded:
      states.move(key, to: .collected)
      guard let settled = open[key.invoice], let amount = requested.removeValue(forKey: key) else {
        preconditionFailure("a charge was collected that was asked for without an amount or an invoice")
      }
      // What was credited or paid in the meantime is too much now, and stays unapplied.
      let applied = settle(key.invoice, with: amount).map { [$0] } ?? []
      precondition(
        applied.reduce(amount) { $0 - $1.amount } >= .zero, "a payment settles more than was collected")
      unapplied[Int(key.invoice.entity.index)] += applied.reduce(amount) { $0 - $1.amount }
      return (
        document(
          .payment, key.invoice.entity, account: settled.account, at: now, gross: amount,
          applications: applied, isAtGateway: true), false
      )
    }
  }

  /// Takes a movement of money.
  ///
  /// - Returns: the document for the ledger; `nil` where the movement is not booked, or was booked before.
  mutating func handle(_ notice: CashNotice, at now: Instant) -> CashDocument? {
    guard knownNotices.insert(notice.id).inserted || planted.contains(.noticeCountedTwice) else { return nil }
    switch notice.event {
    case .payout(let entity, let number, let gross, let fees):
      // Under the gateway's own number: notices may come out of order. Who takes each for a new one numbers it anew.
      return document(
        .payout, entity, number: planted.contains(.noticeCountedTwice) ? nil : number, account: nil, at: now,
        gross: gross,
        fees: planted.contains(.payoutBookedGross) ? .zero : fees)
    case .chargeback where planted.contains(.chargebackIgnored):
      return nil
    case .chargeback(let invoice, let amount, let fee):
      open[invoice]?.amount += amount
      touched.append(invoice)
      let account = open[invoice]?.account
      return document(
        .chargeback, invoice.entity, account: account, at: now, gross: amount, fees: fee,
        applications: [CashDocument.Application(invoice: invoice, amount: amount)])
    case .refund(let invoice, let amount):
      return document(
        .refund, invoice.entity, account: open[invoice]?.account, at: now, gross: amount,
        applications: [CashDocument.Application(invoice: invoice, amount: amount)])
    case .transfer(let account, let amount, let reference):
      return apply(amount, from: account, to: reference, at: now)
    }
  }

  /// Applies a transfer: to the invoice that it names, then to the oldest ones; the rest stays unapplied.
  private mutating func apply(
    _ amount: Money, from account: AccountID, to reference: InvoiceNumber, at now: Instant
  ) -> CashDocument {
    var left = amount
    var applications: [CashDocument.Application] = []
    for invoice in [reference] + (byAccount[account] ?? []) where left > .zero {
      guard let application = settle(invoice, with: left) else { continue }
      applications.append(application)
      left -= application.amount
      assert(left >= .zero, "a transfer settles more than it brings")
    }
    assert(
      Set(applications.map(\.invoice)).count == applications.count, "a transfer settles an invoice twice")
    let entity = catalog[account].entity
    if !planted.contains(.overpaymentAppliedToInvoice) {
      unapplied[Int(entity.index)] += left
    } else if let last = applications.indices.last {
      applications[last].amount += left
    }
    return document(.payment, entity, account: account, at: now, gross: amount, applications: applications)
  }

  /// Settles as much of an invoice as an amount reaches for; `nil` if nothing of it is open.
  private mutating func settle(_ invoice: InvoiceNumber, with amount: Money) -> CashDocument.Application? {
    guard let entry = open[invoice], entry.amount > .zero, amount > .zero else { return nil }
    let part = min(entry.amount, amount)
    open[invoice]?.amount -= part
    touched.append(invoice)
    return CashDocument.Application(invoice: invoice, amount: part)
  }

  /// A credit lowers what an invoice asks for; returns what its customer has paid too much by it.
  mutating func credit(_ amount: Money, on invoice: InvoiceNumber) -> Money {
    guard let entry = open[invoice] else { return .zero }
    let left = entry.amount - amount
    open[invoice]?.amount = max(.zero, left)
    touched.append(invoice)
    return max(.zero, .zero - left)
  }

  private mutating func document(
    _ kind: DocumentKind, _ entity: EntityID, number given: UInt32? = nil, account: AccountID?,
    at now: Instant, gross: Money, fees: Money = .zero, applications: [CashDocument.Application] = [],
    isAtGateway: Bool = false
  ) -> CashDocument {
    let index = Int(entity.index)
    let settled = applications.reduce(Money.zero) { $0 + $1.amount }
    switch kind {
    case .payment:
      received[index] += gross
      applied[index] += settled
    case .chargeback, .refund:
      received[index] -= gross
      applied[index] -= settled
    default: break
    }
    precondition(
      kind == .payment || !isAtGateway, "money that was not collected is at the gateway")
    precondition(
      kind != .payment || settled <= gross || gross < .zero, "a payment settles more than it is")
    let number = given ?? nextNumber[Int(kind.rawValue)][index]
    if given == nil { nextNumber[Int(kind.rawValue)][index] += 1 }
    return CashDocument(
      key: PostingKey(kind: kind, entity: entity, sequence: number), account: account,
      currency: catalog.entities[index].currency, period: Period(holding: now), gross: gross,
      fees: fees,
      applications: applications, isAtGateway: isAtGateway)
  }
}
