/// The bytes of a log, format 2.
///
///     offset  0  16 bytes  "meterstorm log 2"
///            16  2 × 32    marks: up to where the file is durable (``Mark``)
///            80  …         records: frame, kind, instant, payload; the first is the header
///
/// Each record has a marker, so that whole records are found again behind damage of any kind (a bad length, lost or doubled bytes,
/// sectors of zeros), a sequence number, and two checksums: of the frame, so that a bad length is known for one, and of the rest.
enum LogFormat {
  static let magic = Array("meterstorm log 2".utf8)
  static let marks = 16
  static let records = marks + 2 * Mark.size
  /// What stands at the beginning of a record: no text, and no small number.
  static let marker: UInt64 = 0xD7_1C_9E_F3_85_AA_6B_E1
  static let frame = 28
  /// Bytes that a record may have; a request has fewer.
  static let maximumBody = 256 << 20

  /// Up to where the file is durable. It is written after each sync, before anybody hears of what was synced, and becomes durable with
  /// the next one: after the death of the process it tells exactly what may have been acknowledged, after a loss of power perhaps
  /// one batch less. Two take turns, so that one is always whole.
  struct Mark: Equatable {
    static let size = 32
    /// Bytes of the file.
    var end: UInt64
    /// Records, the header included.
    var records: UInt64
    /// Which batch was the last.
    var batch: UInt64

    init(end: UInt64, records: UInt64, batch: UInt64) {
      (self.end, self.records, self.batch) = (end, records, batch)
    }

    /// Reads one; `nil` where it is damaged.
    init?(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
      guard offset + Self.size <= bytes.count else { return nil }
      func word(_ index: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + index * 8, as: UInt64.self))
      }
      let sum = CRC32.of(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + 24]))
      guard word(3) == UInt64(sum) << 32 | UInt64(~sum) else { return nil }
      self.init(end: word(0), records: word(1), batch: word(2))
    }

    var bytes: [UInt8] {
      var bytes: [UInt8] = []
      for word in [end, records, batch] { bytes.append(littleEndian: word) }
      let sum = CRC32.of(bytes)
      bytes.append(littleEndian: UInt64(sum) << 32 | UInt64(~sum))
      assert(bytes.count == Self.size, "a mark overwrites its place and nothing else")
      return bytes
    }

    /// Where it stands.
    var offset: Int { LogFormat.marks + Int(batch % 2) * Self.size }
  }

  /// A whole record.
  struct Record {
    var sequence: UInt64
    var kind: UInt8
    var instant: Int64
    var payload: UnsafeRawBufferPointer
    /// Where it ends.
    var end: Int
  }

  /// Writes a record behind others.
  static func append(
    _ sequence: UInt64, _ kind: UInt8, _ instant: Int64, _ payload: UnsafeRawBufferPointer,
    to buffer: inout [UInt8]
  ) {
    precondition(payload.count + 9 <= maximumBody, "what is taken in at once has a bound far below that")
    let start = buffer.count
    buffer.reserveCapacity(start + frame + 9 + payload.count)
    buffer.append(littleEndian: marker)
    buffer.append(littleEndian: sequence)
    buffer.append(littleEndian: UInt32(payload.count + 9))
    let frameSum = buffer.withUnsafeBytes { CRC32.of(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    buffer.append(littleEndian: frameSum)
    let body = buffer.count + 4
    buffer.append(littleEndian: UInt32(0))
    buffer.append(kind)
    buffer.append(littleEndian: UInt64(bitPattern: instant))
    buffer.append(contentsOf: payload)
    // With the frame's checksum, so that the two belong together.
    let sum = buffer.withUnsafeBytes {
      CRC32.of(UnsafeRawBufferPointer(rebasing: $0[body...]), after: frameSum)
    }
    withUnsafeBytes(of: sum.littleEndian) { sum in
      for index in 0..<4 { buffer[body - 4 + index] = sum[index] }
    }
    assert(buffer.count == body + 9 + payload.count, "a record is as long as its frame says")
  }

  /// The record at an offset; `nil` where there is no whole one.
  static func record(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Record? {
    guard start + frame + 9 <= bytes.count, word(bytes, start) == marker else { return nil }
    assert(start >= 0, "a record begins in the file")
    func half(_ offset: Int) -> UInt32 {
      UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start + offset, as: UInt32.self))
    }
    let length = Int(half(16))
    let sum = CRC32.of(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 20]))
    guard half(20) == sum, length >= 9, length <= bytes.count - start - frame else { return nil }
    let body = UnsafeRawBufferPointer(rebasing: bytes[(start + frame)..<(start + frame + length)])
    guard half(24) == CRC32.of(body, after: sum) else { return nil }
    return Record(
      sequence: word(bytes, start + 8), kind: body[0], instant: Int64(bitPattern: word(body, 1)),
      payload: UnsafeRawBufferPointer(rebasing: body[9...]), end: start + frame + length)
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// The next whole record from an offset on, wherever it begins.
  static func nextRecord(_ bytes: UnsafeRawBufferPointer, from start: Int) -> (offset: Int, record: Record)? {
    let first = UInt8(truncatingIfNeeded: marker)
    var offset = start
    while offset + frame + 9 <= bytes.count {
      if bytes[offset] == first, let record = record(bytes, at: offset) { return (offset, record) }
      offset += 1
    }
    return nil
  }
}

extension [UInt8] {
  mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}

/// CRC-32 (IEEE 802.3), by table.
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
  }

  /// - Parameter sum: of what comes before.
  static func of(_ bytes: UnsafeRawBufferPointer, after sum: UInt32 = 0) -> UInt32 {
    table.withUnsafeBufferPointer { table in
      var sum = ~sum
      for byte in bytes { sum = sum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
      return ~sum
    }
  }

  static func of(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { of($0) } }
}
