/// What the bytes of a log come to: whole records from the first on, and what is behind them.
///
/// A crash can leave one thing only: the batch that was being written, in part, behind everything that was durable. Whatever else is
/// wrong is damage, and is never taken for a torn end: bytes within what was durable, or anything that whole records follow.
struct LogScan {
  /// What is behind the whole records.
  enum Rest: Equatable {
    /// Nothing: they are all there is.
    case none
    /// Bytes of a batch that was not durable when its process died.
    case torn(bytes: Int)
    /// Damage, in words.
    case damaged(String)
  }

  /// A record and where it begins.
  typealias Place = (offset: Int, record: LogFormat.Record)

  /// Why the bytes are no log at all; `nil`: they are one.
  private(set) var stranger: String?
  /// Whole records in their order, from the first on.
  private(set) var records: [LogFormat.Record] = []
  /// Whole records behind the damage, wherever they begin.
  private(set) var behind: [Place] = []
  /// Where the first ones end.
  private(set) var end = LogFormat.records
  private(set) var rest = Rest.none
  /// The newest mark that is whole.
  private(set) var mark: LogFormat.Mark?

  /// Reads the bytes of a file.
  init(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= LogFormat.records, bytes.prefix(LogFormat.magic.count).elementsEqual(LogFormat.magic)
    else {
      stranger = Self.strangeness(bytes)
      return
    }
    let marks = (0..<2).map { LogFormat.Mark(bytes, at: LogFormat.marks + $0 * LogFormat.Mark.size) }
    mark = marks.compactMap(\.self).max { $0.batch < $1.batch }
    while let record = LogFormat.record(bytes, at: end), record.sequence == UInt64(records.count) {
      records.append(record)
      end = record.end
    }
    assert(end >= LogFormat.records && end <= bytes.count, "whole records end in the file")
    rest = judge(bytes, isMarkLost: marks.contains(nil))
  }

  private static func strangeness(_ bytes: UnsafeRawBufferPointer) -> String {
    if bytes.isEmpty { return "is empty, so it is not a Meterstorm log" }
    if bytes.prefix(15).elementsEqual(LogFormat.magic.prefix(15)), bytes.count > 15 {
      let version = String(decoding: bytes[15..<16], as: UTF8.self)
      return "is damaged at its beginning, or a log of format '\(version)', which this program does not read"
    }
    if bytes.count > 9, bytes[8] == 1, LogFormat.nextRecord(bytes, from: 0) == nil,
      String(decoding: bytes.prefix(200), as: UTF8.self).contains("\"scenario\"")
    {
      return
        "is a log of format 1, which does not name its scenario; keep it, and name another folder"
    }
    return "is not a Meterstorm log, or is damaged at its beginning"
  }

  private mutating func judge(_ bytes: UnsafeRawBufferPointer, isMarkLost: Bool) -> Rest {
    var from = end + 1
    while let place = LogFormat.nextRecord(bytes, from: from) {
      assert(place.offset >= from && place.record.end <= bytes.count, "records do not overlap")
      behind.append(place)
      from = place.record.end
    }
    guard let mark else { return .damaged("both marks of what was durable are damaged") }
    let marked = Int(clamping: mark.end)
    if !behind.isEmpty {
      return .damaged("corrupt at byte \(end), with \(behind.count) valid records after it")
    }
    if marked > end {
      return .damaged(
        marked > bytes.count && end == bytes.count
          ? "cut off at byte \(end): \(marked - end) bytes that were durable are missing"
          : "corrupt at byte \(end), within what was durable (\(marked) bytes)")
    }
    guard isConsistent(mark) else { return .damaged("the mark of what was durable does not fit the records") }
    guard end < bytes.count else { return .none }
    // What stands behind cannot be told from what was durable.
    if isMarkLost {
      return .damaged("corrupt at byte \(end), and a mark of what was durable is damaged, too")
    }
    return .torn(bytes: bytes.count - end)
  }

  /// Whether a mark stands at the end of as many records as it says.
  private func isConsistent(_ mark: LogFormat.Mark) -> Bool {
    guard mark.records >= 1, mark.records <= UInt64(records.count) else { return false }
    return UInt64(records[Int(mark.records) - 1].end) == mark.end
  }
}
