import Chronology

/// The machines that the core runs on.
package struct MachinesFile: Hashable, Sendable {
  /// The share of crashes within a write that leave a part of it on disk.
  package var tornWrites = 0.5
  /// A crash comes at one of the next so many effect boundaries.
  package var crashWithin = 8
  /// From a crash of a systematic test until the process starts again.
  package var restartAfter = Span.seconds(30)

  /// The `machines` section.
  static let schema = Schema.changing(
    MachinesFile(),
    [
      Key<Change<MachinesFile>>.set(
        "tornWrites", \.tornWrites, .share,
        "the share of crashes within a write that leave a part of it on disk; 50% if left out",
        title: "share of torn writes"),
      .set(
        "crashWithin", \.crashWithin, .integer(1...10_000),
        "a crash hits one of the next N effect boundaries of its process, all equally likely; N is 8 if left out",
        title: "effect boundaries at which a crash may come"),
      .set(
        "restartAfter", \.restartAfter, .duration(minimum: .milliseconds(1)),
        "from a crash until the process starts again, with --crash-at-every-boundary; 30s if left out",
        title: "time until restart after crashes at every boundary"),
    ])
}
