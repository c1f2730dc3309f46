import RunRecord

/// Figures in the form in which people read them.
enum Wording {
  /// How a run that was not interrupted ended.
  static func ended(_ record: RunRecord) -> String {
    record.simulated.ended == "quiescent" ? "all queues drained" : "work was left when time was up"
  }

  /// What was measured for an expectation: `measured 3h 12m`, or `not measured: no invoice was issued`.
  static func measured(_ expectation: RunRecord.Expectation, in record: RunRecord) -> String {
    let value = expectation.measured.map { "measured " + indicator($0, unit: record.unit(of: expectation)) }
    guard let reason = expectation.reason else { return value ?? "not measured" }
    return value.map { "\($0); \(reason)" } ?? "not measured: \(reason)"
  }

  /// What usage that was put aside is worth: `USD 4,535.00`, `not priced`, or both; empty where nothing was put aside.
  static func worth(_ row: RunRecord.ControlTotals.Row) -> String {
    guard let count = row.count, count != 0 else { return "" }
    let unpriced = row.unpriced ?? 0
    guard let amount = row.amount, unpriced < count else { return "not priced" }
    let priced = "\(row.currency) \(grouped(amount))"
    return unpriced == 0 ? priced : "\(priced), \(grouped(unpriced)) events not priced"
  }

  /// What a verdict cannot speak for, for its headline: usage that was put aside, and what never came to be.
  static func unseen(_ record: RunRecord) -> [String] {
    var parts: [String] = []
    func count(_ stage: String) -> Int64 {
      sum((record.controlTotals.stages.first { $0.stage == stage }?.rows ?? []).compactMap(\.count))
    }
    let emitted = count("emitted")
    let putAside = count("putAside")
    if emitted > 0, putAside == emitted {
      parts.append("all \(grouped(emitted)) events excluded")
    } else if putAside > 0 {
      parts.append("\(grouped(putAside)) of \(grouped(emitted)) events excluded")
    }
    let unrated = sum(record.cases.filter { $0.kind == "unratable" && $0.resolved == nil }.map(\.waiting))
    if unrated > 0 { parts.append("\(grouped(unrated)) charges could not be rated") }
    let issued = count("issued")
    if record.tally.judged > 0, issued == 0 { parts.append("no invoice issued") }
    let unposted = issued - count("posted")
    if unposted > 0 { parts.append("\(grouped(unposted)) of \(grouped(issued)) invoices in no ledger") }
    return parts
  }

  /// What a fault met: calls, messages, documents and events.
  static func hits(_ count: Int) -> String { count > 0 ? "hit \(grouped(count))" : "hit nothing" }

  /// `1,234,567.89`: groups the digits of an exact decimal text.
  static func grouped(_ decimal: String) -> String {
    let sign = decimal.hasPrefix("-") ? "-" : ""
    let parts = decimal.dropFirst(sign.count).split(separator: ".", maxSplits: 1)
    guard let whole = parts.first else { return decimal }
    var out = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index) % 3 == 0 { out += "," }
      out.append(digit)
    }
    return sign + out + (parts.count > 1 ? "." + parts[1] : "")
  }

  static func grouped(_ number: some BinaryInteger) -> String { grouped(String(number)) }

  /// A number to the next whole one, whatever its size.
  static func whole(_ value: Double) -> String {
    guard let whole = Int64(exactly: value.rounded()) else { return "\(value)" }
    return grouped(whole)
  }

  /// The sum of counts; one that is too great is the greatest that there is.
  static func sum<Count: FixedWidthInteger>(_ counts: some Sequence<Count>) -> Count {
    counts.reduce(0) { sum, count in
      let (value, overflow) = sum.addingReportingOverflow(count)
      return overflow ? (count > 0 ? .max : .min) : value
    }
  }

  /// Three significant digits and a magnitude: `4.71 M`.
  static func short(_ value: Double) -> String {
    let units: [(Double, String)] = [(1e9, " G"), (1e6, " M"), (1e3, " k")]
    for (size, name) in units where value >= size * 0.9995 { return digits(value / size) + name }
    return digits(value)
  }

  private static func digits(_ value: Double) -> String {
    let decimals = value >= 99.95 ? 0 : (value >= 9.995 ? 1 : 2)
    return fixed(value, decimals: decimals)
  }

  /// A number with a fixed number of decimals, rounded half away from zero.
  static func fixed(_ value: Double, decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    guard abs(value) < 1e15, let scaled = Int64(exactly: (value * scale).rounded()) else {
      return "\(value)"
    }
    let digits = String(scaled.magnitude)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = scaled < 0 ? "-" : ""
    return decimals == 0
      ? sign + padded : "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
  }

  /// A span in the two greatest units that matter: `2d 4h`, `3m 20s`, `1.25s`.
  static func span(_ seconds: Double) -> String {
    if seconds < 0 { return "-" + span(-seconds) }
    if seconds < 60 { return fixed(seconds, decimals: seconds < 10 ? 2 : 1) + "s" }
    guard let whole = Int64(exactly: seconds.rounded()) else { return "\(seconds)s" }
    let parts: [(Int64, String)] = [
      (whole / 86_400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "m"), (whole % 60, "s"),
    ]
    guard let first = parts.firstIndex(where: { $0.0 > 0 }) else { return "0s" }
    return parts[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
  }

  /// `2023-12-01 02:01:02.561`: an instant to the millisecond, where it has a part of a second.
  static func instant(_ at: String) -> String {
    guard at.hasSuffix("Z"), at.count >= 20 else { return at }
    return String(at.dropLast().prefix(23)).replacing("T", with: " ")
  }

  /// Bytes: `312 MiB`.
  static func bytes(_ count: Int) -> String {
    let units: [(Double, String)] = [(1_073_741_824, " GiB"), (1_048_576, " MiB"), (1024, " KiB")]
    for (size, name) in units where Double(count) >= size * 0.9995 {
      return digits(Double(count) / size) + name
    }
    return "\(count) B"
  }

  /// An indicator's value in its unit.
  static func indicator(_ value: Double, unit: String) -> String {
    switch unit {
    case "s": span(value)
    case "share": fixed(value * 100, decimals: 3) + "%"
    case _ where unit.utf8.count == 3: fixed(value, decimals: value.magnitude < 1 ? 4 : 2) + " \(unit)"
    default:
      value.magnitude < 1000 && value != value.rounded()
        ? fixed(value, decimals: 1) : whole(value)
    }
  }
}
