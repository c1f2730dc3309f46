import Foundation

/// The calls by which a log's file is written, so that tests can let them fail as a disk does.
struct LogDisk: Sendable {
  var write: @Sendable (_ descriptor: Int32, UnsafeRawPointer?, _ count: Int, _ offset: off_t) -> Int
  var sync: @Sendable (_ descriptor: Int32) -> Int32
  var truncate: @Sendable (_ descriptor: Int32, _ size: off_t) -> Int32

  /// The machine's.
  static let system = LogDisk(
    write: { pwrite($0, $1, $2, $3) }, sync: { fdatasync($0) }, truncate: { ftruncate($0, $1) })
}

/// The open file of a log: batches are written, made durable and marked as durable, or leave no trace.
final class LogFile: @unchecked Sendable {
  let path: String
  private let descriptor: Int32
  private let disk: LogDisk
  /// Up to where the file is durable.
  private(set) var mark: LogFormat.Mark
  /// How often it was made durable.
  private(set) var syncs = 0
  /// Whether something of a failed batch may stand behind the end.
  private var hasLeftovers = false

  init(descriptor: Int32, path: String, mark: LogFormat.Mark, disk: LogDisk) {
    precondition(
      descriptor > STDERR_FILENO, "what is written to standard output never lands in a log")
    precondition(mark.records >= 1 && mark.end > UInt64(LogFormat.records), "a log has its header")
    self.descriptor = descriptor
    self.path = path
    self.mark = mark
    self.disk = disk
  }

  deinit {
    // The last mark becomes durable, too.
    _ = disk.sync(descriptor)
    close(descriptor)
  }

  /// Writes a batch, makes it durable, and marks it.
  ///
  /// - Throws: where that failed; the file ends then where it ended before, and the batch can be written again.
  func write(_ batch: [UInt8], records: UInt64) throws(FileLogError) {
    assert(!batch.isEmpty && records > 0, "a batch holds an input")
    if hasLeftovers { try cut() }
    assert(!hasLeftovers, "a batch is written behind what is durable, and nothing else stands there")
    hasLeftovers = true
    do throws(FileLogError) {
      try write(batch, at: off_t(mark.end))
      try synchronise()
      let next = LogFormat.Mark(
        end: mark.end + UInt64(batch.count), records: mark.records + records, batch: mark.batch + 1)
      assert(next.offset != mark.offset, "the last mark stays whole while the next one is written")
      try write(next.bytes, at: off_t(next.offset))
      mark = next
      hasLeftovers = false
      syncs += 1
    } catch {
      // Tried again before the next batch if the disk refuses even this.
      try? cut()
      throw error
    }
  }

  /// Takes away what stands behind the end, and writes both marks.
  func restore() throws(FileLogError) {
    try cut()
    for batch in [mark.batch, mark.batch + 1] {
      mark.batch = batch
      try write(mark.bytes, at: off_t(mark.offset))
    }
    try synchronise()
  }

  private func cut() throws(FileLogError) {
    guard disk.truncate(descriptor, off_t(mark.end)) == 0 else { throw failure("cannot be cut back") }
    hasLeftovers = false
  }

  private func write(_ bytes: [UInt8], at offset: off_t) throws(FileLogError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        disk.write(descriptor, $0.baseAddress! + written, bytes.count - written, offset + off_t(written))
      }
      if count > 0 {
        written += count
      } else if count == 0 || errno != EINTR {
        throw failure("cannot be written")
      }
    }
  }

  private func synchronise() throws(FileLogError) {
    while disk.sync(descriptor) != 0 {
      guard errno == EINTR else { throw failure("cannot be made durable") }
    }
  }

  private func failure(_ words: String) -> FileLogError { FileLogError.system(path, words, errno) }
}

extension FileLogError {
  /// What the system says.
  static func system(_ path: String, _ words: String, _ code: Int32) -> FileLogError {
    FileLogError(
      description: "\(path): \(words): \(String(cString: strerror(code)))",
      isForLackOfRoom: [ENOSPC, EDQUOT, EFBIG].contains(code))
  }
}

/// Files beside a log, and the folder that holds them.
enum LogFolder {
  /// Opens a file under a descriptor above those of standard input, output and error: what is written to those by accident must
  /// never land in it.
  static func open(_ path: String, _ flags: Int32) throws(FileLogError) -> Int32 {
    let opened = Foundation.open(path, flags | O_CLOEXEC, 0o600)
    guard opened >= 0 else { throw .system(path, "cannot be opened", errno) }
    guard opened <= STDERR_FILENO else { return opened }
    let moved = fcntl(opened, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
    let code = errno
    close(opened)
    guard moved >= 0 else { throw .system(path, "cannot be opened", code) }
    return moved
  }

  /// Makes the names in the folder of a file durable.
  static func synchronise(of path: String) throws(FileLogError) {
    let folder = (path as NSString).deletingLastPathComponent
    let descriptor = try open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY)
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw .system(folder, "cannot be made durable", errno)
    }
  }

  /// Writes a new file, durable with its name, or leaves none.
  ///
  /// - Returns: whether the name was free.
  static func create(_ path: String, _ bytes: some Collection<UInt8>) throws(FileLogError) -> Bool {
    let draft = "\(path).new-\(getpid())"
    let descriptor = try open(draft, O_WRONLY | O_CREAT | O_TRUNC)
    defer {
      close(descriptor)
      unlink(draft)
    }
    let bytes = Array(bytes)
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress! + written, bytes.count - written)
      }
      if count > 0 {
        written += count
      } else if count == 0 || errno != EINTR {
        throw .system(draft, "cannot be written", errno)
      }
    }
    guard fsync(descriptor) == 0 else { throw .system(draft, "cannot be made durable", errno) }
    // Where a file system knows no links, nobody else may have taken the name in between: the folder is the log's own.
    if link(draft, path) != 0 {
      if errno == EEXIST { return false }
      guard access(path, F_OK) != 0, rename(draft, path) == 0 else {
        throw .system(path, "cannot be made", errno)
      }
    }
    try synchronise(of: path)
    return true
  }

  /// Keeps bytes beside a log, under the first name that is free.
  static func keep(_ bytes: some Collection<UInt8>, beside path: String) throws(FileLogError) -> String {
    for number in 1... {
      let name = number == 1 ? path : "\(path)-\(number)"
      if try create(name, bytes) { return name }
    }
    preconditionFailure("numbers do not end")
  }
}
