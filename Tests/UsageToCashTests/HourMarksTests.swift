import Testing

@testable import UsageToCash

@Suite("Marked hours")
struct HourMarksTests {
  @Test("hold what was marked and nothing else, in whichever order, before 1970 too")
  func marks() {
    var marks = HourMarks()
    #expect(!marks.contains(anyOf: -10_000..<10_000))
    let hours: [Int64] = [490_000, 490_063, 489_990, -70, 490_064, 500_000]
    for hour in hours { marks.insert(hour) }
    for hour in hours { marks.insert(hour) }
    for hour in hours.flatMap({ $0 - 2...$0 + 2 }) {
      #expect(marks.contains(anyOf: hour..<hour + 1) == hours.contains(hour), "\(hour)")
    }
    #expect(marks.contains(anyOf: 490_001..<490_064) && !marks.contains(anyOf: 490_065..<500_000))
    #expect(!marks.contains(anyOf: 490_000..<490_000) && !marks.contains(anyOf: 600_000..<700_000))
  }
}
