import CanonicalModel
import Chronology

/// Nobody pays for a time in which the contract is not in force.
struct ChargedInForce: Invariant, HearsInvoiceIssued, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "charged-in-force", boundary: .rating, place: 7,
    statement:
      "nothing is charged for a trial, or in it, for a pause, or the time after a contract's end: what lines ask for comes to nothing, unless it was "
      + "credited, or the price book does not prorate or keeps the fee of an interval that was cut short",
    evidence: "the issued invoices' dates of service against the dates of the contracts' lives",
    property: .safety, cost: .atRest(.document))
  var findings = Findings()
  private struct Line {
    var amount: Money
    var served: ServiceDates
  }
  private var lines: [OracleKey: [Line]] = [:]
  private var usage: [OracleKey: Money] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    guard books.contracts.hasLives else { return }
    for line in invoice.lines
    where invoice.rebills == nil {
      let charge = line.charge
      guard let life = books.contracts.life(charge.subscription) else { continue }
      findings.require(line.amount == .zero || invoice.issued >= life.charged, at: now) {
        Breach(
          ids: books.ids(of: invoice.number) + books.ids(of: charge),
          expected: "nothing before \(life.charged), when the trial is over",
          actual:
            "\(line.amount.text(in: books.catalog.currency(of: charge.subscription))) at \(invoice.issued)")
      }
      switch books.catalog[charge.item].kind {
      case .usage: usage[OracleKey(charge), default: .zero] += charge.amount
      case .recurring:
        let served =
          charge.served
          ?? ServiceDates(from: charge.servicePeriod.start, until: charge.servicePeriod.end)
        lines[OracleKey(charge), default: []].append(Line(amount: charge.amount, served: served))
      case .minimumSpend, .prepaid: continue
      }
    }
  }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    for key in lines.keys.sorted() {
      guard let life = books.contracts.life(key.subscription) else { continue }
      for gap in gaps(of: life, key, books) { judge(gap, key, books, at: rest.at) }
    }
    for key in usage.keys.sorted() {
      guard let amount = usage[key], let life = books.contracts.life(key.subscription) else { continue }
      let isCharged = key.period.start < life.ends && key.period.end > life.charged
      let credited = books.credit.services[key]?.credited ?? .zero
      findings.require(isCharged || amount >= .zero && amount <= credited, at: rest.at) {
        Breach(
          ids: books.ids(of: key), expected: "nothing: charged for from \(life.charged) to \(life.ends)",
          actual: amount.text(in: books.catalog.currency(of: key.subscription)))
      }
    }
  }

  /// The times of a period in which a contract is not in force.
  private func gaps(of life: OracleLife, _ key: OracleKey, _ books: Books) -> [ServiceDates] {
    let own = books.catalog[key.subscription]
    let isProrated = life.history.allSatisfy { books.catalog.priceBooks[$0.priceBook].proration != .none }
    var gaps: [ServiceDates] = []
    func add(_ from: Instant, _ until: Instant) {
      let (from, until) = (max(from, key.period.start), min(until, key.period.end))
      if from < until { gaps.append(ServiceDates(from: from, until: until)) }
    }
    if isProrated || key.period.end <= life.charged { add(.distantPast, life.charged) }
    for (place, terms) in life.history.enumerated() where terms.status == .paused && isProrated {
      add(terms.from, place + 1 < life.history.count ? life.history[place + 1].from : .distantFuture)
    }
    // A fee that is kept is that of the interval in which the contract was cancelled, up to where it was agreed.
    let isKept = own.earlyTermination == .keep && key.period.start < life.ends
    if isProrated || key.period.start >= life.ends {
      add(isKept ? life.agreedEnd : life.ends, .distantFuture)
    }
    return gaps
  }

  private mutating func judge(_ gap: ServiceDates, _ key: OracleKey, _ books: Books, at now: Instant) {
    let own = lines[key] ?? []
    let currency = books.catalog.currency(of: key.subscription)
    // What lines ask for a stretch of their time, in proportion, in units of 10⁻⁹.
    let asked = own.reduce(Int128(0)) { sum, line in  // a sum: the order cannot matter
      let all = Int128(line.served.until.nanoseconds - line.served.from.nanoseconds) / 1_000_000
      let from = max(gap.from, line.served.from).nanoseconds
      let until = min(gap.until, line.served.until).nanoseconds
      guard all > 0, from < until else { return sum }
      return sum + line.amount.units / 1_000_000_000 * (Int128(until - from) / 1_000_000) / all
    }
    // The day of a change is one or the other's, and each line was rounded.
    let days = Int128((key.period.end.nanoseconds - key.period.start.nanoseconds) / 86_400_000_000_000)
    let most = books.contracts.dearest(books.catalog[key.item], key.subscription, in: key.period).units
    // What was credited of a fee is not given back again.
    let credited = books.credit.services[key]?.credited.units ?? 0
    let tolerance = most / days + Money(minorUnits: Int128(own.count + 1), of: currency).units + credited
    findings.require(abs(asked) * 1_000_000_000 <= tolerance, at: now) {
      Breach(
        ids: books.ids(of: key) + ["from \(gap.from)", "until \(gap.until)"], expected: "nothing charged",
        actual: OracleRating.rounded(Money(units: asked * 1_000_000_000), to: currency).text(in: currency))
    }
  }

  func isConcerned(_ books: Books) -> Bool { books.contracts.hasLives }
}
