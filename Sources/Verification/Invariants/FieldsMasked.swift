import CanonicalModel
import Chronology

/// Nobody sees more of a customer than the role needs.
struct FieldsMasked: Invariant, HearsCaseRouted {
  static let definition = InvariantDefinition(
    name: "fields-masked", boundary: .lineage, place: 3,
    statement: "no case shows platform who a customer is, or anybody but finance what a customer owes",
    evidence: "the cases as they reached their owners, against the customers' names",
    property: .safety, cost: .each(.exceptionCase))
  var findings = Findings()
  private var names: Set<String>?
  /// What the numbers of each entity's documents begin with: `US-0`.
  private var marks: [[UInt8]] = []

  mutating func hear(caseRouted routed: RoutedCase, _ books: Books, at now: Instant) {
    if names == nil { names = Set(books.catalog.accounts.map(\.name)) }
    for field in routed.fields {
      let showsCustomer = names?.contains(field.value) == true || isDocument(field.value, books)
      let showsAmount = field.name == "amount" && field.value != CaseField.mask
      let isAllowed =
        switch routed.owner {
        case .finance: true
        case .revOps: !showsAmount
        case .platform: !showsAmount && !showsCustomer
        }
      findings.require(isAllowed, at: now, isReal: field.value == CaseField.mask) {
        Breach(
          ids: ["case \(routed.number)", "owner \(routed.owner.rawValue)", "field \(field.name)"],
          expected: CaseField.mask, actual: field.value)
      }
    }
  }

  /// Whether a value is the number of a customer's document, such as `US-000042`.
  private mutating func isDocument(_ value: String, _ books: Books) -> Bool {
    if marks.isEmpty { marks = books.catalog.entities.map { Array(($0.name.uppercased() + "-0").utf8) } }
    let text = Array(value.utf8)
    return text.indices.contains { index in marks.contains { text[index...].starts(with: $0) } }
  }
}
