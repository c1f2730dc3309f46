import CanonicalModel
import Chronology
import CoreInterface
import Foundation
import UsageToCash

/// Why a log cannot be used.
package struct FileLogError: Error, CustomStringConvertible, Sendable {
  /// What is wrong, and what would be right.
  package var description: String
  /// Whether the disk is full, or the file as large as it may be: there may be room again.
  package var isForLackOfRoom = false
}

/// The core's log in a file (``LogFormat``): inputs are written together, made durable with `fdatasync`, and marked as durable before
/// anybody hears of it.
///
/// What a crash has torn off at the end was never acknowledged; it is kept beside the log. Damage of any other kind, and another
/// scenario than the one whose inputs these are, are refused, and the file stays as it is. The state is not written to disk: opening
/// replays everything that was ever taken in.
package struct FileLog: DurableLog {
  package typealias Input = LiveInput
  package typealias Failure = FileLogError

  /// What stands at the beginning of a log: whose it is.
  package struct Header: Codable, Hashable, Sendable {
    /// The scenario's name.
    package var scenario: String
    /// Everything that decides what the inputs mean.
    package var identity: LogIdentity
    /// Where the scenario's time stood at ``origin``.
    package var start: Int64
    /// Nanoseconds since the machine started.
    package var origin: Int64
    /// The scenario's seconds in one.
    package var scale: Double
    /// Which start of the machine that was: after another, the origin means nothing.
    package var boot: String

    /// Makes a header for a clock.
    package init(scenario: String, identity: LogIdentity, clock: LiveClock) {
      self.scenario = scenario
      self.identity = identity
      start = clock.start.nanoseconds
      origin = clock.origin
      scale = clock.scale
      boot = Self.currentBoot
    }

    /// The clock that the log was begun with.
    package var clock: LiveClock {
      LiveClock(start: Instant(nanoseconds: start), origin: origin, scale: scale)
    }

    /// The identifier of this start of the machine.
    package static var currentBoot: String {
      (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?
        .trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    }
  }

  /// Where the log stood before an input was appended.
  private struct Position {
    var buffered = 0
    var records: UInt64 = 0
    var last: Instant
    var length: Int
    var eventCount: Int
  }

  private let file: LogFile?
  private let path: String
  private let coding: LogCoding
  /// Inputs that are not durable yet, and how many there are.
  private var buffer: [UInt8] = []
  private var buffered: UInt64 = 0
  private var before: Position
  /// Whose log it is.
  package let header: Header
  /// What was done to the file as it was opened, in sentences: a torn end that was put aside, a repair.
  package private(set) var notes: [String] = []
  /// The instant of the last input; the beginning where there is none.
  package private(set) var last: Instant
  package private(set) var length = 0
  package private(set) var eventCount = 0

  /// Opens a log, or begins one.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - header: what a new log begins with, and what one that is there has to agree with.
  ///   - contracts: what CRM tells in the course of the scenario: the log refers to it.
  ///   - isReadOnly: whether it must be there and stays as it is; another process may have it.
  ///   - repairing: whether a damaged log is repaired (``LogRepair``) rather than refused.
  /// - Throws: ``FileLogError`` where it is another scenario's, damaged, held by another process or cannot be written.
  package init(
    path: String, header: Header, contracts: [ContractEvent], isReadOnly: Bool = false,
    repairing: Bool = false
  ) throws(FileLogError) {
    try self.init(
      path: path, header: header, contracts: contracts, isReadOnly: isReadOnly, repairing: repairing,
      disk: .system)
  }

  init(
    path: String, header: Header, contracts: [ContractEvent], isReadOnly: Bool = false,
    repairing: Bool = false, disk: LogDisk
  ) throws(FileLogError) {
    let coding = LogCoding(contracts: contracts)
    if !isReadOnly, access(path, F_OK) != 0 {
      _ = try LogFolder.create(path, LogCoding.beginning(of: header))
    }
    let (descriptor, opened) = try Self.open(
      path, header, coding, isReadOnly: isReadOnly, repairing: repairing)
    if isReadOnly {
      close(descriptor)
      file = nil
    } else {
      let file = LogFile(descriptor: descriptor, path: path, mark: opened.mark, disk: disk)
      try file.restore()
      self.file = file
    }
    self.path = path
    self.coding = coding
    self.header = opened.header
    last = opened.last
    notes = opened.notes
    before = Position(last: opened.last, length: 0, eventCount: 0)
  }

  /// What opening a file has come to.
  private struct Opened {
    var mark: LogFormat.Mark
    var header: Header
    var last: Instant
    var notes: [String] = []
    /// Whether another file has its name now.
    var isReplaced = false
  }

  private static func open(
    _ path: String, _ header: Header, _ coding: LogCoding, isReadOnly: Bool, repairing: Bool
  ) throws(FileLogError) -> (descriptor: Int32, opened: Opened) {
    let descriptor = try descriptor(of: path, isReadOnly: isReadOnly)
    do throws(FileLogError) {
      let data = try read(path, isShared: isReadOnly)
      let opened = try check(data, path, header, coding, isReadOnly, repairing)
      guard opened.isReplaced else { return (descriptor, opened) }
      var (replacement, again) = try open(path, header, coding, isReadOnly: isReadOnly, repairing: false)
      close(descriptor)
      again.notes = opened.notes + again.notes
      return (replacement, again)
    } catch {
      close(descriptor)
      throw error
    }
  }

  private static func descriptor(of path: String, isReadOnly: Bool) throws(FileLogError) -> Int32 {
    let descriptor = try LogFolder.open(path, isReadOnly ? O_RDONLY : O_RDWR)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileLogError(description: "\(path): is not a file; name another folder")
    }
    guard isReadOnly || flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw FileLogError(
        description: "\(path): another process is using the log; wait for it, or name another folder")
    }
    return descriptor
  }

  /// - Parameter isShared: whether another process may cut the file meanwhile: only one's own is mapped.
  private static func read(_ path: String, isShared: Bool) throws(FileLogError) -> Data {
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path), options: isShared ? [] : .alwaysMapped)
    } catch {
      throw FileLogError(description: "\(path): cannot be read: \(error.localizedDescription)")
    }
  }

  private static func check(
    _ data: Data, _ path: String, _ header: Header, _ coding: LogCoding, _ isReadOnly: Bool,
    _ repairing: Bool
  ) throws(FileLogError) -> Opened {
    // Typed errors do not pass through the closure.
    let result = data.withUnsafeBytes { bytes -> Result<Opened, FileLogError> in
      do throws(FileLogError) {
        let scan = LogScan(bytes)
        let known = try coding.header(of: scan, path)
        if let difference = known.identity.difference(from: header.identity) {
          throw FileLogError(
            description:
              "\(path): the log was written under another scenario: \(difference); use that one, or name another folder"
          )
        }
        if case .damaged(let words) = scan.rest {
          let repair = LogRepair(path: path, scan: scan, coding: coding)
          guard repairing, !isReadOnly else {
            throw FileLogError(description: "\(path): \(words); \(repair.offer)")
          }
          let note = try repair.perform(bytes, words)
          return .success(
            Opened(
              mark: .init(end: 0, records: 0, batch: 0), header: known, last: .distantPast, notes: [note],
              isReplaced: true))
        }
        var last = Instant(nanoseconds: known.start)
        for (number, record) in scan.records.dropFirst().enumerated() {
          guard coding.input(record) != nil else {
            throw FileLogError(
              description:
                "\(path): input \(number + 1) cannot be read by this version of Meterstorm; use the one that wrote it"
            )
          }
          last = max(last, Instant(nanoseconds: record.instant))
        }
        var opened = Opened(
          mark: .init(
            end: UInt64(scan.end), records: UInt64(scan.records.count), batch: (scan.mark?.batch ?? 0) + 1),
          header: known, last: last)
        if case .torn(let count) = scan.rest, !isReadOnly {
          let kept = try LogFolder.keep(bytes[scan.end...], beside: "\(path).torn-\(scan.end)")
          opened.notes.append(
            "\(path): the last \(count) bytes were torn by a crash and never acknowledged; they are kept in \(kept)"
          )
        }
        return .success(opened)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Bytes in the file that are durable.
  package var bytes: Int64 { file.map { Int64($0.mark.end) } ?? 0 }
  /// Inputs that are durable.
  package var inputs: Int { file.map { Int($0.mark.records) - 1 } ?? 0 }
  /// How often it was made durable.
  package var syncs: Int { file?.syncs ?? 0 }

  // MARK: DurableLog

  package mutating func append(delivery events: UnsafeBufferPointer<UsageEvent>, at instant: Instant) {
    append(.delivery, at: instant, UnsafeRawBufferPointer(events))
    eventCount += events.count
  }

  package mutating func append(input: LiveInput, at instant: Instant) {
    let (kind, payload) = coding.bytes(of: input)
    payload.withUnsafeBytes { append(kind, at: instant, $0) }
  }

  package mutating func append(wakeAt instant: Instant) {
    append(.wake, at: instant, UnsafeRawBufferPointer(start: nil, count: 0))
  }

  private mutating func append(
    _ kind: LogCoding.Kind, at instant: Instant, _ payload: UnsafeRawBufferPointer
  ) {
    assert(buffer.isEmpty == (buffered == 0), "there are bytes to be made durable where there are inputs")
    before = Position(
      buffered: buffer.count, records: buffered, last: last, length: length, eventCount: eventCount)
    let sequence = (file?.mark.records ?? 0) + buffered
    LogFormat.append(sequence, kind.rawValue, instant.nanoseconds, payload, to: &buffer)
    buffered += 1
    length += 1
    last = max(last, instant)
  }

  package mutating func sync() throws(FileLogError) {
    guard !buffer.isEmpty else { return }
    assert(buffered > 0 && length >= 0, "inputs are counted as they are appended")
    do throws(FileLogError) {
      guard let file else { throw FileLogError(description: "\(path): was opened to be read only") }
      try file.write(buffer, records: buffered)
    } catch {
      buffer.removeSubrange(before.buffered...)
      (buffered, last, length, eventCount) = (before.records, before.last, before.length, before.eventCount)
      throw error
    }
    buffer.removeAll(keepingCapacity: true)
    buffered = 0
  }

  /// Every input stays: the state is not written.
  package mutating func compact(to snapshot: any CoreState, keepingLast: Bool) {
    length = 0
    eventCount = 0
  }

  package var snapshot: (any CoreState)? { nil }

  package func read(_ body: (JournaledInput, Instant) -> Void) throws(FileLogError) {
    let data = try Self.read(path, isShared: file == nil)
    let problem = data.withUnsafeBytes { bytes -> FileLogError? in
      let scan = LogScan(bytes)
      if let stranger = scan.stranger { return FileLogError(description: "\(path): \(stranger)") }
      if case .damaged(let words) = scan.rest { return FileLogError(description: "\(path): \(words)") }
      for record in scan.records.dropFirst() {
        guard let input = coding.input(record) else {
          return FileLogError(description: "\(path): input \(record.sequence) cannot be read")
        }
        body(input, Instant(nanoseconds: record.instant))
      }
      return nil
    }
    if let problem { throw problem }
  }
}
