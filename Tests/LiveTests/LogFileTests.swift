import Foundation
import Synchronization
import Testing

@testable import Live

/// A disk of which each call is noted, and some go as they are told to.
private final class NotedDisk: Sendable {
  private struct State {
    var calls: [String] = []
    /// What the next writes come to: so many bytes, or the error below zero.
    var writes: [Int] = []
    /// What the next syncs fail with; zero: they work.
    var syncs: [Int32] = []
  }
  private let state = Mutex(State())

  var calls: [String] { state.withLock(\.calls) }
  func forget() { state.withLock { $0.calls = [] } }
  func next(writes: [Int] = [], syncs: [Int32] = []) {
    state.withLock { ($0.writes, $0.syncs) = (writes, syncs) }
  }

  var disk: LogDisk {
    LogDisk(
      write: { [self] descriptor, bytes, count, offset in
        let told = state.withLock { state -> Int? in
          state.calls.append("write \(count) at \(offset)")
          return state.writes.isEmpty ? nil : state.writes.removeFirst()
        }
        if let told, told < 0 {
          errno = Int32(-told)
          return -1
        }
        return pwrite(descriptor, bytes, min(count, told ?? count), offset)
      },
      sync: { [self] _ in
        let code = state.withLock { state -> Int32 in
          state.calls.append("sync")
          return state.syncs.isEmpty ? 0 : state.syncs.removeFirst()
        }
        errno = code
        return code == 0 ? 0 : -1
      },
      truncate: { [self] descriptor, size in
        state.withLock { $0.calls.append("cut to \(size)") }
        return ftruncate(descriptor, size)
      })
  }
}

@Suite("The open file of a log")
struct LogFileTests {
  /// Opens the file of a new log, which ends after its header.
  private func withFile(_ body: (LogFile, NotedDisk, _ end: Int) throws -> Void) throws {
    try LogFixture.withFile { path in
      let bytes = try LogCoding.beginning(of: LogFixture.header)
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let noted = NotedDisk()
      let mark = LogFormat.Mark(end: UInt64(bytes.count), records: 1, batch: 1)
      let file = LogFile(
        descriptor: try LogFolder.open(path, O_RDWR), path: path, mark: mark, disk: noted.disk)
      try body(file, noted, bytes.count)
    }
  }

  private func content(_ file: LogFile) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: file.path)))
  }

  @Test("a batch is written, made durable, and marked, in that order, with one sync for all of its records")
  func order() throws {
    try withFile { file, noted, end in
      try file.write([1, 2, 3], records: 3)
      #expect(noted.calls == ["write 3 at \(end)", "sync", "write 32 at 16"])
      #expect(file.mark == .init(end: UInt64(end + 3), records: 4, batch: 2) && file.syncs == 1)
      noted.forget()
      try file.write([4], records: 1)
      #expect(noted.calls == ["write 1 at \(end + 3)", "sync", "write 32 at 48"], "the marks take turns")
      #expect(try content(file).suffix(4) == [1, 2, 3, 4])
    }
  }

  @Test("what a disk takes in pieces, or not before it is asked again, is written whole")
  func pieces() throws {
    try withFile { file, noted, end in
      noted.next(writes: [2, -Int(EINTR), 1], syncs: [EINTR])
      try file.write([1, 2, 3, 4], records: 1)
      #expect(
        noted.calls == [
          "write 4 at \(end)", "write 2 at \(end + 2)", "write 2 at \(end + 2)", "write 1 at \(end + 3)",
          "sync",
          "sync", "write 32 at 16",
        ])
      #expect(try content(file).suffix(4) == [1, 2, 3, 4])
    }
  }

  @Test(
    "a batch that fails leaves no trace, and can be written again",
    arguments: [
      ([-Int(ENOSPC)], [], true), ([1, -Int(EIO)], [], false), ([], [EIO], false),
      ([3, -Int(EDQUOT)], [], true),
    ] as [([Int], [Int32], Bool)])
  func failure(writes: [Int], syncs: [Int32], isForLackOfRoom: Bool) throws {
    try withFile { file, noted, end in
      let before = (file.mark, try content(file))
      noted.next(writes: writes, syncs: syncs)
      do {
        try file.write([1, 2, 3], records: 2)
        Issue.record("it does not fail")
      } catch let error as FileLogError {
        #expect(error.isForLackOfRoom == isForLackOfRoom, "\(error)")
        #expect(error.description.hasPrefix("\(file.path): cannot be"))
      }
      #expect(noted.calls.last == "cut to \(end)")
      #expect(file.mark == before.0 && file.syncs == 0)
      #expect(try content(file).dropFirst(LogFormat.records) == before.1.dropFirst(LogFormat.records))
      noted.next()
      try file.write([9], records: 1)
      #expect(try content(file).count == end + 1 && file.mark.records == 2)
    }
  }

  @Test("a restored file ends at its mark, and has it twice")
  func restoration() throws {
    try withFile { file, noted, end in
      try file.write([1], records: 1)
      noted.forget()
      try file.restore()
      #expect(noted.calls == ["cut to \(end + 1)", "write 32 at 16", "write 32 at 48", "sync"])
      let bytes = try content(file)
      bytes.withUnsafeBytes { bytes in
        let marks = [16, 48].map { LogFormat.Mark(bytes, at: $0) }
        #expect(
          marks.map { $0?.end } == [UInt64(end + 1), UInt64(end + 1)] && marks.map { $0?.batch } == [2, 3])
      }
    }
  }
}

@Suite("The folder of a log")
struct LogFolderTests {
  @Test("bytes are kept under the first name that is free, whole and without a draft beside them")
  func keeping() throws {
    try LogFixture.withFile { path in
      let names = try (1...3).map { try LogFolder.keep([UInt8($0)], beside: path + ".torn") }
      #expect(names == [path + ".torn", path + ".torn-2", path + ".torn-3"])
      for (number, name) in names.enumerated() {
        #expect(Array(try Data(contentsOf: URL(fileURLWithPath: name))) == [UInt8(number + 1)])
      }
      #expect(try LogFixture.neighbours(of: path).count == 3)
      #expect(try LogFolder.create(path, [1]) && !LogFolder.create(path, [2]), "a name is given once")
      #expect(Array(try Data(contentsOf: URL(fileURLWithPath: path))) == [1])
    }
  }

  @Test("a file of a folder that is not there cannot be opened, and that is said")
  func absence() {
    #expect {
      _ = try LogFolder.open("/nowhere/pipeline.log", O_RDWR)
    } throws: { error in
      (error as? FileLogError)?.description
        == "/nowhere/pipeline.log: cannot be opened: No such file or directory"
    }
  }
}
