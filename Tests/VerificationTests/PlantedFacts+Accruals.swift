import CanonicalModel
import Chronology

extension PlantedFacts {
  /// The entity accrues what is earned at the month's end and billed later, which is nothing unless it is said, and the accrual ends with the
  /// month after.
  mutating func accrueUnbilled(_ lines: [Accrual.Line] = []) {
    for kind in [DocumentKind.accrual, .accrualReversal] {
      accruals.append(
        Accrual(
          key: PostingKey(kind: kind, entity: EntityID(index: 0), sequence: 1),
          reverses: kind == .accrual ? nil : accruals[0].key, account: nil, currency: Self.dollar,
          period: kind == .accrual ? Self.period : Self.period.next, lines: lines, charges: []))
    }
  }
}
