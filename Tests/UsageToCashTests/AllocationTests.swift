import CanonicalModel
import Testing

@testable import UsageToCash

@Suite("Spreading an amount over lines")
struct AllocationTests {
  private func spread(
    _ total: String, _ shares: [String], _ planted: PlantedDefects = []
  ) throws -> [String] {
    let dollar = try #require(Currency(code: "USD"))
    let exact = try shares.map { try #require(Money($0)) }
    return Allocation(planted).spread(try #require(Money(total)), over: exact, in: dollar).map {
      $0.text(in: dollar)
    }
  }

  @Test("the units that are left go to the largest remainders, of equal ones to the earlier line")
  func remainders() throws {
    #expect(try spread("1.00", ["0.333", "0.333", "0.334"]) == ["0.33", "0.33", "0.34"])
    #expect(try spread("1.00", ["0.3333", "0.3333", "0.3333"]) == ["0.34", "0.33", "0.33"])
    #expect(try spread("0.03", ["0.019", "0.004", "0.005", "0.002"]) == ["0.02", "0.00", "0.01", "0.00"])
    #expect(try spread("0.00", []) == [])
  }

  @Test("what is taken back has its part with the other sign")
  func negatives() throws {
    #expect(try spread("0.67", ["1.005", "-0.335"]) == ["1.01", "-0.34"])
    #expect(try spread("-0.01", ["-0.004", "-0.004"]) == ["0.00", "-0.01"])
  }

  @Test("the planted defects miss the whole, or a share")
  func mistakes() throws {
    #expect(
      try spread("0.01", ["0.004", "0.004", "0.004"], .discountRoundedByLine) == ["0.00", "0.00", "0.00"])
    #expect(try spread("0.03", ["0.019", "0.0095", "0.0015"], .restOnLastLine) == ["0.01", "0.00", "0.02"])
  }
}
