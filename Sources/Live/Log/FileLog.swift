import CanonicalModel
import Chronology
import Foundation
import UsageToCash

/// Why a log cannot be used.
public struct FileLogError: Error, CustomStringConvertible, Sendable {
  /// What is wrong, and what would be right.
  public var description: String
}

/// The core's log in a file: records with a length and a CRC-32, written together and made durable with `fdatasync`. What a crash
/// has torn off at the end is cut away when it is opened; damage before that is an error.
///
/// The state is not written to disk: opening replays everything that was ever taken in.
public struct FileLog: DurableLog {
  /// What stands at the beginning of a log: whose it is.
  public struct Header: Codable, Hashable, Sendable {
    /// The scenario's name.
    public var scenario: String
    /// Where the scenario's time stood at ``origin``.
    public var start: Int64
    /// Nanoseconds since the machine started.
    public var origin: Int64
    /// The scenario's seconds in one.
    public var scale: Double
    /// Which start of the machine that was: after another, the origin means nothing.
    public var boot: String

    /// Makes a header for a clock.
    public init(scenario: String, clock: LiveClock) {
      self.scenario = scenario
      start = clock.start.nanoseconds
      origin = clock.origin
      scale = clock.scale
      boot = Self.currentBoot
    }

    /// The clock that the log was begun with.
    public var clock: LiveClock {
      LiveClock(start: Instant(nanoseconds: start), origin: origin, scale: scale)
    }

    /// The identifier of this start of the machine.
    public static var currentBoot: String {
      (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?
        .trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    }
  }

  private enum Kind: UInt8 {
    case header = 1
    case delivery = 2
    case answer = 3
    case wake = 4
    case contract = 5
  }

  /// An ERP's answer, as the log keeps it.
  private struct Answered: Codable {
    var answer: Wire.Answer
    var call: UInt64
    var entity: UInt32
  }

  /// The open file, and what is not written yet.
  private final class File: @unchecked Sendable {
    let descriptor: Int32
    let path: String
    var buffer: [UInt8] = []
    /// Why the last write failed; nothing is durable any more.
    var failure: FileLogError?
    var bytes: Int64
    var syncs = 0

    init(descriptor: Int32, path: String, bytes: Int64) {
      self.descriptor = descriptor
      self.path = path
      self.bytes = bytes
    }

    deinit { close(descriptor) }

    func append(_ kind: Kind, at instant: Instant, _ payload: UnsafeRawBufferPointer) {
      // What can never be written is not kept.
      guard failure == nil else { return }
      var body: [UInt8] = []
      body.reserveCapacity(9 + payload.count)
      body.append(kind.rawValue)
      withUnsafeBytes(of: instant.nanoseconds.littleEndian) { body.append(contentsOf: $0) }
      body.append(contentsOf: payload)
      withUnsafeBytes(of: UInt32(body.count).littleEndian) { buffer.append(contentsOf: $0) }
      withUnsafeBytes(of: CRC32.of(body).littleEndian) { buffer.append(contentsOf: $0) }
      buffer.append(contentsOf: body)
    }

    func sync() {
      guard failure == nil, !buffer.isEmpty else { return }
      var written = 0
      buffer.withUnsafeBytes { bytes in
        while written < bytes.count, failure == nil {
          let count = write(descriptor, bytes.baseAddress! + written, bytes.count - written)
          if count > 0 {
            written += count
          } else if errno != EINTR {
            failure = FileLogError(
              description: "\(path): cannot be written: \(String(cString: strerror(errno)))")
          }
        }
      }
      if failure == nil, fdatasync(descriptor) != 0 {
        failure = FileLogError(
          description: "\(path): cannot be made durable: \(String(cString: strerror(errno)))")
      }
      // Half a record is none: the next process finds the end where the last whole one is.
      if failure != nil { _ = ftruncate(descriptor, off_t(bytes)) } else { bytes += Int64(buffer.count) }
      buffer.removeAll(keepingCapacity: true)
      syncs += 1
    }
  }

  private let file: File
  private let isReadOnly: Bool
  private let contracts: [ContractEvent]
  /// Whose log it is.
  public let header: Header
  /// Bytes that a crash has left torn at the end, and that were cut away.
  public let tornBytes: Int
  /// The instant of the last input; the beginning where there is none.
  public private(set) var last: Instant
  public private(set) var length = 0
  public private(set) var eventCount = 0

  /// Opens a log, or begins one.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - header: what a new log begins with.
  ///   - contracts: what CRM tells in the course of the scenario: the log refers to it.
  ///   - isReadOnly: whether it must be there and stays as it is; another process may have it.
  /// - Throws: ``FileLogError`` where it is another scenario's, damaged, held by another process or cannot be written.
  public init(
    path: String, header: Header, contracts: [ContractEvent], isReadOnly: Bool = false
  ) throws(FileLogError) {
    let mode = isReadOnly ? O_RDONLY : O_RDWR | O_CREAT | O_APPEND
    let descriptor = open(path, mode | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw FileLogError(description: "\(path): cannot be opened: \(String(cString: strerror(errno)))")
    }
    guard isReadOnly || flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw FileLogError(
        description: "\(path): another process has the log; wait for it, or name another folder")
    }
    let data: Data
    do {
      // Another process may cut its log while it is read: only one's own is mapped.
      data = try Data(contentsOf: URL(fileURLWithPath: path), options: isReadOnly ? [] : .alwaysMapped)
    } catch {
      close(descriptor)
      throw FileLogError(description: "\(path): cannot be read: \(error.localizedDescription)")
    }
    var known: Header?
    var last = Instant.distantPast
    let (end, isDamaged) = data.withUnsafeBytes { bytes in
      Self.scan(bytes) { kind, instant, payload in
        if kind == .header { known = try? JSONDecoder().decode(Header.self, from: Data(payload)) }
        last = max(last, instant)
      }
    }
    guard !isDamaged else {
      close(descriptor)
      throw FileLogError(
        description:
          "\(path): the log is damaged at byte \(end), and goes on behind it; restore it from a copy")
    }
    tornBytes = data.count - end
    if tornBytes > 0, !isReadOnly { _ = ftruncate(descriptor, off_t(end)) }
    self.contracts = contracts
    self.isReadOnly = isReadOnly
    file = File(descriptor: descriptor, path: path, bytes: Int64(end))
    if let known {
      guard known.scenario == header.scenario else {
        throw FileLogError(
          description:
            "\(path): this is the log of '\(known.scenario)', not of '\(header.scenario)'; name another folder"
        )
      }
      self.header = known
      self.last = last
    } else {
      guard end == 0, tornBytes == 0, !isReadOnly else {
        throw FileLogError(description: "\(path): this is no log of Meterstorm")
      }
      self.header = header
      self.last = Instant(nanoseconds: header.start)
      let text = (try? JSONEncoder().encode(header)) ?? Data()
      text.withUnsafeBytes { file.append(.header, at: Instant(nanoseconds: header.start), $0) }
      file.sync()
      if let failure = file.failure { throw failure }
    }
  }

  /// Why nothing is durable any more; `nil`: it is.
  public var failure: FileLogError? { file.failure }
  /// Bytes in the file.
  public var bytes: Int64 { file.bytes }
  /// How often it was made durable.
  public var syncs: Int { file.syncs }

  /// Walks over whole records.
  ///
  /// - Returns: where they end, and whether what comes there is damage in the middle rather than a torn end.
  private static func scan(
    _ bytes: UnsafeRawBufferPointer, _ body: (Kind, Instant, UnsafeRawBufferPointer) -> Void
  ) -> (end: Int, isDamaged: Bool) {
    var at = 0
    while let record = record(bytes, at: at) {
      body(record.kind, record.instant, record.payload)
      at = record.end
    }
    guard at + 8 <= bytes.count else { return (at, false) }
    // Whole records behind one that is not: no crash leaves that.
    let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
    return (
      at, length < bytes.count && at + 8 + length < bytes.count && record(bytes, at: at + 8 + length) != nil
    )
  }

  private static func record(
    _ bytes: UnsafeRawBufferPointer, at start: Int
  ) -> (kind: Kind, instant: Instant, payload: UnsafeRawBufferPointer, end: Int)? {
    guard start + 17 <= bytes.count else { return nil }
    let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
    let sum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self))
    guard length >= 9, length <= bytes.count - start - 8 else { return nil }
    let body = UnsafeRawBufferPointer(rebasing: bytes[(start + 8)..<(start + 8 + length)])
    guard CRC32.of(body) == sum, let kind = Kind(rawValue: body[0]) else { return nil }
    let instant = Int64(littleEndian: body.loadUnaligned(fromByteOffset: 1, as: Int64.self))
    return (
      kind, Instant(nanoseconds: instant), UnsafeRawBufferPointer(rebasing: body[9...]), start + 8 + length
    )
  }

  // MARK: DurableLog

  public mutating func append(delivery events: UnsafeBufferPointer<UsageEvent>, at instant: Instant) {
    file.append(.delivery, at: instant, UnsafeRawBufferPointer(events))
    note(instant)
    eventCount += events.count
  }

  public mutating func append(input: PipelineInput, at instant: Instant) {
    switch input {
    case .erp(let answer, let call, let entity):
      let answered = Answered(answer: Wire.Answer(answer), call: call.number, entity: entity.index)
      let data = (try? JSONEncoder().encode(answered)) ?? Data()
      data.withUnsafeBytes { file.append(.answer, at: instant, $0) }
    case .contract(let event):
      let index = UInt32(contracts.firstIndex(of: event) ?? Int(UInt32.max))
      withUnsafeBytes(of: index.littleEndian) { file.append(.contract, at: instant, $0) }
    default: preconditionFailure("a live driver takes in usage, ERPs' answers and changes of contract")
    }
    note(instant)
  }

  public mutating func append(wakeAt instant: Instant) {
    file.append(.wake, at: instant, UnsafeRawBufferPointer(start: nil, count: 0))
    note(instant)
  }

  private mutating func note(_ instant: Instant) {
    length += 1
    last = max(last, instant)
  }

  public mutating func sync() { file.sync() }

  /// Every input stays: the state is not written.
  public mutating func compact(to snapshot: Pipeline, keepingLast: Bool) {
    length = 0
    eventCount = 0
  }

  public var snapshot: Pipeline? { nil }

  public func read(_ body: (JournaledInput, Instant) -> Void) {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: file.path), options: .alwaysMapped) else {
      return
    }
    let contracts = contracts
    _ = data.withUnsafeBytes { bytes in
      Self.scan(bytes) { kind, instant, payload in
        if let input = Self.input(kind, payload, contracts) { body(input, instant) }
      }
    }
  }

  private static func input(
    _ kind: Kind, _ payload: UnsafeRawBufferPointer, _ contracts: [ContractEvent]
  ) -> JournaledInput? {
    switch kind {
    case .header: return nil
    case .wake: return .wake
    case .contract:
      let index = Int(UInt32(littleEndian: payload.loadUnaligned(as: UInt32.self)))
      return contracts.indices.contains(index) ? .input(.contract(contracts[index])) : nil
    case .answer:
      guard let answered = try? JSONDecoder().decode(Answered.self, from: Data(payload)),
        let answer = answered.answer.answer
      else { return nil }
      return .input(
        .erp(answer, to: ERPCallID(number: answered.call), of: EntityID(index: answered.entity)))
    case .delivery:
      let count = payload.count / MemoryLayout<UsageEvent>.stride
      let events = ContiguousArray<UsageEvent>(unsafeUninitializedCapacity: count) { buffer, filled in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: payload[..<(count * MemoryLayout<UsageEvent>.stride)]))
        filled = count
      }
      return .delivery(events[...])
    }
  }
}

/// CRC-32 (IEEE 802.3), by table.
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
  }

  static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let table = table
    return ~bytes.reduce(~UInt32(0)) { sum, byte in
      sum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)]
    }
  }
}
