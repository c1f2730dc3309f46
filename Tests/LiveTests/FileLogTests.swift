import CanonicalModel
import Chronology
import Foundation
import Testing
import UsageToCash

@testable import Live

@Suite("The log on disk")
struct FileLogTests {
  private static let start = CivilDate(year: 2026, month: 1, day: 31).start
  private static let header = FileLog.Header(
    scenario: "test", clock: LiveClock(start: start, origin: 5, scale: 2))

  private static func event(_ id: UInt64) -> UsageEvent {
    UsageEvent(
      id: id, source: SourceID(index: 1), type: EventTypeID(index: 0), subject: SubjectID(index: 2),
      time: start, quantity0: Int64(id) * 1_000_000)
  }

  private func withFile(_ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "meterstorm-\(UUID().uuidString).log"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  private func open(_ path: String, isReadOnly: Bool = false) throws -> FileLog {
    try FileLog(path: path, header: Self.header, contracts: [], isReadOnly: isReadOnly)
  }

  /// Writes two deliveries, an answer and a wake, one sync each.
  private func write(_ path: String) throws -> FileLog {
    var log = try open(path)
    for (number, ids) in [[1, 2], [3]].enumerated() {
      let events = ids.map { Self.event(UInt64($0)) }
      events.withUnsafeBufferPointer { log.append(delivery: $0, at: Self.start + .seconds(Int64(number))) }
      log.sync()
    }
    let answer = ERPAnswer.posted([
      .posted(documentNumber: 7), .refused(reason: "because"), .failed, .duplicate, .periodClosed,
    ])
    log.append(
      input: .erp(answer, to: ERPCallID(number: 9), of: EntityID(index: 1)), at: Self.start + .seconds(2))
    log.append(wakeAt: Self.start + .seconds(3))
    log.sync()
    return log
  }

  /// What a log holds, in words.
  private func content(_ log: FileLog) -> [String] {
    var words: [String] = []
    log.read { input, instant in
      let at = (instant - Self.start).seconds
      switch input {
      case .delivery(let events): words.append("\(at) \(events.map(\.id)) \(events.map(\.quantity0))")
      case .input(.erp(let answer, let call, let entity)):
        words.append("\(at) \(answer) \(call.number) \(entity.index)")
      case .input: words.append("\(at) other")
      case .wake: words.append("\(at) wake")
      }
    }
    return words
  }

  @Test("holds what was synced, in order, for the next process")
  func roundTrip() throws {
    try withFile { path in
      let before: [String]
      do {
        let log = try write(path)
        before = content(log)
        #expect(before.count == 4 && before[0] == "0.0 [1, 2] [1000000, 2000000]" && before[3] == "3.0 wake")
        #expect(before[2].contains("refused") && before[2].hasSuffix(" 9 1"))
        #expect(throws: FileLogError.self, "another process has it") { try open(path) }
      }
      let log = try open(path)
      #expect(content(log) == before && log.tornBytes == 0 && log.last == Self.start + .seconds(3))
      #expect(log.header == Self.header)
    }
  }

  @Test("what a crash has torn at the end is cut away, at every byte, and the rest is kept")
  func torn() throws {
    try withFile { path in
      _ = try write(path)
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      let full = content(try open(path, isReadOnly: true))
      for length in stride(from: whole.count - 1, to: 200, by: -7) {
        try whole.prefix(length).write(to: URL(fileURLWithPath: path))
        var log = try open(path)
        let left = content(log)
        #expect(left == Array(full.prefix(left.count)), "\(length) bytes")
        // And it goes on from there.
        log.append(wakeAt: Self.start + .seconds(9))
        log.sync()
        #expect(content(log) == left + ["9.0 wake"])
      }
    }
  }

  @Test("damage before the end, another scenario's log and no log at all are errors")
  func damage() throws {
    try withFile { path in
      _ = try write(path)
      var data = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(throws: FileLogError.self) {
        var other = Self.header
        other.scenario = "another"
        _ = try FileLog(path: path, header: other, contracts: [])
      }
      data[data.count / 2] ^= 1
      try data.write(to: URL(fileURLWithPath: path))
      #expect(throws: FileLogError.self) { try open(path) }
      try Data("this is a letter, and no log".utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: FileLogError.self) { try open(path) }
      #expect(throws: FileLogError.self) { try open("/nowhere/at/all.log") }
    }
  }

  @Test("a disk that is full keeps what was durable, and says so")
  func full() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    #expect(throws: FileLogError.self) { try open("/dev/full") }
  }

  @Test("CRC-32 gives the check value of its standard")
  func checksum() {
    #expect(CRC32.of(Array("123456789".utf8)) == 0xcbf4_3926)
    #expect(CRC32.of([]) == 0)
  }
}

@Suite("The clock of load tests")
struct LiveClockTests {
  @Test("runs so many times as fast, from its origin on, and there and back")
  func scale() {
    let start = CivilDate(year: 2026, month: 1, day: 1).start
    let clock = LiveClock(start: start, origin: 1_000, scale: 60)
    #expect(clock.instant(atMachineTime: 1_000 + 2_000_000_000) == start + .minutes(2))
    #expect(clock.machineTime(at: start + .minutes(2)) == 1_000 + 2_000_000_000)
    #expect(clock.real(.minutes(1)) == .seconds(1))
    #expect(clock.until(start) == .zero, "what has passed is not waited for")
    let first = LiveClock.machineTime
    #expect(LiveClock.machineTime >= first)
  }
}
