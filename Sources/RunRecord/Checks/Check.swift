/// The checks of which those of records are made. Limits are far above what can be simulated and far below where sums and
/// conversions of those who read records could overflow.
enum Check {
  /// The greatest count.
  static let mostCount: Int64 = 1_000_000_000_000_000
  /// The greatest magnitude of a measured figure.
  static let mostFigure = 1e30
  /// The greatest span in seconds: what lies between the earliest and the latest instant.
  static let mostSeconds = 1e11

  /// Says where a problem lies.
  static func within(
    _ key: String, _ body: () throws(RecordProblem) -> Void
  ) throws(RecordProblem) {
    do { try body() } catch { throw error.inside(key) }
  }

  /// Checks each of several.
  static func each<Element>(
    _ key: String, _ elements: [Element], _ body: (Element) throws(RecordProblem) -> Void
  ) throws(RecordProblem) {
    for (index, element) in elements.enumerated() {
      do { try body(element) } catch { throw error.inside("\(key)[\(index)]") }
    }
  }

  /// A whole number from 0 on.
  static func count(_ value: some FixedWidthInteger, _ key: String) throws(RecordProblem) {
    guard value >= 0, value <= mostCount else {
      throw RecordProblem("\(value) should be a whole number from 0 to \(mostCount)", at: key)
    }
  }

  /// Several counts by their names.
  static func counts(_ values: [(String, Int)]) throws(RecordProblem) {
    for (key, value) in values { try count(value, key) }
  }

  /// Several counts of an object.
  static func counts(_ values: [String: Int]) throws(RecordProblem) {
    try counts(values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  /// The difference of two counts.
  static func difference(_ value: (some FixedWidthInteger)?, _ key: String) throws(RecordProblem) {
    guard let value, value.magnitude > UInt64(mostCount) else { return }
    throw RecordProblem("\(value) should be a whole number of at most \(mostCount) either way", at: key)
  }

  /// A measured figure.
  static func figure(_ value: Double?, _ key: String) throws(RecordProblem) {
    guard let value, !(value.magnitude <= mostFigure) else { return }
    throw RecordProblem("\(value) should be a number of at most 1e30 either way", at: key)
  }

  /// Several figures of an object.
  static func figures(_ values: [String: Double]) throws(RecordProblem) {
    for (key, value) in values.sorted(by: { $0.key < $1.key }) { try figure(value, key) }
  }

  /// A span of time from nothing on, in seconds.
  static func seconds(_ value: Double?, _ key: String) throws(RecordProblem) {
    guard let value, !(value >= 0 && value <= mostSeconds) else { return }
    throw RecordProblem("\(value) should be a number of seconds from 0 to 1e11", at: key)
  }

  /// A share of something, from 0 to 1.
  static func share(_ value: Double, _ key: String) throws(RecordProblem) {
    guard value > 0, value < 1 else {
      throw RecordProblem("\(value) should be a share between 0 and 1", at: key)
    }
  }

  /// A list that has to be as long as another one.
  static func length(_ count: Int, _ wanted: Int, of what: String, _ key: String) throws(RecordProblem) {
    guard count == wanted else {
      throw RecordProblem("\(count) entries should be \(wanted), one for each of \(what)", at: key)
    }
  }

  /// An exact decimal: `-1234.50`; nothing where there is none.
  static func decimal(_ text: String?, _ key: String, mayBeEmpty: Bool = false) throws(RecordProblem) {
    guard let text, !(mayBeEmpty && text.isEmpty), !isDecimal(text) else { return }
    throw RecordProblem("'\(text.prefix(40))' should be a decimal number such as -1234.50", at: key)
  }

  private static func isDecimal(_ text: String) -> Bool {
    var (digits, points) = (0, 0)
    guard text.utf8.count <= 64 else { return false }
    for (index, byte) in text.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "-") where index == 0: break
      case UInt8(ascii: ".") where points == 0 && digits > 0: points += 1
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
      default: return false
      }
    }
    return digits > 0 && text.utf8.last != UInt8(ascii: ".")
  }

  /// An instant in UTC: `2026-01-31T23:00:00Z`, with up to nine digits of a second.
  static func instant(_ text: String?, _ key: String) throws(RecordProblem) {
    guard let text, !isInstant(text) else { return }
    throw RecordProblem("'\(text.prefix(40))' should be an instant such as 2026-01-31T23:00:00Z", at: key)
  }

  private static func isInstant(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard (20...30).contains(bytes.count), bytes.last == UInt8(ascii: "Z") else { return false }
    func number(_ range: Range<Int>) -> Int? {
      bytes[range].reduce(Int?(0)) { sum, byte in
        guard let sum, byte >= 48, byte <= 57 else { return nil }
        return sum * 10 + Int(byte - 48)
      }
    }
    for (index, mark) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")] as [(Int, Unicode.Scalar)] {
      guard bytes[index] == UInt8(ascii: mark) else { return false }
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
    else { return false }
    if bytes.count > 20 {
      guard bytes[19] == UInt8(ascii: "."), bytes.count > 21, number(20..<bytes.count - 1) != nil else {
        return false
      }
    }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1677...2262).contains(year) && (1...12).contains(month) && (1...days[month - 1]).contains(day)
      && hour <= 23 && minute <= 59 && second <= 59
  }

  /// A text on one line: it goes into tables and into the files of other programs.
  static func line(_ text: String?, _ key: String) throws(RecordProblem) {
    guard let text, text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
      return
    }
    throw RecordProblem("this text should have no line break or control character", at: key)
  }
}
