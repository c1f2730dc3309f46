import ResultsDatabase
import Testing

@testable import Experiments

@Suite("The choices of a kept run")
struct SimulationChoiceTests {
  @Test("a choice of options is read back from its words")
  func words() throws {
    var choice = SimulationChoice()
    (choice.design, choice.defect, choice.without) = ("direct-api", "order-lost", "a, b")
    choice.settings = ["customers.count=3", "x=a b"]
    #expect(try SimulationChoice(words: choice.words + ["no-explore"]) == choice)
    #expect(choice.silenced == ["a", "b"])
    choice = SimulationChoice()
    choice.only = SimulationRun.invariants[0]
    #expect(choice.silenced.count == SimulationRun.invariants.count - 1)
    #expect(throws: ResultsError.self) { try SimulationChoice(words: ["color red"]) }
  }
}
