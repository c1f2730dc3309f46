import CanonicalModel
import Chronology
import RatingVectors
import SimulationKernel
import Testing
import UsageToCash

@testable import Verification

@Suite("The oracle's own arithmetic")
struct OracleArithmeticTests {
  /// A random charge of any model that rates totals.
  private func charge(_ stream: inout RandomStream) -> Charge {
    func price(_ stream: inout RandomStream) -> Price {
      Price(units: Int128(stream.below(5_000_000_000_000)))
    }
    func money(_ stream: inout RandomStream) -> Money {
      Money(units: Int128(stream.below(9_000)) * Money.one / 100)
    }
    var tiers: [Tier] = []
    var bound = 0
    for _ in 0..<stream.below(4) {
      bound += 1 + Int(stream.below(500))
      tiers.append(Tier(upTo: Quantity(bound), unitPrice: price(&stream), flatFee: money(&stream)))
    }
    tiers.append(Tier(upTo: nil, unitPrice: price(&stream), flatFee: money(&stream)))
    let first: FirstTierFlatFee = stream.below(2) == 0 ? .whenUsed : .always
    let model: PricingModel =
      switch PricingModel.Kind.allCases[Int(stream.below(UInt64(PricingModel.Kind.allCases.count)))] {
      case .perUnit: .perUnit(price(&stream))
      case .graduated: .graduated(tiers, firstTierFlatFee: first)
      case .volume: .volume(tiers, firstTierFlatFee: first)
      case .package: .package(size: Quantity(1 + Int(stream.below(50))), price: money(&stream))
      case .percentage: .percentage(PercentageTerms(rate: price(&stream)))
      case .graduatedPercentage: .graduatedPercentage(tiers, firstTierFlatFee: first)
      }
    let bounds = (money(&stream), money(&stream))
    return Charge(
      meter: "units", model: model,
      includedUnits: stream.below(2) == 0 ? .zero : Quantity(Int(stream.below(300))),
      minimum: stream.below(3) == 0 ? min(bounds.0, bounds.1) : nil,
      maximum: stream.below(3) == 0 ? max(bounds.0, bounds.1) : nil)
  }

  @Test("agrees with the core's on random charges and quantities", arguments: 1...20 as ClosedRange<UInt64>)
  func agrees(seed: UInt64) throws {
    var stream = RandomStream(rootSeed: seed, name: "rating")
    for _ in 0..<200 {
      let charge = charge(&stream)
      let quantity = Quantity(units: Int128(stream.below(1_500_000_000)))
      let core = try ChargeRater(charge).rate(quantity: quantity).amount
      #expect(
        OracleRating.amount(of: quantity, under: charge) == core, "\(charge) at \(quantity), seed \(seed)")
      let rounded = core.rounded(to: PlantedFacts.dollar)
      #expect(OracleRating.rounded(core, to: PlantedFacts.dollar) == rounded)
    }
  }

  private static let oracle = Arithmetic(
    rate: { OracleRating.amount(of: $0, under: $1) },
    rateEvents: { OracleRating.amount(ofEvents: $0, under: $1) },
    share: { Money(units: OracleContracts.part($0.units, Int128($1), Int128($2), $3)) },
    tax: { OracleRating.tax(on: $0, at: $1, $2, in: $3) }, round: { OracleRating.rounded($0, to: $1) },
    timeWeightedSum: { events, period in
      let values = events.map { AggregateTruth.Value(time: $0.time, digest: 0, value: Int64($0.value.units)) }
      return Quantity(units: AggregateTruth.aggregate(values, .timeWeightedSum, in: period))
    },
    shareInForce: { start, end, period in
      var catalog = PlantedFacts.catalog
      catalog.subscriptions = [
        Subscription(
          account: AccountID(index: 0), terms: [ContractTerms(from: start, priceBook: 0)], ends: end,
          billingDay: period.day)
      ]
      let shares = OracleContracts(catalog: catalog).shares(SubscriptionID(index: 0), in: period)
      return shares.first.map { ($0.part, $0.of) } ?? (0, 1)
    })

  @Test("agrees with what five public billing systems assert of themselves")
  func vectors() throws {
    var compared = 0
    for vector in RatingVector.all {
      guard case .compared(let pairs) = try vector.judge(Self.oracle) else { continue }
      compared += 1
      for pair in pairs { #expect(pair.ours == pair.asserted, "\(vector.id) \(vector.model)") }
    }
    #expect(compared >= 135)
  }

  @Test("its calendar agrees with the pipeline's to the nanosecond at every month's end")
  func calendar() {
    let calendar = OracleCalendar.shared
    var month = Period(holding: CivilDate(year: 1971, month: 1, day: 1).start)
    while month.year < 2200 {
      #expect(calendar.month(holding: month.start) == month.ordinal)
      #expect(calendar.month(holding: Instant(nanoseconds: month.end.nanoseconds - 1)) == month.ordinal)
      month = month.next
    }
  }
}
