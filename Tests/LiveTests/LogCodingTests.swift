import CanonicalModel
import Chronology
import CoreInterface
import Foundation
import Testing
import UsageToCash

@testable import Live

@Suite("Inputs as a log keeps them")
struct LogCodingTests {
  private static let terms = ContractEvent(
    subscription: SubscriptionID(index: 3), terms: ContractTerms(from: LogFixture.start, priceBook: 1))
  private let coding = LogCoding(contracts: [terms])

  /// A record of a kind, as it is read from a file.
  private func input(_ kind: UInt8, _ payload: some Collection<UInt8>) -> JournaledInput? {
    Array(payload).withUnsafeBytes {
      coding.input(.init(sequence: 1, kind: kind, instant: 0, payload: $0, end: 0))
    }
  }

  @Test(
    "an ERP's answer is the same in the next process",
    arguments: [
      ERPAnswer.unavailable, .throttled(retryAfter: nil), .throttled(retryAfter: .milliseconds(1500)),
      .posted([.posted(documentNumber: 4_000_000_000), .refused(reason: "\"ä\"\n"), .failed, .periodClosed]),
      .found([nil, 7]), .statement(documents: 12, receivable: Money(units: -1)),
    ])
  func answers(answer: ERPAnswer) {
    let (kind, data) = coding.bytes(
      of: .answer(answer, to: ERPCallID(number: .max), of: EntityID(index: 2)))
    guard case .input(.erp(let read, let call, let entity))? = input(kind.rawValue, data) else {
      Issue.record("it is not read")
      return
    }
    #expect(read == answer && call.number == .max && entity.index == 2)
  }

  @Test("a change of contract is told by its place in the scenario's feed, and none is made up")
  func contracts() {
    let (kind, data) = coding.bytes(of: .contract(0, Self.terms))
    #expect(kind == .contract && Array(data) == [0, 0, 0, 0])
    guard case .input(.contract(let event))? = input(kind.rawValue, data) else {
      Issue.record("it is not read")
      return
    }
    #expect(event.subscription == Self.terms.subscription)
    #expect(input(kind.rawValue, [1, 0, 0, 0]) == nil, "the feed has one change")
    #expect(input(kind.rawValue, [0, 0, 0]) == nil && input(kind.rawValue, []) == nil)
  }

  @Test("usage is kept event by event, and half an event is none")
  func deliveries() {
    let events = [LogFixture.event(1), LogFixture.event(1 << 40)]
    let bytes = events.withUnsafeBytes { Array($0) }
    guard case .delivery(let read)? = input(LogCoding.Kind.delivery.rawValue, bytes) else {
      Issue.record("it is not read")
      return
    }
    #expect(Array(read) == events)
    #expect(input(LogCoding.Kind.delivery.rawValue, bytes.dropLast()) == nil)
  }

  @Test("what this program does not know is no input: another kind, the header, a wake with words, no JSON")
  func strangers() {
    guard case .wake? = input(LogCoding.Kind.wake.rawValue, []) else {
      Issue.record("a wake is read")
      return
    }
    #expect(input(LogCoding.Kind.wake.rawValue, [0]) == nil)
    for kind: UInt8 in [0, LogCoding.Kind.header.rawValue, 6, 255] { #expect(input(kind, []) == nil) }
    for text in ["", "{}", "null", "{\"answer\":{},\"call\":1,\"entity\":0}"] {
      #expect(input(LogCoding.Kind.answer.rawValue, text.utf8) == nil, "\(text)")
    }
  }

  @Test("a new log is whole, and tells whose it is")
  func beginning() throws {
    let bytes = try LogCoding.beginning(of: LogFixture.header)
    try bytes.withUnsafeBytes { bytes in
      let scan = LogScan(bytes)
      #expect(scan.rest == .none && scan.records.count == 1)
      let header = try coding.header(of: scan, "a.log")
      #expect(header.scenario == "test" && header.scale == 2 && header.start == LogFixture.header.start)
    }
  }
}
