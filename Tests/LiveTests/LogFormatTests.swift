import Testing

@testable import Live

@Suite("The bytes of a log")
struct LogFormatTests {
  private static let payloads: [[UInt8]] = [[], [7], Array(0...255), Array(repeating: 0, count: 1000)]

  /// Records of kind 3, one behind another.
  private func written(_ payloads: [[UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (number, payload) in payloads.enumerated() {
      payload.withUnsafeBytes { LogFormat.append(UInt64(number), 3, Int64(number) - 1, $0, to: &bytes) }
    }
    return bytes
  }

  @Test("records are read as they were written, one behind another")
  func records() {
    let bytes = written(Self.payloads)
    bytes.withUnsafeBytes { bytes in
      var offset = 0
      for (number, payload) in Self.payloads.enumerated() {
        guard let record = LogFormat.record(bytes, at: offset) else {
          Issue.record("record \(number) is not found")
          return
        }
        #expect(record.sequence == UInt64(number) && record.kind == 3 && record.instant == Int64(number) - 1)
        #expect(Array(record.payload) == payload)
        #expect(record.end == offset + LogFormat.frame + 9 + payload.count)
        offset = record.end
      }
      #expect(offset == bytes.count)
    }
  }

  @Test("the bytes are those that the format says, whatever the program")
  func layout() {
    var bytes: [UInt8] = []
    [UInt8(0xAB)].withUnsafeBytes { LogFormat.append(0x0102, 4, 0x0304, $0, to: &bytes) }
    let marker: [UInt8] = [0xE1, 0x6B, 0xAA, 0x85, 0xF3, 0x9E, 0x1C, 0xD7]
    #expect(Array(bytes[0..<8]) == marker)
    #expect(Array(bytes[8..<16]) == [2, 1, 0, 0, 0, 0, 0, 0], "sequence number, least byte first")
    #expect(Array(bytes[16..<20]) == [10, 0, 0, 0], "length: kind, instant and payload")
    #expect(Array(bytes[28...]) == [4, 4, 3, 0, 0, 0, 0, 0, 0, 0xAB], "kind, instant, payload")
    #expect(LogFormat.magic.count == LogFormat.marks && LogFormat.records == 80)
  }

  @Test("no bit of a record can turn without that being seen, nor can its end be missing")
  func damage() {
    let whole = written([[1, 2, 3]])
    for bit in 0..<whole.count * 8 {
      var bytes = whole
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(bytes.withUnsafeBytes { LogFormat.record($0, at: 0) == nil }, "bit \(bit)")
    }
    for count in 0..<whole.count {
      #expect(Array(whole[..<count]).withUnsafeBytes { LogFormat.record($0, at: 0) == nil }, "\(count) bytes")
    }
  }

  @Test("a body belongs to its own frame: a record made of two halves is none")
  func halves() {
    let (one, other) = (written([[1], [1]]), written([[1], [2]]))
    let length = LogFormat.frame + 10
    var mixed = Array(one[length...])
    mixed.replaceSubrange(28..., with: other[(length + 28)...])
    #expect(mixed.withUnsafeBytes { LogFormat.record($0, at: 0) == nil })
    mixed.replaceSubrange(24..<28, with: other[(length + 24)..<(length + 28)])
    #expect(
      mixed.withUnsafeBytes { LogFormat.record($0, at: 0) != nil }, "with its checksum it is the other one")
    // The same body in the frame of another sequence number.
    var moved = Array(one[..<length])
    moved.replaceSubrange(24..., with: one[(length + 24)...])
    #expect(moved.withUnsafeBytes { LogFormat.record($0, at: 0) == nil })
  }

  @Test("whole records are found again behind anything")
  func resynchronisation() {
    let record = written([[9, 9]])
    for junk in [0, 1, 7, 8, 511] {
      // Half a marker before the marker.
      let bytes = Array(repeating: UInt8(0xE1), count: junk) + record
      let found = bytes.withUnsafeBytes {
        LogFormat.nextRecord($0, from: 0).map { ($0.offset, $0.record.end) }
      }
      #expect(found?.0 == junk && found?.1 == bytes.count)
      #expect(bytes.withUnsafeBytes { LogFormat.nextRecord($0, from: junk + 1) == nil })
    }
  }

  @Test("two marks take turns, are read as they were written, and are nothing once a bit of them turns")
  func marks() {
    let marks = [5, 6, 7].map { LogFormat.Mark(end: 1 << 40, records: 3, batch: $0) }
    #expect(marks.map(\.offset) == [48, 16, 48])
    for mark in marks {
      let bytes = mark.bytes
      #expect(bytes.withUnsafeBytes { LogFormat.Mark($0, at: 0) } == mark)
      for bit in 0..<bytes.count * 8 {
        var damaged = bytes
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(damaged.withUnsafeBytes { LogFormat.Mark($0, at: 0) } == nil, "bit \(bit)")
      }
      #expect(bytes.withUnsafeBytes { LogFormat.Mark($0, at: 1) } == nil, "behind the end")
    }
    let zeros = [UInt8](repeating: 0, count: LogFormat.Mark.size)
    #expect(zeros.withUnsafeBytes { LogFormat.Mark($0, at: 0) } == nil, "a sector of zeros is no mark")
  }

  @Test("CRC-32 gives the check value of its standard, in one go and in parts")
  func checksum() {
    let digits = Array("123456789".utf8)
    #expect(CRC32.of(digits) == 0xcbf4_3926)
    #expect(CRC32.of([]) == 0)
    for cut in 0...digits.count {
      let first = CRC32.of(Array(digits[..<cut]))
      #expect(Array(digits[cut...]).withUnsafeBytes { CRC32.of($0, after: first) } == 0xcbf4_3926)
    }
  }
}
