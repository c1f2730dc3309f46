import CanonicalModel

/// What finance has credited of charges, and what corrections may still give back of them.
///
/// A customer who was credited a part of a charge, and whose usage then turns out to be worth less, has back what is left beyond that worth, and
/// no more: charged, less credited, never falls below what the service is worth, unless the credit alone took it there.
struct CreditedCharges: Sendable {
  private struct Entry: Sendable {
    /// What was credited.
    var credited = Money.zero
    /// What is charged, corrections among it.
    var charged: Money
    /// The most that was charged since the last credit.
    var most: Money
  }

  private var entries: [RecurringLedger.Key: Entry] = [:]
  private let planted: PlantedDefects

  init(planted: PlantedDefects) { self.planted = planted }

  /// What was credited of a key, and what is charged for it; `nil`: nothing was credited.
  subscript(key: RecurringLedger.Key) -> (credited: Money, charged: Money)? {
    entries[key].map { ($0.credited, $0.charged) }
  }

  /// Takes a credit on what is charged so far.
  mutating func credit(_ amount: Money, of key: RecurringLedger.Key, charged: Money) {
    var entry = entries[key] ?? Entry(charged: charged, most: charged)
    precondition(entry.charged == charged, "what was charged of a credited service is kept in two ways")
    entry.credited += amount
    entry.most = charged
    assert(
      entry.credited <= charged || planted.contains(.creditUncapped)
        || planted.contains(.correctionBesideCredit),
      "more is credited of a service than was charged for it")
    entries[key] = entry
  }

  /// Takes the worth of a service; returns what is to be charged for it in all.
  mutating func due(_ worth: Money, for key: RecurringLedger.Key) -> Money {
    let charged = asked(worth, for: key)
    if var entry = entries[key] {
      entry.charged = charged
      entry.most = max(entry.most, charged)
      entries[key] = entry
    }
    return charged
  }

  /// What is to be charged in all for a service of a worth.
  func asked(_ worth: Money, for key: RecurringLedger.Key) -> Money {
    guard let entry = entries[key], !planted.contains(.correctionBesideCredit) else { return worth }
    return max(worth, min(worth + entry.credited, entry.most))
  }
}
