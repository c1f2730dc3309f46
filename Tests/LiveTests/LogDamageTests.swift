import CanonicalModel
import Chronology
import Foundation
import Testing
import UsageToCash

@testable import Live

/// A log of thirty records, all of them acknowledged, and everything that a disk, a copy or an editor may do to it: it is refused, or it
/// holds all that it held; never less.
@Suite("A log that is damaged", .serialized)
struct LogDamageTests {
  private static let inputs = 30

  /// What became of damaged files.
  private struct Counts {
    var refused = 0
    var intact = 0
    var shorter: [String] = []
    var changed: [String] = []
  }

  private func sweep(
    _ name: String, _ damages: some Sequence<(String, Data)>, _ path: String, _ full: [String]
  ) throws {
    var counts = Counts()
    for (what, data) in damages {
      try data.write(to: URL(fileURLWithPath: path))
      do {
        let log = try LogFixture.open(path, disk: LogFixture.quick)
        if try LogFixture.content(log) == full { counts.intact += 1 } else { counts.shorter.append(what) }
      } catch is FileLogError {
        counts.refused += 1
        if try Data(contentsOf: URL(fileURLWithPath: path)) != data { counts.changed.append(what) }
      }
    }
    print(
      "log of \(Self.inputs) records, \(name): \(counts.refused) refused, \(counts.intact) intact, \(counts.shorter.count) shorter"
    )
    #expect(counts.shorter == [], "\(name): acknowledged inputs are gone")
    #expect(counts.changed == [], "\(name): a file that is refused stays as it is")
    #expect(counts.refused > 0)
  }

  private func withLog(_ body: (_ path: String, _ whole: Data, _ full: [String]) throws -> Void) throws {
    try LogFixture.withFile { path in
      let full = try LogFixture.content(
        try LogFixture.write(path, inputs: Self.inputs, disk: LogFixture.quick))
      #expect(full.count == Self.inputs)
      try body(path, try Data(contentsOf: URL(fileURLWithPath: path)), full)
    }
  }

  @Test("each byte flipped, zeroed, removed and doubled in turn")
  func bytes() throws {
    try withLog { path, whole, full in
      func changed(_ change: @escaping (inout Data, Int) -> Void) -> some Sequence<(String, Data)> {
        whole.indices.lazy.map { index in
          var data = whole
          change(&data, index)
          return ("byte \(index)", data)
        }
      }
      try sweep("each byte flipped", changed { $0[$1] ^= 1 << UInt8($1 % 8) }, path, full)
      try sweep("each byte zeroed", changed { $0[$1] = 0 }, path, full)
      try sweep("each byte removed", changed { $0.remove(at: $1) }, path, full)
      try sweep("each byte doubled", changed { $0.insert($0[$1], at: $1) }, path, full)
    }
  }

  @Test("cut off at each length: what was durable is missed")
  func cut() throws {
    try withLog { path, whole, full in
      try sweep(
        "cut off at each length", whole.indices.lazy.map { ("\($0) bytes", whole.prefix($0)) }, path, full)
    }
  }

  @Test("sectors of zeros and of another file, wherever they begin, and two damaged neighbours")
  func sectors() throws {
    try withLog { path, whole, full in
      let starts = stride(from: 0, to: whole.count, by: 16)
      for size in [16, 512, 4096] {
        for (name, value) in [("zeros", 0 as UInt8), ("0xFF", 255)] {
          try sweep(
            "\(size) bytes of \(name)",
            starts.lazy.map { start in
              var data = whole
              for index in start..<min(whole.count, start + size) { data[index] = value }
              return ("from \(start)", data)
            }, path, full)
        }
      }
      let records = Self.places(whole)
      try sweep(
        "two neighbours damaged",
        records.indices.dropLast().lazy.map { index in
          var data = whole
          data[records[index].lowerBound + 16] ^= 0x40
          data[records[index + 1].upperBound - 1] ^= 1
          return ("records \(index) and \(index + 1)", data)
        }, path, full)
    }
  }

  @Test("records left out, repeated and exchanged as wholes")
  func records() throws {
    try withLog { path, whole, full in
      let records = Self.places(whole)
      #expect(records.count == Self.inputs + 1)
      func with(_ order: [Int]) -> Data {
        order.reduce(into: Data(whole.prefix(LogFormat.records))) { $0 += whole[records[$1]] }
      }
      let all = Array(records.indices)
      try sweep(
        "one record left out", all.lazy.map { left in ("\(left)", with(all.filter { $0 != left })) }, path,
        full)
      try sweep(
        "one record twice",
        all.lazy.map { twice in ("\(twice)", with(all.flatMap { $0 == twice ? [$0, $0] : [$0] })) },
        path, full)
      try sweep(
        "two records exchanged",
        all.dropLast().lazy.map { first in
          var order = all
          order.swapAt(first, first + 1)
          return ("\(first)", with(order))
        }, path, full)
    }
  }

  @Test("a thousand mixtures of all that")
  func mixtures() throws {
    try withLog { path, whole, full in
      var state: UInt64 = 42
      func draw(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
      }
      try sweep(
        "mixtures",
        (0..<1000).lazy.map { number in
          var data = whole
          for _ in 0...draw(4) where data.count > 100 {
            let at = draw(data.count - 64)
            switch draw(5) {
            case 0: data[at] ^= UInt8(1 + draw(255))
            case 1: data.removeSubrange(at..<at + 1 + draw(60))
            case 2: data.insert(contentsOf: data[at..<at + 1 + draw(60)], at: at)
            case 3: data.replaceSubrange(at..<at + 32, with: Data(repeating: 0, count: 32))
            default: data = data.prefix(at)
            }
          }
          return ("mixture \(number)", data)
        }, path, full)
    }
  }

  @Test("a torn end that is damaged besides takes nothing of what was durable with it")
  func tornAndDamaged() throws {
    try withLog { path, whole, full in
      let tail = Data([UInt8](repeating: 0xA5, count: 90))
      for index in stride(from: 0, to: whole.count, by: 3) {
        var data = whole + tail
        data[index] ^= 0x10
        try data.write(to: URL(fileURLWithPath: path))
        guard let log = try? LogFixture.open(path, disk: LogFixture.quick) else { continue }
        #expect(try LogFixture.content(log) == full, "byte \(index)")
      }
    }
  }

  @Test("--repair keeps what precedes the damage, the usage that follows it, and the damaged file")
  func repair() throws {
    try withLog { path, whole, full in
      var data = whole
      let records = Self.places(whole)
      // The tenth input is an answer.
      data[records[11].lowerBound + 17] ^= 4
      try data.write(to: URL(fileURLWithPath: path))
      let refusal = #expect(throws: FileLogError.self) { try LogFixture.open(path) }
      let words = try #require(refusal).description
      #expect(words.contains("corrupt at byte \(records[11].lowerBound), with 19 valid records after it"))
      #expect(words.contains("--repair") && words.contains("the 10 inputs before the damage"))
      do {
        var log = try LogFixture.open(path, repairing: true)
        let usage = full.dropFirst(11).filter { $0.contains("[") && !$0.contains("refused") }
        #expect(try LogFixture.content(log) == Array(full.prefix(10)) + usage)
        #expect(log.notes.count == 1 && log.notes[0].contains("pipeline.log.damaged"))
        log.append(wakeAt: LogFixture.start + .seconds(99))
        try log.sync()
      }
      #expect(try LogFixture.neighbours(of: path) == ["pipeline.log.damaged"])
      #expect(try Data(contentsOf: URL(fileURLWithPath: path + ".damaged")) == data)
      let log = try LogFixture.open(path)
      #expect(try LogFixture.content(log).last == "99.0 wake" && log.notes == [])
    }
  }

  /// Where the records of a log stand.
  private static func places(_ data: Data) -> [Range<Int>] {
    data.withUnsafeBytes { bytes in
      let scan = LogScan(bytes)
      let ends = scan.records.map(\.end)
      return zip([LogFormat.records] + ends, ends).map { $0..<$1 }
    }
  }
}
