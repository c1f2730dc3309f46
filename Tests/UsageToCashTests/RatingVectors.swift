import CanonicalModel
import Foundation
import Testing
import UsageToCash

/// A figure that a public billing system asserts of itself, as a charge, a usage and an amount. Source: see
/// Vectors/README.md.
struct RatingVector: CustomTestStringConvertible, Sendable {
  var id: String
  var charge: Charge
  var usage: Usage
  var amount: String

  enum Usage: Sendable {
    case total(Quantity)
    case events([Quantity])
  }

  var testDescription: String { id }

  /// The vectors of the models that this version rates, in whole periods.
  static let all: [RatingVector] = ["lago", "openmeter", "flexprice"].flatMap(read)

  private static func read(_ name: String) -> [RatingVector] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Vectors/\(name).jsonl")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { line in
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8))
      return (object as? [String: Any]).flatMap { RatingVector($0, peer: name) }
    }
  }

  private init?(_ object: [String: Any], peer: String) {
    guard let id = object["id"] as? String, let model = object["model"] as? String,
      let params = object["params"] as? [String: Any], let input = object["input"] as? [String: Any],
      let expected = object["expected"] as? [String: Any],
      let amount = (expected["amount"] ?? expected["total"]) as? String,
      object["peer_quirk"] as? Bool != true,
      let pricing = Self.model(model, params, peer)
    else { return nil }
    // Progressive invoices within a period, discounts and caps across them are not rated here.
    if let mode = input["line_mode"] as? String, mode == "mid" { return nil }
    if let before = input["pre_qty"] as? String, before != "0" { return nil }
    if params["percentage_discount"] is String { return nil }
    self.id = id
    self.amount = amount
    charge = Charge(
      meter: "units", model: pricing,
      includedUnits: (params["free_units"] as? String).flatMap { Quantity($0) } ?? .zero,
      minimum: (params["minimum_spend"] as? String).flatMap { Money($0) },
      maximum: (params["maximum_spend"] as? String).flatMap { Money($0) })
    if let events = Self.events(input) {
      usage = .events(events)
    } else if let quantity = ((input["quantity"] ?? input["qty"]) as? String).flatMap({ Quantity($0) }) {
      usage = .total(quantity)
    } else {
      return nil
    }
  }

  /// Lago's percentage cases give single values, or a total with the running totals of the first events.
  private static func events(_ input: [String: Any]) -> [Quantity]? {
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

  private static func model(_ name: String, _ params: [String: Any], _ peer: String) -> PricingModel? {
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
    case "standard", "per_unit", "flat_fee_per_unit":
      return decimal("unit").flatMap { Price($0) }.map(PricingModel.perUnit)
    case "graduated": return tiers("unit", percent: false).map { .graduated($0, firstTierFlatFee: first) }
    case "volume": return tiers("unit", percent: false).map { .volume($0, firstTierFlatFee: first) }
    case "graduated_percentage":
      return tiers("rate_percent", percent: true).map { .graduatedPercentage($0, firstTierFlatFee: first) }
    case "package":
      guard let size = decimal("package_size").flatMap({ Quantity($0) }),
        let price = decimal("package_amount").flatMap({ Money($0) })
      else { return nil }
      return .package(size: size, price: price)
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

@Suite("Rating")
struct RatingTests {
  @Test("agrees with what public billing systems assert of themselves", arguments: RatingVector.all)
  func vectors(vector: RatingVector) throws {
    let rater = ChargeRater(vector.charge)
    let rated =
      switch vector.usage {
      case .total(let quantity): try rater.rate(quantity: quantity)
      case .events(let events): try rater.rate(events: events)
      }
    #expect(rated.amount == Money(vector.amount))
    #expect(rated.lines.reduce(Money.zero) { $0 + $1.amount } == rated.amount, "the working adds up")
  }

  @Test("enough vectors were read that the comparison says something")
  func count() {
    #expect(RatingVector.all.count >= 50)
  }

  @Test("volume takes the tier of the whole: 100.5 falls in the tier above 100")
  func volumeBoundary() throws {
    let tiers = [
      Tier(upTo: Quantity(100), unitPrice: try #require(Price("2")), flatFee: try #require(Money("10"))),
      Tier(upTo: nil, unitPrice: try #require(Price("0.5")), flatFee: try #require(Money("50"))),
    ]
    let rater = ChargeRater(Charge(meter: "storage", model: .volume(tiers, firstTierFlatFee: .whenUsed)))
    #expect(try rater.rate(quantity: Quantity(100)).amount == Money("210"))
    #expect(try rater.rate(quantity: #require(Quantity("100.5"))).amount == Money("100.25"))
  }

  @Test("an amount beyond 10^12 is an error and no trap")
  func tooLarge() throws {
    let rater = ChargeRater(Charge(meter: "units", model: .perUnit(try #require(Price("1000000")))))
    #expect(throws: RatingError.amountTooLarge) { try rater.rate(quantity: Quantity(1_000_001)) }
    #expect(throws: RatingError.amountTooLarge) { try rater.rate(quantity: Quantity(Int.max)) }
  }
}
