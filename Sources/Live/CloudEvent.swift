import CanonicalModel
import Chronology
import Foundation
import SimulationKernel

/// A usage event as CloudEvents 1.0.2 has it, in its JSON format. Quantities are decimals, as numbers or texts, in `data`.
struct CloudEvent: Encodable, Sendable {
  /// What was used.
  struct Usage: Encodable, Sendable {
    var quantity0: WireQuantity
    var quantity1: WireQuantity?
    /// The position among the values of the type's dimension.
    var dimension: UInt16?
    var schemaVersion: UInt16?
  }

  var specversion: String
  var id: String
  var source: String
  var type: String
  var subject: String
  var time: String
  var data: Usage
}

/// A quantity in millionths, exactly as it was written.
struct WireQuantity: Encodable, Hashable, Sendable {
  var millionths: Int64

  /// Whole digits that a quantity may have.
  private static let wholeDigits = 12

  init(millionths: Int64) { self.millionths = millionths }

  /// Reads a decimal by its written digits: the form of a JSON number, `-12`, `0.25` or `1.5e3`, and nothing else.
  ///
  /// - Throws: where the text has another form, more than six decimals, or more digits before them than fit.
  init(_ text: String, as name: String) throws(CloudEventCodec.Refusal) {
    guard let number = DecimalText(text) else {
      throw .init(reason: "\(name) '\(text.prefix(40))' should be a decimal number such as 1000 or 0.25")
    }
    guard number.digits.isEmpty || number.exponent >= -6 else {
      throw .init(
        reason: "\(name) '\(text.prefix(40))' has more than six decimals: it would have to be rounded")
    }
    guard number.digits.isEmpty || number.digits.count + number.exponent <= Self.wholeDigits else {
      throw .init(
        reason: "\(name) '\(text.prefix(40))' has more than \(Self.wholeDigits) digits before the point")
    }
    assert(number.digits.isEmpty || number.digits.count <= Self.wholeDigits + 6, "eighteen digits fit")
    // At most eighteen digits: no overflow.
    var value: Int64 = 0
    for digit in number.digits { value = value * 10 + Int64(digit) }
    if !number.digits.isEmpty { for _ in 0..<(number.exponent + 6) { value *= 10 } }
    millionths = number.isNegative ? -value : value
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Decimal(millionths) / 1_000_000)
  }
}

extension CloudEvent {
  /// Reads a CloudEvent in JSON.
  ///
  /// - Throws: where an attribute is missing or has another type.
  init(_ json: JSONText) throws(CloudEventCodec.Refusal) {
    guard case .object(let members) = json else { throw .init(reason: "a CloudEvent is a JSON object") }
    func text(_ name: String) throws(CloudEventCodec.Refusal) -> String {
      switch members[name] {
      case .string(let text)?: return text
      case nil: throw .init(reason: "\(name) is missing")
      default: throw .init(reason: "\(name) should be a string")
      }
    }
    guard let data = members["data"] else { throw .init(reason: "data is missing") }
    self.init(
      specversion: try text("specversion"), id: try text("id"), source: try text("source"),
      type: try text("type"), subject: try text("subject"), time: try text("time"), data: try Usage(data))
  }
}

extension CloudEvent.Usage {
  /// Reads the data of a CloudEvent.
  ///
  /// - Throws: where a quantity is missing or cannot be held exactly.
  init(_ json: JSONText) throws(CloudEventCodec.Refusal) {
    guard case .object(let members) = json else {
      throw .init(reason: "data should be a JSON object with quantity0")
    }
    func quantity(_ name: String) throws(CloudEventCodec.Refusal) -> WireQuantity? {
      switch members[name] {
      case nil, .null?: return nil
      case .number(let text)?, .string(let text)?: return try WireQuantity(text, as: "data.\(name)")
      default: throw .init(reason: "data.\(name) should be a number, or a string that is one")
      }
    }
    func small(_ name: String) throws(CloudEventCodec.Refusal) -> UInt16? {
      switch members[name] {
      case nil, .null?: return nil
      case .number(let text)?:
        if let value = UInt16(text) { return value }
        fallthrough
      default: throw .init(reason: "data.\(name) should be a whole number from 0 to 65535")
      }
    }
    guard let first = try quantity("quantity0") else { throw .init(reason: "data.quantity0 is missing") }
    self.init(
      quantity0: first, quantity1: try quantity("quantity1"), dimension: try small("dimension"),
      schemaVersion: try small("schemaVersion"))
  }
}

/// Translates between CloudEvents and the core's usage events.
package struct CloudEventCodec: Sendable {
  private let catalog: Catalog
  private let sources: [String: SourceID]
  private let types: [String: EventTypeID]
  private let subjects: [String: SubjectID]
  /// From here on, subjects are references that billing does not know.
  private static let unknown: UInt32 = 1 << 31

  /// Makes a codec for the names of a catalogue.
  package init(_ catalog: Catalog) {
    precondition(
      catalog.subscriptions.count + catalog.identities.count < Int(Self.unknown),
      "customers and strangers have numbers of their own")
    self.catalog = catalog
    func index<ID>(_ names: [String], _ make: (UInt32) -> ID) -> [String: ID] {
      Dictionary(names.enumerated().map { ($1, make(UInt32($0))) }, uniquingKeysWith: { first, _ in first })
    }
    sources = index(catalog.sources, SourceID.init(index:))
    types = index(catalog.eventTypes.map(\.name), EventTypeID.init(index:))
    subjects = index(
      catalog.subscriptions.map { catalog[$0.account].name }, SubjectID.init(index:))
  }

  /// Why an event is refused.
  struct Refusal: Error, Sendable {
    var reason: String
    /// Whether it is the content type that is wrong.
    var isOfType = false
  }

  func event(_ cloud: CloudEvent) throws(Refusal) -> UsageEvent {
    guard cloud.specversion == "1.0" else { throw Refusal(reason: "specversion should be 1.0") }
    guard !cloud.id.isEmpty else { throw Refusal(reason: "id is empty") }
    guard let source = sources[cloud.source] else {
      throw Refusal(reason: "source '\(cloud.source.prefix(40))' is not known")
    }
    guard let type = types[cloud.type] else {
      throw Refusal(reason: "type '\(cloud.type.prefix(40))' is not known")
    }
    guard let time = Instant(iso8601: cloud.time) else {
      throw Refusal(reason: "time '\(cloud.time.prefix(40))' should look like 2026-01-31T23:59:59.5Z")
    }
    guard !cloud.subject.isEmpty else { throw Refusal(reason: "subject is empty") }
    return UsageEvent(
      id: Self.number(ofID: cloud.id), source: source, type: type, subject: subject(cloud.subject),
      time: time, quantity0: cloud.data.quantity0.millionths,
      quantity1: cloud.data.quantity1?.millionths ?? 0,
      schemaVersion: cloud.data.schemaVersion ?? catalog[type].schemaVersion,
      dimension: cloud.data.dimension ?? 0)
  }

  /// The number that stands for an identifier: identifiers are texts, and the core compares 64 bits.
  ///
  /// A text that is a whole number below 2⁶⁴ as one writes it (`7`, not `007` or `+7`) is that number, exactly: producers that number
  /// their events, and the load generator, never collide. Any other text is a digest of 64 bits. Two of n such texts
  /// of one source within the deduplication horizon agree with a probability of n² / 2⁶⁵ (a million texts: 3 × 10⁻⁸; a
  /// hundred million: 3 × 10⁻⁴), and the second one then counts as a copy. Sources do not meet: the key has the source beside it.
  static func number(ofID text: String) -> UInt64 {
    if let number = UInt64(text), text.utf8.first != UInt8(ascii: "+"),
      text.utf8.first != UInt8(ascii: "0") || text.utf8.count == 1
    {
      return number
    }
    var digest = Fingerprint()
    digest.absorb(text)
    return digest.lanes.0
  }

  /// A reference is that of a customer only as it is written. Any other gets a number of its own, beyond all customers, so that the event
  /// waits in quarantine: `unknown-N` is the one that ``cloud(_:)`` writes, if N is no customer's number.
  private func subject(_ name: String) -> SubjectID {
    if let known = subjects[name] { return known }
    if name.hasPrefix("unknown-"), let number = UInt32(name.dropFirst(8)),
      Int(number) >= catalog.subscriptions.count + catalog.identities.count, number < Self.unknown,
      name == "unknown-\(number)"
    {
      return SubjectID(index: number)
    }
    // Two strange references may get the same number: they wait in the same place, and neither is ever billed.
    var hash: UInt32 = 2_166_136_261
    for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return SubjectID(index: hash | Self.unknown)
  }

  func cloud(_ event: UsageEvent) -> CloudEvent {
    let subscription = Int(event.subject.index)
    let subject =
      subscription < catalog.subscriptions.count
      ? catalog[catalog.subscriptions[subscription].account].name
      : "unknown-\(event.subject.index)"
    let type = catalog[event.type]
    return CloudEvent(
      specversion: "1.0", id: "\(event.id)", source: catalog[event.source],
      type: type.name, subject: subject, time: "\(event.time)",
      data: .init(
        quantity0: WireQuantity(millionths: event.quantity0),
        quantity1: event.quantity1 == 0 ? nil : WireQuantity(millionths: event.quantity1),
        dimension: event.dimension == 0 ? nil : event.dimension,
        schemaVersion: event.schemaVersion == type.schemaVersion ? nil : event.schemaVersion))
  }
}
