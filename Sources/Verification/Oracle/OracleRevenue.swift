import CanonicalModel
import Chronology

/// What is earned when, by the oracle's own reading of the rule: a recurring item is earned at the end of its service
/// period, anything else when it is invoiced.
struct OracleRevenue: Sendable {
  private let catalog: Catalog

  init(catalog: Catalog) { self.catalog = catalog }

  /// Whether a line is still to be earned when its invoice is issued.
  func isDeferred(_ line: InvoiceLine, on invoice: Invoice) -> Bool {
    guard catalog.items[Int(line.charge.item.index)].kind == .recurring else { return false }
    let month = line.charge.servicePeriod
    let next = CivilDate(
      year: month.month == 12 ? month.year + 1 : month.year, month: month.month == 12 ? 1 : month.month + 1,
      day: 1)
    return invoice.issued < next.start
  }
}

/// An item of an entity in a service period.
struct RevenueKey: Hashable, Comparable, Sendable {
  var entity: EntityID
  var item: ItemID
  var period: CalendarMonth

  static func < (a: RevenueKey, b: RevenueKey) -> Bool {
    (a.entity, a.item, a.period) < (b.entity, b.item, b.period)
  }
}
