import Chronology
import Foundation

/// What a campaign varies from seed to seed: the `explore` section of a scenario (swarm testing: A. Groce and others,
/// "Swarm testing", ISSTA 2012: leaving features out at random finds more than having all of them always).
public struct Exploration: Hashable, Sendable {
  /// A value that is drawn anew for each seed.
  public struct Value: Hashable, Sendable {
    /// Where it stands, such as `delivery.duplicates` or `load.0.arrivals`.
    public var path: [String]
    /// From what it is drawn.
    public var range: ExploredRange
    /// Where it is declared.
    public var position: Position
  }

  /// The share of the fault entries that are left out.
  public var faultsLeftOut = 0.0
  /// By how much shares, lengths and frequencies of faults are multiplied, drawn evenly on a logarithmic scale.
  public var strength: ClosedRange<Double> = 1...1
  /// By how much later a fault may begin than the file says, drawn evenly for each.
  public var later = Span.zero
  /// Keys of which each is left out for a share of the seeds.
  public var features: [[String]] = []
  /// That share.
  public var featuresLeftOut = 0.0
  /// Values that are drawn.
  public var values: [Value] = []

  /// Makes an exploration that varies nothing.
  public init() {}
}

/// From what a value is drawn, or which values a study tries.
public indirect enum ExploredRange: Hashable, Sendable {
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
  public struct Figure: Hashable, Sendable {
    public var text: String
    public var number: Double
  }

  /// The value at a position from 0 to 1, as YAML: each step is as likely as any other.
  public func value(at position: Double) -> String {
    let step = (Double(steps) + 1) * position
    return value(step: step < Double(steps) ? Int64(step) : steps).text
  }

  /// How many steps lie between the least value and the greatest.
  public var steps: Int64 {
    switch self {
    case .oneOf(let texts): Int64(texts.count - 1)
    case .duration(let range, _): range.upperBound - range.lowerBound
    case .between(let low, let high, _, _): Int64(clamping: high - low)
    case .stepped(let range, let by): range.steps / by
    case .figures(let figures): Int64(figures.count - 1)
    }
  }

  /// The value so many steps above the least, as YAML and as a number: seconds for durations, its place for one of some texts.
  public func value(step: Int64) -> (text: String, number: Double) {
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

  /// Notes the files among the texts: a campaign depends on what is in them.
  func noteFiles(in files: FileCache) {
    guard case .oneOf(let texts) = self else { return }
    for text in texts {
      guard let name = (try? YAMLReader.read(text: text, file: ""))?.text else { continue }
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), !isFolder.boolValue {
        files.note(name)
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

extension Shape {
  static let exploration = Shape.record([
    Field(
      "faults",
      .record([
        Field(
          "leftOut", .unit(.share), "the share of the fault entries that a seed leaves out; none if left out"),
        Field(
          "strength",
          .record([
            .required("from", .unit(.decimal(digits: 3)), "the least factor"),
            .required("to", .unit(.decimal(digits: 3)), "the greatest factor"),
          ]), "by how much shares, lengths and frequencies of faults are multiplied"),
        Field(
          "later", .unit(.duration), "how much later a fault may begin than it says; not at all if left out"),
      ]), "how faults vary"),
    Field(
      "features",
      .record([
        .required("leftOut", .unit(.share), "the share of the seeds that leave one out, each on its own"),
        .required("of", .list(.text, minimum: 1), "keys of the scenario, such as payments or delivery.late"),
      ]), "keys of the scenario that may be left out"),
    Field(
      "values",
      .list(
        .record([
          .required("path", .text, "which value, such as customers.count or load.0.arrivals"),
          Field("from", .text, "the least"), Field("to", .text, "the greatest"),
          Field("oneOf", .list(.any, minimum: 1), "instead of from and to: the values themselves"),
        ]), minimum: 0), "values that are drawn"),
  ])
}

extension ScenarioDecoder {
  /// Reads the `explore` section.
  func exploration() throws(InvalidInput) -> Exploration? {
    guard let node = root["explore"] else { return nil }
    var exploration = Exploration()
    exploration.faultsLeftOut = share(node["faults"]?["leftOut"]) ?? 0
    if let strength = node["faults"]?["strength"] {
      let low = try number(strength["from"], least: 0.001, most: 1000) ?? 1
      let high = try number(strength["to"], least: 0.001, most: 1000) ?? 1
      guard low <= high else {
        throw InvalidInput("the least factor comes first: from \(high) to \(low)", at: strength.position)
      }
      exploration.strength = low...high
    }
    exploration.later = node["faults"]?["later"]?.text.flatMap(Unit.duration) ?? .zero
    exploration.featuresLeftOut = share(node["features"]?["leftOut"]) ?? 0
    for element in node["features"]?["of"]?.elements ?? [] {
      let path = (element.text ?? "").split(separator: ".").map(String.init)
      guard !path.isEmpty, root.find(path[...]) != nil else {
        throw InvalidInput("the scenario has no '\(element.text ?? "")' to leave out", at: element.position)
      }
      exploration.features.append(path)
    }
    for element in node["values"]?.elements ?? [] {
      exploration.values.append(try value(element))
    }
    return exploration
  }

  private func value(_ node: LocatedNode) throws(InvalidInput) -> Exploration.Value {
    let path = (node["path"]?.text ?? "").split(separator: ".").map(String.init)
    guard !path.isEmpty else { throw InvalidInput("the path is empty", at: node.position) }
    let range: ExploredRange
    if let choices = node["oneOf"], node["from"] == nil, node["to"] == nil {
      range = .oneOf(choices.elements.map(\.yaml))
    } else if let low = node["from"]?.text, let high = node["to"]?.text, node["oneOf"] == nil {
      guard let read = ExploredRange(from: low, to: high) else {
        throw InvalidInput(
          "'\(low)' to '\(high)' should be two figures with the same unit, the lower one first",
          at: node["from"]?.position ?? node.position)
      }
      range = read
    } else {
      throw InvalidInput("a value needs either 'from' and 'to', or 'oneOf'", at: node.position)
    }
    return Exploration.Value(path: path, range: range, position: node["path"]?.position ?? node.position)
  }
}
