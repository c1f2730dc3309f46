extension RunRecord {
  /// What was simulated: every setting of the design and of each ERP, as it was run. Of the figures that are assumed and alike in all that
  /// are built in, those that the scenario has changed.
  package struct Resolved: Codable, Equatable, Sendable {
    /// A setting.
    package struct Setting: Codable, Equatable, Sendable {
      /// Its key in a file, such as `posting.concurrency`.
      package var path: String
      /// Its value, defaults included.
      package var value: String
      /// What the built-in design or profile has in its place; only where that differs.
      package var builtIn: String?

      /// Makes a setting.
      package init(path: String, value: String, builtIn: String?) {
        (self.path, self.value) = (path, value)
        self.builtIn = builtIn == value ? nil : builtIn
      }
    }

    /// A design, or an ERP.
    package struct Part: Codable, Equatable, Sendable {
      /// The name of the design, or the entity whose ERP this is.
      package var name: String
      /// The built-in design or profile from which it starts.
      package var base: String
      /// When another ERP has taken over from this entity's first one; missing: it was there from the start.
      package var from: String?
      /// The settings, in one order.
      package var settings: [Setting]

      /// Makes a part.
      package init(name: String, base: String, from: String? = nil, settings: [Setting]) {
        self.name = name
        self.base = base
        self.from = from
        self.settings = settings
      }

      /// Those that differ from the built-in ones.
      package var changed: [Setting] { settings.filter { $0.builtIn != nil } }
    }

    /// The design.
    package var design: Part
    /// The ERPs, in the order of the entities.
    package var erps: [Part]

    /// Makes it.
    package init(design: Part, erps: [Part]) {
      self.design = design
      self.erps = erps
    }
  }

  /// What repeats the run, to be pasted into a shell: from any folder where the record knows in which one it was given.
  package var command: String {
    let words = ShellWords.text(commandLine ?? [])
    return directory.map { "cd \(ShellWords.quoted($0)) && \(words)" } ?? words
  }
}

/// Words of a command line for a shell.
package enum ShellWords {
  /// A word as it is where it is plain, else between apostrophes; one with what cannot be seen has it spelled out, as bash and
  /// zsh read them.
  package static func quoted(_ word: String) -> String {
    if word.unicodeScalars.contains(where: isControl) {
      return "$'\(word.unicodeScalars.map(escaped).joined())'"
    }
    let isPlain =
      !word.isEmpty
      && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "._/:=,%-+".contains($0) }
    return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    [.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    guard !isControl(scalar) else {
      let digits = String(scalar.value, radix: 16)
      return digits.count > 4
        ? "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        : "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
    return scalar == "'" || scalar == "\\" ? "\\\(scalar)" : "\(scalar)"
  }

  /// The words of a command.
  package static func text(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }
}
