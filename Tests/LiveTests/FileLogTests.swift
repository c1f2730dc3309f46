import CanonicalModel
import Chronology
import CoreInterface
import Foundation
import Testing
import UsageToCash

@testable import Live

/// Logs of a made-up scenario, and what they hold.
enum LogFixture {
  static let start = CivilDate(year: 2026, month: 1, day: 31).start
  static let header = FileLog.Header(
    scenario: "test", identity: LogIdentity([.init(name: "customers.count", value: "3")]),
    clock: LiveClock(start: start, origin: 5, scale: 2))
  /// Durable at once: what a sweep of thousands of files asks for.
  static let quick = LogDisk(
    write: { pwrite($0, $1, $2, $3) }, sync: { _ in 0 }, truncate: { ftruncate($0, $1) })

  static func event(_ id: UInt64) -> UsageEvent {
    UsageEvent(
      id: id, source: SourceID(index: 1), type: EventTypeID(index: 0), subject: SubjectID(index: 2),
      time: start, quantity0: Int64(id) * 1_000_000)
  }

  static func withFile(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "meterstorm-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder + "/pipeline.log")
  }

  static func open(
    _ path: String, isReadOnly: Bool = false, repairing: Bool = false, disk: LogDisk = .system
  ) throws -> FileLog {
    try FileLog(
      path: path, header: header, contracts: [], isReadOnly: isReadOnly, repairing: repairing, disk: disk)
  }

  static func append(_ ids: [UInt64], to log: inout FileLog, at seconds: Int64) {
    ids.map(event).withUnsafeBufferPointer { log.append(delivery: $0, at: start + .seconds(seconds)) }
  }

  /// Writes so many inputs of all kinds, one sync each.
  static func write(_ path: String, inputs: Int, disk: LogDisk = .system) throws -> FileLog {
    var log = try open(path, disk: disk)
    for number in 0..<inputs {
      let at = start + .seconds(Int64(number))
      switch number % 3 {
      case 0: append([UInt64(number), UInt64(number) + 1000], to: &log, at: Int64(number))
      case 1:
        let answer = ERPAnswer.posted([
          .posted(documentNumber: UInt32(number)), .refused(reason: "because"), .failed, .duplicate,
          .periodClosed,
        ])
        log.append(
          input: .answer(answer, to: ERPCallID(number: UInt64(number)), of: EntityID(index: 1)), at: at)
      default: log.append(wakeAt: at)
      }
      try log.sync()
    }
    return log
  }

  /// What a log holds, in words.
  static func content(_ log: FileLog) throws -> [String] {
    var words: [String] = []
    try log.read { input, instant in
      let at = (instant - start).seconds
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

  /// Files beside a log.
  static func neighbours(of path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: (path as NSString).deletingLastPathComponent)
      .filter { $0 != "pipeline.log" }.sorted()
  }
}

@Suite("The log on disk")
struct FileLogTests {
  @Test("holds what was synced, in order, for the next process")
  func roundTrip() throws {
    try LogFixture.withFile { path in
      let before: [String]
      do {
        let log = try LogFixture.write(path, inputs: 4)
        before = try LogFixture.content(log)
        #expect(
          before.count == 4 && before[0] == "0.0 [0, 1000] [0, 1000000000]" && before[2] == "2.0 wake")
        #expect(before[1].contains("refused") && before[1].hasSuffix(" 1 1"))
        #expect(throws: FileLogError.self, "another process has it") { try LogFixture.open(path) }
      }
      let log = try LogFixture.open(path)
      #expect(try LogFixture.content(log) == before && log.notes == [] && log.inputs == 4)
      #expect(log.last == LogFixture.start + .seconds(3) && log.header == LogFixture.header)
      #expect(try LogFixture.neighbours(of: path) == [])
    }
  }

  @Test("what was appended and not synced is not there, and several inputs become durable together")
  func batches() throws {
    try LogFixture.withFile { path in
      do {
        var log = try LogFixture.write(path, inputs: 2)
        LogFixture.append([7], to: &log, at: 8)
        log.append(wakeAt: LogFixture.start + .seconds(9))
        try log.sync()
        log.append(wakeAt: LogFixture.start + .seconds(10))
        #expect(log.inputs == 4 && log.length == 5)
      }
      let log = try LogFixture.open(path)
      #expect(try LogFixture.content(log).suffix(2) == ["8.0 [7] [7000000]", "9.0 wake"])
    }
  }

  @Test(
    "a batch that a crash has torn is kept beside the log, at every length; what was durable is all there")
  func torn() throws {
    try LogFixture.withFile { path in
      _ = try LogFixture.write(path, inputs: 6)
      let durable = try Data(contentsOf: URL(fileURLWithPath: path))
      let full = try LogFixture.content(LogFixture.open(path, isReadOnly: true))
      var batch: [UInt8] = []
      for number in 0..<2 {
        LogFormat.append(
          UInt64(7 + number), LogCoding.Kind.wake.rawValue, 0, UnsafeRawBufferPointer(start: nil, count: 0),
          to: &batch)
      }
      for length in 1..<batch.count {
        let tail = Data(batch.prefix(length))
        try (durable + tail).write(to: URL(fileURLWithPath: path))
        #expect(try LogFixture.content(LogFixture.open(path, isReadOnly: true)).prefix(6) == full[...])
        var log = try LogFixture.open(path, disk: LogFixture.quick)
        let whole = length / 37
        let kept = try LogFixture.content(log)
        #expect(kept.count == 6 + whole && Array(kept.prefix(6)) == full, "\(length) bytes")
        if length % 37 > 0 {
          let name = try #require(try LogFixture.neighbours(of: path).first)
          let aside = try Data(contentsOf: URL(fileURLWithPath: path.replacing("pipeline.log", with: name)))
          #expect(aside == tail.suffix(length % 37) && log.notes.first?.contains(name) == true)
          try FileManager.default.removeItem(atPath: path.replacing("pipeline.log", with: name))
        }
        // And it goes on from there.
        log.append(wakeAt: LogFixture.start + .seconds(9))
        try log.sync()
        #expect(try LogFixture.content(log) == kept + ["9.0 wake"])
      }
    }
  }

  @Test("torn ends are kept under names of their own, one beside another")
  func tornTwice() throws {
    try LogFixture.withFile { path in
      _ = try LogFixture.write(path, inputs: 1)
      for _ in 1...2 {
        let handle = try #require(FileHandle(forWritingAtPath: path))
        handle.seekToEndOfFile()
        handle.write(Data("half a record".utf8))
        try handle.close()
        _ = try LogFixture.open(path)
      }
      let names = try LogFixture.neighbours(of: path)
      #expect(names.count == 2 && names.allSatisfy { $0.hasPrefix("pipeline.log.torn-") })
    }
  }

  @Test("no log at all, an empty file, an earlier format and what is no file are refused, and stay")
  func strangers() throws {
    try LogFixture.withFile { path in
      for text in [
        "", "this is a letter, and no log", "meterstorm log 3" + String(repeating: "x", count: 99),
      ] {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        for repairing in [false, true] {
          #expect(throws: FileLogError.self, "\(text)") { try LogFixture.open(path, repairing: repairing) }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(text.utf8))
      }
      for name in ["/nowhere/at/all.log", "/dev/full", "/tmp"] {
        #expect(throws: FileLogError.self) { try LogFixture.open(name) }
      }
    }
  }
}

@Suite("The log on a disk that refuses")
struct RefusingDiskTests {
  /// What a disk does next.
  private final class Moods: @unchecked Sendable {
    /// Bytes that still fit; `nil`: any number.
    var room: Int?
    var syncFails = false
    var cutFails = false

    var disk: LogDisk {
      LogDisk(
        write: { descriptor, bytes, count, offset in
          guard let room = self.room else { return pwrite(descriptor, bytes, count, offset) }
          // As the system does: what fits is written, and the next write fails.
          guard room > 0 else {
            errno = ENOSPC
            return -1
          }
          self.room = max(0, room - count)
          return pwrite(descriptor, bytes, min(room, count), offset)
        },
        sync: { descriptor in
          guard self.syncFails else { return fdatasync(descriptor) }
          errno = EIO
          return -1
        },
        truncate: { descriptor, size in
          guard self.cutFails else { return ftruncate(descriptor, size) }
          errno = EIO
          return -1
        })
    }
  }

  @Test(
    "an input that does not fit is refused with the reason, leaves no trace, and fits when there is room again",
    arguments: [0, 1, 10, 40, 100])
  func full(_ room: Int) throws {
    try LogFixture.withFile { path in
      let moods = Moods()
      var log = try LogFixture.write(path, inputs: 3, disk: moods.disk)
      let before = try LogFixture.content(log)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      moods.room = room
      for _ in 1...3 {
        LogFixture.append([7, 8], to: &log, at: 9)
        #expect(throws: FileLogError.self) { try log.sync() }
        moods.room = room
        #expect(log.last == LogFixture.start + .seconds(2) && log.length == 3)
        #expect(try LogFixture.content(log) == before)
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
      moods.room = nil
      log.append(wakeAt: LogFixture.start + .seconds(20))
      try log.sync()
      #expect(try LogFixture.content(log) == before + ["20.0 wake"])
    }
  }

  @Test("lack of room is told from a broken disk; after neither is what failed in the log")
  func kinds() throws {
    try LogFixture.withFile { path in
      let moods = Moods()
      var log = try LogFixture.write(path, inputs: 3, disk: moods.disk)
      let before = try LogFixture.content(log)
      func failure() -> FileLogError? {
        log.append(wakeAt: LogFixture.start + .seconds(9))
        do throws(FileLogError) {
          try log.sync()
          return nil
        } catch {
          return error
        }
      }
      moods.room = 0
      #expect(failure()?.isForLackOfRoom == true)
      (moods.room, moods.syncFails) = (nil, true)
      #expect(failure()?.isForLackOfRoom == false)
      // Not even what was written can be taken away: nothing is written until it can.
      moods.cutFails = true
      #expect(failure()?.description.contains("cannot be made durable") == true)
      moods.syncFails = false
      #expect(failure()?.description.contains("cannot be cut back") == true)
      moods.cutFails = false
      #expect(failure() == nil)
      #expect(try LogFixture.content(log) == before + ["9.0 wake"])
    }
  }

  @Test("where inputs are synced now and then, a failure takes back the last of them alone")
  func several() throws {
    try LogFixture.withFile { path in
      let moods = Moods()
      var log = try LogFixture.write(path, inputs: 1, disk: moods.disk)
      for id in [7, 8, 9] as [UInt64] { LogFixture.append([id], to: &log, at: Int64(id)) }
      moods.room = 0
      #expect(throws: FileLogError.self) { try log.sync() }
      moods.room = nil
      try log.sync()
      #expect(
        try LogFixture.content(log).dropFirst() == ["7.0 [7] [7000000]", "8.0 [8] [8000000]"])
    }
  }

  @Test("a header whose clock does not go on is damage, whoever wrote it, and the file stays as it is")
  func standingClock() throws {
    for scale in [0, -1.0] {
      try LogFixture.withFile { path in
        var header = LogFixture.header
        header.scale = scale
        let bytes = Data(try LogCoding.beginning(of: header))
        try bytes.write(to: URL(fileURLWithPath: path))
        let refusal = #expect(throws: FileLogError.self) { try LogFixture.open(path, repairing: true) }
        #expect(refusal?.description.contains("header is damaged") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
      }
    }
  }
}
