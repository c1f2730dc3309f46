extension LocatedNode {
  /// The tree as a YAML document that a person reads: block style, with flow style for what fits a line.
  package var document: String { lines(indent: "").joined(separator: "\n") + "\n" }

  private static var width: Int { 100 }

  private func lines(indent: String) -> [String] {
    switch content {
    case .scalar: return [indent + yaml]
    case .mapping(let pairs) where !pairs.isEmpty:
      return pairs.flatMap { pair -> [String] in
        let key = LocatedNode(.scalar(pair.key.name, isQuoted: false), at: pair.key.position).yaml
        return Self.entry("\(indent)\(key):", pair.value, indent: indent + "  ")
      }
    case .sequence(let elements) where !elements.isEmpty:
      return elements.flatMap { element -> [String] in
        let flow = element.yaml
        if indent.count + flow.count <= Self.width || element.text != nil { return ["\(indent)- \(flow)"] }
        var lines = element.lines(indent: indent + "  ")
        lines[0] = "\(indent)- \(lines[0].drop { $0 == " " })"
        return lines
      }
    case .mapping, .sequence: return [indent + yaml]
    }
  }

  private static func entry(_ head: String, _ value: LocatedNode, indent: String) -> [String] {
    let flow = value.yaml
    // The elements of a list of mappings stand under one another.
    let isTable = value.elements.contains { !$0.pairs.isEmpty }
    if value.text != nil || (!isTable && head.count + flow.count < width) { return ["\(head) \(flow)"] }
    return [head] + value.lines(indent: indent)
  }
}
