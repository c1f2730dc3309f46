import Foundation
import Scenario
import SimulationKernel

extension ScenarioTemplate {
  /// The keys of a scenario that change nothing of what a core makes of its inputs: they may differ when a log is opened again.
  package static let harmlessForLogs: Set<String> = [
    "name", "description", "seed", "expectations", "explore", "capacity",
  ]

  /// Everything else that the scenario says, each value with its place, and a digest of each file that it names: what a log's inputs
  /// mean. Values keep their order below each key of the scenario, since it numbers what they declare; the keys
  /// themselves do not.
  package var identity: [(name: String, value: String)] {
    var names: [String: String] = [:]
    var entries: [(String, String)] = []
    for (file, data) in zip(fileNames, contents.dropFirst()) {
      // Without its folder: the same files are the same from wherever they are read.
      let name = (file as NSString).lastPathComponent
      names[file] = name
      entries.append(("file \(name)", Self.digest(of: data)))
    }
    for pair in root.pairs.sorted(by: { $0.key.name < $1.key.name })
    where !Self.harmlessForLogs.contains(pair.key.name) {
      pair.value.flatten(pair.key.name, files: names, into: &entries)
    }
    return entries
  }

  private static func digest(of data: Data) -> String {
    var digest = Fingerprint()
    digest.absorb(UInt64(data.count))
    data.withUnsafeBytes { bytes in
      for offset in stride(from: 0, to: bytes.count, by: 8) {
        var word: UInt64 = 0
        for byte in bytes[offset..<min(offset + 8, bytes.count)] { word = word << 8 | UInt64(byte) }
        digest.absorb(word)
      }
    }
    return digest.description
  }
}

extension LocatedNode {
  /// Each scalar below the node with its path.
  fileprivate func flatten(_ path: String, files: [String: String], into entries: inout [(String, String)]) {
    switch content {
    case .scalar(let text, _): entries.append((path, files[text] ?? text))
    case .mapping(let pairs):
      if pairs.isEmpty { entries.append((path, "{}")) }
      for pair in pairs { pair.value.flatten("\(path).\(pair.key.name)", files: files, into: &entries) }
    case .sequence(let elements):
      if elements.isEmpty { entries.append((path, "[]")) }
      for (index, element) in elements.enumerated() {
        element.flatten("\(path).\(index)", files: files, into: &entries)
      }
    }
  }
}
