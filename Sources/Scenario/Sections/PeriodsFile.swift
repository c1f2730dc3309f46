import Chronology

/// When accounting periods close.
package struct PeriodsFile: Hashable, Sendable {
  /// A period that is opened again.
  package struct Reopening: Hashable, Sendable {
    package var entity: Int
    package var period: Period
    package var from: Instant
    package var until: Instant
    package var requestedBy: String
    package var approvedBy: String
  }
  package var softCloseAfter: Span?
  package var closeAfter = Span.zero
  package var reopenings: [Reopening] = []

  /// The `periods` section.
  static let schema = Schema.changing(PeriodsFile(), keys, check: refuseHaste)

  private static let keys: [Key<Change<PeriodsFile>>] = [
    .setRequired(
      "closeAfter", \.closeAfter, .duration, "from the end of an accounting period until it closes",
      title: "time until periods close"),
    .setOptional(
      "softCloseAfter", \.softCloseAfter, .duration,
      "from the end until only entries of the close are taken; never if left out",
      title: "time until periods close softly"),
    .set(
      "reopen", \.reopenings, .list(reopening, minimum: 0), "periods that finance opens again", title: "",
      element: "reopening {#}"),
  ]

  @Sendable
  private static func refuseHaste(_ place: Place, _ periods: inout PeriodsFile) throws(InvalidInput) {
    guard periods.closeAfter >= .hours(1) else {
      throw InvalidInput("a period must close at least 1h after its end", at: place.node.position)
    }
    if let soft = periods.softCloseAfter, soft > periods.closeAfter || soft < .hours(1) {
      throw InvalidInput(
        "a period must be soft-closed at least 1h after its end, and before it closes",
        at: place.position("softCloseAfter"))
    }
  }

  private static let reopening = Schema<Reopening>.record(
    .required("entity", entity, "the legal entity"),
    .required("period", .instant, "any day of the period"),
    .required("at", .moment, "when it is opened again", title: "time of {}"),
    .required("for", .duration, "for how long", title: "length of {}"),
    .defaulting(
      "requestedBy", .name, to: "accountant", "the person who opens it; accountant if left out"),
    .defaulting(
      "approvedBy", .name, to: "controller",
      "the person who approves; controller if left out. Without a second person nothing is posted to it"),
    make: reopening)

  @Sendable
  private static func reopening(
    _ place: Place, entity: Int, day: Instant, from: Instant, length: Span, requestedBy: String,
    approvedBy: String
  ) -> Reopening {
    Reopening(
      entity: entity, period: Period(holding: day), from: from, until: from + length,
      requestedBy: requestedBy, approvedBy: approvedBy)
  }

  private static let entity: Schema<Int> = Schema<String>.name.map { place, name throws(InvalidInput) in
    let names = place.scene.entities.map(\.name)
    if let entity = names.firstIndex(of: name) { return entity }
    guard place.scene.knowsEntities else { throw .reported }
    throw InvalidInput(
      "there is no entity '\(name)'" + NearestKey.hint(for: name, among: names), at: place.node.position)
  }
}
