import Foundation

/// Makes a log that can be opened of a damaged one, where somebody asks for it.
///
/// The records before the damage stay as they are. Of those behind it, the deliveries of usage stay: they were acknowledged. Answers of
/// ERPs and the passing of time behind it belong to a core that has seen what is lost; the core finds out by look-ups what the ERPs
/// hold. The damaged file is kept whole.
struct LogRepair {
  let path: String
  let scan: LogScan
  let coding: LogCoding

  private var deliveries: [LogFormat.Record] {
    scan.behind.map(\.record).filter {
      $0.kind == LogCoding.Kind.delivery.rawValue && coding.input($0) != nil
    }
  }

  /// What a repair would come to.
  var offer: String {
    "restore it from a copy, or start with --repair, which keeps \(kept) and the damaged file beside it"
  }

  private var kept: String {
    let behind = scan.behind.count
    assert(deliveries.count <= behind, "deliveries are some of what is behind the damage")
    let lost = behind - deliveries.count
    return "the \(max(0, scan.records.count - 1)) inputs before the damage"
      + (behind == 0
        ? "" : " and the \(deliveries.count) deliveries of usage behind it (not its \(lost) other inputs)")
  }

  /// Replaces the file.
  ///
  /// - Returns: what was done, in a sentence.
  func perform(_ bytes: UnsafeRawBufferPointer, _ damage: String) throws(FileLogError) -> String {
    var repaired: [UInt8] = []
    for (sequence, record) in (scan.records + deliveries).enumerated() {
      LogFormat.append(UInt64(sequence), record.kind, record.instant, record.payload, to: &repaired)
    }
    let batch = (scan.mark?.batch ?? 0) + 1
    let marks = [batch, batch + 1].sorted { $0 % 2 < $1 % 2 }.map {
      LogFormat.Mark(
        end: UInt64(LogFormat.records + repaired.count),
        records: UInt64(scan.records.count + deliveries.count), batch: $0)
    }
    assert(marks[0].offset < marks[1].offset, "marks are written in the order of their places")
    let whole = LogFormat.magic + marks.flatMap(\.bytes) + repaired
    assert(
      whole.withUnsafeBytes { LogScan($0).rest == .none }, "a repaired log is whole")
    let damaged = try LogFolder.keep(bytes, beside: "\(path).damaged")
    let draft = try LogFolder.keep(whole, beside: "\(path).repaired")
    guard rename(draft, path) == 0 else { throw .system(path, "cannot be replaced", errno) }
    try LogFolder.synchronise(of: path)
    return "\(path): \(damage); repaired: it has \(kept); the damaged file is kept in \(damaged)"
  }
}
