import CanonicalModel

/// The price books of entities: one of all, or one for each.
struct ContractsFile: Sendable {
  /// A price book and what it is called in messages.
  struct Book: Sendable {
    var book: PriceBook
    var label: String
    var position: Position
  }

  /// The one of all.
  private var all: Book?
  /// One for each entity.
  private var each: [String: Book] = [:]

  init() {}

  /// The price book of an entity.
  func book(of entity: String) throws(InvalidInput) -> Book {
    guard let book = all ?? each[entity] else { throw .reported }
    return book
  }

  /// Of all customers at first.
  static let ofAll = schema { place, books throws(InvalidInput) in
    try refuseMissing(place, books)
    try refuseStrangers(place, books)
  }

  /// Of an amendment.
  static let amended = schema { place, books throws(InvalidInput) in
    try refuseStrangers(place, books)
    try refuseMissing(place, books)
  }

  private typealias Books = [(name: Located<String>, value: Book)]

  private static func schema(
    refusing: @escaping @Sendable (Place, Books) throws(InvalidInput) -> Void
  ) -> Schema<ContractsFile> {
    let each = Schema<Books>.map(.either(file, inline)).map { place, books throws(InvalidInput) in
      if place.scene.knowsEntities { try refusing(place, books) }
      var contracts = ContractsFile()
      for (name, book) in books { contracts.each[name.value] = book }
      return contracts
    }
    return .either(file.map { _, book in ContractsFile(all: book) }, each)
  }

  private init(all: Book) { self.all = all }

  private static let file: Schema<Book> = Schema<String>.text.map { place, file throws(InvalidInput) in
    do throws(InvalidInput) {
      let book = try place.scene.files.priceBook(file)
      return Book(book: book, label: file, position: place.node.position)
    } catch {
      // A missing file is a mistake of the scenario; anything else one of the price book.
      if error.diagnostics.first?.position.line == 0 {
        throw InvalidInput("price book \(error.diagnostics[0])", at: place.node.position)
      }
      throw error
    }
  }

  /// A book may stand in the scenario itself.
  private static let inline: Schema<Book> = PriceBookFile.schema.map { place, book in
    Book(book: book, label: "in the scenario", position: place.node.position)
  }

  private static func refuseMissing(_ place: Place, _ books: Books) throws(InvalidInput) {
    for entity in place.scene.entities where !books.contains(where: { $0.name.value == entity.name }) {
      throw InvalidInput("the entity '\(entity.name)' has no price book here", at: place.node.position)
    }
  }

  private static func refuseStrangers(_ place: Place, _ books: Books) throws(InvalidInput) {
    let names = place.scene.entities.map(\.name)
    for (name, _) in books where !names.contains(name.value) {
      throw InvalidInput(
        "there is no entity '\(name.value)'" + NearestKey.hint(for: name.value, among: names),
        at: name.position)
    }
  }
}
