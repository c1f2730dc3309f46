import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash
@testable import World

@Suite("The tax engine")
struct TaxEngineTests {
  @Test("the tax engine answers with the rate of the day, to the life that asked")
  func tax() throws {
    let configuration = try Alone.configuration()
    let recorder = FactRecorder()
    var surroundings = Surroundings(configuration, seed: 1, sink: recorder)
    var engine = TaxEngine(catalog: configuration.catalog, rootSeed: 1)
    let call = TaxCall(id: TaxCallID(number: 7), drafts: [], at: Alone.start)
    engine.ask(call, life: 4, &surroundings)
    let coming = surroundings.coming()
    #expect(coming.map(\.event.kind) == [.taxAnswer] && coming[0].after > .zero)
    let answer = engine.receiveAnswer(Int(coming[0].event.index))
    #expect(answer.life == 4 && answer.call == call.id && answer.answer == .quoted([]))
    guard case .taxCalled(let number, let instant)? = recorder.facts.first else {
      Issue.record("the auditor was not told of the call")
      return
    }
    #expect(number == 7 && instant == Alone.start)
  }

  @Test("an outage of the tax engine refuses after a second, and is counted where it hits")
  func taxOutage() throws {
    let configuration = try Alone.configuration()
    var surroundings = Surroundings(configuration)
    var engine = TaxEngine(catalog: configuration.catalog, rootSeed: 1)
    engine.faults.begin(Alone.fault(.outage, .tax, for: .hours(1)), 0)
    engine.ask(TaxCall(id: TaxCallID(number: 1), drafts: [], at: Alone.start), life: 0, &surroundings)
    let coming = surroundings.coming()
    #expect(coming.map(\.after) == [.seconds(1)])
    #expect(engine.receiveAnswer(Int(coming[0].event.index)).answer == .unavailable)
    #expect(engine.faults.end(0) == 1)
    #expect(surroundings.observations.situations[.taxRefused] == 1)
  }

  @Test("answers and refusals take as long as they are set to")
  func settings() throws {
    var configuration = try Alone.configuration()
    configuration.taxEngine.latency = .seconds(7)
    configuration.taxEngine.latencySigma = 0
    configuration.taxEngine.refusalAfter = .seconds(3)
    var surroundings = Surroundings(configuration)
    var engine = TaxEngine(
      catalog: configuration.catalog, configuration: configuration.taxEngine, rootSeed: 1)
    engine.ask(TaxCall(id: TaxCallID(number: 1), drafts: [], at: Alone.start), life: 0, &surroundings)
    engine.faults.begin(Alone.fault(.outage, .tax, for: .hours(1)), 0)
    engine.ask(TaxCall(id: TaxCallID(number: 2), drafts: [], at: Alone.start), life: 0, &surroundings)
    let coming = surroundings.coming()
    #expect(coming.map(\.after) == [.seconds(3), .seconds(7)])
  }
}
