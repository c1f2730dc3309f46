/// Elementary functions from `+ − × ÷`, `squareRoot()` and bit patterns alone.
///
/// The C library's versions differ between implementations, and glibc's even between processors (it picks
/// FMA variants at load time), so nothing on the deterministic path may call them. Kernels and coefficients
/// follow fdlibm (Sun Microsystems, 1993; netlib.org/fdlibm): below 1 ulp on the whole range.
public enum DeterministicMath {
  @usableFromInline static let ln2High = 6.93147180369123816490e-01
  @usableFromInline static let ln2Low = 1.90821492927058770002e-10

  /// The natural logarithm. `log(0)` is −∞; a negative argument gives NaN.
  @inlinable
  public static func log(_ x: Double) -> Double {
    guard x > 0 else { return x == 0 ? -Double.infinity : Double.nan }
    guard x < .infinity else { return x }
    var value = x
    var k = 0
    if value < Double.leastNormalMagnitude {
      value *= 0x1p54
      k = -54
    }
    // Bring the significand into [√2/2, √2).
    var bits = value.bitPattern
    var high = UInt32(truncatingIfNeeded: bits >> 32)
    high &+= 0x3ff0_0000 &- 0x3fe6_a09e
    k += Int(high >> 20) - 0x3ff
    high = (high & 0x000f_ffff) &+ 0x3fe6_a09e
    bits = UInt64(high) << 32 | (bits & 0xffff_ffff)
    let f = Double(bitPattern: bits) - 1
    let halfSquare = 0.5 * f * f
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    let t2 =
      z
      * (6.666666666666735130e-01
        + w
        * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    let dk = Double(k)
    return s * (halfSquare + (t1 + t2)) + dk * ln2Low - halfSquare + f + dk * ln2High
  }

  /// e to the power of `x`. Overflows to +∞ above 709.78 and underflows to 0 below −745.13.
  @inlinable
  public static func exp(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x > 709.782712893383973096 { return .infinity }
    if x < -745.13321910194110842 { return 0 }
    // Converting cuts off toward zero in one instruction, where `rounded` calls the C library.
    let exponent = Int(x * 1.44269504088896338700 + (x < 0 ? -0.5 : 0.5))
    let k = Double(exponent)
    let high = x - k * ln2High
    let low = k * ln2Low
    let r = high - low
    let rr = r * r
    let c =
      r - rr
      * (1.66666666666666019037e-01
        + rr
        * (-2.77777777770155933842e-03
          + rr
          * (6.61375632143793436117e-05
            + rr * (-1.65339022054652515390e-06 + rr * 4.13813679705723846039e-08))))
    let y = 1 + (r * c / (2 - c) - low + high)
    if exponent >= -1021 {
      if exponent == 1024 { return y * 2 * 0x1p1023 }
      return y * Double(bitPattern: UInt64(1023 + exponent) << 52)
    }
    return y * Double(bitPattern: UInt64(1023 + exponent + 1000) << 52) * 0x1p-1000
  }

  /// The nearest whole number, halves away from zero: what `rounded()` gives, without a call of the C library.
  @inlinable
  @inline(__always)
  public static func nearest(_ x: Double) -> Double {
    guard x.magnitude < 0x1p52 else { return x }
    let whole = Double(Int64(x))
    let rest = x - whole
    // Twice the rest, cut off, is 1 or -1 where the rest is half or more: no branch, as none could foresee which.
    return whole + Double(Int64(rest + rest))
  }

  /// `base` to a real power, for a positive base: `exp(exponent · log(base))`, within a few ulp.
  @inlinable
  public static func pow(_ base: Double, _ exponent: Double) -> Double {
    exp(exponent * log(base))
  }

  /// The quantile function of the standard normal distribution: algorithm AS 241, PPND16 (M. Wichura,
  /// Applied Statistics 37(3), 1988), relative error about 1e-16.
  ///
  /// - Precondition: `0 < p < 1`.
  @inlinable
  public static func normalQuantile(_ p: Double) -> Double {
    let q = p - 0.5
    if q >= -0.425 && q <= 0.425 {
      let r = 0.180625 - q * q
      let numerator = horner(
        r, 2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
        13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608)
      let denominator = horner(
        r, 5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
        5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1)
      return q * numerator / denominator
    }
    var r = (-log(q < 0 ? p : 1 - p)).squareRoot()
    let value: Double
    if r <= 5 {
      r -= 1.6
      let numerator = horner(
        r, 7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
        1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959,
        1.42343711074968357734)
      let denominator = horner(
        r, 1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
        0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1)
      value = numerator / denominator
    } else {
      r -= 5
      let numerator = horner(
        r, 2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
        0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699,
        6.6579046435011037772)
      let denominator = horner(
        r, 2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
        7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1)
      value = numerator / denominator
    }
    return q < 0 ? -value : value
  }

  /// The natural logarithm of the gamma function for `x ≥ 0.5`: Stirling's series after an upward shift to
  /// 10 or more, relative error below 1e-13.
  public static func logGamma(_ x: Double) -> Double {
    var y = x
    var product = 1.0
    while y < 10 {
      product *= y
      y += 1
    }
    let inverse = 1 / y
    let square = inverse * inverse
    let series =
      inverse
      * (1.0 / 12
        - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square * (1.0 / 1188)))))
    return (y - 0.5) * log(y) - y + 0.91893853320467274178 + series - log(product)
  }

  @inlinable
  @inline(__always)
  static func horner(
    _ x: Double, _ c7: Double, _ c6: Double, _ c5: Double, _ c4: Double, _ c3: Double, _ c2: Double,
    _ c1: Double, _ c0: Double
  ) -> Double {
    ((((((c7 * x + c6) * x + c5) * x + c4) * x + c3) * x + c2) * x + c1) * x + c0
  }
}
