import CanonicalModel
import Synchronization

/// The price books that scenarios name, each read once, and the names of all other files: the variants of a campaign share
/// them.
final class FileCache: Sendable {
  private let books = Mutex<[String: PriceBook]>([:])
  private let others = Mutex<Set<String>>([])

  /// The price book of a file.
  func priceBook(_ file: String) throws(InvalidInput) -> PriceBook {
    if let book = books.withLock({ $0[file] }) { return book }
    let book = try PriceBookFile.read(file: file)
    books.withLock { $0[file] = book }
    return book
  }

  /// Records a file that is read some other way.
  func record(_ file: String) { others.withLock { _ = $0.insert(file) } }

  /// The files that were asked for, in order of their names.
  var names: [String] { (books.withLock { Set($0.keys) }).union(others.withLock { $0 }).sorted() }
}
