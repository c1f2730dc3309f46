import CanonicalModel
import Chronology

/// Each month earns its days, no more and no less.
struct RecognisedInPeriod: Invariant, HearsInvoiceIssued, HearsRecognised, HearsCredited, HearsContractTold,
  JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "recognised-in-period", boundary: .revenue, place: 3,
    statement:
      "what is recognised of a service period by the close of a month is its share by days of what was invoiced for it, less credits, and no "
      + "month's share is left out; where a contract ends, what is not given back is earned with its last day",
    evidence: "the issued invoices and the contracts' days against the recognitions",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var deferred: [RevenueKey: [OracleRevenue.Obligation: Money]] = [:]
  private var recognised: [RevenueKey: Money] = [:]
  /// Of ``deferred``, what was invoiced before the last close.
  private var closable: [RevenueKey: [OracleRevenue.Obligation: Money]] = [:]
  /// What was earned of credited amounts before they were credited.
  private var kept: [RevenueKey: Money] = [:]

  /// Of contracts that change, what each line and credit has added.
  private struct Part {
    var agreed: OracleRevenue.Obligation
    var issued: Instant
    var current: OracleRevenue.Obligation
    var amount: Money
    var isClosable: Bool
  }
  private var parts: [SubscriptionID: [Part]] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at _: Instant) {
    for line in invoice.lines where invoice.rebills == nil {
      add(
        line.amount, of: line, on: invoice, books, isClosable: invoice.issued < books.contracts.monthsClosedBy
      )
    }
  }

  private mutating func add(
    _ amount: Money, of line: InvoiceLine, on invoice: Invoice, _ books: Books, isClosable: Bool
  ) {
    let subscription = line.charge.subscription
    guard let agreed = books.revenue.agreed(of: line, on: invoice),
      let current = books.revenue.current(agreed, subscription, issued: invoice.issued)
    else { return }
    let part = Part(
      agreed: agreed, issued: invoice.issued, current: current, amount: amount, isClosable: isClosable)
    book(part, sign: 1)
    if books.contracts.hasChanged(subscription) { parts[subscription, default: []].append(part) }
  }

  private mutating func book(_ part: Part, sign: Int) {
    let amount = sign > 0 ? part.amount : .zero - part.amount
    deferred[part.current.key, default: [:]][part.current, default: .zero] += amount
    if part.isClosable { closable[part.current.key, default: [:]][part.current, default: .zero] += amount }
  }

  mutating func hear(contractTold event: ContractEvent, _ books: Books, at _: Instant) {
    for place in (parts[event.subscription] ?? []).indices {
      guard var part = parts[event.subscription]?[place] else { continue }
      guard let current = books.revenue.current(part.agreed, event.subscription, issued: part.issued),
        current != part.current
      else { continue }
      book(part, sign: -1)
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

  mutating func hear(recognised document: Recognition, _ books: Books, at now: Instant) {
    let end = document.period.end
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
