import CanonicalModel
import Chronology

/// A legal entity.
package struct EntityFile: Hashable, Sendable {
  /// The name.
  package var name: String
  /// The currency of its books.
  package var currency: Currency
  /// Its ERP.
  package var erp: ERPFile
  /// What its customers pay: said under `customers`.
  package var priceBook: PriceBook
  /// Where its customers are taxed; they take turns.
  package var jurisdictions: [JurisdictionFile]
  /// Where its taxes are rounded, unless a jurisdiction says otherwise.
  package var taxRounding: TaxRounding?
  /// Books in another currency.
  package var books: BooksFile?
  /// Another ERP that takes over.
  package var cutOver: CutOverFile?

  /// The `entities` section.
  static let list: Schema<[EntityFile]> = Schema<[EntityFile]>.list(entity, minimum: 1)
    .map(refuseTwins).map(ERPFile.sharing)

  private static let entity = Schema<EntityFile>.record(
    Key<String>.required("name", .name, "a short name").noting { name, scene in scene.record(name: name) },
    .required("currency", .currency, "the currency in which it bills, and of its books"),
    Key<ERPFile>.required(
      "erp", ERPFile.schema, "its ERP: a profile, or one with figures of its own", title: "{}'s ERP"
    ).noting { erp, scene in scene.record(erp: erp) },
    .optional(
      "books", BooksFile.schema,
      "books in another currency than the bills: translated at the rate of each day", title: "{}'s books"),
    Key<CutOverFile?>.optional(
      "cutOver", CutOverFile.schema, "a change of ERP in the middle of the run", title: "{}'s next ERP"
    ).noting { cutOver, scene in scene.record(cutOver: cutOver) },
    .defaulting(
      "tax", .list(JurisdictionFile.schema, minimum: 0), to: [],
      "where its customers are taxed; they take turns", title: "{}", element: "{name} for {}"),
    .optional(
      "taxRounding", .choice(),
      "where its taxes are rounded: perInvoice or perLine; as the scenario's taxRounding says if left out"),
    make: entity)

  @Sendable
  private static func entity(
    _ place: Place, name: String, currency: Currency, erp: ERPFile, books: BooksFile?,
    cutOver: CutOverFile?, jurisdictions: [JurisdictionFile], taxRounding: TaxRounding?
  ) throws(InvalidInput) -> EntityFile {
    guard books?.currency != currency else {
      throw InvalidInput(
        "these books are in the currency of the bills: leave 'books' out", at: place.position("books"))
    }
    return EntityFile(
      name: name, currency: currency, erp: erp, priceBook: PriceBook(currency: currency, charges: []),
      jurisdictions: jurisdictions, taxRounding: taxRounding, books: books, cutOver: cutOver)
  }

  @Sendable
  private static func refuseTwins(
    _ place: Place, _ entities: [EntityFile]
  ) throws(InvalidInput) -> [EntityFile] {
    var problems = Problems()
    var names = PrintedNames(of: "entity")
    var places = PrintedNames(of: "jurisdiction")
    for (index, entity) in entities.enumerated() {
      let position = place.position("\(index)", "name")
      if let problem = names.problem(adding: entity.name) {
        problems.add(problem, at: position)
      } else if let other = PrintedNames.documents(numberedAs: entity.name, among: entities.map(\.name)) {
        problems.add(
          "invoices of '\(entity.name)' would have the numbers of '\(other.entity)' documents of kind \(other.kind); "
            + "choose another name", at: position)
      }
      for (number, jurisdiction) in entity.jurisdictions.enumerated() {
        for (further, own) in jurisdiction.all.enumerated() {
          guard let problem = places.problem(adding: own.name) else { continue }
          let path = further == 0 ? [] : ["with", "\(further - 1)"]
          problems.add(problem, at: place.position(of: ["\(index)", "tax", "\(number)"] + path + ["name"]))
        }
      }
    }
    try problems.check()
    return entities
  }
}

/// Books in another currency than the bills.
package struct BooksFile: Hashable, Sendable {
  package var currency: Currency
  package var rate: Price
  package var volatility: Double

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
      ? nil : "a rate must be positive and at most 1000000"
  }
}

/// A change from one ERP to another.
package struct CutOverFile: Hashable, Sendable {
  package var at: Instant
  package var erp: ERPFile

  static let schema = Schema<CutOverFile>.record(
    .required("at", .moment, "when another ERP takes over", title: "start of {}"),
    .required("erp", ERPFile.schema, "its profile, or one with figures of its own", title: "{}"),
    make: cutOver)

  @Sendable
  private static func cutOver(
    _ place: Place, at: Instant, erp: ERPFile
  ) throws(InvalidInput) -> CutOverFile {
    guard at > place.scene.start else {
      throw InvalidInput("a cut-over must be after the start", at: place.position("at"))
    }
    return CutOverFile(at: at, erp: erp)
  }
}
