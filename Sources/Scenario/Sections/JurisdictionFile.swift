import CanonicalModel
import Chronology

/// A tax jurisdiction.
package struct JurisdictionFile: Hashable, Sendable {
  /// A change of the rate.
  package struct Change: Hashable, Sendable {
    package var at: Instant
    package var rate: Price
  }
  /// An item that is taxed otherwise: at another rate, or not at all for a reason.
  package struct ItemRule: Hashable, Sendable {
    package var item: String
    package var rate: Price?
    package var exempt: String?
  }
  package var name: String
  package var rate: Price
  package var changes: [Change]
  package var rounding: TaxRounding?
  package var items: [ItemRule]
  package var reverseCharge: Bool
  package var inclusive = false
  /// Further taxes that the same customers bear on each line.
  package var further: [JurisdictionFile] = []

  /// It and its further taxes.
  package var all: [JurisdictionFile] { [self] + further }

  static let schema = Schema<JurisdictionFile>.record(
    name, rate, changes, rounding, items, reverseCharge,
    .defaulting(
      "inclusive", .flag, to: false,
      "whether prices include the tax, and its further ones: what is earned is the price less the taxes; false if left out"
    ),
    .defaulting(
      "with", .list(furtherSchema, minimum: 0), to: [],
      "further taxes that customers there bear on each line, such as a county's beside the state's, or QST beside GST",
      title: "{}", element: "{name} beside {}"),
    make: {
      (
        _: Place, name: String, rate: Price, changes: [Change], rounding: TaxRounding?, items: [ItemRule],
        reverseCharge: Bool, inclusive: Bool, further: [JurisdictionFile]
      ) in
      JurisdictionFile(
        name: name, rate: rate, changes: changes, rounding: rounding, items: items,
        reverseCharge: reverseCharge, inclusive: inclusive, further: further)
    })

  private static let furtherSchema = Schema<JurisdictionFile>.record(
    name, rate, changes, rounding, items, reverseCharge,
    make: {
      (
        _: Place, name: String, rate: Price, changes: [Change], rounding: TaxRounding?, items: [ItemRule],
        reverseCharge: Bool
      ) in
      JurisdictionFile(
        name: name, rate: rate, changes: changes, rounding: rounding, items: items,
        reverseCharge: reverseCharge)
    })

  // MARK: Keys

  private static let name = Key<String>.required("name", .name, "the jurisdiction, such as US-CA")
  private static let rate = Key<Price>.required(
    "rate", .percentage, "the rate at the start", title: "tax rate of {}")
  private static let changes = Key<[Change]>.defaulting(
    "changes", Schema<[Change]>.list(change, minimum: 0).map(refuseDisorder), to: [],
    "changes of the rate, in order", title: "{}", element: "change {#} in {}")
  private static let rounding = Key<TaxRounding?>.optional(
    "rounding", .choice(),
    "where this tax is rounded: perInvoice or perLine; as the entity's taxRounding says if left out")
  private static let items = Key<[ItemRule]>.defaulting(
    "items", .list(rule, minimum: 0), to: [],
    "items that are taxed otherwise: at a reduced rate, or not at all", title: "{}",
    element: "{item} in {}")
  private static let reverseCharge = Key<Bool>.defaulting(
    "reverseCharge", .flag, to: false,
    "whether customers owe the tax themselves: invoices bear none, and say why; false if left out")

  private static let rule = Schema<ItemRule>.record(
    .required("item", .name, "the meter, or the name of a fee or of prepaid credits"),
    .optional("rate", .percentage, "its rate, whatever the day", title: "tax rate of {}"),
    .optional("exempt", .text, "why no tax is charged on it, such as medical: shown on the invoice"),
    make: rule)

  @Sendable
  private static func rule(
    _ place: Place, item: String, rate: Price?, exempt: String?
  ) throws(InvalidInput) -> ItemRule {
    guard (rate == nil) != (exempt == nil) else {
      throw InvalidInput(
        "an item is taxed at a rate of its own ('rate'), or exempt for a reason ('exempt'): give one of them",
        at: place.node.position)
    }
    return ItemRule(item: item, rate: rate, exempt: exempt)
  }

  private static let change = Schema<Change>.record(
    .required("at", .moment, "from when it applies", title: "time of {}"),
    .required("rate", .percentage, "the rate from then on", title: "tax rate from {}"),
    make: { (_: Place, at: Instant, rate: Price) in Change(at: at, rate: rate) })

  @Sendable
  private static func refuseDisorder(_ place: Place, _ changes: [Change]) throws(InvalidInput) -> [Change] {
    var last = place.scene.start
    for (index, change) in changes.enumerated() {
      guard change.at > last else {
        throw InvalidInput(
          "the changes of a rate must be in order, after the start", at: place.position("\(index)", "at"))
      }
      last = change.at
    }
    return changes
  }
}

/// Customers who bear no tax.
package struct TaxExemptFile: Hashable, Sendable {
  /// The share of the customers.
  package var customers: Double
  /// Why.
  package var reason: String

  static let schema = Schema<TaxExemptFile>.record(
    .defaulting(
      "share", .share, to: 1, "the share of the customers that are exempt; all if left out",
      title: "share of customers exempt from tax"),
    .required("reason", .text, "why they are, such as resale: shown on their invoices"),
    make: { (_: Place, share: Double, reason: String) in TaxExemptFile(customers: share, reason: reason) })
}
