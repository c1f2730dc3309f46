import CanonicalModel
import Chronology

/// Reads one row and derives its figures.
struct VectorJudge {
  let peer: String
  let model: String
  let params: [String: Any]
  let input: [String: Any]
  let expected: [String: Any]
  let arithmetic: Arithmetic

  func verdict() throws -> RatingVector.Verdict {
    if input["line_mode"] as? String == "mid" { return .left("lines within a period are not modelled") }
    if let before = input["pre_qty"] as? String, before != "0" {
      return .left("lines within a period are not modelled")
    }
    if params["percentage_discount"] is String { return .left("percentage discounts are not modelled yet") }
    switch model {
    case "currency_rounding":
      return same(decimal(expected, "amount"), arithmetic.round(decimal(input, "amount"), currency))
    case "subtotal_of_rounded_lines":
      var lines = (input["line_amounts"] as? [String] ?? []).map { money($0) }
      if let repeated = input["line_amounts"] as? [String: Any], let count = repeated["count"] as? Int {
        lines = Array(repeating: decimal(repeated, "repeat"), count: count)
      }
      return same(decimal(expected, "subtotal"), lines.reduce(.zero) { $0 + arithmetic.round($1, currency) })
    case "commitment_true_up":
      let lacking =
        arithmetic.round(decimal(params, "commitment"), currency)
        - arithmetic.round(decimal(input, "used"), currency)
      return same(decimal(expected, "true_up"), max(.zero, lacking))
    case "minimum_commitment_trueup":
      return same(
        cents(expected, "true_up_cents"),
        share(cents(params, "commitment_cents"), "days_used")
          - share(cents(params, "subscription_fee_cents"), "days_used"))
    case "charge_spending_minimum": return spendingMinimum()
    case "subscription_proration_start":
      let fee = share(cents(params, "amount_cents"), "days_used")
      return same(cents(expected, "total_cents"), fee + arithmetic.tax([fee], percent, .perInvoice, currency))
    case "credit_note_unused":
      let credit = share(cents(params, "amount_cents"), "unused_days")
      let tax = arithmetic.tax([credit], percent, .perInvoice, currency)
      return pairs([("subtotal_cents", credit), ("tax_cents", tax), ("total_cents", credit + tax)])
    case "credit_note_partial":
      let credit = cents(input, "item_cents")
      let tax = arithmetic.tax([credit], percent, .perInvoice, currency)
      let invoiced = arithmetic.tax([cents(params, "fee_cents")], percent, .perInvoice, currency)
      return pairs([("tax_cents", tax), ("total_cents", credit + tax), ("invoice_tax_cents", invoiced)])
    case "tax_per_line": return taxPerLine()
    case "proration_change": return prorationChange()
    case "calendar_days_between": return days()
    case "aggregate_weighted_sum": return weightedSum()
    case "billing_cycles_in_advance": return cycles()
    case "flat": return same(decimal(expected, "total"), decimal(params, "amount"))
    default: return try rated()
    }
  }

  // MARK: Figures

  private var currency: Currency {
    let code = (params["currency"] as? String ?? input["currency"] as? String ?? "usd").uppercased()
    guard let currency = Currency(code: code) else { preconditionFailure("\(code) is no currency") }
    return currency
  }

  private func money(_ text: String) -> Money { Money(text) ?? Money(units: -1) }

  private func decimal(_ object: [String: Any], _ key: String) -> Money {
    money(object[key] as? String ?? "?")
  }

  private func cents(_ object: [String: Any], _ key: String) -> Money {
    Money(minorUnits: Int128(object[key] as? Int ?? -1), of: currency)
  }

  private var percent: Price {
    Price(units: (Price(params["tax_percent"] as? String ?? "") ?? .zero).units / 100)
  }

  private func share(_ amount: Money, _ days: String) -> Money {
    arithmetic.share(amount, input[days] as? Int ?? 0, input["days_in_period"] as? Int ?? 1, currency)
  }

  private func same(_ asserted: Money, _ ours: Money?) -> RatingVector.Verdict {
    .compared([RatingVector.Pair(asserted: asserted, ours: ours)])
  }

  private func pairs(_ figures: [(String, Money)]) -> RatingVector.Verdict {
    .compared(figures.map { RatingVector.Pair(asserted: cents(expected, $0.0), ours: $0.1) })
  }

  // MARK: Cases

  private func spendingMinimum() -> RatingVector.Verdict {
    let count = Int128(Int(input["quantity"] as? String ?? "") ?? 0)
    let usage = Money(units: cents(params, "unit_cents").units * count)
    let trueUp = max(.zero, share(cents(params, "min_cents"), "days_used") - usage)
    let tax = arithmetic.tax([usage, trueUp], percent, .perInvoice, currency)
    return pairs([
      ("usage_cents", usage), ("true_up_cents", trueUp), ("fees_cents", usage + trueUp), ("tax_cents", tax),
      ("total_cents", usage + trueUp + tax),
    ])
  }

  private func taxPerLine() -> RatingVector.Verdict {
    let rates = (params["line_rates"] as? [String] ?? []).map { Price($0) ?? .zero }
    let lines = (input["line_cents"] as? [Int] ?? []).map { Money(minorUnits: Int128($0), of: currency) }
    let taxes = zip(lines, rates).map { arithmetic.tax([$0], $1, .perLine, currency) }
    let sum = taxes.reduce(.zero) { $0 + $1 }
    return pairs([("tax_cents", sum), ("total_cents", lines.reduce(sum) { $0 + $1 })])
  }

  /// The day of the change belongs to the new terms, the last day is excluded.
  private func prorationChange() -> RatingVector.Verdict {
    guard let start = instant("period_start"), let end = instant("period_end"),
      let change = instant("change_at")
    else { return .left("no dates") }
    func days(_ a: Instant, _ b: Instant) -> Int { Int(b.index(of: .days(1)) - a.index(of: .days(1))) }
    func part(_ value: Any?) -> Money {
      arithmetic.share(
        Money(minorUnits: Int128(value as? Int ?? 0), of: currency), days(change, end), days(start, end),
        currency)
    }
    var net = Money.zero
    for change in params["matched"] as? [[String: Any]] ?? [] {
      net += part(change["new_cents"]) - part(change["old_cents"])
    }
    if (params["added"] as? [[String: Any]] ?? []).contains(where: { $0["cadence"] is String }) {
      return .left("fees of another cadence than the month are not modelled yet")
    }
    for added in params["added"] as? [Any] ?? [] { net += part((added as? [String: Any])?["cents"] ?? added) }
    for removed in params["removed"] as? [Any] ?? [] {
      net -= part((removed as? [String: Any])?["cents"] ?? removed)
    }
    return same(cents(expected, "net_cents"), net)
  }

  private func instant(_ key: String) -> Instant? { (input[key] as? String).flatMap { Instant(iso8601: $0) } }

  /// A level over time; asserted to five digits.
  private func weightedSum() -> RatingVector.Verdict {
    guard params["initial_value"] as? String == "0" else {
      return .left("a level that is carried over from the period before is not modelled")
    }
    guard let start = (params["period_start"] as? String).flatMap({ Instant(iso8601: $0) }) else {
      return .left("the period has no beginning")
    }
    let events = (input["events_offset_seconds_value"] as? [[Any]] ?? []).compactMap {
      event -> (time: Instant, value: Quantity)? in
      guard let offset = event.first as? Int, let value = (event.last as? String).flatMap({ Quantity($0) })
      else { return nil }
      return (start + .seconds(Int64(offset)), value)
    }
    let ours = arithmetic.timeWeightedSum(events, Period(holding: start))
    let rounded = ours.units.divided(by: 10, rounding: .halfAwayFromZero) * 10
    return same(decimal(expected, "aggregation"), Quantity(units: rounded).asMoney)
  }

  /// Periods that are billed in advance from a day of the month on: how many, with the first and the last in part.
  private func cycles() -> RatingVector.Verdict {
    guard let day = params["bill_cycle_day"] as? Int, let months = params["billing_period_months"] as? Int,
      let start = instant("start"), let target = instant("target")
    else { return .left("no dates") }
    let end = instant("end") ?? CivilDate(year: 2199, month: 1, day: 1).start
    let first = Period(holding: start, day: UInt8(day))
    let begins = first.start == start ? first.ordinal : first.next.ordinal - Int32(months)
    var period = Period(ordinal: begins, day: UInt8(day), months: UInt8(months))
    var sum: (Int128, Int128) = (0, 1)
    while max(period.start, start) <= target, period.start < end {
      let (part, of) = arithmetic.shareInForce(start, end, period)
      sum = (sum.0 * of + part * sum.1, sum.1 * of)
      period = period.next
    }
    let ours = (sum.0 * 1_000_000_000).divided(by: sum.1, rounding: .halfAwayFromZero) * 1_000_000_000
    return same(decimal(expected, "cycles"), Money(units: ours))
  }

  private func days() -> RatingVector.Verdict {
    guard params["tz"] as? String == "UTC" else { return .left("days are UTC days") }
    guard let start = instant("start"), let end = instant("end"), let days = expected["days"] as? Int else {
      return .left("no dates")
    }
    let ours = Money(minorUnits: Int128(end.index(of: .days(1)) - start.index(of: .days(1))), of: currency)
    return same(Money(minorUnits: Int128(days), of: currency), ours)
  }

  // MARK: Rating

  private func rated() throws -> RatingVector.Verdict {
    let base = model.replacing("bucketed_", with: "").replacing("grouped_", with: "")
    guard let pricing = pricing(base) else { return .left("'\(model)' is not known here") }
    func bound(_ key: String) -> Money? { (params[key] as? String).map { money($0) } }
    let charge = Charge(
      meter: "units", model: pricing,
      includedUnits: (params["free_units"] as? String).flatMap { Quantity($0) } ?? .zero,
      minimum: bound("minimum_spend"), maximum: bound("maximum_spend"))
    let asserted: Money
    if model == "package_count" {
      asserted = Money(units: Int128(expected["packages"] as? Int ?? -1) * Money.one)
    } else {
      asserted = money((expected["amount"] ?? expected["total"]) as? String ?? "?")
    }
    if let events = events() { return same(asserted, try arithmetic.rateEvents(events, charge)) }
    if let parts = (input["buckets"] ?? input["groups"]) as? [String] {
      var sum = Money.zero
      for part in parts { sum += try arithmetic.rate(Quantity(part) ?? .zero, charge) ?? .zero }
      return same(asserted, sum)
    }
    guard let quantity = ((input["quantity"] ?? input["qty"]) as? String).flatMap({ Quantity($0) }) else {
      return .left("no quantity")
    }
    let exact = try arithmetic.rate(quantity, charge)
    let isRounded = ["per_unit_rounded", "dynamic_multiplier"].contains(model)
    return same(asserted, isRounded ? exact.map { arithmetic.round($0, currency) } : exact)
  }

  /// Lago's percentage cases give single values, or a total with the running totals of the first events.
  private func events() -> [Quantity]? {
    if let values = input["event_values"] as? [String] { return values.compactMap { Quantity($0) } }
    guard let total = (input["total"] as? String).flatMap({ Quantity($0) }),
      let count = input["event_count"] as? Int, let running = input["free_running_totals"] as? [Int]
    else { return nil }
    if total == .zero { return [] }
    var events: [Quantity] = []
    var before = Quantity.zero
    for value in running where Quantity(value) <= total {
      events.append(Quantity(value) - before)
      before = Quantity(value)
    }
    let left = count - events.count
    for index in 0..<left {
      let rest = Quantity(units: (total - before).units / Int128(left - index))
      events.append(rest)
      before += rest
    }
    return events
  }

  private func pricing(_ name: String) -> PricingModel? {
    func decimal(_ key: String) -> String? { params[key] as? String }
    // Where the peers differ on a period without usage, the difference is a policy of the price book.
    let first: FirstTierFlatFee = peer == "flexprice" ? .whenUsed : .always
    func tiers(_ price: String, percent: Bool) -> [Tier]? {
      (params["tiers"] as? [[String: Any]])?.compactMap { tier in
        guard let unit = (tier[price] as? String).flatMap({ Price($0) }),
          let flat = (tier["flat"] as? String).flatMap({ Money($0) })
        else { return nil }
        return Tier(
          upTo: (tier["up_to"] as? String).flatMap { Quantity($0) },
          unitPrice: percent ? Price(units: unit.units / 100) : unit, flatFee: flat)
      }
    }
    switch name {
    case "standard", "per_unit", "flat_fee_per_unit", "per_unit_rounded":
      return decimal("unit").flatMap { Price($0) }.map(PricingModel.perUnit)
    case "dynamic_multiplier": return decimal("multiplier").flatMap { Price($0) }.map(PricingModel.perUnit)
    case "graduated": return tiers("unit", percent: false).map { .graduated($0, firstTierFlatFee: first) }
    case "volume": return tiers("unit", percent: false).map { .volume($0, firstTierFlatFee: first) }
    case "graduated_percentage":
      return tiers("rate_percent", percent: true).map { .graduatedPercentage($0, firstTierFlatFee: first) }
    case "package", "package_count":
      guard let size = decimal("package_size").flatMap({ Quantity($0) }) else { return nil }
      return .package(size: size, price: Money(decimal("package_amount") ?? "1") ?? .zero)
    case "percentage", "percentage_min_max":
      guard let rate = decimal("rate_percent").flatMap({ Price($0) }) else { return nil }
      return .percentage(
        PercentageTerms(
          rate: Price(units: rate.units / 100),
          fixedFee: decimal("fixed_per_event").flatMap { Money($0) } ?? .zero,
          freeEvents: params["free_events"] as? Int,
          freeAmount: decimal("free_amount").flatMap { Quantity($0) },
          perEventMinimum: decimal("per_txn_min").flatMap { Money($0) },
          perEventMaximum: decimal("per_txn_max").flatMap { Money($0) }))
    default: return nil
    }
  }
}
