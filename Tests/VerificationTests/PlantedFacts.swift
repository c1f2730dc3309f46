import CanonicalModel
import Chronology

/// A tiny, correct month as facts, into which a test plants one lie: two customers of one entity, one meter, one
/// event and a monthly fee each, a minimum spend and a tax of 10 % for the first, three invoices
/// (the second customer's fee is invoiced in advance), a recognition, a payment through the
/// gateway and its payout, a credit on the first
/// invoice, seven ledger documents.
struct PlantedFacts {
  var emitted: [UsageEvent]
  var delivered: [UsageEvent]
  var claim: CaptureClaim
  var quarantined: [UsageEvent] = []
  /// Declared before everything else; by itself a gap in which nothing was used.
  var backfill = Backfill(
    source: SourceID(index: 0), from: Self.start + .days(20), until: Self.start + .days(21), events: [])
  /// Events that have left the quarantine.
  var released: [UsageEvent] = []
  /// Events that were put aside as too old.
  var tooOld: [UsageEvent] = []
  var summaries: [UsageSummary]
  var charges: [RatedCharge]
  var invoices: [Invoice]
  var recognitions: [Recognition]
  /// A credit on the first invoice.
  var memos: [CreditMemo]
  /// What the gateway has collected: the second invoice.
  var collected: [(ChargeKey, AccountID, Money)]
  /// Its payout.
  var movements: [CashEvent]
  /// What the core made of both.
  var cash: [CashDocument]
  /// What the core has asked the gateway for; `nil`: every invoice in full.
  var requested: [(ChargeKey, AccountID, Money)]?
  /// How long before its invoices were due it asked.
  var requestedEarlierBy = Span.zero
  /// Whether the core reads no statements of bank and gateway.
  var statementsAreUnread = false
  /// Whether what nobody pays is written off, at once.
  var writesOff = false
  var documents: [LedgerDocument]
  var acknowledged: [(PostingKey, UInt32)]
  var stuck: [StuckWork] = []
  /// The invoices that customers have; `nil`: those that were issued.
  var received: [Invoice]?
  /// Events that expired in the broker.
  var expired = 0
  /// What the core knows after a crash to have taken in; `nil`: what it took in.
  var remembered: CaptureClaim?
  /// How the meter aggregates: with one event a customer, the sum is also the maximum.
  var aggregation = Aggregation.sum
  /// The master data.
  var catalog: Catalog {
    var catalog = Self.catalog
    catalog.meters[0].aggregation = aggregation
    catalog.hasBackfills = true
    catalog.jurisdictions[0].isIncluded = taxIsIncluded
    if rateChanges {
      catalog.taxPoint = .supply
      catalog.jurisdictions[0].rates.append(.init(from: Self.change, rate: Price(units: 50_000_000_000)))
    }
    for index in catalog.subscriptions.indices { catalog.subscriptions[index].term = term }
    if writesOff { catalog.paymentTerms?.writeOffAfter = .zero }
    if booksAreInEuros { catalog.entities[0].booksCurrency = Currency(code: "EUR") }
    if !transfers.isEmpty { catalog.entities[0].cutOver = Self.period.end + .days(1) }
    catalog.entities[0].linesPerDocument = linesPerDocument
    guard let credits else { return catalog }
    var books = catalog.priceBooks
    books[1].prepaid = PrepaidCredits(name: "credits", amount: credits, months: 1, expiresAfter: 1)
    return Catalog(
      entities: catalog.entities, meters: catalog.meters, eventTypes: catalog.eventTypes,
      accounts: catalog.accounts, subscriptions: catalog.subscriptions, priceBooks: books,
      sources: catalog.sources, jurisdictions: catalog.jurisdictions, paymentTerms: catalog.paymentTerms,
      accountingCalendar: catalog.accountingCalendar, creditLimit: catalog.creditLimit)
  }
  /// For how long both contracts are agreed; `nil`: nobody ends them.
  var term: ContractTerm?
  /// The prepaid credits of the second customer; `nil`: none.
  private(set) var credits: Money?

  /// What was taken when the period closed, and what is read at the end.
  var snapshots: [CloseSnapshot] = []
  var reread: [CloseSnapshot] = []
  /// The way of the first event.
  var trace: LineageTrace
  /// What CRM was told last: the first invoice is credited in part, the second is paid.
  var statuses: [(InvoiceNumber, PaymentStatus)]
  /// Books in euros, at half a euro a dollar on every day.
  private(set) var booksAreInEuros = false

  /// Whether prices include the first customer's tax, and whether its rate changes in mid-month.
  var taxIsIncluded = false
  var rateChanges = false
  /// Lines that a document may have.
  var linesPerDocument: Int?

  /// The first invoice has a line too many for its ERP, and is posted in a part a line.
  mutating func split() {
    linesPerDocument = 3
    let whole = documents.removeFirst()
    let others = whole.entry.lines.dropFirst()
    for (index, line) in others.enumerated() {
      var part = whole
      part.number = index == 0 ? whole.number : UInt32(100 + index)
      part.entry.key.part = UInt16(index + 1)
      part.entry.key.parts = UInt16(others.count)
      part.entry.lines = [JournalLine(account: .receivable, amount: -line.amount), line]
      documents.insert(part, at: index)
    }
    acknowledged = documents.map { ($0.entry.key, $0.number) }
    snapshots[0].documents += Int64(others.count - 1)
    reread = snapshots
    trace.documents = Dictionary(
      uniqueKeysWithValues: documents.prefix(others.count).map { ($0.entry.key, $0.number) })
  }

  /// The entity keeps its books in euros.
  mutating func keepBooksInEuros() {
    booksAreInEuros = true
    for document in documents.indices {
      for line in documents[document].entry.lines.indices {
        let amount = documents[document].entry.lines[line].amount
        documents[document].entry.lines[line].functional = Money(units: amount.units / 2)
      }
    }
  }
  /// Charges that the gateway has declined; two attempts are allowed.
  var declined: [ChargeKey] = []
  /// Cases that are open at rest.
  var openCases: [RoutedCase] = []
  /// Boundaries at which the core's reconciliation saw a difference.
  var breaks: [ReconciliationBoundary] = []
  /// The ERP has said to come back after a minute; the core did after so long.
  var calledAfter = Span.seconds(60)
  /// The tax engine has refused a call; the core called again after so long.
  var taxCalledAfter = Span.seconds(5)
  /// Documents that the core's reconciliation has not read.
  var unread = 0
  /// Cases that have reached their owners.
  var cases = [
    RoutedCase(
      number: 1, kind: "usage-quarantined/unknown-schema", owner: .platform, raised: start,
      fields: [
        CaseField("type", "calls", .technical),
        CaseField("reason", QuarantineReason.unknownType.explanation, .technical),
        CaseField("customer", CaseField.mask, .customer),
      ])
  ]
  /// Balances that were moved to another ERP.
  var transfers: [BalanceTransfer] = []
  /// Accruals and their ends.
  var accruals: [Accrual] = []

  /// A charge for late usage of the first customer is accrued, goes on its invoice, and the accrual ends.
  mutating func accrue(_ amount: Int128, charge: Int128) {
    charges.append(
      RatedCharge(
        id: 7, subscription: SubscriptionID(index: 0), item: ItemID(index: 0), servicePeriod: Self.period,
        kind: .lateUsage, count: 0, quantity: .zero, digest: 0, amount: Self.cents(charge)))
    invoices[0].lines.append(InvoiceLine(charge: charges[charges.count - 1]))
    for kind in [DocumentKind.accrual, .accrualReversal] {
      accruals.append(
        Accrual(
          key: PostingKey(kind: kind, entity: EntityID(index: 0), sequence: 1),
          reverses: kind == .accrual ? nil : accruals[0].key, account: AccountID(index: 0),
          currency: Self.dollar, period: Self.period,
          lines: [.init(item: ItemID(index: 0), amount: Self.cents(amount))], charges: [7]))
    }
    post()
  }

  /// The second customer buys credits in advance, its usage draws on them, and the rest expires with the month.
  mutating func buyCredits(_ bought: Int128, drawn: Int128, of usage: Int128) {
    credits = Self.cents(bought)
    collected = []
    movements = []
    cash = []
    price(charge: 1, at: Self.cents(200))
    func charge(_ id: UInt64, _ kind: RatedCharge.Kind, _ quantity: Int, _ amount: Int128) -> RatedCharge {
      RatedCharge(
        id: id, subscription: SubscriptionID(index: 1), item: Self.creditsItem, servicePeriod: Self.period,
        kind: kind, count: 0, quantity: Quantity(quantity), digest: 0, amount: Self.cents(amount))
    }
    charges.append(charge(5, .recurring, 1, bought))
    charges.append(charge(6, .drawdown, 0, -drawn))
    invoices[2].lines.append(InvoiceLine(charge: charges[charges.count - 2]))
    invoices[2].total += Self.cents(bought)
    invoices[1].lines.append(InvoiceLine(charge: charges[charges.count - 1]))
    invoices[1].total += Self.cents(-drawn)
    recognitions.append(
      Recognition(
        key: PostingKey(kind: .recognition, entity: EntityID(index: 0), sequence: 2), currency: Self.dollar,
        period: Self.period,
        lines: [
          .init(item: Self.creditsItem, servicePeriod: Self.period, amount: Self.cents(bought - usage))
        ]))
    post()
  }

  static let start = CivilDate(year: 2026, month: 1, day: 10).start
  static let period = Period(holding: start)

  static var catalog: Catalog {
    Catalog(
      entities: ["us", "ca"].map { LegalEntity(name: $0, currency: dollar) },
      meters: [Meter(name: "calls", value: "all", aggregation: .sum)],
      eventTypes: [EventType(name: "calls", meters: [MeterID(index: 0)], laterVersions: [2])],
      accounts: (0..<2).map {
        Account(
          name: "c\($0)", entity: EntityID(index: 0), jurisdictions: $0 == 0 ? [JurisdictionID(index: 0)] : []
        )
      },
      subscriptions: (0..<2).map {
        Subscription(
          account: AccountID(index: UInt32($0)), terms: [ContractTerms(from: period.start, priceBook: $0)],
          ends: period.end)
      },
      priceBooks: [priceBook(minimumSpend: cents(100)), priceBook(minimumSpend: nil)],
      sources: ["producer"],
      jurisdictions: [
        TaxJurisdiction(
          name: "US-XX", rates: [.init(from: .distantPast, rate: Price(units: 100_000_000_000))])
      ], paymentTerms: PaymentTerms(dueAfter: .zero, retries: [.days(1), .days(3)]),
      accountingCalendar: AccountingCalendar(closeAfter: .hours(3)), creditLimit: cents(500))
  }

  private static func priceBook(minimumSpend: Money?) -> PriceBook {
    PriceBook(
      currency: dollar,
      charges: [
        Charge(
          meter: "calls", model: .perUnit(Price(units: 500_000_000_000)), minimum: cents(50),
          maximum: cents(300))
      ],
      recurring: [
        RecurringCharge(
          name: "fee", price: cents(1000), timing: minimumSpend == nil ? .inAdvance : .inArrears)
      ], minimumSpend: minimumSpend)
  }

  /// The items: the meter, the fee, the minimum spend.
  static let fee = ItemID(index: 1)
  /// Where the second customer has credits.
  static let creditsItem = ItemID(index: 2)

  static var dollar: Currency {
    guard let dollar = Currency(code: "USD") else { preconditionFailure("USD is a currency") }
    return dollar
  }

  static func cents(_ count: Int128) -> Money { Money(minorUnits: count, of: dollar) }

  init() {
    emitted = (0..<2).map { index in
      UsageEvent(
        id: UInt64(index + 1), source: SourceID(index: 0), type: EventTypeID(index: 0),
        subject: SubjectID(index: UInt32(index)), time: Self.start + .minutes(Int64(index)),
        quantity0: 4_000_000)
    }
    delivered = emitted
    claim = CaptureClaim()
    claim.received = 2
    claim.accepted = 2
    summaries = emitted.enumerated().map { index, event in
      UsageSummary(
        subscription: SubscriptionID(index: UInt32(index)), meter: MeterID(index: 0), window: Self.start,
        revision: 0, count: 1, quantity: Quantity(4), digest: event.key.digest)
    }
    charges = emitted.enumerated().map { index, event in
      RatedCharge(
        id: UInt64(index + 1), subscription: SubscriptionID(index: UInt32(index)), item: ItemID(index: 0),
        servicePeriod: Self.period, kind: .usage, count: 1, quantity: Quantity(4), digest: event.key.digest,
        amount: Self.cents(200))
    }
    let fees = (0..<2).map { index in
      RatedCharge(
        id: UInt64(index + 3), subscription: SubscriptionID(index: UInt32(index)), item: Self.fee,
        servicePeriod: Self.period, kind: .recurring, count: 0, quantity: Quantity(1), digest: 0,
        amount: Self.cents(1000))
    }
    func invoice(_ sequence: UInt32, _ account: UInt32, _ charges: [RatedCharge], issued: Instant) -> Invoice
    {
      Invoice(
        number: InvoiceNumber(entity: EntityID(index: 0), sequence: sequence),
        account: AccountID(index: account), currency: Self.dollar, period: Self.period, issued: issued,
        lines: charges.map { InvoiceLine(charge: $0) }, total: charges.reduce(.zero) { $0 + $1.amount })
    }
    invoices = [
      invoice(1, 0, [charges[0], fees[0]], issued: Self.period.end),
      invoice(2, 1, [charges[1]], issued: Self.period.end),
      invoice(3, 1, [fees[1]], issued: Self.period.start),
    ]
    recognitions = [
      Recognition(
        key: PostingKey(kind: .recognition, entity: EntityID(index: 0), sequence: 1), currency: Self.dollar,
        period: Self.period,
        lines: [.init(item: Self.fee, servicePeriod: Self.period, amount: Self.cents(1000))])
    ]
    invoices[0].taxes = [
      TaxLine(
        jurisdiction: JurisdictionID(index: 0), rate: Price(units: 100_000_000_000),
        taxable: Self.cents(1200),
        amount: Self.cents(120))
    ]
    invoices[0].total = Self.cents(1320)
    invoices[0].lines[0].tax = Self.cents(20)
    invoices[0].lines[1].tax = Self.cents(100)
    charges += fees
    let second = InvoiceNumber(entity: EntityID(index: 0), sequence: 2)
    collected = [(ChargeKey(invoice: second, attempt: 1), AccountID(index: 1), Self.cents(200))]
    movements = [
      .payout(entity: EntityID(index: 0), number: 1, gross: Self.cents(200), fees: Self.cents(10))
    ]
    cash = [
      CashDocument(
        key: PostingKey(kind: .payment, entity: EntityID(index: 0), sequence: 1),
        account: AccountID(index: 1), currency: Self.dollar, period: Self.period.next, gross: Self.cents(200),
        applications: [.init(invoice: second, amount: Self.cents(200))], isAtGateway: true,
        origin: .charge(collected[0].0)),
      CashDocument(
        key: PostingKey(kind: .payout, entity: EntityID(index: 0), sequence: 1), account: nil,
        currency: Self.dollar, period: Self.period.next, gross: Self.cents(200), fees: Self.cents(10),
        origin: .movement(1)),
    ]
    memos = [
      CreditMemo(
        key: PostingKey(kind: .creditMemo, entity: EntityID(index: 0), sequence: 1),
        request: CreditRequest(
          id: 1, invoice: InvoiceNumber(entity: EntityID(index: 0), sequence: 1), net: Self.cents(600),
          requestedBy: 7, approvedBy: 8), account: AccountID(index: 0), currency: Self.dollar,
        period: Self.period.next, net: Self.cents(600),
        taxes: [
          TaxLine(
            jurisdiction: JurisdictionID(index: 0), rate: Price(units: 100_000_000_000),
            taxable: Self.cents(600), amount: Self.cents(60))
        ],
        parts: [CreditMemo.Part(line: 1, item: Self.fee, amount: Self.cents(600))])
    ]
    documents = []
    acknowledged = []
    statuses = [
      (invoices[0].number, .partlySettled), (invoices[1].number, .settled), (invoices[2].number, .open),
    ]
    trace = LineageTrace(
      event: emitted[0], subscription: SubscriptionID(index: 0), meter: MeterID(index: 0),
      window: Self.start, charges: [1],
      origins: [
        ChargeOrigin(
          subscription: SubscriptionID(index: 0), item: ItemID(MeterID(index: 0)), period: Self.period)
      ], invoices: [invoices[0].number],
      documents: [PostingKey(invoice: invoices[0].number): 1], settlements: [])
    post()
  }

  /// Makes the ledger what the invoices are.
  mutating func post() {
    documents = invoices.enumerated().map { index, invoice in
      LedgerDocument(
        entity: EntityID(index: 0), number: UInt32(index + 1),
        entry: JournalEntry(
          key: PostingKey(invoice: invoice.number), account: invoice.account, currency: invoice.currency,
          period: invoice.period,
          lines: [JournalLine(account: .receivable, amount: invoice.total)]
            + invoice.lines.map { line in
              let isDeferred =
                line.charge.item == Self.creditsItem
                || (invoice.issued < Self.period.end && line.charge.item == Self.fee)
              return JournalLine(
                account: isDeferred ? .deferredRevenue(line.charge.item) : .revenue(line.charge.item),
                amount: -line.amount)
            }
            + invoice.taxes.map { JournalLine(account: .taxPayable($0.jurisdiction), amount: -$0.amount) }))
    }
    for recognition in recognitions {
      documents.append(
        LedgerDocument(
          entity: EntityID(index: 0), number: UInt32(documents.count + 1),
          entry: JournalEntry(
            key: recognition.key, account: nil, currency: recognition.currency, period: recognition.period,
            lines: recognition.lines.flatMap {
              [
                JournalLine(account: .deferredRevenue($0.item), amount: $0.amount),
                JournalLine(account: .revenue($0.item), amount: -$0.amount),
              ]
            })))
    }
    for document in cash {
      documents.append(
        LedgerDocument(
          entity: EntityID(index: 0), number: UInt32(documents.count + 1),
          entry: JournalEntry(
            key: document.key, account: document.account, currency: document.currency,
            period: document.period, lines: Self.lines(of: document))))
    }
    for memo in memos {
      documents.append(
        LedgerDocument(
          entity: EntityID(index: 0), number: UInt32(documents.count + 1),
          entry: JournalEntry(
            key: memo.key, account: memo.account, currency: memo.currency, period: memo.period,
            lines: [
              JournalLine(account: .receivable, amount: -memo.total),
              JournalLine(account: .creditsGiven, amount: memo.net),
              JournalLine(
                account: .taxPayable(JurisdictionID(index: 0)),
                amount: memo.taxes.reduce(.zero) { $0 + $1.amount }),
            ])))
    }
    for accrual in accruals {
      let total = accrual.lines.reduce(Money.zero) { $0 + $1.amount }
      let sign: Int128 = accrual.reverses == nil ? 1 : -1
      documents.append(
        LedgerDocument(
          entity: EntityID(index: 0), number: UInt32(documents.count + 1),
          entry: JournalEntry(
            key: accrual.key, account: accrual.account, currency: accrual.currency, period: accrual.period,
            lines: [
              JournalLine(account: .unbilledReceivable, amount: Money(units: total.units * sign)),
              JournalLine(account: .revenue(ItemID(index: 0)), amount: Money(units: -total.units * sign)),
            ])))
    }
    let debits = documents.filter { $0.entry.period == Self.period }.map { document in
      document.entry.lines.reduce(Money.zero) { $1.amount > .zero ? $0 + $1.amount : $0 }
    }
    snapshots = [
      CloseSnapshot(
        entity: EntityID(index: 0), period: Self.period, version: 1,
        usageEvents: summaries.reduce(0) { $0 + $1.count },
        invoices: Int64(invoices.count), invoiced: invoices.reduce(.zero) { $0 + $1.total },
        documents: Int64(debits.count), debits: debits.reduce(.zero) { $0 + $1 },
        taken: Self.period.end + .hours(3), ledgerAsOf: Self.period.end + .hours(3))
    ]
    reread = snapshots
    acknowledged = documents.map { ($0.entry.key, $0.number) }
  }

  /// Changes the amount of a charge consistently, from rating to the ledger.
  mutating func price(charge index: Int, at amount: Money) {
    charges[index].amount = amount
    for invoice in invoices.indices {
      for line in invoices[invoice].lines.indices
      where invoices[invoice].lines[line].charge.id == charges[index].id {
        invoices[invoice].lines[line].charge.amount = amount
      }
      let sum = invoices[invoice].lines.reduce(Money.zero) { $0 + $1.amount }
      for tax in invoices[invoice].taxes.indices {
        invoices[invoice].taxes[tax].taxable = sum
        invoices[invoice].taxes[tax].amount = Money(units: sum.units / 10)
      }
      invoices[invoice].total = invoices[invoice].taxes.reduce(sum) { $0 + $1.amount }
    }
    post()
  }

  /// Tells the facts to a sink, in the order in which they would happen.
  func deliver(_ sink: some FactSink) {
    let end = Self.period.end
    let us = EntityID(index: 0)
    if booksAreInEuros {
      let fixing = RateFixing(
        entity: EntityID(index: 0), day: Self.period.start, rate: Price(units: 500_000_000_000))
      sink.record(.rateFixed(fixing), at: Self.period.start)
    }
    emitted.withUnsafeBufferPointer { sink.emitted($0) }
    sink.record(.backfillDeclared(backfill), at: Self.start)
    for event in tooOld { sink.record(.quarantined(event, .beyondHorizon), at: Self.start) }
    delivered.withUnsafeBufferPointer { sink.captured($0, claim: claim, at: Self.start + .minutes(2)) }
    for event in quarantined { sink.record(.quarantined(event, .unknownType), at: Self.start + .minutes(2)) }
    for event in released { sink.record(.quarantineLeft(event), at: Self.start + .minutes(3)) }
    summaries.withUnsafeBufferPointer { sink.summarised($0, at: Self.start + .hours(2)) }
    for charge in charges { sink.record(.rated(charge), at: end) }
    for accrual in accruals where accrual.reverses == nil { sink.record(.accrued(accrual), at: end) }
    for invoice in invoices { sink.record(.invoiceIssued(invoice), at: end) }
    for invoice in received ?? invoices { sink.record(.invoiceDelivered(invoice), at: end) }
    if expired > 0 {
      sink.record(.expiredInBroker(partition: 0, events: expired, waited: .days(3)), at: end)
    }
    sink.record(.recovered(remembered ?? claim), at: end)
    for accrual in accruals where accrual.reverses != nil { sink.record(.accrued(accrual), at: end) }
    for recognition in recognitions { sink.record(.recognised(recognition), at: end) }
    deliverCash(sink, at: end)
    for memo in memos { sink.record(.credited(memo), at: end) }
    for transfer in transfers { sink.record(.balanceTransferred(transfer), at: end) }
    sink.record(.erpThrottled(us, isSuccessor: false, until: end + .seconds(60)), at: end)
    sink.record(.erpCalled(us, isSuccessor: false), at: end + calledAfter)
    for document in documents { sink.record(.documentPosted(document), at: end + .minutes(1)) }
    sink.record(.taxCalled(1, asOf: end), at: end)
    sink.record(.taxRefused(1), at: end)
    sink.record(.taxCalled(2, asOf: end + taxCalledAfter), at: end + taxCalledAfter)
    let read = documents.dropLast(unread)
    for entity in Set(read.map(\.entity)).sorted() {
      let own = read.filter { $0.entity == entity }
      sink.record(
        .ledgersCompared(
          entity, documents: Int64(own.count), receivable: own.reduce(.zero) { $0 + $1.entry.receivable }),
        at: end + .minutes(2))
    }
    deliverStatements(sink, at: end + .minutes(2))
    for (key, number) in acknowledged {
      sink.record(.postingAcknowledged(key, documentNumber: number), at: end + .minutes(2))
    }
    for boundary in breaks { sink.record(.breakReported(boundary: boundary, us), at: end + .hours(1)) }
    for (invoice, status) in statuses { sink.record(.statusTold(invoice, status), at: end) }
    sink.record(.traced(trace), at: end + .hours(1))
    for routed in cases { sink.record(.caseRouted(routed), at: routed.raised) }
    for snapshot in snapshots { sink.record(.snapshotTaken(snapshot), at: snapshot.taken) }
    for routed in openCases { sink.record(.caseOpen(routed), at: end + .days(1)) }
    for snapshot in reread { sink.record(.snapshotRead(snapshot), at: end + .days(1)) }
    sink.concluded(stuck: stuck, at: end + .days(1))
  }
}
