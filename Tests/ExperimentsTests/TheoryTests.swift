import Statistics
import Testing

@testable import Experiments

@Suite("The model of an ERP and queueing theory")
struct TheoryTests {
  @Test("agree: every figure of theory lies within its interval, or a little outside one in twenty")
  func figures() {
    var study = TheoryStudy()
    (study.calls, study.replications, study.confidence) = (4000, 12, 0.999)
    let rows = study.rows()
    #expect(Set(rows.map(\.model)).count >= 8)
    for row in rows {
      #expect(row.holds, "\(row.model), \(row.figure): \(row.theory) and not \(row.simulated)")
      // An interval that holds anything shows nothing.
      #expect((row.simulated.halfWidth ?? .infinity) <= 0.3 * row.theory, "\(row.model), \(row.figure)")
    }
  }

  @Test("intervals from single runs hold the true mean nearly as often as they say")
  func coverage() {
    var study = TheoryStudy()
    study.calls = 4000
    #expect((180...198).contains(study.coverage(of: 200)))
  }

  @Test("disagree at once when the model is another one")
  func otherModel() {
    var study = TheoryStudy()
    (study.calls, study.replications) = (4000, 12)
    // M/D/1 in the place of M/M/1.
    let deterministic = study.rows().first { $0.model.hasPrefix("M/D/1") }
    #expect(deterministic.map { !$0.simulated.holds(2 * $0.theory) } == true)
  }
}
