extension Instant: CustomStringConvertible {
  /// ISO-8601 in UTC with as many fraction digits (0, 3, 6 or 9) as needed: `2026-01-31T23:59:59.999Z`.
  public var description: String {
    let date = self.date
    let sinceMidnight = nanoseconds - date.start.nanoseconds
    let second = Int(sinceMidnight / 1_000_000_000)
    var fraction = Int(sinceMidnight % 1_000_000_000)
    var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
    text += "T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    if fraction != 0 {
      var digits = 9
      while digits > 3, fraction % 1000 == 0 {
        fraction /= 1000
        digits -= 3
      }
      text += "." + padded(fraction, digits)
    }
    return text + "Z"
  }

  /// Reads `YYYY-MM-DD`, optionally followed by `T` or a space and `hh:mm[:ss[.fraction]]`, optionally by
  /// `Z`. The fraction has at most nine digits. Everything is UTC.
  ///
  /// - Returns: `nil` where the text has another form or names no real date.
  public init?(iso8601 text: some StringProtocol) {
    var reader = DigitReader(text)
    guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
      let day = reader.digits(2), (1678...2261).contains(year), (1...12).contains(month), day >= 1,
      day <= CivilDate.daysInMonth(month, year: year)
    else { return nil }
    var total = CivilDate(year: year, month: month, day: day).start.nanoseconds
    if reader.skip("T") || reader.skip(" ") {
      guard let hour = reader.digits(2), reader.skip(":"), let minute = reader.digits(2), hour < 24,
        minute < 60
      else { return nil }
      total += Int64(hour * 3600 + minute * 60) * 1_000_000_000
      if reader.skip(":") {
        guard let second = reader.digits(2), second < 60 else { return nil }
        total += Int64(second) * 1_000_000_000
        if reader.skip(".") {
          guard let fraction = reader.fraction() else { return nil }
          total += fraction
        }
      }
    }
    _ = reader.skip("Z")
    guard reader.isAtEnd else { return nil }
    self.init(nanoseconds: total)
  }
}

extension Instant {
  /// Reads a time as files of others have it: as ``init(iso8601:)`` does, or with an offset from UTC in the place of `Z`, such as
  /// `+02:00`, `-0500` or `+01` (RFC 3339, ISO 8601).
  ///
  /// - Returns: `nil` where the text has another form or names no real date.
  public init?(offset text: some StringProtocol) {
    let text = String(text)
    // A sign within the first ten characters belongs to the date.
    guard text.count > 16, let sign = text.dropFirst(11).lastIndex(where: { $0 == "+" || $0 == "-" }) else {
      self.init(iso8601: text)
      return
    }
    let digits = text[text.index(after: sign)...].filter { $0 != ":" }
    guard digits.count == 2 || digits.count == 4, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      text[..<sign].last != "Z", let local = Instant(iso8601: text[..<sign]),
      let hours = Int64(digits.prefix(2)),
      let minutes = Int64(digits.count == 4 ? digits.suffix(2) : "0"), hours < 24, minutes < 60
    else { return nil }
    let ahead = (hours * 3600 + minutes * 60) * (text[sign] == "+" ? 1 : -1)
    self.init(nanoseconds: local.nanoseconds - ahead * 1_000_000_000)
  }
}

extension Span: CustomStringConvertible {
  /// The span in at most two of the units that scenario files use: `6h`, `2d 4h`, `1.250s`, `250ms`.
  public var description: String {
    if nanoseconds == .min { return "-106751d 23h" }
    if nanoseconds < 0 { return "-" + Span(nanoseconds: -nanoseconds).description }
    if nanoseconds < 1_000 { return "\(nanoseconds)ns" }
    if nanoseconds < 1_000_000 { return "\(nanoseconds / 1_000)us" }
    if nanoseconds < 1_000_000_000 { return "\(nanoseconds / 1_000_000)ms" }
    let seconds = Int(nanoseconds / 1_000_000_000)
    if seconds < 60 {
      let milliseconds = Int(nanoseconds % 1_000_000_000 / 1_000_000)
      return milliseconds == 0 ? "\(seconds)s" : "\(seconds).\(padded(milliseconds, 3))s"
    }
    let pairs = [(86_400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")]
    for (unit, name, lesser, lesserName) in pairs where seconds >= unit {
      let rest = seconds % unit / lesser
      return rest == 0 ? "\(seconds / unit)\(name)" : "\(seconds / unit)\(name) \(rest)\(lesserName)"
    }
    return "\(seconds)s"
  }
}

/// Reads fixed-width digit groups off the front of a text.
private struct DigitReader {
  private var bytes: ArraySlice<UInt8>

  init(_ text: some StringProtocol) { bytes = ArraySlice(Array(text.utf8)) }

  var isAtEnd: Bool { bytes.isEmpty }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard let first = bytes.first, UInt32(first) == character.value else { return false }
    bytes.removeFirst()
    return true
  }

  mutating func digits(_ count: Int) -> Int? {
    guard bytes.count >= count else { return nil }
    var value = 0
    for _ in 0..<count {
      let byte = bytes.removeFirst()
      guard byte >= 48, byte <= 57 else { return nil }
      value = value * 10 + Int(byte - 48)
    }
    return value
  }

  /// One to nine digits after a decimal point, as nanoseconds.
  mutating func fraction() -> Int64? {
    var value: Int64 = 0
    var count = 0
    while let byte = bytes.first, byte >= 48, byte <= 57 {
      guard count < 9 else { return nil }
      value = value * 10 + Int64(byte - 48)
      count += 1
      bytes.removeFirst()
    }
    guard count > 0 else { return nil }
    for _ in count..<9 { value *= 10 }
    return value
  }
}
