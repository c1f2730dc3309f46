/// What the keys of a mapping have to say of a value that they change: each with its path, and the value as a file would have it.
///
/// A key says so by being declared (``Key/set(_:_:_:_:title:element:)``), in the order of its schema.
struct Settings: Sendable {
  /// A setting with its path.
  typealias Setting = (path: String, value: String)

  private struct Writer: Sendable {
    /// Whether it is a figure that no article compares.
    var isFigure: Bool
    var write: @Sendable (_ root: any Sendable) -> Setting?
  }

  private var writers: [Writer] = []

  /// Nothing.
  init() {}

  /// Those of several keys.
  init(_ all: [Settings]) { for settings in all { add(settings) } }

  /// What one key says.
  ///
  /// - Parameter write: `nil`: nothing.
  init<Root: Sendable>(_ key: String, _ write: @escaping @Sendable (Root) -> String?) {
    writers = [
      Writer(isFigure: false) { root in
        guard let root = root as? Root else { preconditionFailure("'\(key)' is a key of another value") }
        return write(root).map { (key, $0) }
      }
    ]
  }

  /// Adds what further keys say.
  mutating func add(_ other: Settings) { writers += other.writers }

  /// The same below a key.
  func below(_ key: String) -> Settings {
    var settings = Settings()
    settings.writers = writers.map { writer in
      Writer(isFigure: writer.isFigure) { root in
        writer.write(root).map { (Reader.join(key, $0.path), $0.value) }
      }
    }
    return settings
  }

  /// The same of a whole that has the value as a property.
  func inside<Root: Sendable, Part: Sendable>(
    _ path: any WritableKeyPath<Root, Part> & Sendable
  ) -> Settings {
    var settings = Settings()
    settings.writers = writers.map { writer in
      Writer(isFigure: writer.isFigure) { root in
        guard let root = root as? Root else { preconditionFailure("a key of another value") }
        return writer.write(root[keyPath: path])
      }
    }
    return settings
  }

  /// The same as figures.
  var asFigures: Settings {
    var settings = self
    for index in settings.writers.indices { settings.writers[index].isFigure = true }
    return settings
  }

  /// All settings of a value, without its figures.
  func of(_ root: some Sendable) -> [Setting] {
    writers.compactMap { $0.isFigure ? nil : $0.write(root) }
  }

  /// All figures of a value.
  func figures(of root: some Sendable) -> [Setting] {
    writers.compactMap { $0.isFigure ? $0.write(root) : nil }
  }
}
