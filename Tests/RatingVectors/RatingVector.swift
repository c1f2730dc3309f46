import CanonicalModel
import Chronology
import Foundation

/// The arithmetic that a row of figures is put to: the core's or the oracle's.
package struct Arithmetic: Sendable {
  /// The exact amount of a period's total.
  package var rate: @Sendable (Quantity, Charge) throws -> Money?
  /// The exact amount of single events, in order.
  package var rateEvents: @Sendable ([Quantity], Charge) throws -> Money?
  /// The share of an amount, rounded once: numerator and denominator.
  package var share: @Sendable (Money, Int, Int, Currency) -> Money
  /// The tax on lines in whole minor units.
  package var tax: @Sendable ([Money], Price, TaxRounding, Currency) -> Money
  /// To the minor unit.
  package var round: @Sendable (Money, Currency) -> Money
  /// The running sum of values, averaged over a period.
  package var timeWeightedSum: @Sendable ([(time: Instant, value: Quantity)], Period) -> Quantity
  /// The share of a billing period in which a contract is in force, as numerator and denominator.
  package var shareInForce: @Sendable (_ from: Instant, _ until: Instant, Period) -> (Int128, Int128)

  /// Makes an arithmetic.
  package init(
    rate: @escaping @Sendable (Quantity, Charge) throws -> Money?,
    rateEvents: @escaping @Sendable ([Quantity], Charge) throws -> Money?,
    share: @escaping @Sendable (Money, Int, Int, Currency) -> Money,
    tax: @escaping @Sendable ([Money], Price, TaxRounding, Currency) -> Money,
    round: @escaping @Sendable (Money, Currency) -> Money,
    timeWeightedSum: @escaping @Sendable ([(time: Instant, value: Quantity)], Period) -> Quantity,
    shareInForce: @escaping @Sendable (_ from: Instant, _ until: Instant, Period) -> (Int128, Int128)
  ) {
    self.timeWeightedSum = timeWeightedSum
    self.shareInForce = shareInForce
    self.rate = rate
    self.rateEvents = rateEvents
    self.share = share
    self.tax = tax
    self.round = round
  }
}

/// A row of figures that a public billing system asserts of itself. Source: Vectors/README.md.
package struct RatingVector: CustomStringConvertible, Sendable {
  /// What became of a row.
  package enum Verdict: Equatable, Sendable {
    /// All asserted amounts: what is asserted and what the arithmetic gives.
    case compared([Pair])
    /// Why the row is not put to the test.
    case left(String)
  }

  /// An asserted amount and ours.
  package struct Pair: Equatable, Sendable {
    package var asserted: Money
    package var ours: Money?
  }

  /// The row's number: `lago-001`.
  package var id: String
  /// What it is about.
  package var model: String
  /// The system.
  package var peer: String
  private var row: Data

  package var description: String { id }

  /// All rows of all five systems.
  package static let all: [RatingVector] = ["lago", "openmeter", "flexprice", "killbill", "meteroid"].flatMap(
    read)

  private static func read(_ peer: String) -> [RatingVector] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Vectors/\(peer).jsonl")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { line in
      let data = Data(line.utf8)
      let row = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any]
      guard let id = row?["id"] as? String, let model = row?["model"] as? String else { return nil }
      return RatingVector(id: id, model: model, peer: peer, row: data)
    }
  }

  /// Puts the row to an arithmetic.
  package func judge(_ arithmetic: Arithmetic) throws -> Verdict {
    guard let row = try JSONSerialization.jsonObject(with: row) as? [String: Any] else {
      return .left("no row")
    }
    if row["peer_quirk"] as? Bool == true {
      return .left("a quirk of the peer, by the collection's own mark")
    }
    if let reason = Self.notModelled[model] { return .left(reason) }
    let judge = VectorJudge(
      peer: peer, model: model, params: row["params"] as? [String: Any] ?? [:],
      input: row["input"] as? [String: Any] ?? [:], expected: row["expected"] as? [String: Any] ?? [:],
      arithmetic: arithmetic)
    return try judge.verdict()
  }

  /// What this version does not do, and why a row of it is left.
  package static let notModelled: [String: String] = [
    "graduated_single_range": "the amount of one range of a graduation is no figure of a price book",
    "graduated_percentage_single_range":
      "the amount of one range of a graduation is no figure of a price book",
    "volume_prorated": "recurring usage that is prorated by the event is not modelled",
    "graduated_prorated": "recurring usage that is prorated by the event is not modelled",
    "aggregate_prorated_sum": "recurring usage that is prorated by the event is not modelled",
    "usage_rounding": "rounding of quantities is not modelled yet",
    "termination_proration": "quarterly anniversary cycles are not modelled yet",
    "invoice_tax_with_fixed_coupon": "coupons are not modelled yet",
    "tax_on_sum_vs_per_credit_note": "credit notes are not modelled yet",
    "windowed_commitment": "commitments by the window are not modelled",
    "windowed_commitment_tod_buckets": "commitments by the time of day are not modelled",
    "credit_cap": "credits are not modelled yet",
    "credit_grant_proration": "credit grants are not modelled yet",
    "credits_applied_to_lines": "credits are not modelled yet",
    "volume_tier_lookup": "asserts the position of a tier and no amount",
    "per_unit_converted": "unit conversion is not modelled yet",
    "graduated_converted": "unit conversion is not modelled yet",
    "fixed_days_proration": "months of a fixed number of days are not modelled",
    "tiered_blocks": "tiers of blocks of different sizes are not modelled",
    "tiered_blocks_multi_unit": "tiers of blocks of different sizes are not modelled",
    "usage_missing_items": "tiers of blocks of different sizes are not modelled",
  ]
}
