import Testing

@testable import Live

@Suite("What the bytes of a log come to")
struct LogScanTests {
  /// A log of so many records beside its header, all of them durable.
  private func log(_ records: Int) throws -> [UInt8] {
    var bytes = try LogCoding.beginning(of: LogFixture.header)
    for number in 1...records {
      [UInt8(number)].withUnsafeBytes { LogFormat.append(UInt64(number), 4, 0, $0, to: &bytes) }
    }
    return marked(bytes, end: bytes.count, records: records + 1)
  }

  private func marked(_ bytes: [UInt8], end: Int, records: Int) -> [UInt8] {
    var bytes = bytes
    for batch in [2, 3] {
      let mark = LogFormat.Mark(end: UInt64(end), records: UInt64(records), batch: UInt64(batch))
      bytes.replaceSubrange(mark.offset..<mark.offset + LogFormat.Mark.size, with: mark.bytes)
    }
    return bytes
  }

  private func judged(_ bytes: [UInt8]) -> (rest: LogScan.Rest, records: Int, behind: Int, stranger: String?)
  {
    bytes.withUnsafeBytes {
      let scan = LogScan($0)
      return (scan.rest, scan.records.count, scan.behind.count, scan.stranger)
    }
  }

  private static let record = LogFormat.frame + 10

  @Test("a whole log has nothing behind its records")
  func whole() throws {
    let found = judged(try log(3))
    #expect(found.rest == .none && found.records == 4 && found.behind == 0 && found.stranger == nil)
  }

  @Test("what stands behind the mark and is no whole record is a torn end")
  func torn() throws {
    let bytes = try log(2)
    for junk in [1, 37, 4096] {
      let found = judged(bytes + Array(repeating: 0, count: junk))
      #expect(found.rest == .torn(bytes: junk) && found.records == 3)
    }
  }

  @Test("a whole record behind the mark counts: its process died before it could mark it")
  func unmarked() throws {
    let bytes = try log(3)
    let found = judged(marked(bytes, end: bytes.count - Self.record, records: 3))
    #expect(found.rest == .none && found.records == 4)
  }

  @Test("what is missing or wrong within what was durable is damage, never a torn end")
  func damaged() throws {
    let bytes = try log(3)
    let cut = judged(Array(bytes.dropLast(Self.record)))
    #expect(
      cut.rest
        == .damaged(
          "cut off at byte \(bytes.count - Self.record): \(Self.record) bytes that were durable are missing"))
    var wrong = bytes
    wrong[bytes.count - 1] ^= 1
    #expect(
      judged(wrong).rest
        == .damaged(
          "corrupt at byte \(bytes.count - Self.record), within what was durable (\(bytes.count) bytes)"))
  }

  @Test("records behind damage are found, and with them it is no torn end, wherever the mark stands")
  func behind() throws {
    var bytes = try log(3)
    let first = bytes.count - 3 * Self.record
    bytes[first + 30] ^= 1
    for (end, records) in [(bytes.count, 4), (first, 1)] {
      let found = judged(marked(bytes, end: end, records: records))
      #expect(found.rest == .damaged("corrupt at byte \(first), with 2 valid records after it"))
      #expect(found.records == 1 && found.behind == 2)
    }
  }

  @Test("a record that is none of its turn is no record: a copy of the last one is cut off like a torn end")
  func sequence() throws {
    let bytes = try log(3)
    let found = judged(bytes + bytes.suffix(Self.record))
    #expect(found.rest == .torn(bytes: Self.record) && found.records == 4)
    let first = bytes.count - 3 * Self.record
    let exchanged =
      bytes[..<first] + bytes[(first + Self.record)..<(first + 2 * Self.record)]
      + bytes[first..<(first + Self.record)] + bytes.suffix(Self.record)
    #expect(judged(Array(exchanged)).records == 1)
  }

  @Test("one damaged mark is none too few, unless something stands behind; two are damage")
  func marks() throws {
    let bytes = try log(1)
    var one = bytes
    one[16] ^= 1
    #expect(judged(one).rest == .none)
    guard case .damaged = judged(one + [0]).rest else {
      Issue.record("what was durable cannot be told from what was not")
      return
    }
    var two = one
    two[48] ^= 1
    #expect(judged(two).rest == .damaged("both marks of what was durable are damaged"))
    #expect(
      judged(marked(bytes, end: bytes.count - 1, records: 2)).rest
        == .damaged("the mark of what was durable does not fit the records"))
  }

  @Test("what is no log says so, and what it seems to be")
  func strangers() throws {
    #expect(judged([]).stranger?.hasPrefix("is empty") == true)
    #expect(judged(Array("hello".utf8)).stranger == "is not a Meterstorm log, or is damaged at its beginning")
    var later = try log(1)
    later[15] = UInt8(ascii: "3")
    #expect(judged(later).stranger?.contains("format '3'") == true)
    #expect(judged(Array(repeating: 0, count: 500)).stranger?.hasPrefix("is not a Meterstorm log") == true)
  }
}
