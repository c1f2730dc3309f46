import CanonicalModel
import Chronology
import Foundation

/// A usage event as CloudEvents 1.0.2 has it, in its JSON format. Quantities are decimals, as numbers or texts, in `data`.
struct CloudEvent: Codable, Sendable {
  /// What was used.
  struct Usage: Codable, Sendable {
    var quantity0: Decimal
    var quantity1: Decimal?
    /// The position among the values of the type's dimension.
    var dimension: UInt16?
    var schemaVersion: UInt16?

    private enum CodingKeys: CodingKey { case quantity0, quantity1, dimension, schemaVersion }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      quantity0 = try Self.decimal(container, .quantity0)
      quantity1 = container.contains(.quantity1) ? try Self.decimal(container, .quantity1) : nil
      dimension = try container.decodeIfPresent(UInt16.self, forKey: .dimension)
      schemaVersion = try container.decodeIfPresent(UInt16.self, forKey: .schemaVersion)
    }

    init(quantity0: Decimal, quantity1: Decimal?, dimension: UInt16?, schemaVersion: UInt16?) {
      self.quantity0 = quantity0
      self.quantity1 = quantity1
      self.dimension = dimension
      self.schemaVersion = schemaVersion
    }

    private static func decimal(
      _ container: KeyedDecodingContainer<CodingKeys>, _ key: CodingKeys
    ) throws -> Decimal {
      if let text = try? container.decode(String.self, forKey: key) {
        guard let value = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")) else {
          throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "no decimal")
        }
        return value
      }
      return try container.decode(Decimal.self, forKey: key)
    }
  }

  var specversion: String
  var id: String
  var source: String
  var type: String
  var subject: String
  var time: String
  var data: Usage
}

/// Translates between CloudEvents and the core's usage events.
public struct CloudEventCodec: Sendable {
  private let catalog: Catalog
  private let sources: [String: SourceID]
  private let types: [String: EventTypeID]
  private let subjects: [String: SubjectID]
  /// From here on, subjects are references that billing does not know.
  private static let unknown: UInt32 = 1 << 31

  /// Makes a codec for the names of a catalogue.
  public init(_ catalog: Catalog) {
    self.catalog = catalog
    func index<ID>(_ names: [String], _ make: (UInt32) -> ID) -> [String: ID] {
      Dictionary(names.enumerated().map { ($1, make(UInt32($0))) }, uniquingKeysWith: { first, _ in first })
    }
    sources = index(catalog.sources, SourceID.init(index:))
    types = index(catalog.eventTypes.map(\.name), EventTypeID.init(index:))
    subjects = index(
      catalog.subscriptions.map { catalog.accounts[Int($0.account.index)].name }, SubjectID.init(index:))
  }

  /// Why an event is refused.
  struct Refusal: Error, Sendable {
    var reason: String
  }

  func event(_ cloud: CloudEvent) throws(Refusal) -> UsageEvent {
    guard cloud.specversion == "1.0" else { throw Refusal(reason: "specversion should be 1.0") }
    guard let source = sources[cloud.source] else {
      throw Refusal(reason: "source '\(cloud.source)' is not known")
    }
    guard let type = types[cloud.type] else { throw Refusal(reason: "type '\(cloud.type)' is not known") }
    guard let id = UInt64(cloud.id) else {
      throw Refusal(reason: "id '\(cloud.id.prefix(40))' should be a whole number below 2^64")
    }
    guard let time = Instant(iso8601: cloud.time) else {
      throw Refusal(reason: "time '\(cloud.time.prefix(40))' should be such as 2026-01-31T23:59:59.5Z")
    }
    guard !cloud.subject.isEmpty else { throw Refusal(reason: "subject is missing") }
    guard let quantity0 = Self.millionths(cloud.data.quantity0),
      let quantity1 = Self.millionths(cloud.data.quantity1 ?? 0)
    else {
      throw Refusal(reason: "a quantity has more than six decimals, or more than twelve digits before them")
    }
    return UsageEvent(
      id: id, source: source, type: type, subject: subject(cloud.subject), time: time, quantity0: quantity0,
      quantity1: quantity1,
      schemaVersion: cloud.data.schemaVersion ?? catalog.eventTypes[Int(type.index)].schemaVersion,
      dimension: cloud.data.dimension ?? 0)
  }

  /// A reference that billing does not know keeps its number, or gets one of its own: the core puts it before a person.
  private func subject(_ name: String) -> SubjectID {
    if let known = subjects[name] { return known }
    if name.hasPrefix("unknown-"), let number = UInt32(name.dropFirst(8)), number < Self.unknown {
      return SubjectID(index: number)
    }
    var hash: UInt32 = 2_166_136_261
    for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return SubjectID(index: hash | Self.unknown)
  }

  private static func millionths(_ value: Decimal) -> Int64? {
    var (scaled, exact) = (value * 1_000_000, Decimal())
    NSDecimalRound(&exact, &scaled, 0, .plain)
    guard exact == scaled, abs(exact) < 1_000_000_000_000_000_000 else { return nil }
    return NSDecimalNumber(decimal: exact).int64Value
  }

  func cloud(_ event: UsageEvent) -> CloudEvent {
    let subscription = Int(event.subject.index)
    let subject =
      subscription < catalog.subscriptions.count
      ? catalog.accounts[Int(catalog.subscriptions[subscription].account.index)].name
      : "unknown-\(event.subject.index)"
    let type = catalog.eventTypes[Int(event.type.index)]
    func decimal(_ millionths: Int64) -> Decimal { Decimal(millionths) / 1_000_000 }
    return CloudEvent(
      specversion: "1.0", id: "\(event.id)", source: catalog.sources[Int(event.source.index)],
      type: type.name,
      subject: subject, time: "\(event.time)",
      data: .init(
        quantity0: decimal(event.quantity0), quantity1: event.quantity1 == 0 ? nil : decimal(event.quantity1),
        dimension: event.dimension == 0 ? nil : event.dimension,
        schemaVersion: event.schemaVersion == type.schemaVersion ? nil : event.schemaVersion))
  }
}
