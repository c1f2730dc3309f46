import CanonicalModel
import Chronology

/// What is earned in a month and billed later is revenue of that month.
struct UnbilledAccrued: Invariant, HearsAccrued, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "unbilled-accrued", boundary: .revenue, place: 7,
    statement:
      "at each month's end, usage of billing periods that go on, the days of fees in arrears and changes of fees that are billed later are accrued, "
      + "item by item, each part of them on its own terms as far as these were told, and the accrual ends with the month after; where late usage is accrued, so is "
      + "what comes after the month's end and within its billing period",
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
  /// Accruals that add to a month's.
  private var supplements: [PostingKey] = []
  /// What each customer's usage had earned by the end of a month, as it was accrued last.
  private var known: [UnbilledTruth.LateUser: [ItemID: Range]] = [:]
  private typealias Range = (least: Money, most: Money)

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
    if document.isSupplement { return check(supplement: document, books, at: now) }
    let month = Month(entity: entity, period: document.period)
    findings.require(accrued.updateValue(document.key, forKey: month) == nil, at: now) {
      Breach(
        ids: books.ids(of: document.key), expected: "one accrual of \(document.period)", actual: "another one"
      )
    }
    let due = books.unbilled.due(of: entity, at: document.period.end, by: now) {
      books.credit.services[$0]?.credited ?? .zero
    }
    let end = document.period.end
    for index in books.catalog.subscriptions.indices where books.entityOf[index] == Int(entity.index) {
      let subscription = SubscriptionID(index: UInt32(index))
      let earned = books.unbilled.earned(byUsageOf: subscription, at: end, by: now)
      guard !earned.isEmpty else { continue }
      known[UnbilledTruth.LateUser(end: end, subscription: subscription)] = earned
    }
    compare(document, due, books, at: now)
  }

  /// What usage adds to a month's accrual that was metered since.
  private mutating func check(supplement document: Accrual, _ books: Books, at now: Instant) {
    supplements.append(document.key)
    let end = document.period.end
    var due: [ItemID: Range] = [:]
    for (subscription, isCertain) in books.unbilled.supplemented {  // sums: the order cannot matter
      let user = UnbilledTruth.LateUser(end: end, subscription: subscription)
      let before = known[user] ?? [:]
      let earned = books.unbilled.earned(byUsageOf: subscription, at: end, by: now)
      known[user] = earned
      for item in Set(before.keys).union(earned.keys) {
        let (old, new) = (before[item] ?? (.zero, .zero), earned[item] ?? (.zero, .zero))
        let (least, most) = (new.least - old.most, new.most - old.least)
        let sum = due[item] ?? (.zero, .zero)
        due[item] = (
          sum.least + (isCertain ? least : min(least, .zero)),
          sum.most + (isCertain ? most : max(most, .zero))
        )
      }
    }
    compare(document, due, books, at: now)
  }

  private mutating func compare(
    _ document: Accrual, _ due: [ItemID: Range], _ books: Books, at now: Instant
  ) {
    let said = Dictionary(document.lines.map { ($0.item, $0.amount) }, uniquingKeysWith: +)
    let currency = books.catalog[document.key.entity].currency
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
    if books.promises.accruesLateUsage == true { judgeLate(rest, books) }
    for key in accrued.keys.sorted().compactMap({ accrued[$0] }) + supplements {
      findings.require(reversed.contains(key), at: rest.at) {
        Breach(
          ids: books.ids(of: key) + ["at rest"], expected: "reversed with the month after", actual: "open")
      }
    }
  }

  /// No usage that came after its month's end, and within its billing period, is left out.
  private mutating func judgeLate(_ rest: Rest, _ books: Books) {
    for (user, at) in books.unbilled.late.sorted(by: { $0.key < $1.key })
    where user.end <= min(rest.at, books.contracts.monthsClosedBy) {
      let subscription = user.subscription
      let month = OracleCalendar.shared.month(
        holding: user.end - Span(nanoseconds: 1), day: books.catalog[subscription].billingDay)
      guard at < Period(ordinal: month, day: books.catalog[subscription].billingDay).end else { continue }
      let before = known[user] ?? [:]
      let currency = books.catalog.currency(of: subscription)
      for (item, earned) in books.unbilled.earned(byUsageOf: subscription, at: user.end, by: rest.at) {
        let old = before[item] ?? (.zero, .zero)
        // Usage may come to nothing, within an allowance say.
        findings.require(earned.least <= old.most, at: rest.at) {
          Breach(
            ids: ["account \(books.accountName(of: subscription))", "item \(books.catalog[item].name)"],
            expected: "\(earned.least.text(in: currency)) accrued by \(user.end)",
            actual: old.most.text(in: currency))
        }
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
