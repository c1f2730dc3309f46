import CanonicalModel
import Chronology
import CoreInterface
import HeapModule

/// The stage after posting: collects what is due through the gateway, applies what customers pay, and turns every
/// movement of money into a document for the ledger.
///
/// A charge whose outcome is not known is asked for again under the same key, which cannot collect twice. A movement of which no notice
/// comes is found on the statements of the bank and the gateway.
public struct Payments: Sendable {
  let catalog: Catalog
  let policy: PaymentPolicy
  let planted: PlantedDefects
  /// The invoices, and what is open of them.
  var open: OpenInvoices
  private var due = Heap<ChargeDue>()
  /// Customers with unapplied cash, or an invoice that has been opened.
  var unsettled: Set<AccountID> = []
  /// The state of each attempt, beside ``due`` and ``inFlight``, which say when it goes on.
  var states = ChargeStates()
  private var inFlight: [ChargeKey: (deadline: Instant, repetition: UInt32)] = [:]
  /// What was asked for under each key: a repetition asks for the same, whatever was credited or paid since.
  var requested: [ChargeKey: Money] = [:]
  /// Notices that were taken: a further copy moves nothing.
  private var knownNotices: Set<UInt32> = []
  /// Charges that were taken back.
  private var takenBack: Set<ChargeKey> = []
  /// Decisions about chargebacks of which no notice has come yet.
  private var decidedEarly: [ChargeKey: [CashNotice]] = [:]
  /// Orders to give something of a charge back, until it was given.
  var ordered: [ChargeKey: [RefundOrder]] = [:]
  var writeOffs = Heap<WriteOff>()
  var nextOrder: DenseTable<EntityID, UInt32>
  /// What customers have paid, by where it came from.
  var cash = ReceivedCash()
  /// The invoices on which what credit notes give back was charged.
  var references: [InvoiceNumber: [InvoiceNumber]] = [:]
  /// The documents of money, and what they come to.
  var ledger: CashLedger

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, policy: PaymentPolicy = PaymentPolicy(), planted: PlantedDefects = []) {
    self.catalog = catalog
    precondition(policy.timeout > .zero, "the outcome of a charge is not unknown before it was asked for")
    self.policy = policy
    self.planted = planted
    open = OpenInvoices(isStatusTold: !planted.contains(.statusNotTold))
    nextOrder = DenseTable(repeating: 1, count: catalog.entities.count)
    ledger = CashLedger(catalog: catalog, planted: planted)
  }

  /// Whether nothing is due and nothing in flight.
  @inline(__always)
  public var isIdle: Bool { due.isEmpty && inFlight.isEmpty && writeOffs.isEmpty && unsettled.isEmpty }
  /// Charges that are due later or in flight, and write-offs that are due later.
  public var depth: Int { due.count + inFlight.count + writeOffs.count }
  /// What an invoice still asks for.
  public func openAmount(of invoice: InvoiceNumber) -> Money { open[invoice]?.amount ?? .zero }

  @inline(__always)
  var nextDeadline: Instant? {
    var deadline = due.min?.at
    for flight in inFlight.values { deadline = earlier(deadline, flight.deadline) }
    return earlier(deadline, writeOffs.min?.at)
  }

  /// Takes an issued invoice or credit note: what it asks for is open, and due later; what it gives settles other invoices.
  ///
  /// - Returns: the document by which a credit note is there to settle other invoices, or to be paid out.
  mutating func record(issued invoice: Invoice, at now: Instant) -> CashDocument? {
    guard let terms = catalog.paymentTerms else { return nil }
    guard invoice.total >= .zero else { return release(invoice, at: now) }
    guard invoice.total > .zero else { return nil }
    open.add(invoice)
    unsettled.insert(invoice.account)
    guard catalog[invoice.account].method == .autopay else { return nil }
    if planted.contains(.invoiceNeverCharged), invoice.number.sequence % 5 == 0 { return nil }
    let early = planted.contains(.chargedEarly) ? min(terms.dueAfter, .hours(1)) : .zero
    schedule(ChargeKey(invoice: invoice.number, attempt: 1), at: invoice.issued + terms.dueAfter - early)
    return nil
  }

  /// Decides that a charge is asked for, again under the same key where nobody knows what became of it.
  private mutating func schedule(_ key: ChargeKey, at instant: Instant, repetition: UInt32 = 0) {
    states.move(key, to: .due)
    precondition(
      repetition == 0 || requested[key] != nil, "a charge is asked for again that was never asked for")
    due.insert(ChargeDue(at: instant, key: key, repetition: repetition))
    open[key.invoice]?.attempt = key.attempt
  }

  /// Whether an attempt to collect an invoice is to be made, or has no outcome.
  func isCollecting(_ invoice: InvoiceNumber) -> Bool {
    states[ChargeKey(invoice: invoice, attempt: open[invoice]?.attempt ?? 0)].isHeld
  }

  /// Whether a charge was asked for an invoice that has no outcome.
  func isCharging(_ invoice: InvoiceNumber) -> Bool {
    let key = ChargeKey(invoice: invoice, attempt: open[invoice]?.attempt ?? 0)
    return states[key].isHeld && requested[key] != nil
  }

  /// Dequeues the statuses of which CRM has to be notified.
  mutating func dequeueStatuses() -> [(invoice: InvoiceNumber, status: PaymentStatus, revision: UInt32)] {
    open.dequeueStatuses()
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
      let amount = requested[first.key] ?? amountToCharge(open)
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
    assert(states.count == due.count + inFlight.count, "a charge is due and under way at once, or neither")
    return requests
  }

  private func amountToCharge(_ open: OpenInvoices.Entry) -> Money {
    guard open.amount > .zero else { return .zero }
    if planted.contains(.chargedNetOfTax) { return max(.zero, open.amount - open.tax) }
    if planted.contains(.chargedACentShort) {
      return max(
        .zero, open.amount - Money(minorUnits: 1, of: catalog[catalog[open.account].entity].currency))
    }
    return open.amount
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
      if let account = open[key.invoice]?.account { unsettled.insert(account) }
      return (nil, tryAgain(after: key, at: now))
    case .succeeded: return (collected(key, nil, at: now), false)
    case .partly(let amount):
      let payment = collected(key, amount, at: now)
      return (payment, openAmount(of: key.invoice) > .zero && tryAgain(after: key, at: now))
    }
  }

  /// Arranges for the next attempt to collect what is open.
  ///
  /// - Returns: whether the attempts are used up.
  private mutating func tryAgain(after key: ChargeKey, at now: Instant) -> Bool {
    let retries = catalog.paymentTerms?.retries ?? []
    guard !planted.contains(.dunningCutShort), Int(key.attempt) <= retries.count else {
      expectWriteOff(of: key.invoice, at: now)
      return true
    }
    precondition(key.attempt >= 1, "attempts to collect are counted from one")
    let pause = planted.contains(.dunningHourly) ? min(.hours(1), retries[0]) : retries[Int(key.attempt) - 1]
    schedule(ChargeKey(invoice: key.invoice, attempt: key.attempt + 1), at: now + pause)
    return false
  }

  /// The gateway has collected under a key: what was asked for, or a part of it.
  private mutating func collected(_ key: ChargeKey, _ part: Money?, at now: Instant) -> CashDocument {
    states.move(key, to: .collected)
    guard let settled = open[key.invoice], let asked = requested.removeValue(forKey: key) else {
      preconditionFailure("a charge was collected that was asked for without an amount or an invoice")
    }
    let amount = part ?? asked
    // What was credited or paid in the meantime is too much now, and stays unapplied.
    let applied = apply(.payment(.charge(key)), amount, to: key.invoice).map { [$0] } ?? []
    unsettled.insert(settled.account)
    let rest = applied.reduce(amount) { $0 - $1.amount }
    precondition(rest >= .zero, "a payment settles more than was collected")
    keep(rest, of: settled.account, from: .charge(key))
    return ledger.document(
      .payment, key.invoice.entity, account: settled.account, at: now, gross: amount,
      applications: applied, isAtGateway: true, origin: .charge(key))
  }

  /// What a customer has paid and no invoice was settled by.
  private mutating func keep(_ amount: Money, of account: AccountID, from source: PaymentSource) {
    guard amount > .zero else { return }
    cash.keep(ReceivedCash.Part(source: .payment(source), amount: amount), of: account)
    ledger.unapplied[catalog[account].entity] += amount
    unsettled.insert(account)
  }

  /// A charge of which the gateway says that it was collected, whatever became of its answer.
  ///
  /// - Returns: the payment; `nil` where it is booked, or was never asked for.
  private mutating func find(_ key: ChargeKey, _ amount: Money, at now: Instant) -> CashDocument? {
    guard !planted.contains(.chargeGivenUp), states[key].isHeld, requested[key] != nil else { return nil }
    if inFlight.removeValue(forKey: key) == nil { due.removeAll { $0.key == key } }
    let payment = collected(key, amount, at: now)
    if openAmount(of: key.invoice) > .zero { _ = tryAgain(after: key, at: now) }
    return payment
  }

  // MARK: Movements of money

  /// Takes a movement of money.
  ///
  /// - Returns: the documents for the ledger: none where the movement is not booked, or was booked before.
  mutating func handle(_ notice: CashNotice, at now: Instant) -> [CashDocument] {
    let origin = CashOrigin.movement(notice.id)
    guard !knownNotices.contains(notice.id) || planted.contains(.noticeCountedTwice) else { return [] }
    knownNotices.insert(notice.id)
    var documents: [CashDocument] = []
    switch notice.event {
    case .payout(let entity, let number, let gross, let fees):
      // Under the gateway's own number: notices may come out of order. Who takes each for a new one numbers it anew.
      documents.append(
        ledger.document(
          .payout, entity, number: planted.contains(.noticeCountedTwice) ? nil : number, account: nil,
          at: now,
          gross: gross, fees: planted.contains(.payoutBookedGross) ? .zero : fees, origin: origin))
    case .chargeback where planted.contains(.chargebackIgnored): break
    case .chargeback(let charge, let collected, let amount, let fee):
      // Only what was collected is taken back, though the answer may not have come.
      if let payment = find(charge, collected, at: now) { documents.append(payment) }
      documents.append(takeBack(charge, amount, fee: fee, origin: origin, at: now))
      takenBack.insert(charge)
      for notice in decidedEarly.removeValue(forKey: charge) ?? [] {
        knownNotices.remove(notice.id)
        documents += handle(notice, at: now)
      }
    case .disputeWon(let charge, _) where !takenBack.contains(charge):
      decidedEarly[charge, default: []].append(notice)
    case .disputeLost(let charge) where !takenBack.contains(charge):
      decidedEarly[charge, default: []].append(notice)
    case .disputeWon where planted.contains(.disputeWonIgnored): break
    case .disputeWon(let charge, let amount):
      decide(charge, at: now, isFinal: false)
      documents.append(
        receive(
          amount, from: open[charge.invoice]?.account, of: .charge(charge), .chargebackReversal,
          first: [charge.invoice], origin: origin, at: now))
    case .disputeLost(let charge): decide(charge, at: now, isFinal: true)
    case .refund(let order):
      documents.append(
        ledger.document(
          .refund, order.entity, account: order.account, at: now, gross: order.amount,
          applications: order.invoice.map { [.init(invoice: $0, amount: order.amount)] } ?? [],
          origin: origin, isOfCharge: order.source.charge != nil))
      if order.invoice == nil { ledger.unapplied[order.entity] -= order.amount }
      if let charge = order.source.charge {
        ordered[charge]?.removeAll { $0.number == order.number && $0.entity == order.entity }
      }
    case .refundRefused(let order): refused(order)
    case .transfer(let account, let amount, let reference):
      let named = planted.contains(.transferMisapplied) ? [] : [reference]
      var invoices = open.invoices(of: account)
      if planted.contains(.transferMisapplied) {
        // The latest first, and the one that it names last of all.
        invoices = invoices.reversed().filter { $0 != reference } + [reference]
      }
      documents.append(
        receive(
          amount, from: account, of: .bank, .payment, first: named + invoices, origin: origin, at: now))
    }
    return documents
  }

  /// Receives a statement of the bank or the gateway: what is on it and was not booked is booked.
  ///
  /// - Returns: the documents for the ledger, and the movements of which no notice had come.
  mutating func handle(
    _ statement: CashStatement, at now: Instant
  ) -> (documents: [CashDocument], found: [CashEvent]) {
    var documents: [CashDocument] = []
    var found: [CashEvent] = []
    for line in ledger.book.receive(statement) {
      switch (line.origin, line.event) {
      case (.charge(let key), _):
        if let payment = find(key, line.amount, at: now) { documents.append(payment) }
      case (.movement(let id), let event?):
        guard !knownNotices.contains(id), !planted.contains(.statementsUnread) else { break }
        found.append(event)
        documents += handle(CashNotice(id: id, event: event), at: now)
      case (.movement, nil): break
      }
      ledger.book.confirm(line, statement.source, statement.entity)
    }
    return (documents, found)
  }

  /// Applies a payment: to the invoices that come first, then to the customer's oldest ones; the rest stays unapplied.
  private mutating func receive(
    _ amount: Money, from account: AccountID?, of source: PaymentSource, _ kind: DocumentKind,
    first invoices: [InvoiceNumber], origin: CashOrigin, at now: Instant
  ) -> CashDocument {
    var left = amount
    var applications: [CashDocument.Application] = []
    for invoice in invoices where left > .zero {
      guard let application = apply(.payment(source), left, to: invoice) else { continue }
      applications.append(application)
      left -= application.amount
      assert(left >= .zero, "a payment settles more than it brings")
    }
    assert(
      Set(applications.map(\.invoice)).count == applications.count, "a payment settles an invoice twice")
    let entity = account.map { catalog[$0].entity } ?? invoices[0].entity
    if !planted.contains(.overpaymentAppliedToInvoice) {
      if let account { keep(left, of: account, from: source) }
    } else if let last = applications.indices.last {
      applications[last].amount += left
    }
    return ledger.document(
      kind, entity, account: account, at: now, gross: amount, applications: applications, origin: origin)
  }

  /// A charge is taken back: what it settles is open again, and what it left unapplied is gone.
  private mutating func takeBack(
    _ charge: ChargeKey, _ amount: Money, fee: Money, origin: CashOrigin, at now: Instant
  ) -> CashDocument {
    let account = self.open[charge.invoice]?.account
    let source = ReceivedCash.Source.payment(.charge(charge))
    var left = amount
    var applications: [CashDocument.Application] = []
    if let account {
      for part in cash.takeUnapplied(of: account, upTo: left, where: { $0 == source }) { left -= part.amount }
      ledger.unapplied[charge.invoice.entity] -= amount - left
    }
    for invoice in (account.map { self.open.invoices(of: $0) } ?? []).reversed() where left > .zero {
      let parts = cash.takeBack(of: invoice, upTo: left) { $0 == source }
      let part = parts.reduce(Money.zero) { $0 + $1.amount }
      guard part > .zero else { continue }
      applications.append(CashDocument.Application(invoice: invoice, amount: part))
      left -= part
    }
    func open(_ invoice: InvoiceNumber, by part: Money) {
      left -= part
      if let index = applications.firstIndex(where: { $0.invoice == invoice }) {
        applications[index].amount += part
      } else {
        applications.append(CashDocument.Application(invoice: invoice, amount: part))
      }
    }
    // A part of it was to be given back: the gateway will refuse that, as nothing is left of the charge.
    for order in ordered[charge] ?? [] where left > .zero {
      let part = min(order.amount, left)
      if let invoice = order.invoice {
        open(invoice, by: part)
      } else {
        left -= part
        ledger.unapplied[charge.invoice.entity] -= part
      }
    }
    if left > .zero { open(charge.invoice, by: left) }
    for part in applications { reopen(part.invoice, by: part.amount) }
    self.open[charge.invoice]?.disputes += 1
    if catalog.paymentTerms?.disputesChargebacks != true { decide(charge, at: now, isFinal: true) }
    return ledger.document(
      .chargeback, charge.invoice.entity, account: account, at: now, gross: amount, fees: fee,
      applications: applications, origin: origin)
  }

  private mutating func reopen(_ invoice: InvoiceNumber, by amount: Money) {
    open.change(invoice, by: amount)
    if let account = open[invoice]?.account { unsettled.insert(account) }
  }

  /// A chargeback is decided.
  private mutating func decide(_ charge: ChargeKey, at now: Instant, isFinal: Bool) {
    open[charge.invoice]?.disputes -= 1
    if isFinal || open[charge.invoice]?.isWriteOffPostponed == true {
      expectWriteOff(of: charge.invoice, at: now)
    }
  }

  /// The gateway gives nothing back for an order: the charge was taken back before.
  private mutating func refused(_ order: RefundOrder) {
    guard let invoice = order.invoice else { return }
    // What the chargeback has opened, or opens when its notice comes, was to be given back.
    open.change(invoice, by: .zero - order.amount)
  }

  /// Applies a payment or a credit note to an invoice, up to its open amount; `nil` if nothing is open.
  mutating func apply(
    _ source: ReceivedCash.Source, _ amount: Money, to invoice: InvoiceNumber
  ) -> CashDocument.Application? {
    guard let entry = open[invoice], entry.amount > .zero, amount > .zero else { return nil }
    let part = min(entry.amount, amount)
    open.change(invoice, by: .zero - part)
    cash.settle(invoice, ReceivedCash.Part(source: source, amount: part))
    return CashDocument.Application(invoice: invoice, amount: part)
  }
}

/// A charge that is to be asked for.
private struct ChargeDue: Comparable, Sendable {
  var at: Instant
  var key: ChargeKey
  var repetition: UInt32

  static func < (a: ChargeDue, b: ChargeDue) -> Bool {
    (a.at, a.key, a.repetition) < (b.at, b.key, b.repetition)
  }
}
