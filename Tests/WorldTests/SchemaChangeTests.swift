import CanonicalModel
import Chronology
import Testing

@testable import UsageToCash
@testable import World

@Suite("Changes of schema")
struct SchemaChangeTests {
  @Test("billing is told when a version is registered, and again after the time that is set")
  func told() throws {
    for (again, expected) in [(nil, Span.hours(1)), (.hours(5), .hours(5))] as [(Span?, Span)] {
      let configuration = try Alone.configuration {
        var change = SchemaChange(
          type: EventTypeID(index: 0), version: 2, fields: $0.catalog.eventTypes[0].fields,
          emittedFrom: Alone.start + .hours(3), registered: Alone.start + .hours(2))
        if let again { change.repeatedAfter = again }
        $0.schemaChanges = [change]
      }
      var world = SimulatedWorld(
        configuration: configuration, core: builtIn(configuration.catalog), seed: 1, sink: FactRecorder())
      var told: [Span] = []
      _ = world.run(trace: { _, instant, words in
        if words.0 >> 32 == UInt64(WorldEventKind.schema.rawValue) { told.append(instant - Alone.start) }
      })
      #expect(told == [.hours(2), .hours(2) + expected])
    }
  }
}
