import Chronology

/// How long people take over exception cases.
package struct ExceptionsFile: Hashable, Sendable {
  /// From an ERP's refusal of a document until it is sent again.
  package var mendAfter = Span.days(1)
  /// From the case of charges for late usage until finance releases them.
  package var releaseAfter = Span.days(2)

  /// The `exceptions` section.
  static let schema = Schema.changing(
    ExceptionsFile(),
    [
      Key<Change<ExceptionsFile>>.set(
        "mendAfter", \.mendAfter, .duration(minimum: .seconds(1)),
        "from an ERP's rejection of a document until it is corrected and sent again; 1d if left out",
        title: "time until refused documents are sent again"),
      .set(
        "releaseAfter", \.releaseAfter, .duration(minimum: .zero),
        "how long finance takes to release charges for late usage; 2d if left out",
        title: "time until finance releases late charges"),
    ])
}

/// Master data on its way to billing.
package struct FeedsFile: Hashable, Sendable {
  /// From a lost message until it is sent again.
  package var resendAfter = Span.hours(12)
  /// From a message until its duplicate.
  package var copies = SpanRangeFile(min: .seconds(1), max: .days(7) + .seconds(1))
  /// How long a claim of an identifier waits for the account that it belongs to, each time.
  package var claimPause = Span.hours(1)
  /// The time of day at which the next day's rates are fixed, since midnight in UTC.
  package var fixingAt = Span.hours(18)
  /// How long before a change of contract comes into force billing is told.
  package var contractNotice = Span.hours(1)

  /// The `feeds` section.
  static let schema = Schema.changing(
    FeedsFile(),
    [
      Key<Change<FeedsFile>>.set(
        "resendAfter", \.resendAfter, .duration(minimum: .seconds(1)),
        "from a lost message until it is sent again; 12h if left out", title: "time until {} send again"),
      .set(
        "copies", \.copies, SpanRangeFile.schema(minimum: .seconds(1)),
        "from a message until its duplicate; within 7d if left out", title: ""),
      .set(
        "claimPause", \.claimPause, .duration(minimum: .seconds(1)),
        "how long a claim of an identifier waits for the account that it belongs to, each time; 1h if left out",
        title: "pause of claims of identifiers"),
      .set(
        "fixingAt", \.fixingAt, fixing,
        "the time of day at which the next day's exchange rates are fixed, since midnight in UTC; 18h if left out",
        title: "time of day of the fixing of exchange rates"),
      .set(
        "contractNotice", \.contractNotice, .duration(minimum: .zero),
        "how long before a change of contract comes into force CRM notifies billing; 1h if left out",
        title: "notice of changes of contract"),
    ])

  private static let fixing: Schema<Span> = .duration.refusing { (span: Span, _) -> String? in
    span < .days(1) ? nil : "a time of day must be less than 24h"
  }
}

/// The tax engine.
package struct TaxEngineFile: Hashable, Sendable {
  /// How fast it answers.
  package var answers = usual

  private static let usual = AnswerTimesFile(latency: .milliseconds(250))

  /// The `taxEngine` section.
  static let schema = Schema.changing(TaxEngineFile(), usual.keys.map { $0.inside(\.answers) })
}

/// How fast a counterpart answers that has no profile.
package struct AnswerTimesFile: Hashable, Sendable {
  /// The median time to answer.
  package var latency: Span
  /// The standard deviation of its logarithm.
  package var latencySigma = 0.5
  /// How long it takes to say that it is not available.
  package var refusalAfter = Span.seconds(1)

  /// The keys, with these values for what is left out.
  var keys: [Key<Change<AnswerTimesFile>>] {
    [
      .set(
        "latency", \.latency, .latency, "the median time to answer; \(latency.written) if left out",
        title: "latency of {}"),
      .set(
        "latencySigma", \.latencySigma, .number(0...3),
        "the standard deviation of its logarithm; \(latencySigma) if left out",
        title: "spread of the latency of {}"),
      .set(
        "refusalAfter", \.refusalAfter, .latency,
        "how long it takes to say that it is not available; \(refusalAfter.written) if left out",
        title: "time to refuse of {}"),
    ]
  }
}

extension Schema where Value == Span {
  /// How long a counterpart takes to answer.
  static var latency: Schema {
    duration.refusing { (span: Span, _) -> String? in
      span >= .milliseconds(1) && span <= .minutes(10)
        ? nil : "the time of an answer must be between 1ms and 10m"
    }
  }
}
