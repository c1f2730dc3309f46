import Chronology
import Foundation

/// What a campaign varies from seed to seed: the `explore` section of a scenario (swarm testing: A. Groce and others,
/// "Swarm testing", ISSTA 2012: leaving features out at random finds more than having all of them always).
package struct Exploration: Hashable, Sendable {
  /// A value that is drawn anew for each seed.
  package struct Value: Hashable, Sendable {
    /// Where it stands, such as `delivery.duplicates` or `load.0.arrivals`.
    package var path: [String]
    /// From what it is drawn.
    package var range: ExploredRange
    /// Where it is declared.
    package var position: Position
  }

  /// The share of the fault entries that are left out.
  package var faultsLeftOut = 0.0
  /// By how much shares, lengths and frequencies of faults are multiplied, drawn evenly on a logarithmic scale.
  package var strength: ClosedRange<Double> = 1...1
  /// By how much later a fault may begin than the file says, drawn evenly for each.
  package var later = Span.zero
  /// Keys of which each is left out for a share of the seeds.
  package var features: [[String]] = []
  /// That share.
  package var featuresLeftOut = 0.0
  /// Values that are drawn.
  package var values: [Value] = []

  /// Makes an exploration that varies nothing.
  package init() {}
}

/// From what a value is drawn, or which values a study tries.
package indirect enum ExploredRange: Hashable, Sendable {
  /// One of some texts of YAML.
  case oneOf([String])
  /// Evenly between two figures with the same unit, at so many steps: whole numbers where both are.
  case between(low: Int128, high: Int128, digits: Int, unit: String)
  /// Evenly between two durations: to the second where both are whole seconds, else to the nanosecond.
  case duration(ClosedRange<Int64>, unit: String)
  /// Every so many steps of a range, from its least value on.
  case stepped(ExploredRange, by: Int64)
  /// Some figures with one unit, rising.
  case figures([Figure])

  /// A figure as written, and as a number: seconds for durations.
  package struct Figure: Hashable, Sendable {
    package var text: String
    package var number: Double
  }

  /// The value at a position from 0 to 1, as YAML: each step is as likely as any other.
  package func value(at position: Double) -> String {
    let step = (Double(steps) + 1) * position
    return value(step: step < Double(steps) ? Int64(step) : steps).text
  }

  /// How many steps lie between the least value and the greatest.
  package var steps: Int64 {
    switch self {
    case .oneOf(let texts): Int64(texts.count - 1)
    case .duration(let range, _): range.upperBound - range.lowerBound
    case .between(let low, let high, _, _): Int64(clamping: high - low)
    case .stepped(let range, let by): range.steps / by
    case .figures(let figures): Int64(figures.count - 1)
    }
  }

  /// The value so many steps above the least, as YAML and as a number: seconds for durations, its place for one of some texts.
  package func value(step: Int64) -> (text: String, number: Double) {
    let step = max(0, min(steps, step))
    switch self {
    case .oneOf(let texts): return (texts[Int(step)], Double(step))
    case .duration(let range, let unit):
      let units = range.lowerBound + step
      return ("\(units)\(unit)", unit == "s" ? Double(units) : Double(units) / 1e9)
    case .between(let low, _, let digits, let unit):
      let units = low + Int128(step)
      var scale = 1.0
      for _ in 0..<digits { scale *= 10 }
      return (Self.text(units, digits: digits) + unit, Double(units) / scale)
    case .stepped(let range, let by): return range.value(step: step * by)
    case .figures(let figures): return (figures[Int(step)].text, figures[Int(step)].number)
    }
  }

  /// Records the files among the texts: a campaign depends on what is in them.
  func recordFiles(in files: FileCache) {
    guard case .oneOf(let texts) = self else { return }
    for text in texts {
      guard let name = (try? YAMLReader.read(text: text, file: ""))?.text else { continue }
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), !isFolder.boolValue {
        files.record(name)
      }
    }
  }

  static func text(_ units: Int128, digits: Int) -> String {
    var text = String(units)
    guard digits > 0 else { return text }
    text = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    return "\(text.dropLast(digits)).\(text.suffix(digits))"
  }
}

/// How explorations are written.
extension Exploration {
  /// The `explore` section.
  static let schema = Schema.changing(Exploration(), keys)

  private static let keys: [Key<Change<Exploration>>] = [
    .within("faults", faults, "how faults vary"),
    .within("features", features, "keys of the scenario that may be left out"),
    .set("values", \.values, .list(value, minimum: 0), "values that are drawn"),
  ]

  private static let faults: [Key<Change<Exploration>>] = [
    .set(
      "leftOut", \.faultsLeftOut, .share,
      "the share of the fault entries that a seed leaves out; none if left out"),
    .set(
      "strength", \.strength,
      .record(
        .required("from", factor, "the smallest factor"), .required("to", factor, "the largest factor"),
        make: strength), "by how much shares, lengths and frequencies of faults are multiplied"),
    .set(
      "later", \.later, .duration,
      "how much later a fault may begin than it says; not at all if left out"),
  ]

  private static let factor = Schema<Double>.number(0.001...1000, digits: 3)

  @Sendable
  private static func strength(
    _ place: Place, low: Double, high: Double
  ) throws(InvalidInput) -> ClosedRange<Double> {
    guard low <= high else {
      throw InvalidInput(
        "the smaller factor must come first: from \(high) to \(low)", at: place.node.position)
    }
    return low...high
  }

  private static let features: [Key<Change<Exploration>>] = [
    .setRequired(
      "leftOut", \.featuresLeftOut, .share, "the share of the seeds that leave one out, each on its own"),
    .setRequired(
      "of", \.features, .list(feature, minimum: 1),
      "keys of the scenario, such as payments or delivery.late"),
  ]

  private static let feature: Schema<[String]> = Schema<String>.text.map { place, text throws(InvalidInput) in
    let path = text.split(separator: ".").map(String.init)
    guard !path.isEmpty, place.scene.root?.find(path) != nil else {
      throw InvalidInput("the scenario has no '\(text)' to leave out", at: place.node.position)
    }
    return path
  }

  private static let value = Schema<Value>.record(
    .required("path", path.located, "which value, such as customers.count or load.0.arrivals"),
    .optional("from", .text, "the least"), .optional("to", .text, "the greatest"),
    .optional("oneOf", .list(.any, minimum: 1), "instead of from and to: the values themselves"),
    make: value)

  private static let path: Schema<[String]> = Schema<String>.text.map { _, text in
    text.split(separator: ".").map(String.init)
  }

  @Sendable
  private static func value(
    _ place: Place, path: Located<[String]>, low: String?, high: String?, choices: [LocatedNode]?
  ) throws(InvalidInput) -> Value {
    guard !path.value.isEmpty else { throw InvalidInput("the path is empty", at: place.node.position) }
    let range: ExploredRange
    switch (low, high, choices) {
    case (nil, nil, let choices?): range = .oneOf(choices.map(\.yaml))
    case (let low?, let high?, nil):
      guard let read = ExploredRange(from: low, to: high) else {
        throw InvalidInput(
          "'\(low)' to '\(high)' should be two figures with the same unit, the lower one first",
          at: place.position("from"))
      }
      range = read
    case (_, _, _):
      throw InvalidInput("a value needs either 'from' and 'to', or 'oneOf'", at: place.node.position)
    }
    return Value(path: path.value, range: range, position: path.position)
  }
}
