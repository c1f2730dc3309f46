import Chronology
import Testing
import UsageToCash

@Suite("What an integration knows of an ERP")
struct ERPTraitsTests {
  @Test("a job is waited for four times as long as usual, and ten minutes; half an hour where nobody knows")
  func jobs() {
    #expect(ERPTraits.jobTimeout(usually: .minutes(4)) == .minutes(26))
    #expect(ERPTraits.jobTimeout(usually: .zero) == .minutes(10))
    #expect(ERPTraits.jobTimeout(usually: nil) == .minutes(30))
  }
}
