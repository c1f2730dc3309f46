import CanonicalModel
import Chronology
import Testing

@Suite("Patience with jobs of an ERP")
struct JobPatienceTests {
  @Test("a job is waited for four times as long as usual, and ten minutes; half an hour where nobody knows")
  func usual() {
    #expect(JobPatience().timeout(usually: .minutes(4)) == .minutes(26))
    #expect(JobPatience().timeout(usually: .zero) == .minutes(10))
    #expect(JobPatience().timeout(usually: nil) == .minutes(30))
  }

  @Test("or as a design says")
  func chosen() {
    var patience = JobPatience()
    (patience.factor, patience.margin, patience.otherwise) = (2, .minutes(1), .hours(3))
    #expect(patience.timeout(usually: .minutes(4)) == .minutes(9))
    #expect(patience.timeout(usually: nil) == .hours(3))
  }
}
