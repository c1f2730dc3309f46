/// A named rule for dropping digits.
public enum Rounding: String, Sendable, CaseIterable {
  /// To the nearest; a tie away from zero. The commercial rule, and the default everywhere.
  case halfAwayFromZero
  /// To the nearest; a tie to the even neighbour.
  case halfEven
  /// Towards zero: truncation.
  case towardZero
  /// Away from zero.
  case awayFromZero
}

extension Int128 {
  /// Divides by a positive divisor, rounding the quotient by a named rule.
  public func divided(by divisor: Int128, rounding: Rounding) -> Int128 {
    precondition(divisor > 0, "the divisor of a rounded division must be positive")
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    if remainder == 0 { return quotient }
    let away = quotient + (self < 0 ? -1 : 1)
    switch rounding {
    case .towardZero: return quotient
    case .awayFromZero: return away
    case .halfAwayFromZero, .halfEven:
      let half = remainder.magnitude
      let rest = divisor.magnitude - half
      if half != rest { return half > rest ? away : quotient }
      return rounding == .halfEven && quotient % 2 == 0 ? quotient : away
    }
  }
}

/// Reading and writing decimal digits exactly, shared by ``Money``, ``Price`` and ``Quantity``.
enum DecimalDigits {
  /// 10 to a power of at most 38.
  static func powerOfTen(_ exponent: Int) -> Int128 { powers[exponent] }

  private static let powers: [Int128] = (0..<39).map { exponent in
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }

  /// Reads `[-]digits[.digits]` as an integer count of `10^-scale`.
  ///
  /// - Returns: `nil` on another form, on more than `scale` significant fraction digits, and on overflow.
  static func parse(_ text: some StringProtocol, scale: Int) -> Int128? { parse(String(text), scale: scale) }

  /// The same of a string as it stands: what is read of it for every line of a document.
  static func parse(_ text: String, scale: Int) -> Int128? {
    var text = text
    return text.withUTF8 { parse($0, scale: scale) }
  }

  private static func parse(_ bytes: UnsafeBufferPointer<UInt8>, scale: Int) -> Int128? {
    var magnitude: Int128 = 0
    var fractionDigits: Int?
    var anyDigit = false
    var isNegative = false
    for index in bytes.indices {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "-") where index == 0: isNegative = true
      case UInt8(ascii: "+") where index == 0: break
      case UInt8(ascii: ".") where fractionDigits == nil && anyDigit: fractionDigits = 0
      case 48...57:
        anyDigit = true
        if let count = fractionDigits {
          if count == scale {
            guard byte == 48 else { return nil }
            continue
          }
          fractionDigits = count + 1
        }
        let (shifted, overflow) = magnitude.multipliedReportingOverflow(by: 10)
        let (sum, carry) = shifted.addingReportingOverflow(Int128(byte - 48))
        guard !overflow, !carry else { return nil }
        magnitude = sum
      default: return nil
      }
    }
    guard anyDigit, bytes.last != UInt8(ascii: ".") else { return nil }
    let (units, overflow) = magnitude.multipliedReportingOverflow(
      by: powerOfTen(scale - (fractionDigits ?? 0)))
    return overflow ? nil : (isNegative ? -units : units)
  }

  /// Writes a number with leading zeros up to a width of at most ten digits.
  static func text(_ number: UInt32, width: Int = 1) -> String {
    String(unsafeUninitializedCapacity: 10) { buffer in
      var count = 0
      var rest = number
      while rest > 0 || count < max(1, width) {
        buffer[9 - count] = UInt8(truncatingIfNeeded: rest % 10) + 48
        rest /= 10
        count += 1
      }
      for index in 0..<count { buffer[index] = buffer[10 - count + index] }
      return count
    }
  }

  /// Writes an integer count of `10^-scale` with at least `minimumFraction` fraction digits and without
  /// needless zeros behind them.
  static func format(_ units: Int128, scale: Int, minimumFraction: Int = 0) -> String {
    // 39 digits of the greatest magnitude, zeros up to the scale, a point and a sign: filled from the end.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 48 + scale) { buffer in
      var start = buffer.count
      var rest = units.magnitude
      var written = 0
      var isKept = false
      while rest > 0 || written <= scale {
        // Nineteen digits at a time: a division of 128 bits costs many of 64.
        var (chunk, count) = (UInt64(truncatingIfNeeded: rest), 39)
        if rest > UInt128(UInt64.max) {
          let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
          (rest, chunk, count) = (quotient, UInt64(remainder), 19)
        } else {
          rest = 0
        }
        while count > 0, chunk > 0 || rest > 0 || written <= scale {
          let digit = UInt8(truncatingIfNeeded: chunk % 10)
          chunk /= 10
          count -= 1
          if written == scale, isKept {
            start -= 1
            buffer[start] = UInt8(ascii: ".")
          }
          // Zeros behind the point are left out as long as nothing follows them.
          if written >= scale || isKept || digit != 0 || written >= scale - minimumFraction {
            isKept = true
            start -= 1
            buffer[start] = digit + 48
          }
          written += 1
        }
      }
      if units < 0 {
        start -= 1
        buffer[start] = UInt8(ascii: "-")
      }
      return String(decoding: buffer[start...], as: UTF8.self)
    }
  }
}
