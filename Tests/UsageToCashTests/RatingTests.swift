import CanonicalModel
import Chronology
import RatingVectors
import Testing

@testable import UsageToCash

extension RatingVector: CustomTestStringConvertible {
  public var testDescription: String { id }
}

@Suite("Rating")
struct RatingTests {
  static let core = Arithmetic(
    rate: { try ChargeRater($1).rate(quantity: $0).amount },
    rateEvents: { try ChargeRater($1).rate(events: $0).amount },
    share: { amount, days, of, currency in
      Proration(numerator: Int128(days), denominator: Int128(of)).of(amount, in: currency)
    },
    tax: { lines, rate, rounding, currency in
      let exact = lines.map { Money(units: $0.units / 1_000_000_000_000 * rate.units) }
      return Billing.tax(of: exact, rounding, in: currency)
    },
    round: { $0.rounded(to: $1) },
    timeWeightedSum: { events, period in
      let points = events.map {
        PeriodAggregate.Point(time: $0.time, digest: 0, value: Int64($0.value.units))
      }
      return Quantity(
        units: PeriodAggregate.timeWeightedSum(points, from: period.start, to: period.end))
    },
    shareInForce: { start, end, period in
      let share = Proration(
        .days, from: max(start, period.start), to: min(end, period.end), of: period)
      return (share.numerator, share.denominator)
    })

  @Test("agrees with what five public billing systems assert of themselves", arguments: RatingVector.all)
  func vectors(vector: RatingVector) throws {
    guard case .compared(let pairs) = try vector.judge(Self.core) else { return }
    for pair in pairs { #expect(pair.ours == pair.asserted, "\(vector.model)") }
  }

  @Test("every row is compared or left with a reason, and most that could be are compared")
  func coverage() throws {
    var compared = 0
    var left: [String: Int] = [:]
    for vector in RatingVector.all {
      switch try vector.judge(Self.core) {
      case .compared(let pairs): compared += pairs.isEmpty ? 0 : 1
      case .left(let reason):
        #expect(reason.count > 10)
        left[reason, default: 0] += 1
      }
    }
    #expect(compared >= 135, "\(compared) compared; left: \(left.sorted { $0.key < $1.key })")
  }

  @Test("the working of an amount adds up to it", arguments: [0, 1, 10, 11, 100, 100.5, 1000] as [Double])
  func working(quantity: Double) throws {
    let quantity = Quantity(units: Int128(quantity * 1_000_000))
    let tiers = [
      Tier(upTo: Quantity(10), unitPrice: try #require(Price("10")), flatFee: try #require(Money("2"))),
      Tier(upTo: nil, unitPrice: try #require(Price("0.5")), flatFee: try #require(Money("50"))),
    ]
    let price = try #require(Money("100"))
    for model in [
      PricingModel.graduated(tiers, firstTierFlatFee: .whenUsed), .volume(tiers, firstTierFlatFee: .always),
      .package(size: Quantity(7), price: price),
    ] {
      let charge = Charge(
        meter: "units", model: model, includedUnits: Quantity(3), minimum: Money("20"), maximum: Money("900"))
      let rated = try ChargeRater(charge).rate(quantity: quantity)
      #expect(rated.lines.reduce(Money.zero) { $0 + $1.amount } == rated.amount)
    }
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
