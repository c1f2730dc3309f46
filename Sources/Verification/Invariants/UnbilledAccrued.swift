import CanonicalModel
import Chronology

/// What is earned in a month and billed later is revenue of that month.
struct UnbilledAccrued: Invariant, HearsAccrued, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "unbilled-accrued", boundary: .revenue, place: 7,
    statement:
      "at each month's end, usage of billing periods that go on, the days of fees in arrears and changes of fees that are billed later are accrued, "
      + "item by item, each part of them on its own terms as far as these were told, and the accrual ends with the month after",
    evidence:
      "the metered usage of the windows before the month's end and the contracts, priced by the oracle, against the accruals",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private struct Month: Hashable, Comparable {
    var entity: EntityID
    var period: Period

    static func < (a: Month, b: Month) -> Bool { (a.period, a.entity) < (b.period, b.entity) }
  }
  private var accrued: [Month: PostingKey] = [:]
  private var reversed: Set<PostingKey> = []

  mutating func hear(accrued document: Accrual, _ books: Books, at now: Instant) {
    // Accruals of late charges are `close-cut-off`'s.
    guard document.account == nil else { return }
    let entity = document.key.entity
    if let beginning = document.reverses {
      let begun = books.accrual(beginning)
      findings.require(
        reversed.insert(beginning).inserted && begun?.period.next == document.period
          && begun?.lines == document.lines, at: now
      ) {
        Breach(
          ids: books.ids(of: document.key), expected: "the whole accrual of the month before, once",
          actual: "\(document.lines.count) lines in \(document.period)")
      }
      return
    }
    let month = Month(entity: entity, period: document.period)
    findings.require(accrued.updateValue(document.key, forKey: month) == nil, at: now) {
      Breach(
        ids: books.ids(of: document.key), expected: "one accrual of \(document.period)", actual: "another one"
      )
    }
    let due = books.unbilled.due(of: entity, at: document.period.end, by: now) {
      books.credit.services[$0]?.credited ?? .zero
    }
    let said = Dictionary(document.lines.map { ($0.item, $0.amount) }, uniquingKeysWith: +)
    let currency = books.catalog[entity].currency
    // What prepaid credits pay is `grants-conserved`'s.
    for item in Set(due.keys).union(said.keys).sorted() where books.catalog[item].kind != .prepaid {
      let amount = said[item] ?? .zero
      let (least, most) = due[item] ?? (.zero, .zero)
      findings.require(least <= amount && amount <= most, at: now) {
        Breach(
          ids: books.ids(of: document.key) + ["item \(books.catalog[item].name)"],
          expected: least == most
            ? least.text(in: currency) : "from \(least.text(in: currency)) to \(most.text(in: currency))",
          actual: amount.text(in: currency))
      }
    }
  }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    for month in books.unbilled.months() {
      findings.require(
        accrued[Month(entity: month.entity, period: month.period)] != nil, at: rest.at
      ) {
        Breach(
          ids: ["entity \(books.catalog[month.entity].name)", "month \(month.period)"],
          expected: "an accrual of what is earned and billed later", actual: "none")
      }
    }
    for month in accrued.keys.sorted() {
      guard let key = accrued[month] else { continue }
      findings.require(reversed.contains(key), at: rest.at) {
        Breach(
          ids: books.ids(of: key) + ["at rest"], expected: "reversed with the month after", actual: "open")
      }
    }
  }

  func isConcerned(_ books: Books) -> Bool {
    books.catalog.billingDays.contains { $0 != 1 }
      || books.catalog.priceBooks.contains {
        $0.recurring.contains { $0.timing == .inArrears && $0.months > 1 }
      }
  }
}
