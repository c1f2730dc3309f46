import CanonicalModel
import Chronology

/// A legal entity.
public struct EntityFile: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The currency of its books.
  public var currency: Currency
  /// Its ERP.
  public var erp: ERPFile
  /// What its customers pay: said under `customers`.
  public var priceBook: PriceBook
  /// Where its customers are taxed; they take turns.
  public var jurisdictions: [JurisdictionFile]
  /// Books in another currency.
  public var books: BooksFile?
  /// Another ERP that takes over.
  public var cutOver: CutOverFile?

  /// The `entities` section.
  static let list: Schema<[EntityFile]> = Schema<[EntityFile]>.list(entity, minimum: 1)
    .map(refuseTwins).map(ERPFile.sharing)

  private static let entity = Schema<EntityFile>.record(
    Key<String>.required("name", .name, "a short name").noting { name, scene in scene.note(name: name) },
    .required("currency", .currency, "the currency in which it bills, and of its books"),
    Key<ERPFile>.required(
      "erp", ERPFile.schema, "its ERP: a profile, or one with figures of its own", title: "{}'s ERP"
    ).noting { erp, scene in scene.note(erp: erp) },
    .optional(
      "books", BooksFile.schema,
      "books in another currency than the bills: translated at the rate of each day", title: "{}'s books"),
    Key<CutOverFile?>.optional(
      "cutOver", CutOverFile.schema, "a change of ERP in the middle of the run", title: "{}'s next ERP"
    ).noting { cutOver, scene in scene.note(cutOver: cutOver) },
    .defaulting(
      "tax", .list(JurisdictionFile.schema, minimum: 0), to: [],
      "where its customers are taxed; they take turns", title: "{}", element: "{name} for {}"), make: entity)

  @Sendable
  private static func entity(
    _ place: Place, name: String, currency: Currency, erp: ERPFile, books: BooksFile?,
    cutOver: CutOverFile?, jurisdictions: [JurisdictionFile]
  ) throws(InvalidInput) -> EntityFile {
    guard books?.currency != currency else {
      throw InvalidInput(
        "these books are in the currency of the bills: leave 'books' out", at: place.position("books"))
    }
    return EntityFile(
      name: name, currency: currency, erp: erp, priceBook: PriceBook(currency: currency, charges: []),
      jurisdictions: jurisdictions, books: books, cutOver: cutOver)
  }

  @Sendable
  private static func refuseTwins(
    _ place: Place, _ entities: [EntityFile]
  ) throws(InvalidInput) -> [EntityFile] {
    var problems = Problems()
    var names: Set<String> = []
    var places: Set<String> = []
    for (index, entity) in entities.enumerated() {
      if !names.insert(entity.name).inserted {
        problems.add(
          "there are two entities named '\(entity.name)'", at: place.position("\(index)", "name"))
      }
      for (number, jurisdiction) in entity.jurisdictions.enumerated()
      where !places.insert(jurisdiction.name).inserted {
        problems.add(
          "there are two jurisdictions named '\(jurisdiction.name)'",
          at: place.position("\(index)", "tax", "\(number)", "name"))
      }
    }
    try problems.check()
    return entities
  }
}

/// Books in another currency than the bills.
public struct BooksFile: Hashable, Sendable {
  public var currency: Currency
  public var rate: Price
  public var volatility: Double

  static let schema = Schema<BooksFile>.record(
    .required("currency", .currency, "the currency of its books, where it bills in another"),
    .required(
      "rate", rate, "what a unit of the billing currency is worth on the first day",
      title: "exchange rate of {}"),
    .defaulting(
      "volatility", .share, to: 0.005, "the standard deviation of a day's change; 0.5% if left out"),
    make: { (_: Place, currency: Currency, rate: Price, volatility: Double) in
      BooksFile(currency: currency, rate: rate, volatility: volatility)
    })

  private static let rate: Schema<Price> = .exchangeRate.refusing { (rate: Price, _) -> String? in
    rate > Price.zero && rate.units <= 1_000_000 * 1_000_000_000_000
      ? nil : "a rate is more than nothing and at most 1000000"
  }
}

/// A change from one ERP to another.
public struct CutOverFile: Hashable, Sendable {
  public var at: Instant
  public var erp: ERPFile

  static let schema = Schema<CutOverFile>.record(
    .required("at", .moment, "when another ERP takes over", title: "start of {}"),
    .required("erp", ERPFile.schema, "its profile, or one with figures of its own", title: "{}"),
    make: cutOver)

  @Sendable
  private static func cutOver(
    _ place: Place, at: Instant, erp: ERPFile
  ) throws(InvalidInput) -> CutOverFile {
    guard at > place.scene.start else {
      throw InvalidInput("a cut-over comes after the start", at: place.position("at"))
    }
    return CutOverFile(at: at, erp: erp)
  }
}

/// A tax jurisdiction.
public struct JurisdictionFile: Hashable, Sendable {
  /// A change of the rate.
  public struct Change: Hashable, Sendable {
    public var at: Instant
    public var rate: Price
  }
  public var name: String
  public var rate: Price
  public var changes: [Change]

  static let schema = Schema<JurisdictionFile>.record(
    .required("name", .name, "the jurisdiction, such as US-CA"),
    .required("rate", .percentage, "the rate at the start", title: "tax rate of {}"),
    .defaulting(
      "changes", Schema<[Change]>.list(change, minimum: 0).map(refuseDisorder), to: [],
      "changes of the rate, in order", title: "{}", element: "change {#} in {}"),
    make: { (_: Place, name: String, rate: Price, changes: [Change]) in
      JurisdictionFile(name: name, rate: rate, changes: changes)
    })

  private static let change = Schema<Change>.record(
    .required("at", .moment, "from when on it holds", title: "time of {}"),
    .required("rate", .percentage, "the rate from then on", title: "tax rate from {}"),
    make: { (_: Place, at: Instant, rate: Price) in Change(at: at, rate: rate) })

  @Sendable
  private static func refuseDisorder(_ place: Place, _ changes: [Change]) throws(InvalidInput) -> [Change] {
    var last = place.scene.start
    for (index, change) in changes.enumerated() {
      guard change.at > last else {
        throw InvalidInput(
          "the changes of a rate must be in order, after the start", at: place.position("\(index)", "at"))
      }
      last = change.at
    }
    return changes
  }
}
