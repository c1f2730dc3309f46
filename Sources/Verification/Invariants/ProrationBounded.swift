import CanonicalModel
import Chronology

/// However often a contract changes, a recurring item costs no more than its dearest whole period.
struct ProrationBounded: Invariant, HearsInvoiceIssued, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "proration-bounded", boundary: .billing, place: 8,
    statement:
      "what is invoiced for a recurring item and period is at least nothing and at most its dearest whole price; where all terms of the "
      + "period ask for it in advance, it is at least its cheapest one",
    evidence: "the issued invoices against the contracts' history",
    property: .safety, cost: .atRest(.document))
  var findings = Findings()
  private var invoiced: [OracleKey: Money] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at _: Instant) {
    for line in invoice.lines
    where invoice.rebills == nil && books.catalog[line.charge.item].kind == .recurring {
      invoiced[OracleKey(line.charge), default: .zero] += line.charge.amount
    }
  }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let now = rest.at
    var outside: [OracleKey] = []
    for (key, amount) in invoiced {  // what is right is counted, what is not is sorted
      if Self.isBounded(amount, Self.minimum(key, books), Self.maximum(key, books), key, books) {
        findings.require(true, at: now) { Breach(ids: [], expected: "", actual: "") }
      } else {
        outside.append(key)
      }
    }
    for key in outside.sorted() {
      let currency = books.catalog.currency(of: key.subscription)
      let (minimum, maximum) = (Self.minimum(key, books), Self.maximum(key, books))
      let amount = invoiced[key] ?? .zero
      findings.require(false, at: now) {
        Breach(
          ids: books.ids(of: key),
          expected: "from \(minimum.text(in: currency)) to \(maximum.text(in: currency))",
          actual: amount.text(in: currency))
      }
    }
  }

  private static func maximum(_ key: OracleKey, _ books: Books) -> Money {
    books.contracts.dearest(books.catalog[key.item], key.subscription, in: key.period)
  }

  /// The cheapest price of all of the period, less what its changes may round; nothing where the contract rests, or any terms have not the item
  /// in advance.
  private static func minimum(_ key: OracleKey, _ books: Books) -> Money {
    let (item, contracts) = (books.catalog[key.item], books.contracts)
    let shares = contracts.shares(key.subscription, in: key.period)
    var from = key.period.start
    var least: Money?
    for share in shares {
      let charge = contracts.recurring(key.subscription, share.terms).first {
        $0.name == item.charge && $0.months == item.months && $0.timing == .inAdvance
      }
      guard let charge, share.from <= from else { return .zero }
      let units = charge.unit == .seat ? contracts.history(key.subscription)[share.terms].seats : 1
      let price = Money(units: charge.price.units * Int128(units))
      least = min(least ?? price, price)
      from = share.until
    }
    guard let least, from >= key.period.end else { return .zero }
    let currency = books.catalog.currency(of: key.subscription)
    return max(.zero, least - Money(minorUnits: Int128(shares.count), of: currency))
  }

  private static func isBounded(
    _ amount: Money, _ minimum: Money, _ maximum: Money, _ key: OracleKey, _ books: Books
  ) -> Bool {
    guard amount >= minimum else { return false }
    if amount <= maximum { return true }
    // Each change may round in the customer's favour or not.
    let changes = Int128(books.contracts.shares(key.subscription, in: key.period).count)
    // What was credited of a fee is not given back again by a change.
    let credited = books.credit.services[key]?.credited ?? .zero
    return amount - credited
      <= maximum + Money(minorUnits: changes, of: books.catalog.currency(of: key.subscription))
  }

  func isConcerned(_ books: Books) -> Bool { books.catalog.items.contains { $0.kind == .recurring } }
}
