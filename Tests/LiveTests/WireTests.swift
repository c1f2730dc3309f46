import CanonicalModel
import Chronology
import CoreInterface
import Foundation
import Testing
import UsageToCash

@testable import Experiments
@testable import Live
@testable import Scenario
@testable import World

@Suite("What travels over HTTP")
struct WireTests {
  @Test("an answer is the same after its JSON")
  func answers() throws {
    let at = CivilDate(year: 2026, month: 2, day: 1).start
    let answers: [ERPAnswer] = [
      .posted([
        .posted(documentNumber: 1), .alreadyPosted(documentNumber: 2), .periodClosed, .failed, .duplicate,
        .refused(reason: "a \"reason\""),
      ]),
      .posted([]), .found([3, nil]), .statement(documents: 4, receivable: Money("-12.5")!),
      .closing(documents: 5, debits: Money("0.01")!, asOf: at), .accepted,
      .throttled(retryAfter: .milliseconds(2500)),
      .throttled(retryAfter: nil), .unavailable,
    ]
    for answer in answers {
      let data = try JSONEncoder().encode(Wire.Answer(answer))
      #expect(try JSONDecoder().decode(Wire.Answer.self, from: data).answer == answer)
    }
    for text in [
      "{}", "{\"results\":[{\"status\":\"posted\"}]}", "{\"documents\":1}",
      "{\"results\":[{\"status\":\"x\"}]}",
    ] {
      #expect(try JSONDecoder().decode(Wire.Answer.self, from: Data(text.utf8)).answer == nil, "\(text)")
    }
  }

  @Test(
    "an event is the same after CloudEvents, to the millionth, and what is none is refused with the reason")
  func events() throws {
    let catalog = try LiveFixture.assembly(isSmall: false).world.catalog
    let codec = CloudEventCodec(catalog)
    let time = CivilDate(year: 2026, month: 1, day: 31).start + Span(nanoseconds: 123_456_789)
    for (subject, quantity) in [(0, 1), (299, 123_456_789_012_345_678), (300, -5), (77, 0)]
      as [(UInt32, Int64)]
    {
      let event = UsageEvent(
        id: .max, source: SourceID(index: 1), type: EventTypeID(index: 1), subject: SubjectID(index: subject),
        time: time, quantity0: quantity)
      let data = try JSONEncoder().encode(codec.cloud(event))
      let back = try codec.event(CloudEvent(JSONText(Array(data))))
      #expect(back == event, "\(String(decoding: data, as: UTF8.self))")
    }
    let good = """
      {"specversion":"1.0","id":"1","source":"\(catalog.sources[0])","type":"\(catalog.eventTypes[0].name)","subject":"c001","time":"2026-01-31T23:00:00Z","data":{"quantity0":"1.5"}}
      """
    func read(_ text: String) throws -> UsageEvent {
      try codec.event(CloudEvent(JSONText(Array(text.utf8))))
    }
    #expect(try read(good).quantity0 == 1_500_000)
    #expect(try read(good.replacing("\"1.5\"", with: "2")).quantity0 == 2_000_000)
    for (old, new) in [
      ("\"1.0\"", "\"0.3\""), ("\"id\":\"1\"", "\"id\":\"\""), ("\"c001\"", "\"\""),
      ("23:00:00Z", "25:00:00Z"),
      ("\"1.5\"", "\"1.0000001\""), ("\"1.5\"", "\"9999999999999\""), ("\"1.5\"", "\"lots\""),
      ("\"1.5\"", "null"),
      (catalog.sources[0], "nobody"), (catalog.eventTypes[0].name, "nothing"),
    ] {
      #expect(throws: (any Error).self, "\(new)") { try read(good.replacing(old, with: new)) }
    }
    // Who is not known keeps a reference of its own.
    let stranger = try read(good.replacing("c001", with: "somebody"))
    #expect(Int(stranger.subject.index) >= catalog.subscriptions.count)
    #expect(try read(good.replacing("c001", with: "somebody")).subject == stranger.subject)
  }
}
