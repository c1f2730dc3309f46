import CanonicalModel
import Testing

@Suite("Fixed-point values")
struct ValueTests {
  @Test(
    "decimals are read from their digits and written back without loss",
    arguments: ["0", "63.209909", "-12.5", "0.000000000000000001", "99999999999999999999.999999999999999999"])
  func roundTrip(text: String) throws {
    let money = try #require(Money(text))
    #expect("\(money)" == text)
  }

  @Test(
    "what is no decimal, or has more digits than the scale, is refused",
    arguments: ["", ".", "1.", ".5", "1e3", "0x1", "--1", "1,5", "1 ", "٣", "1.0000001"])
  func refused(text: String) {
    #expect(Quantity(text) == nil)
  }

  @Test("trailing zeros beyond the scale lose nothing and are accepted")
  func trailingZeros() {
    #expect(Quantity("1.50000000000") == Quantity("1.5"))
  }

  @Test("a number beyond the range is refused and does not trap")
  func range() {
    #expect(Money(String(repeating: "9", count: 60)) == nil)
    #expect(Price("99999999999999999999999999")?.times(Quantity(1_000_000_000)) == nil)
  }

  @Test(
    "each rounding rule does what its name says",
    arguments: [
      (25, Rounding.halfAwayFromZero, 3), (-25, .halfAwayFromZero, -3), (25, .halfEven, 2),
      (35, .halfEven, 4),
      (-25, .halfEven, -2), (29, .towardZero, 2), (-29, .towardZero, -2), (21, .awayFromZero, 3),
      (-21, .awayFromZero, -3), (20, .awayFromZero, 2), (24, .halfAwayFromZero, 2), (26, .halfEven, 3),
    ])
  func rounding(tenths: Int, rule: Rounding, expected: Int) {
    #expect(Int128(tenths).divided(by: 10, rounding: rule) == Int128(expected))
  }

  @Test(
    "money rounds to the minor unit of its currency",
    arguments: [
      ("USD", "63.209909", "63.21"), ("JPY", "63.5", "64"), ("KWD", "0.0005", "0.001"),
      ("CLF", "1", "1.0000"),
    ])
  func minorUnits(code: String, exact: String, rounded: String) throws {
    let currency = try #require(Currency(code: code))
    let money = try #require(Money(exact))
    #expect(money.rounded(to: currency).text(in: currency) == rounded)
    #expect(money.rounded(to: currency).isWhole(in: currency))
  }

  @Test("an unknown currency is refused", arguments: ["", "usd", "XXX", "EURO"])
  func unknownCurrency(code: String) {
    #expect(Currency(code: code) == nil)
  }

  @Test("a price times a quantity is exact: 0.0000035 × 18,059,974 = 63.209909")
  func product() throws {
    let price = try #require(Price("0.0000035"))
    #expect(price.times(Quantity(18_059_974)).map { "\($0)" } == "63.209909")
  }

  @Test("the digest of an event's key depends on source and id, and is frozen")
  func digests() {
    let a = UsageEventKey(source: SourceID(index: 0), id: 1)
    let b = UsageEventKey(source: SourceID(index: 1), id: 1)
    let c = UsageEventKey(source: SourceID(index: 0), id: 2)
    #expect(Set([a.digest, b.digest, c.digest]).count == 3)
    #expect(a.digest == UsageEventKey(source: SourceID(index: 0), id: 1).digest)
  }

  @Test("amounts are written digit by digit as long division says")
  func digits() {
    var state: UInt64 = 2026
    func next() -> UInt64 {  // Knuth's linear congruential generator
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
    var values: [Int128] = [
      0, 1, -1, 999_999_999_999, 1_000_000_000_000, .max, .min, Int128(UInt64.max), -Int128(UInt64.max) - 1,
    ]
    for _ in 0..<2000 {
      let wide = Int128(truncatingIfNeeded: next()) << 64 | Int128(truncatingIfNeeded: next())
      values.append(wide >> Int128(next() % 127))
    }
    for units in values {
      let money = Money(units: units)
      #expect(money.description == Self.written(units, scale: 18, least: 0))
      #expect(money.text(in: Currency(code: "USD")!) == Self.written(units, scale: 18, least: 2))
      #expect(Quantity(units: units).description == Self.written(units, scale: 6, least: 0))
      if units > .min { #expect(Money(money.description) == money) }
    }
  }

  /// Whole part and fraction by division, zeros cut off one by one.
  private static func written(_ units: Int128, scale: Int, least: Int) -> String {
    var power: UInt128 = 1
    for _ in 0..<scale { power *= 10 }
    var fraction = String(units.magnitude % power)
    fraction = String(repeating: "0", count: scale - fraction.count) + fraction
    while fraction.count > least, fraction.hasSuffix("0") { fraction = String(fraction.dropLast()) }
    return (units < 0 ? "-" : "") + String(units.magnitude / power) + (fraction.isEmpty ? "" : "." + fraction)
  }
}
