import CanonicalModel
import Chronology

/// The stage that keeps revenue apart from invoicing: what is invoiced before it is earned is deferred, and recognised
/// straight-line by days as its service is rendered (ASC 606, IFRS 15: over time, one performance obligation an item).
///
/// What a change of contract adds or takes has a schedule of its own, from the change on (ASC 606-10-25-13(a), IFRS 15.21(a): the remaining
/// services are distinct); what is told late is caught up with at the end of the month.
public struct Revenue: Sendable {
  /// A performance obligation: the customers of an entity that are served with an item over the same days.
  private struct Key: Hashable, Comparable, Sendable {
    var entity: EntityID
    var period: Period
    var item: ItemID
    /// The first and the last day but one of the service.
    var from: Instant
    var until: Instant

    static func < (a: Key, b: Key) -> Bool {
      (a.entity, a.period, a.item, a.from, a.until) < (b.entity, b.period, b.item, b.from, b.until)
    }
  }
  private struct Schedule: Sendable {
    var amount = Money.zero
    var recognised = Money.zero
  }
  /// What a customer is served with in a period.
  private struct Service: Hashable, Sendable {
    var item: ItemID
    var period: Period

    init(_ charge: RatedCharge) { (item, period) = (charge.item, charge.servicePeriod) }
  }
  /// What a line has added to a service.
  private struct Part: Sendable {
    /// The schedule that it is in.
    var key: Key
    var amount: Money
    /// When its service is rendered, whatever becomes of the contract.
    var served: ServiceDates
    var issued: Instant
  }
  private let catalog: Catalog
  private let planted: PlantedDefects
  private var schedules: [Key: Schedule] = [:]
  /// Where finance gives credits, or contracts may end before their time: what each customer's part of the schedules is.
  private var services: [SubscriptionID: [Service: [Part]]] = [:]
  /// The end of the last day of contracts that have ended, as far as was told.
  private var ends: [SubscriptionID: (last: Instant, told: Instant)] = [:]
  private let keepsServices: Bool
  private var nextSequence: DenseTable<EntityID, UInt32>
  /// What was scheduled, and what has been recognised of it, per entity.
  private(set) var scheduled: DenseTable<EntityID, Money>
  private(set) var recognised: DenseTable<EntityID, Money>
  /// The latest month that was closed: an earlier one that is billed again earns nothing back.
  private var closed = Period(ordinal: 0)
  /// Months that are over and not closed, rising: some of their invoices may not be final.
  private var months: [Period] = []

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog, planted: PlantedDefects = []) {
    self.catalog = catalog
    self.planted = planted
    nextSequence = DenseTable(repeating: 1, count: catalog.entities.count)
    scheduled = DenseTable(repeating: .zero, count: catalog.entities.count)
    recognised = scheduled
    keepsServices =
      catalog.creditLimit != nil
      || catalog.subscriptions.contains { $0.terms.contains { $0.status == .ended } }
  }

  private func key(of line: InvoiceLine, on invoice: Invoice) -> Key {
    key(
      naturalKey(of: line, on: invoice), of: line.charge.subscription, issued: invoice.issued)
  }

  /// The schedule of a line whose contract goes on.
  private func naturalKey(of line: InvoiceLine, on invoice: Invoice) -> Key {
    let charge = line.charge
    let subscription = catalog[charge.subscription]
    var dates = ServiceDates(
      from: max(charge.servicePeriod.start, subscription.terms[0].from.floored(to: .days(1))),
      until: min(charge.servicePeriod.end, subscription.latestEnd))
    if let served = charge.served, !planted.contains(.changeRecognisedFromTheStart) {
      let days = catalog.proratesBySeconds(charge.subscription) ? served : served.wholeDays
      dates.from = max(dates.from, days.from)
      dates.until = min(dates.until, days.until)
      if dates.until <= dates.from { dates.until = dates.from + .days(1) }
    }
    return Key(
      entity: invoice.number.entity, period: charge.servicePeriod, item: charge.item, from: dates.from,
      until: dates.until)
  }

  /// The schedule of a service whose contract ends before it: the rest of it, less what is given back, is earned with the last day, and what is
  /// invoiced after that is earned at once. Nothing is left to do for the customer.
  private func key(_ key: Key, of subscription: SubscriptionID, issued: Instant) -> Key {
    guard let (last, told) = ends[subscription], issued < last || issued >= told else { return key }
    let dates = ServiceDates(from: key.from, until: key.until).ended(with: last, in: key.period)
    var key = key
    (key.from, key.until) = (dates.from, dates.until)
    return key
  }

  /// Takes the end of the last day of a contract; `nil`: it goes on.
  mutating func take(end: Instant?, of subscription: SubscriptionID, at now: Instant) {
    guard keepsServices, ends[subscription]?.last != end, !planted.contains(.keptFeeGoesOn) else { return }
    ends[subscription] = end.map { ($0, now) }
    for (service, parts) in services[subscription] ?? [:] {  // sums: the order cannot matter
      for (place, part) in parts.enumerated() {
        var natural = part.key
        (natural.from, natural.until) = (part.served.from, part.served.until)
        let key = key(natural, of: subscription, issued: part.issued)
        guard key != part.key else { continue }
        // Of a schedule that has come to nothing, or is earned, none is kept.
        var schedule = schedules[part.key] ?? Schedule()
        let currency = catalog[key.entity].currency
        let isBegun = closed.ordinal > 0 && part.key.from < closed.end
        let earned = isBegun ? earned(of: part.amount, part.key, by: closed.end, in: currency) : .zero
        schedule.amount -= part.amount
        schedule.recognised -= earned
        schedules[part.key] =
          schedule.amount == .zero && schedule.recognised == .zero ? nil : schedule
        schedules[key, default: Schedule()].amount += part.amount
        schedules[key]?.recognised += earned
        services[subscription]?[service]?[place].key = key
      }
    }
  }

  /// Whether the revenue of a line is still to be earned when its invoice is issued.
  func isDeferred(_ line: InvoiceLine, on invoice: Invoice) -> Bool {
    if isPrepaid(line) { return true }
    return !planted.contains(.revenueRecognisedAtInvoice)
      && catalog[line.charge.item].kind == .recurring
      && key(of: line, on: invoice).until > invoice.issued
  }

  private func isPrepaid(_ line: InvoiceLine) -> Bool {
    catalog[line.charge.item].kind == .prepaid
  }

  /// Recognises prepaid credits that have expired, or gives back what was recognised of those that late usage has drawn on: a document an entity.
  /// What was drawn was earned with the usage.
  mutating func recognise(expired: [Wallet.Expired], in month: Period) -> [Recognition] {
    var documents: [Recognition] = []
    for entity in Set(expired.map(\.entity)).sorted() {
      var lines: [Recognition.Line] = []
      for part in expired where part.entity == entity {
        if let same = lines.firstIndex(where: { $0.item == part.item && $0.servicePeriod == part.period }) {
          lines[same].amount += part.amount
        } else {
          lines.append(Recognition.Line(item: part.item, servicePeriod: part.period, amount: part.amount))
        }
      }
      assert(
        lines.reduce(Money.zero) { $0 + $1.amount }
          == expired.reduce(Money.zero) { $1.entity == entity ? $0 + $1.amount : $0 },
        "a recognition does not come to the credits that have expired")
      lines.removeAll { $0.amount == .zero }
      guard !lines.isEmpty else { continue }
      let key = PostingKey(kind: .recognition, entity: entity, sequence: nextSequence[entity])
      nextSequence[entity] += 1
      documents.append(
        Recognition(
          key: key, currency: catalog[entity].currency, period: month, lines: lines))
    }
    return documents
  }

  /// Schedules what an invoice defers.
  mutating func record(issued invoice: Invoice) {
    for line in invoice.lines where isDeferred(line, on: invoice) && !isPrepaid(line) {
      let key = key(of: line, on: invoice)
      precondition(key.from < key.until, "revenue is deferred for a service that ends before it begins")
      schedules[key, default: Schedule()].amount += line.amount
      note(line.amount, of: line, on: invoice, in: key)
      scheduled[invoice.number.entity] += line.amount
    }
  }

  private mutating func note(_ amount: Money, of line: InvoiceLine, on invoice: Invoice, in key: Key) {
    guard keepsServices else { return }
    let natural = naturalKey(of: line, on: invoice)
    services[line.charge.subscription, default: [:]][Service(line.charge), default: []].append(
      Part(
        key: key, amount: amount, served: ServiceDates(from: natural.from, until: natural.until),
        issued: invoice.issued))
  }

  /// Takes a credit on a line, in a month: what was to be earned from that month on is earned no more, and its schedule shrinks; what was earned
  /// before stays so. Where less of the customer's service is still to be earned, as its contract has ended say, only so much of it is.
  ///
  /// - Returns: how much of the amount was still to be earned.
  mutating func credit(
    _ amount: Money, of line: InvoiceLine, on invoice: Invoice, in month: Period
  ) -> Money {
    // Only what is left of prepaid credits is credited: all of it is still to be earned.
    if isPrepaid(line) { return amount }
    guard isDeferred(line, on: invoice), !planted.contains(.creditLeavesDeferred) else { return .zero }
    let key = key(of: line, on: invoice)
    let entity = invoice.number.entity
    let service = Service(line.charge)
    let left = (services[line.charge.subscription]?[service] ?? []).reduce(Money.zero) {
      $0 + later(of: $1.amount, $1.key, than: month.start)
    }
    let part = Self.limited(
      amount, later(of: amount, key, than: month.start), to: max(.zero, left), in: catalog[entity].currency)
    let unearned = min(later(of: part, key, than: month.start), max(.zero, left))
    precondition(unearned <= amount, "more of a credit is still to be earned than there is of it")
    guard var schedule = schedules[key] else {
      precondition(
        unearned == .zero || planted.contains(.revenueInFirstMonth),
        "a credit is on what is still to be earned, and nothing is")
      return unearned
    }
    schedule.amount -= part
    schedule.recognised -= part - unearned
    schedules[key] = schedule
    scheduled[entity] -= part
    recognised[entity] -= part - unearned
    note(.zero - part, of: line, on: invoice, in: key)
    return unearned
  }

  /// What of an amount is earned at an instant or later.
  private func later(of amount: Money, _ key: Key, than instant: Instant) -> Money {
    guard key.from < instant else { return amount }
    return amount - earned(of: amount, key, by: instant, in: catalog[key.entity].currency)
  }

  /// As much of a credit as lowers what is still to be earned, where that is less than what its days say.
  private static func limited(
    _ amount: Money, _ later: Money, to left: Money, in currency: Currency
  ) -> Money {
    guard later > left else { return amount }
    let minor = Money(minorUnits: 1, of: currency).units
    let product = (amount.units / minor) * (left.units / minor)
    return Money(units: product.divided(by: later.units / minor, rounding: .halfAwayFromZero) * minor)
  }

  /// What is deferred and not recognised yet, of an entity.
  public func deferred(of entity: EntityID) -> Money {
    schedules.reduce(.zero) { $1.key.entity == entity ? $0 + $1.value.amount - $1.value.recognised : $0 }
  }

  /// A month is over, and is to be closed; one that was billed again is closed already.
  mutating func close(_ month: Period) {
    if month > closed, !months.contains(month) { months.append(month) }
  }

  /// The month that is to be closed next.
  @inline(__always)
  var nextMonth: Period? { months.first }

  /// Recognises what was earned up to the end of a month: a document an entity.
  mutating func recognise(through month: Period) -> [Recognition] {
    months.removeAll { $0 <= month }
    guard month > closed else { return [] }
    precondition(
      closed.day == 1 && month.day == 1, "revenue is recognised by a period that is no calendar month")
    closed = month
    var documents: [Recognition] = []
    for key in schedules.keys.sorted() where key.from < month.end {
      guard let schedule = schedules[key] else { continue }
      let currency = catalog[key.entity].currency
      let earned = earned(of: schedule.amount, key, by: month.end, in: currency)
      precondition(
        earned.units.magnitude <= schedule.amount.units.magnitude, "more is earned than was deferred")
      let amount = earned - schedule.recognised
      if !planted.contains(.recognitionRunTwice) {
        schedules[key]?.recognised = earned
        if key.until <= month.end {
          precondition(earned == schedule.amount, "a service has ended, and a part of it is not earned")
          schedules[key] = nil
        }
      }
      guard amount != .zero else { continue }
      recognised[key.entity] += amount
      let line = Recognition.Line(item: key.item, servicePeriod: key.period, amount: amount)
      if let last = documents.indices.last, documents[last].key.entity == key.entity {
        if let same = documents[last].lines.lastIndex(where: {
          $0.item == key.item && $0.servicePeriod == key.period
        }) {
          documents[last].lines[same].amount += amount
        } else {
          documents[last].lines.append(line)
        }
        continue
      }
      precondition(
        documents.last.map { $0.key.entity < key.entity } ?? true,
        "an entity has two recognitions of one month")
      let posting = PostingKey(
        kind: .recognition, entity: key.entity, sequence: nextSequence[key.entity])
      nextSequence[key.entity] += 1
      documents.append(Recognition(key: posting, currency: currency, period: month, lines: [line]))
    }
    return documents
  }

  /// The share of an amount that was earned by the beginning of a day, rounded once: what is left over by rounding comes with the last month.
  private func earned(of amount: Money, _ key: Key, by instant: Instant, in currency: Currency) -> Money {
    precondition(key.from < instant, "revenue is earned before its service begins")
    guard !planted.contains(.revenueInFirstMonth) else { return amount }
    return ServiceDates(from: key.from, until: key.until).earned(of: amount, by: instant, in: currency)
  }
}

extension Catalog {
  /// Whether all that a subscription ever has is prorated by seconds: of the day of a change each side has its part.
  func proratesBySeconds(_ subscription: SubscriptionID) -> Bool {
    self[subscription].terms.allSatisfy { priceBooks[$0.priceBook].proration == .seconds }
  }
}

extension ServiceDates {
  /// The days of a service: the day of a change belongs to what it brings.
  var wholeDays: ServiceDates {
    let first = from.floored(to: .days(1))
    let last = (until + .days(1) - Span(nanoseconds: 1)).floored(to: .days(1))
    return ServiceDates(from: first, until: max(last, first + .days(1)))
  }

  /// The same, of a contract that is over with the last day of a service's period or before: nothing of it is left for later days.
  func ended(with last: Instant, in period: Period) -> ServiceDates {
    guard period.start < last, last < until else { return self }
    return ServiceDates(from: min(from, last - .days(1)), until: last)
  }

  /// The share of an amount that was earned by the beginning of a day, rounded once; of a day within which the service begins or ends, its part.
  func earned(of amount: Money, by instant: Instant, in currency: Currency) -> Money {
    guard from < instant else { return .zero }
    guard instant < until else { return amount }
    let isOfDays = from == from.floored(to: .days(1)) && until == until.floored(to: .days(1))
    let unit = isOfDays ? Span.days(1) : .seconds(1)
    let share = Proration(
      numerator: Int128(instant.index(of: unit) - from.index(of: unit)),
      denominator: Int128(until.index(of: unit) - from.index(of: unit)))
    precondition(share.numerator <= share.denominator, "more days are rendered than the service has")
    return share.of(amount, in: currency)
  }
}
