import CanonicalModel
import Chronology

/// Each month earns its days, no more and no less.
struct RecognisedInPeriod: Invariant, HearsInvoiceIssued, HearsRecognised, HearsCredited, HearsCashBooked,
  HearsContractTold, JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "recognised-in-period", boundary: .revenue, place: 3,
    statement:
      "what is recognised of a service period by the close of a month is its share by days of what was invoiced for it, less credits, and no "
      + "month's share is left out; where a contract or a fee ends, what is not given back is earned with its last day, and of what is written off "
      + "nothing is from that day on",
    evidence: "the issued invoices and the contracts' days against the recognitions",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var deferred: [RevenueKey: [OracleRevenue.Obligation: Money]] = [:]
  private var recognised: [RevenueKey: Money] = [:]
  /// Of ``deferred``, what was invoiced before the last close.
  private var closable: [RevenueKey: [OracleRevenue.Obligation: Money]] = [:]
  /// The entities whose last month was closed.
  private var closed: Set<EntityID> = []
  /// What was earned of credited amounts before they were credited.
  private var kept: [RevenueKey: Money] = [:]

  /// Of contracts that change, what each line and credit has added.
  private struct Part {
    var agreed: OracleRevenue.Obligation
    var issued: Instant
    /// `nil`: it was revenue at once, as nothing was left to be served.
    var current: OracleRevenue.Obligation?
    var amount: Money
    var isClosable: Bool
  }
  private var parts: [SubscriptionID: [Part]] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at _: Instant) {
    // A month is closed once the bills of it are final.
    let last = books.contracts.monthsClosedBy
    let isClosable =
      invoice.issued < last
      || books.calendar.accountingPeriod(of: invoice).end == last && !closed.contains(invoice.number.entity)
    for line in invoice.lines where invoice.rebills == nil {
      add(line.amount, of: line, on: invoice, books, isClosable: isClosable)
    }
  }

  private mutating func add(
    _ amount: Money, of line: InvoiceLine, on invoice: Invoice, _ books: Books, isClosable: Bool
  ) {
    let subscription = line.charge.subscription
    guard let agreed = books.revenue.agreed(of: line, on: invoice) else { return }
    add(amount, agreed, subscription, issued: invoice.issued, books, isClosable: isClosable)
  }

  private mutating func add(
    _ amount: Money, _ agreed: OracleRevenue.Obligation, _ subscription: SubscriptionID, issued: Instant,
    _ books: Books, isClosable: Bool
  ) {
    let part = Part(
      agreed: agreed, issued: issued,
      current: books.revenue.current(agreed, subscription, issued: issued), amount: amount,
      isClosable: isClosable)
    book(part, sign: 1)
    if books.contracts.hasChanged(subscription) { parts[subscription, default: []].append(part) }
  }

  /// What is written off before it is served is never earned.
  mutating func hear(cashBooked _: CashDocument, _ books: Books, at now: Instant) {
    for own in books.latestUnserved {
      for (agreed, amount) in own.changes {
        add(
          amount, agreed, own.line.charge.subscription, issued: own.invoice.issued, books,
          isClosable: now < books.contracts.monthsClosedBy)
      }
    }
  }

  private mutating func book(_ part: Part, sign: Int) {
    guard let current = part.current else { return }
    let amount = sign > 0 ? part.amount : .zero - part.amount
    deferred[current.key, default: [:]][current, default: .zero] += amount
    if part.isClosable { closable[current.key, default: [:]][current, default: .zero] += amount }
  }

  mutating func hear(contractTold event: ContractEvent, _ books: Books, at _: Instant) {
    for place in (parts[event.subscription] ?? []).indices {
      guard var part = parts[event.subscription]?[place] else { continue }
      guard let current = books.revenue.current(part.agreed, event.subscription, issued: part.issued),
        current != part.current
      else { continue }
      book(part, sign: -1)
      // What was revenue at once, and goes on after all, is taken back until its days have come.
      if part.current == nil { kept[current.key, default: .zero] -= part.amount }
      part.current = current
      book(part, sign: 1)
      parts[event.subscription]?[place] = part
    }
  }

  /// What is credited is earned no more from the memo's month on.
  mutating func hear(credited memo: CreditMemo, _ books: Books, at now: Instant) {
    for own in books.latestCredit {
      guard let obligation = books.revenue.obligation(of: own.line, on: own.invoice) else { continue }
      add(
        .zero - own.scheduled, of: own.line, on: own.invoice, books,
        isClosable: now < books.contracts.monthsClosedBy)
      kept[obligation.key, default: .zero] += own.scheduled - own.unearned
    }
  }

  /// The last month is closed once its invoices are final: what these have added by then is to be earned by its end as well.
  private mutating func close(_ entity: EntityID, _ month: Period, _ books: Books) {
    guard month.end >= books.contracts.monthsClosedBy, closed.insert(entity).inserted else { return }
    for key in deferred.keys where key.entity == entity { closable[key] = deferred[key] }
    for subscription in parts.keys {  // each on its own: the order cannot matter
      for place in (parts[subscription] ?? []).indices
      where parts[subscription]?[place].agreed.key.entity == entity {
        parts[subscription]?[place].isClosable = true
      }
    }
  }

  mutating func hear(recognised document: Recognition, _ books: Books, at now: Instant) {
    let end = document.period.end
    if document.lines.contains(where: { books.catalog[$0.item].kind == .recurring }) {
      close(document.key.entity, document.period, books)
    }
    for line in document.lines where books.catalog[line.item].kind == .recurring {
      let key = RevenueKey(entity: document.key.entity, item: line.item, period: line.servicePeriod)
      recognised[key, default: .zero] += line.amount
      let due = (deferred[key] ?? [:]).reduce(kept[key] ?? .zero) {  // a sum: the order cannot matter
        $0 + books.revenue.earned($1.value, of: $1.key, by: end)
      }
      let currency = books.catalog[key.entity].currency
      findings.expect(
        recognised[key] ?? .zero, equals: due, at: now, show: { $0.text(in: currency) },
        books.ids(of: document.key) + books.ids(of: key) + ["by \(end)"])
    }
  }

  /// What was earned by the last close is recognised.
  mutating func judge(_ rest: Rest, _ books: Books) {
    let end = min(rest.at, books.contracts.monthsClosedBy)
    for key in closable.keys.sorted() where recognised[key] == nil {
      let due = (closable[key] ?? [:]).reduce(kept[key] ?? .zero) {  // a sum: the order cannot matter
        $0 + books.revenue.earned($1.value, of: $1.key, by: end)
      }
      let currency = books.catalog[key.entity].currency
      findings.expect(
        .zero, equals: due, at: rest.at, show: { $0.text(in: currency) },
        books.ids(of: key) + ["never recognised", "by \(end)"])
    }
  }
}
