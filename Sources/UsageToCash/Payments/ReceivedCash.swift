import CanonicalModel

/// What customers have paid or were given by credit notes, by where it came from: what it settles, and what no invoice was settled by. What
/// is given back or taken back is found by it, so that nobody gets more back of a payment than it was.
struct ReceivedCash: Sendable {
  /// Where something that settles invoices came from.
  enum Source: Hashable, Sendable {
    case payment(PaymentSource)
    case creditNote(InvoiceNumber)

    /// The payment; `nil`: nobody has paid it.
    var payment: PaymentSource? { if case .payment(let source) = self { source } else { nil } }
  }

  /// A part of a payment or a credit note.
  struct Part: Hashable, Sendable {
    var source: Source
    var amount: Money
  }

  private var settled: [InvoiceNumber: [Part]] = [:]
  private var unapplied: [AccountID: [Part]] = [:]

  /// The customers for whom something is unapplied.
  var holders: Dictionary<AccountID, [Part]>.Keys { unapplied.keys }

  /// What no invoice of a customer was settled by.
  func unapplied(of account: AccountID) -> Money {
    (unapplied[account] ?? []).reduce(.zero) { $0 + $1.amount }
  }

  /// A part of a payment settles an invoice.
  mutating func settle(_ invoice: InvoiceNumber, _ part: Part) { settled[invoice, default: []].append(part) }

  /// A part of a payment settles nothing.
  mutating func keep(_ part: Part, of account: AccountID) {
    guard part.amount > .zero else { return }
    unapplied[account, default: []].append(part)
  }

  /// Takes unapplied cash, the oldest first.
  ///
  /// - Parameter isWanted: whether it may have come from somewhere.
  mutating func takeUnapplied(
    of account: AccountID, upTo amount: Money, where isWanted: (Source) -> Bool = { _ in true }
  ) -> [Part] {
    guard var parts = unapplied[account] else { return [] }
    let taken = Self.take(&parts, upTo: amount, where: isWanted)
    unapplied[account] = parts.isEmpty ? nil : parts
    return taken
  }

  /// Takes back what settles an invoice, the latest first.
  mutating func takeBack(
    of invoice: InvoiceNumber, upTo amount: Money, where isWanted: (Source) -> Bool = { _ in true }
  ) -> [Part] {
    guard var parts = settled[invoice] else { return [] }
    parts.reverse()
    let taken = Self.take(&parts, upTo: amount, where: isWanted)
    parts.reverse()
    settled[invoice] = parts.isEmpty ? nil : parts
    return taken
  }

  /// Takes back what a credit leaves paid too much of an invoice. As much of it as was given back before, for a credit note on another invoice, is
  /// not there any more: it stays as the customer's credit, as the note was.
  mutating func takeBack(
    creditedOn invoice: InvoiceNumber, _ amount: Money, _ planted: PlantedDefects
  ) -> [Part] {
    let taken = takeBack(of: invoice, upTo: amount)
    let rest = taken.reduce(amount) { $0 - $1.amount }
    precondition(rest >= .zero, "more is taken back of an invoice than a credit is for")
    guard rest > .zero, !planted.contains(.paidOutBeforeForgotten) else { return taken }
    return taken + [Part(source: .creditNote(invoice), amount: rest)]
  }

  /// Takes parts from the front.
  private static func take(
    _ parts: inout [Part], upTo amount: Money, where isWanted: (Source) -> Bool
  ) -> [Part] {
    precondition(amount >= .zero, "less than nothing is taken")
    var left = amount
    var taken: [Part] = []
    for index in parts.indices where left > .zero && isWanted(parts[index].source) {
      let part = min(parts[index].amount, left)
      parts[index].amount -= part
      left -= part
      taken.append(Part(source: parts[index].source, amount: part))
    }
    parts.removeAll { $0.amount == .zero }
    return taken
  }
}
