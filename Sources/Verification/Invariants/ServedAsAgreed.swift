import CanonicalModel
import Chronology

/// What is billed for a recurring item is served when the contract says.
struct ServedAsAgreed: Invariant, HearsInvoiceIssued, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "served-as-agreed", boundary: .revenue, place: 6,
    statement:
      "what the lines of a recurring item serve by the end of each month is what the terms in force until then ask for: a change of "
      + "contract is served from the change on, and never before",
    evidence: "the issued invoices' dates of service against the contracts' history",
    property: .safety, cost: .atRest(.document))
  var findings = Findings()
  private struct Line {
    var amount: Money
    var served: ServiceDates
  }
  private var lines: [OracleKey: [Line]] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at _: Instant) {
    for line in invoice.lines where invoice.rebills == nil {
      let charge = line.charge
      guard books.catalog[charge.item].kind == .recurring else { continue }
      let (from, until) = books.contracts.service(charge.subscription, in: charge.servicePeriod)
      lines[OracleKey(charge), default: []].append(
        Line(amount: charge.amount, served: charge.served ?? ServiceDates(from: from, until: until)))
    }
  }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    for key in lines.keys.sorted() {
      let own = lines[key] ?? []
      let currency = books.catalog.currency(of: key.subscription)
      let item = books.catalog[key.item]
      // Rounding of each line and each part, and a day on either side of a change.
      let parts = Int128(own.count + books.contracts.shares(key.subscription, in: key.period).count + 1)
      let days = Int128((key.period.end.nanoseconds - key.period.start.nanoseconds) / 86_400_000_000_000)
      let day = books.contracts.dearest(item, key.subscription, in: key.period).units / days
      // Credits: so much of a change may have been given back before it.
      let credited = books.credit.services[key]?.credited.units ?? 0
      let tolerance = Money(minorUnits: parts, of: currency).units + day * parts + credited
      var month = Period(holding: key.period.start)
      // What is not prorated is asked for in full, whether billing knew by then that the contract would end before, or not.
      let ends = books.contracts.ends(key.subscription)
      let last = books.contracts.terms(key.subscription, at: ends - Span(nanoseconds: 1))
      if ends < key.period.end, books.contracts.book(key.subscription, last).proration == .none {
        month = Period(holding: key.period.end - Span(nanoseconds: 1))
      }
      while month.start < key.period.end {
        let by = min(month.end, key.period.end)
        let due = books.contracts.served(item, key.subscription, in: key.period, by: by)
        let said = own.reduce(Int128(0)) { sum, line in  // a sum: the order cannot matter
          let all = Int128(line.served.until.nanoseconds - line.served.from.nanoseconds)
          let done = Int128(min(by, line.served.until).nanoseconds - line.served.from.nanoseconds)
          guard all > 0, done > 0 else { return sum }
          return sum + line.amount.units / 1_000_000_000 * (done / 1_000_000) / (all / 1_000_000)
            * 1_000_000_000
        }
        findings.require(abs(said - due) <= tolerance, at: rest.at) {
          Breach(
            ids: books.ids(of: key) + ["by \(by)"],
            expected: OracleRating.rounded(Money(units: due), to: currency).text(in: currency),
            actual: OracleRating.rounded(Money(units: said), to: currency).text(in: currency))
        }
        month = month.next
      }
    }
  }

  func isConcerned(_ books: Books) -> Bool {
    books.catalog.items.contains { $0.kind == .recurring }
  }
}
