import CanonicalModel
import Chronology

/// A part of a write-off that was still to be served, as the oracle reads it.
struct UnservedPart: Sendable {
  /// The position of the line on the invoice that is written off.
  var place: Int
  /// The line, and the invoice on which it was first issued.
  var line: InvoiceLine
  var invoice: Invoice
  /// When the line would have been served, were the contract to go on as agreed.
  var agreed: OracleRevenue.Obligation
  /// The day of the write-off: nothing is served from then on.
  var day: Instant
  /// What of the line is written off, and what of that was still to be served.
  var writtenOff: Money
  var amount: Money

  /// What it changes of what is earned: all that is written off is earned no more day by day, and what of it was served by the day of the write-off.
  var changes: [(agreed: OracleRevenue.Obligation, amount: Money)] {
    let gone = (agreed, Money.zero - writtenOff)
    guard agreed.from < day else { return [gone] }
    var served = agreed
    served.until = min(served.until, day)
    return [gone, (served, writtenOff - amount)]
  }
}

/// What is written off and was still to be served, by the oracle's own arithmetic.
struct WriteOffTruth {
  let books: Books

  /// The recurring lines of a write-off, as far as their service is still to be rendered from its day on: each in proportion to what is left of all lines
  /// and their taxes, and no more than what is charged and not credited.
  func unserved(of document: CashDocument, at now: Instant) -> [UnservedPart] {
    guard document.key.kind == .writeOff, document.gross > .zero,
      let number = document.applications.first?.invoice,
      let invoice = books.invoice(PostingKey(invoice: number))
    else { return [] }
    let (minor, credited) = (OracleRating.minor(of: invoice.currency), books.credit.credited(of: number))
    let left = left(of: invoice).map { $0 / minor }
    let asked = left.reduce(0, +)
    let whole = (invoice.total - credited.total).units / minor
    let net = (invoice.lines.reduce(.zero) { $0 + $1.amount } - credited.net).units / minor
    guard asked > 0, whole > 0, net > 0 else { return [] }
    let amount = min(document.gross.units / minor, whole)
    let lost = min((2 * net * amount + whole) / (2 * whole), asked)
    let day = Instant(nanoseconds: now.nanoseconds / 86_400_000_000_000 * 86_400_000_000_000)
    var first = invoice
    while let before = first.rebills, let earlier = books.invoice(PostingKey(invoice: before)) {
      first = earlier
    }
    var taken: [OracleKey: Money] = [:]
    var parts: [UnservedPart] = []
    for (place, line) in first.lines.enumerated() where left[place] > 0 {
      let key = OracleKey(line.charge)
      let service = books.credit.services[key] ?? CreditTruth.Service()
      let most = service.charged - service.credited - (taken[key] ?? .zero)
      let gross = min(CreditTruth.gross(Money(units: left[place] * minor), line, in: invoice.currency), most)
      if gross > .zero { taken[key, default: .zero] += gross }
      guard books.catalog[line.charge.item].kind == .recurring, gross > .zero,
        let agreed = books.revenue.agreed(of: line, on: first),
        let obligation = books.revenue.obligation(of: line, on: first), day < obligation.until
      else { continue }
      var own = left[place] * lost / asked
      let (full, charged) = (line.charge.amount.units / minor, gross.units / minor)
      if full != line.amount.units / minor, charged < full {
        own = min(own, line.amount.units / minor * charged / full)
      } else {
        own = min(own, charged)
      }
      let part = Money(units: own * minor)
      let later = part - books.revenue.earned(part, of: obligation, by: day)
      let open = books.deferrals.left(key, from: day, books.revenue)
      let amount = min(later, open)
      guard amount > .zero else { continue }
      parts.append(
        UnservedPart(
          place: place, line: line, invoice: first, agreed: agreed, day: day, writtenOff: part, amount: amount
        ))
    }
    return parts
  }

  /// What is left of each line of an invoice that asks for something, in units of 10⁻¹⁸: less what was credited, and what prepaid credits have paid
  /// of usage.
  private func left(of invoice: Invoice) -> [Int128] {
    var paid: [OracleKey: Int128] = [:]
    func key(_ line: InvoiceLine) -> OracleKey {
      OracleKey(
        subscription: line.charge.subscription, item: ItemID(index: 0), period: line.charge.servicePeriod)
    }
    for line in invoice.lines where line.charge.kind == .drawdown && line.amount < .zero {
      paid[key(line), default: 0] -= line.amount.units
    }
    return invoice.lines.enumerated().map { place, line in
      guard line.amount > .zero, line.charge.kind != .drawdown else { return 0 }
      var own = line.amount.units
      switch line.charge.kind {
      case .usage, .lateUsage, .trueUp:
        let part = min(own, paid[key(line)] ?? 0)
        paid[key(line)] = (paid[key(line)] ?? 0) - part
        own -= part
      case .recurring, .proration, .drawdown: break
      }
      return max(0, own - books.credit.credited(place, of: invoice.number).units)
    }
  }

  /// Takes what a write-off gives up: it is served for nothing, and not given back again.
  func giveUp(_ document: CashDocument, at now: Instant) {
    books.latestUnserved = unserved(of: document, at: now)
    for own in books.latestUnserved {
      books.deferrals.giveUp(own)
      books.credit.giveUp(own)
    }
  }
}
