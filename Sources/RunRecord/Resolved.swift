extension RunRecord {
  /// What was simulated: every setting of the design and of each ERP, as it was run.
  public struct Resolved: Codable, Equatable, Sendable {
    /// A setting.
    public struct Setting: Codable, Equatable, Sendable {
      /// Its key in a file, such as `posting.concurrency`.
      public var path: String
      /// Its value, defaults included.
      public var value: String
      /// What the built-in design or profile has in its place; only where that differs.
      public var builtIn: String?

      /// Makes a setting.
      public init(path: String, value: String, builtIn: String?) {
        (self.path, self.value) = (path, value)
        self.builtIn = builtIn == value ? nil : builtIn
      }
    }

    /// A design, or an ERP.
    public struct Part: Codable, Equatable, Sendable {
      /// The name of the design, or the entity whose ERP this is.
      public var name: String
      /// The built-in design or profile from which it starts.
      public var base: String
      /// When another ERP has taken over from this entity's first one; missing: it was there from the start.
      public var from: String?
      /// The settings, in one order.
      public var settings: [Setting]

      /// Makes a part.
      public init(name: String, base: String, from: String? = nil, settings: [Setting]) {
        self.name = name
        self.base = base
        self.from = from
        self.settings = settings
      }

      /// Those that differ from the built-in ones.
      public var changed: [Setting] { settings.filter { $0.builtIn != nil } }
    }

    /// The design.
    public var design: Part
    /// The ERPs, in the order of the entities.
    public var erps: [Part]

    /// Makes it.
    public init(design: Part, erps: [Part]) {
      self.design = design
      self.erps = erps
    }
  }

  /// What repeats the run, to be pasted into a shell: from any folder where the record knows in which one it was given.
  public var command: String {
    let words = ShellWords.text(commandLine ?? [])
    return directory.map { "cd \(ShellWords.quoted($0)) && \(words)" } ?? words
  }
}

/// Words of a command line for a shell.
public enum ShellWords {
  /// A word as it is where it is plain, else between apostrophes.
  public static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "._/:=,%-+".contains($0) }
    return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
  }

  /// The words of a command.
  public static func text(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }
}
