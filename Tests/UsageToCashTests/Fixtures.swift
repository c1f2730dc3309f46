import CanonicalModel
import Chronology
import CoreInterface
import UsageToCash

/// A small business: two entities, four customers that take turns, one meter that sums and one that counts.
enum Fixtures {
  static let start = CivilDate(year: 2026, month: 1, day: 31).start

  static var catalog: Catalog {
    guard let dollar = Currency(code: "USD"), let euro = Currency(code: "EUR"), let price = Price("0.01"),
      let callPrice = Price("0.5")
    else { preconditionFailure("the fixture's literals are valid") }
    let charges = [
      Charge(meter: "tokens", model: .perUnit(price)), Charge(meter: "calls", model: .perUnit(callPrice)),
    ]
    return Catalog(
      entities: [
        LegalEntity(name: "us", currency: dollar),
        LegalEntity(name: "de", currency: euro),
      ],
      meters: [Meter(name: "tokens", aggregation: .sum), Meter(name: "calls", aggregation: .count)],
      eventTypes: [EventType(name: "completion", meters: [MeterID(index: 0), MeterID(index: 1)])],
      accounts: (0..<4).map { Account(name: "c\($0)", entity: EntityID(index: UInt32($0 % 2))) },
      subscriptions: (0..<4).map { Subscription(account: AccountID(index: UInt32($0)), priceBook: $0 % 2) },
      priceBooks: [
        PriceBook(currency: dollar, charges: charges), PriceBook(currency: euro, charges: charges),
      ], sources: ["a", "b"])
  }

  static func event(
    _ id: UInt64, source: UInt32 = 0, customer: UInt32 = 0, at offset: Span = .zero, tokens: Int64 = 1,
    schemaVersion: UInt16 = 1, type: UInt32 = 0
  ) -> UsageEvent {
    UsageEvent(
      id: id, source: SourceID(index: source), type: EventTypeID(index: type),
      subject: SubjectID(index: customer), time: start + offset, quantity0: tokens * 1_000_000,
      schemaVersion: schemaVersion)
  }
}

/// Drives a core by hand: hands in events and answers, wakes it when it wants to be woken, collects effects.
struct Driver {
  var core: Pipeline
  var now = Fixtures.start
  var outputs: [Effect] = []
  var summaries: [UsageSummary] = []
  var claims = CaptureClaim()
  /// Notices of movements of money so far.
  var notices: UInt32 = 0
  /// Calls to the tax engine, in the order in which they were made.
  var taxCalls: [TaxCall] = []
  /// Calls that wait for an answer, in the order in which they were made.
  var calls: [ERPCall] = []

  init(_ policy: PipelinePolicy = PipelinePolicy(), catalog: Catalog = Fixtures.catalog) {
    core = Pipeline(catalog: catalog, policy: policy)
  }

  mutating func take(_ input: CoreInput) {
    var effects = Effects()
    core.handle(input, at: now, effects: &effects)
    take(effects)
  }

  mutating func learn(_ event: ContractEvent) { take(.contract(event)) }
  mutating func register(_ schema: SchemaRegistration) { take(.schema(schema)) }
  mutating func ask(_ request: CreditRequest) { take(.credit(request)) }
  mutating func move(_ event: CashEvent) {
    notices += 1
    take(.cash(CashNotice(id: notices, event: event)))
  }
  mutating func answer(_ call: TaxCall, _ answer: TaxAnswer) { take(.tax(answer, to: call.id)) }
  mutating func answer(_ key: ChargeKey, _ answer: ChargeAnswer) { take(.charge(answer, to: key)) }
  mutating func answer(_ call: ERPCall, _ answer: ERPAnswer) {
    calls.removeAll { $0.id == call.id }
    take(.erp(answer, to: call.id, of: call.entity))
  }

  mutating func deliver(_ events: [UsageEvent]) {
    var effects = Effects()
    events.withUnsafeBufferPointer { core.handle($0, at: now, effects: &effects) }
    take(effects)
  }

  /// Lets time pass, waking the core at each of its deadlines.
  mutating func pass(_ span: Span) {
    let until = now + span
    while let deadline = core.deadlines.next, deadline <= until {
      now = max(now, deadline)
      var effects = Effects()
      core.advance(to: now, effects: &effects)
      take(effects)
    }
    now = until
  }

  private mutating func take(_ effects: Effects) {
    claims += effects.claim
    summaries += effects.summaries
    for effect in effects.outputs {
      if case .call(let call) = effect { calls.append(call) }
      if case .askForTax(let call) = effect { taxCalls.append(call) }
    }
    outputs += effects.outputs
  }

  var invoices: [Invoice] { outputs.compactMap { if case .issue(let invoice) = $0 { invoice } else { nil } } }
  var charges: [RatedCharge] {
    outputs.compactMap { if case .rated(let charge) = $0 { charge } else { nil } }
  }
  var cases: [ExceptionCase] {
    outputs.compactMap { if case .raise(let raised) = $0 { raised } else { nil } }
  }
  var chargeRequests: [ChargeRequest] {
    outputs.compactMap { if case .charge(let request) = $0 { request } else { nil } }
  }
  var booked: [CashDocument] {
    outputs.compactMap { if case .cashBooked(let document) = $0 { document } else { nil } }
  }
  var accruals: [Accrual] {
    outputs.compactMap { if case .accrued(let document) = $0 { document } else { nil } }
  }
  var memos: [CreditMemo] {
    outputs.compactMap { if case .credited(let memo) = $0 { memo } else { nil } }
  }
  var refunds: [Money] {
    outputs.compactMap { if case .refund(let order) = $0 { order.amount } else { nil } }
  }
  var recognitions: [Recognition] {
    outputs.compactMap { if case .recognised(let document) = $0 { document } else { nil } }
  }
  var reports: [ReconciliationReport] {
    outputs.compactMap { if case .reconciled(let report) = $0 { report } else { nil } }
  }
  var acknowledged: [PostingKey] {
    outputs.compactMap { if case .acknowledged(let key, _) = $0 { key } else { nil } }
  }
  /// The postings that a call asks for.
  static func requests(_ call: ERPCall) -> [PostingRequest] {
    if case .post(let requests) = call.request { requests } else { [] }
  }
}

extension PostingRequest {
  /// The fixtures' ERPs take canonical entries.
  var entry: JournalEntry {
    guard case .canonical(let entry) = payload else { preconditionFailure("the fixtures' ERPs are ideal") }
    return entry
  }
}
