import CanonicalModel
import Chronology

/// What the parts of a scenario that have been read tell those that come later in its schema.
struct Scene: Sendable {
  /// Read price books, shared by the variants of a campaign.
  var files = FileCache()
  /// The first instant; the default where it is wrong.
  var start = ScenarioFile.defaultStart
}

extension ScenarioFile {
  static let defaultStart = CivilDate(year: 2026, month: 1, day: 1).start
}
