import CanonicalModel
import Chronology
import CoreInterface

/// The stage that compares every pair of neighbours, by count, quantity, amount and hash, per legal entity
/// and item, once a day and after every read-back of an ERP's ledger.
///
/// Each stage's figures come from another place: what was captured is counted at ingestion's exit, what was
/// metered on the summaries, what waits inside a stage by that stage.
public struct Reconciliation: Sendable {
  private let meterCount: Int
  private let itemCount: Int
  private let entityOf: DenseTable<SubscriptionID, Int>
  private let layouts: DenseTable<EventTypeID, TypeLayout>
  private let isAdditive: DenseTable<MeterID, Bool>
  private let cadence: Span
  /// Per entity and meter, as `entity × meters + meter`.
  public private(set) var captured: [ControlTotal]
  /// See ``captured``.
  public private(set) var metered: [ControlTotal]
  /// Per entity and item, as `entity × items + item`.
  public private(set) var rated: [ControlTotal]
  /// See ``rated``.
  public private(set) var invoiced: [ControlTotal]
  /// Documents per entity, and their receivables.
  public private(set) var documents: DenseTable<EntityID, ControlTotal>
  private var ledgers: [(read: ControlTotal, acknowledged: ControlTotal)?]
  private let planted: PlantedDefects
  private let hasPayments: Bool
  private var openBreaks: Set<ExceptionCase.Subject> = []
  private var dueAt: Instant?

  init(catalog: Catalog, cadence: Span, planted: PlantedDefects = []) {
    self.planted = planted
    hasPayments = catalog.paymentTerms != nil
    self.cadence = cadence
    meterCount = catalog.meters.count
    itemCount = catalog.items.count
    entityOf = DenseTable(catalog.subscriptions.map { Int(catalog[$0.account].entity.index) })
    layouts = DenseTable(catalog.eventTypes.map { TypeLayout($0, in: catalog) })
    isAdditive = DenseTable(catalog.meters.map(\.aggregation.isAdditive))
    let cells = catalog.entities.count * meterCount
    captured = Array(repeating: ControlTotal(), count: cells)
    metered = captured
    rated = Array(repeating: ControlTotal(), count: catalog.entities.count * itemCount)
    invoiced = rated
    documents = DenseTable(repeating: ControlTotal(), count: catalog.entities.count)
    ledgers = Array(repeating: nil, count: 2 * catalog.entities.count)
  }

  /// When the next run is due; `nil` when nothing has moved since the last.
  @inline(__always)
  var nextDeadline: Instant? { dueAt }

  mutating func recordCaptured(_ events: UnsafeBufferPointer<BillableEvent>, at now: Instant) {
    guard !events.isEmpty else { return }
    recordActivity(at: now)
    let meterCount = meterCount
    precondition(
      captured.count % max(1, meterCount) == 0, "what was captured is not counted for each entity and meter")
    captured.withUnsafeMutableBufferPointer { captured in
      entityOf.withUnsafeBufferPointer { entityOf in
        layouts.withUnsafeBufferPointer { layouts in
          for index in events.indices {
            let event = events.baseAddress! + index
            let base =
              entityOf[Int(event.pointee.subscription.index)] &* meterCount &+ Int(event.pointee.dimension)
            assert(Int(event.pointee.type.index) < layouts.count, "usage of an unknown type was captured")
            let layout = layouts.baseAddress! + Int(event.pointee.type.index)
            let quantity = layout.pointee.aggregation0.quantity(of: event.pointee.quantity0)
            assert(base &+ layout.pointee.meter0 < captured.count, "usage is captured beyond the last meter")
            captured[base &+ layout.pointee.meter0].add(event, quantity)
            guard layout.pointee.meter1 >= 0 else { continue }
            let other = layout.pointee.aggregation1.quantity(of: event.pointee.quantity1)
            captured[base &+ layout.pointee.meter1].add(event, other)
          }
        }
      }
    }
  }

  mutating func record(_ summaries: ArraySlice<UsageSummary>) {
    for summary in summaries {
      let cell = entityOf[summary.subscription] * meterCount + Int(summary.meter.index)
      metered[cell].count += summary.count
      metered[cell].quantity += summary.quantity
      metered[cell].digest &+= summary.digest
    }
  }

  mutating func record(rated charge: RatedCharge) { rated[cell(of: charge)] += total(of: charge) }

  mutating func record(issued invoice: Invoice, at now: Instant) {
    recordActivity(at: now)
    for line in invoice.lines { invoiced[cell(of: line.charge)] += total(of: line.charge) }
    documents[invoice.number.entity] += ControlTotal(count: 1, amount: invoice.total)
  }

  /// An invoice takes the place of one that was credited: its lines were counted with that one.
  mutating func record(rebilled invoice: Invoice, at now: Instant) {
    recordActivity(at: now)
    documents[invoice.number.entity] += ControlTotal(count: 1, amount: invoice.total)
  }

  /// A document other than an invoice was made.
  mutating func record(document key: PostingKey, receivable: Money = .zero, at now: Instant) {
    recordActivity(at: now)
    documents[key.entity] += ControlTotal(count: 1, amount: receivable)
  }

  mutating func record(_ statement: ERPStatement, at now: Instant) {
    // What the ledger says is compared with what was acknowledged: never the core's own count with itself.
    let read = planted.contains(.reconciliationOfOwnCounters) ? statement.acknowledged : statement.read
    precondition(ledgers.indices.contains(statement.outbox), "a ledger is read that no ERP has")
    ledgers[statement.outbox] = (read, statement.acknowledged)
    dueAt = now
  }

  /// A statement of the bank or the gateway was read.
  mutating func recordStatement(at now: Instant) { dueAt = now }

  private mutating func recordActivity(at now: Instant) {
    if dueAt == nil { dueAt = now.floored(to: cadence) + cadence }
  }

  /// Compares all boundaries if a run is due; raises a case for each break that is not open already.
  mutating func advance(
    to now: Instant, metering: Metering, rating: Rating, billing: Billing, lateUsage: LateUsageDesk,
    translation: Translation, posting: Posting, payments: Payments, revenue: Revenue,
    effects: inout Effects
  ) {
    guard let due = dueAt, due <= now else { return }
    dueAt = nil
    var report = ReconciliationReport()
    let inWindows = metering.inTransit(entityOf: entityOf, entities: documents.count)
    let unrated = rating.inTransit(entityOf: entityOf, entities: documents.count)
    var onDrafts = billing.inTransit()
    precondition(
      onDrafts.count == rated.count && inWindows.count == metered.count && unrated.count == metered.count,
      "stages count what they hold by other cells than reconciliation")
    lateUsage.visit { charge in onDrafts[cell(of: charge)] += total(of: charge) }
    for entity in documents.indices {
      let id = EntityID(index: UInt32(entity))
      for item in 0..<itemCount {
        func compare(
          _ boundary: ReconciliationBoundary, _ a: ControlTotal, _ b: ControlTotal, _ between: ControlTotal
        ) {
          report.add(
            ReconciliationResult(
              boundary: boundary, entity: id, item: ItemID(index: UInt32(item)), upstream: a, downstream: b,
              inTransit: between))
        }
        let rated = rated[entity * itemCount + item]
        if item < meterCount {
          let cell = entity * meterCount + item
          // What is no sum is compared by count and hash here, and by quantity from metering on.
          var windowed = metered[cell]
          if !isAdditive[item] { windowed.quantity = .zero }
          compare(.capturedMetered, captured[cell], windowed, inWindows[cell])
          var ratedUsage = rated
          ratedUsage.amount = .zero
          compare(.meteredRated, metered[cell], ratedUsage, unrated[cell])
        }
        let slot = entity * itemCount + item
        compare(.ratedInvoiced, rated, invoiced[slot], onDrafts[slot])
      }
      let waiting = ControlTotal(
        count: Int64(translation.depth(of: id) + posting.depth(of: id)),
        amount: translation.pendingAmount(of: id) + posting.pendingAmount(of: id))
      var due = documents[entity]
      due.count += Int64(posting.splitOff[entity])
      report.add(
        ReconciliationResult(
          boundary: .invoicedPosted, entity: id, item: nil, upstream: due,
          downstream: posting.acknowledged[entity],
          inTransit: planted.contains(.reconciliationWithoutTransit)
            ? ControlTotal() : waiting + posting.excepted[entity]))
      func compareAmounts(_ boundary: ReconciliationBoundary, _ a: Money, _ b: Money, _ between: Money) {
        report.add(
          ReconciliationResult(
            boundary: boundary, entity: id, item: nil, upstream: ControlTotal(amount: a),
            downstream: ControlTotal(amount: b), inTransit: ControlTotal(amount: between)))
      }
      // What customers have paid settles invoices or waits; what was deferred is earned or waits.
      compareAmounts(
        .settledApplied, payments.ledger.received[entity], payments.ledger.applied[entity],
        payments.ledger.unapplied[entity])
      if hasPayments {
        for source in CashStatement.Source.allCases {
          let (booked, shown, inTransit) = payments.ledger.book.comparison(source, id)
          // What the bank and the gateway report: never what was booked, once more.
          let read = planted.contains(.reconciliationOfOwnCash) ? booked - inTransit : shown
          report.add(
            ReconciliationResult(
              boundary: source == .bank ? .cashBank : .cashGateway, entity: id, item: nil, upstream: booked,
              downstream: read, inTransit: inTransit), isOfStatements: true)
        }
      }
      compareAmounts(
        .deferredRecognised, revenue.scheduled[entity], revenue.recognised[entity],
        revenue.deferred(of: id))
      for ledger in [ledgers[entity], ledgers[entity + documents.count]].compactMap({ $0 }) {
        report.add(
          ReconciliationResult(
            boundary: .postedLedger, entity: id, item: nil, upstream: ledger.acknowledged,
            downstream: ledger.read, inTransit: ControlTotal()), isOfLedger: true)
      }
    }
    for result in report.breaks {
      let subject = ExceptionCase.Subject.reconciliationBreak(
        boundary: result.boundary, entity: result.entity, item: result.item)
      guard openBreaks.insert(subject).inserted else { continue }
      effects.outputs.append(.raise(ExceptionCase(subject: subject, owner: .finance, raised: now)))
    }
    effects.outputs.append(.reconciled(report))
  }

  private func cell(of charge: RatedCharge) -> Int {
    entityOf[charge.subscription] * itemCount + Int(charge.item.index)
  }

  private func total(of charge: RatedCharge) -> ControlTotal {
    ControlTotal(count: charge.count, quantity: charge.quantity, amount: charge.amount, digest: charge.digest)
  }
}

extension ControlTotal {
  /// Adds what an event adds to the quantity of a meter, or takes it off.
  @inline(__always)
  fileprivate mutating func add(_ event: UnsafePointer<BillableEvent>, _ quantity: Int64) {
    if event.pointee.isWithdrawn {
      count &-= 1
      self.quantity.units -= Int128(quantity)
      digest &-= event.pointee.digest
    } else {
      count &+= 1
      self.quantity.units += Int128(quantity)
      digest &+= event.pointee.digest
    }
  }
}
