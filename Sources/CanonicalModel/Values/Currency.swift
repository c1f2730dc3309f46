/// A currency by its ISO 4217 code, with the digits of its minor unit.
public struct Currency: Hashable, Sendable {
  /// The three-letter code.
  public let code: String
  /// Fraction digits of the minor unit: 2 for USD, 0 for JPY, 3 for BHD.
  public let digits: Int
  /// The minor unit in units of ``Money``.
  let minorUnit: Int128

  /// Looks a code up in ISO 4217 (list one, amendment 177).
  ///
  /// - Returns: `nil` for a code that is not an active currency.
  public init?(code: String) {
    guard let known = Self.known[code] else { return nil }
    self = known
  }

  private init(code: String, digits: Int) {
    self.code = code
    self.digits = digits
    minorUnit = DecimalDigits.powerOfTen(Money.scale - digits)
  }

  /// The codes that are known, sorted.
  public static var codes: [String] { (twoDigits + Array(exceptions.keys)).sorted() }

  private static let known: [String: Currency] = Dictionary(
    uniqueKeysWithValues: (twoDigits.map { Currency(code: $0, digits: 2) }
      + exceptions.map { Currency(code: $0.key, digits: $0.value) }).map { ($0.code, $0) })

  private static let exceptions: [String: Int] = [
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
    "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0, "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3,
    "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4,
  ]

  private static let twoDigits = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP \
    CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS \
    INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN \
    MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE \
    SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG
    """.split(separator: " ").map(String.init)
}

extension Currency: CustomStringConvertible {
  /// The code.
  public var description: String { code }
}
