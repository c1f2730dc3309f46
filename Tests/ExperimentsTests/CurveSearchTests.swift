import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("The search for the end of what is carried")
struct CurveSearchTests {
  private static func point(_ step: Int64) -> CapacityStudy.Point {
    CapacityStudy.Point(
      values: ["\(step)"], numbers: [Double(step)], runs: 3, finding: .seemsMet, reasons: [], estimates: [:],
      resources: [:], peaks: [:])
  }

  /// Searches a figure that is to be at most 10.
  private static func search(
    _ goal: CapacityQuestion.Goal, _ order: [Int64], _ figure: (Int64) -> Double
  ) -> CurveSearch {
    var search = CurveSearch(order: order, seeks: goal) { _, _ in false }
    while let step = search.next {
      search.found(step, point(step), leans: figure(step) <= 10, score: max(0, figure(step) - 10))
    }
    return search
  }

  private static let grid: [Int64] = [0, 5, 11, 17, 23, 29]

  @Test("the largest and the smallest value of rising and falling figures are found to the step")
  func monotone() {
    let largest = Self.search(.largest, Self.grid) { Double($0) * 0.77 }
    #expect(largest.candidates.first == 12 && largest.beyond == 13)
    #expect(largest.exceptions(answer: 12, beyond: 13).isEmpty)
    let smallest = Self.search(.smallest, Self.grid) { 31 / Double($0 + 1) }
    #expect(smallest.candidates.first == 3 && smallest.beyond == 2)
    #expect(smallest.candidates.dropFirst().allSatisfy { $0 > 3 })
  }

  @Test("the smallest of values beyond which too many are worse again is found, and the others are named")
  func tooMany() {
    // Workers 1 to 30 of an ERP with five places: four to seven are right.
    let search = Self.search(.smallest, Self.grid) {
      (3...6).contains($0) ? 9 : 20 + Double(($0 - 5).magnitude)
    }
    #expect(search.candidates.first == 3 && search.beyond == 2)
    let others = search.exceptions(answer: 3, beyond: 2)
    #expect(others.contains(11) && others.contains(29) && !others.contains(0))
    #expect(search.suspect(answer: 3, beyond: 2).map { $0 > 3 } == true)
  }

  @Test("where no value of the first meets the objectives, it looks around the one that comes closest")
  func hidden() {
    let search = Self.search(.smallest, Self.grid) {
      $0 == 8 || $0 == 9 ? 9 : 20 + Double(($0 - 8).magnitude)
    }
    #expect(search.candidates.first.map { (8...9).contains($0) } == true)
    let none = Self.search(.largest, Self.grid) { 20 + Double($0) }
    #expect(none.candidates == [0] && none.beyond == 0 && none.points.count == Self.grid.count)
  }

  @Test("the largest value ends the first stretch that is met; what meets beyond it is an exception")
  func stretch() {
    let search = Self.search(.largest, Self.grid) { (12...20).contains($0) ? 30 : 5 }
    #expect(search.candidates.first == 11 && search.beyond == 12)
    #expect(search.exceptions(answer: 11, beyond: 12).contains(29))
  }

  @Test(
    "figures on a line lead to the place in two more values, to the safe side of it, whatever range they are searched in"
  )
  func line() {
    for crossing in stride(from: 700.0, through: 19_000, by: 613) {
      var search = CurveSearch(order: [0, 3900, 7800, 11_700, 15_600, 19_500], seeks: .largest) {
        Double(($0 - $1).magnitude) <= 0.02 * Double(max($0, $1) + 500)
      }
      while let step = search.next {
        let score = (Double(step + 500) - crossing) / crossing
        search.found(step, Self.point(step), leans: score < 0, score: score)
      }
      let answer = search.candidates.first.map { Double($0 + 500) } ?? 0
      let beyond = search.beyond.map { Double($0 + 500) } ?? 0
      #expect(answer < crossing && crossing <= beyond && beyond - answer <= 0.02 * beyond, "\(crossing)")
      #expect(search.points.count <= 8, "\(crossing): \(search.points.count)")
    }
  }

  @Test("figures on no line are found in no more values than halves would take, and a few")
  func bend() {
    for kink in stride(from: Int64(130), through: 19_300, by: 777) {
      var search = CurveSearch(order: [0, 3900, 7800, 11_700, 15_600, 19_500], seeks: .largest) {
        Double(($0 - $1).magnitude) <= 0.02 * Double(max($0, $1) + 500)
      }
      while let step = search.next {
        // Nearly met for long, then far from it.
        let score = step <= kink ? -0.001 - Double(kink - step) * 1e-9 : 5
        search.found(step, Self.point(step), leans: step <= kink, score: score)
      }
      let (answer, beyond) = (search.candidates.first ?? -1, search.beyond ?? -1)
      #expect(answer <= kink && kink < beyond, "\(kink)")
      #expect(search.points.count <= 6 + 3 * 9, "\(kink): \(search.points.count)")
    }
  }

  @Test(
    "where the answer could not be shown, the next to judge lies just before the place as it is known then")
  func safer() {
    var search = CurveSearch(order: [0, 3900, 7800], seeks: .largest) {
      Double(($0 - $1).magnitude) <= 0.02 * Double(max($0, $1) + 500)
    }
    for (step, score) in [(0, -0.6), (3900, -0.1), (5000, -0.001), (5100, 0.001), (7800, 0.3)]
      as [(Int64, Double)]
    {
      search.found(step, Self.point(step), leans: score < 0, score: score)
    }
    #expect(search.candidates.first == 5000)
    // Fresh seeds say that it misses by as much as 50 steps.
    search.judged(5000, Self.point(5000), leans: false, score: 0.1 * 50 / 1050)
    let next = search.safer(than: 5000)
    #expect(next.map { (4700...4900).contains($0) } == true)
    // Nothing easier was tried than the easy end.
    search.judged(0, Self.point(0), leans: false, score: 0.2)
    #expect(search.safer(than: 0) == nil)
  }
}
