import CanonicalModel
import Chronology

/// Usage and true-up together come to the usage or the minimum spend, whichever is more.
struct CommitmentIdentity: Invariant, HearsInvoiceIssued, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "commitment-identity", boundary: .rating, place: 4,
    statement: "invoiced usage + true-up = the greater of the usage and the period's minimum spend",
    evidence: "the issued invoices against the contracts' history",
    property: .safety, cost: .atRest(.document))
  var findings = Findings()
  private struct Sums: Sendable {
    var usage = Money.zero
    var trueUp = Money.zero
    /// The item of the minimum spend, where anything was asked for it.
    var item: ItemID?
  }
  private var invoiced: [OracleKey: Sums] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at _: Instant) {
    for line in invoice.lines where invoice.rebills == nil {
      let key = OracleKey(
        subscription: line.charge.subscription, item: ItemID(index: 0), period: line.charge.servicePeriod)
      switch books.catalog[line.charge.item].kind {
      case .usage: invoiced[key, default: Sums()].usage += line.charge.amount
      case .minimumSpend:
        invoiced[key, default: Sums()].trueUp += line.charge.amount
        invoiced[key]?.item = line.charge.item
      case .recurring, .prepaid: break
      }
    }
  }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let now = rest.at
    guard books.catalog.priceBooks.contains(where: { $0.minimumSpend != nil }) else { return }
    for index in books.catalog.subscriptions.indices {
      let subscription = SubscriptionID(index: UInt32(index))
      for month in books.contracts.periods(subscription) {
        guard let least = books.contracts.minimum(subscription, in: month) else { continue }
        let key = OracleKey(subscription: subscription, item: ItemID(index: 0), period: month)
        let sums = invoiced[key] ?? Sums()
        let currency = books.catalog.currency(of: subscription)
        let lacking = max(.zero, least - sums.usage)
        // What was credited of a true-up is not given back again when usage comes late.
        let due = sums.item.map {
          books.credit.due(lacking, OracleKey(subscription: subscription, item: $0, period: month))
        }
        findings.expect(
          sums.usage + sums.trueUp, equals: sums.usage + (due ?? lacking), at: now,
          show: { $0.text(in: currency) },
          ["account \(books.accountName(of: subscription))", "period \(month)", "minimum spend"])
      }
    }
  }

  func isConcerned(_ books: Books) -> Bool { books.catalog.priceBooks.contains { $0.minimumSpend != nil } }
}
