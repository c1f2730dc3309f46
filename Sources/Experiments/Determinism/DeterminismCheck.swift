/// Runs the same simulation in separate processes under different circumstances and compares what comes out.
package struct DeterminismCheck {
  /// Circumstances that must not matter.
  package struct Variant: Hashable, Sendable {
    /// A name for messages.
    package let name: String
    /// What is added to the environment.
    package let environment: [String: String]
  }

  /// What a process is asked for.
  package enum Request: Hashable, Sendable {
    /// The run record.
    case record
    /// The fingerprint after every so many kernel events.
    case checkpoints(every: UInt64)
    /// The kernel events of a range of numbers.
    case events(ClosedRange<UInt64>)
  }

  /// What the comparison came to.
  package enum Outcome: Hashable, Sendable {
    /// All runs gave the same bytes.
    case identical(runs: Int, fingerprint: String)
    /// A run differed; the explanation names the first event that diverged.
    case different(variant: String, explanation: String)
  }

  /// The circumstances: plain twice, seeded hashing off, another time zone and locale, a C library without its
  /// newer instructions.
  package static let variants: [Variant] = [
    Variant(name: "plain", environment: [:]),
    Variant(name: "plain again", environment: [:]),
    Variant(
      name: "SWIFT_DETERMINISTIC_HASHING=1", environment: ["SWIFT_DETERMINISTIC_HASHING": "1"]),
    Variant(
      name: "TZ=Asia/Kathmandu LC_ALL=tr_TR.UTF-8",
      environment: ["TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8"]),
    Variant(
      name: "glibc without AVX2 and FMA",
      environment: ["GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4"]),
  ]

  private let launch: (Variant, Request) throws -> String

  /// Makes a check.
  ///
  /// - Parameter launch: runs a process and returns what it wrote: a JSON record, or lines of a trace.
  package init(launch: @escaping (Variant, Request) throws -> String) { self.launch = launch }

  /// Runs every variant and compares it with the first.
  ///
  /// - Throws: what `launch` throws.
  package func run(note: (String) -> Void = { _ in }) throws -> Outcome {
    let reference = Self.variants[0]
    note(reference.name)
    let expected = try launch(reference, .record)
    for variant in Self.variants.dropFirst() {
      note(variant.name)
      let actual = try launch(variant, .record)
      if actual != expected {
        return .different(
          variant: variant.name, explanation: try explain(reference, variant, expected, actual))
      }
    }
    return .identical(runs: Self.variants.count, fingerprint: Self.fingerprint(in: expected) ?? "")
  }

  private func explain(
    _ reference: Variant, _ variant: Variant, _ expected: String, _ actual: String
  ) throws -> String {
    guard Self.fingerprint(in: expected) != Self.fingerprint(in: actual) else {
      let (line, a, b) = Self.firstDifference(expected, actual)
      return
        "the fingerprints agree, and the records do not: line \(line) is '\(a ?? "missing")' and '\(b ?? "missing")'"
    }
    // Every checkpoint comes after so many events; the first that differs bounds where to look.
    let step: UInt64 = 10_000
    let (line, _, _) = Self.firstDifference(
      try launch(reference, .checkpoints(every: step)), try launch(variant, .checkpoints(every: step)))
    let first = UInt64(line - 1) * step + 1
    let range = first...(first + step - 1)
    let (event, a, b) = Self.firstDifference(
      try launch(reference, .events(range)), try launch(variant, .events(range)))
    guard a != nil || b != nil else {
      return "no event differs, but what was absorbed beside the events from number \(first) on"
    }
    return
      "the first event that diverged is number \(first + UInt64(event) - 1): '\(a ?? "none")' and '\(b ?? "none")'"
  }

  /// The first line, from 1, at which two texts differ; without lines where they do not.
  static func firstDifference(_ a: String, _ b: String) -> (line: Int, String?, String?) {
    var left = a.split(separator: "\n").makeIterator()
    var right = b.split(separator: "\n").makeIterator()
    var number = 0
    while true {
      number += 1
      let (x, y) = (left.next(), right.next())
      if x == nil, y == nil { return (number, nil, nil) }
      if x != y { return (number, x.map(String.init), y.map(String.init)) }
    }
  }

  private static func fingerprint(in json: String) -> String? {
    guard let key = json.firstRange(of: "\"fingerprint\" : \"") else { return nil }
    return String(json[key.upperBound...].prefix { $0 != "\"" })
  }
}
