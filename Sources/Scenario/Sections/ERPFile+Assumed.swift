import Chronology

/// Figures of an ERP that no vendor publishes: every built-in profile has the same.
extension ERPFile {
  static let assumed: [Key<Change<ERPFile>>] = [
    .setOptional(
      "answerAfter", \.answerAfter, .answer,
      "from the end of the processing of a call until its answer leaves; 20ms if left out",
      title: "time until an answer of {} leaves"),
    .setOptional(
      "refusalAfter", \.refusalAfter, .latency,
      "from the arrival of a call until a refusal leaves that needs no processing; 50ms if left out",
      title: "time to refuse of {}"),
    .setOptional(
      "unavailableAfter", \.unavailableAfter, .latency,
      "how long it takes to say that it is not available; 1s if left out",
      title: "time until {} says that it is not available"),
    .setOptional(
      "refusalsHoldFor", \.refusalsHoldFor, .duration(minimum: .seconds(1)),
      "for how long a fault refuses or rejects a document, or lets it pass, each time it is sent; 12h if left out",
      title: "time for which refusals of {} hold"),
    .setOptional(
      "copyWithin", \.copyWithin, copy,
      "a duplicated request arrives less than this after the original; 5s if left out",
      title: "longest delay of duplicated requests to {}"),
    .setOptional(
      "faultJobTime", \.faultJobTime, .duration(minimum: .milliseconds(1)),
      "the time of the job that a rejectLater fault gives documents to, where there are no others; 2m if left out",
      title: "job time of {} under a fault"),
    .setOptional(
      "underWay", \.underWay, .duration(minimum: .zero),
      "for how long a request may be under way on the network, as the integration knows; 1m if left out",
      title: "longest time on the way to {}"),
    .setOptional(
      "ledgerTurnover", \.ledgerTurnover, .integer(1...1_000_000_000_000_000_000),
      "the capacity of a ledger: the sum of debits and credits in whole units of currency; 10^18 if left out",
      title: "turnover that a ledger of {} holds"),
    .within("payload", payload, "which amounts and periods it can read"),
  ]

  private static let payload: [Key<Change<ERPFile>>] = [
    .setOptional(
      "amountDigits", \.amountDigits, .integer(1...18),
      "digits that an amount may have before the decimal point; 15 if left out",
      title: "digits of amounts in {}"),
    .setOptional(
      "firstYear", \.firstYear, .integer(1900...2199),
      "the first year in which accounting periods may lie; 1900 if left out",
      title: "first year of accounting periods of {}"),
    .setOptional(
      "lastYear", \.lastYear, .integer(1900...2199),
      "the last year in which accounting periods may lie; 2199 if left out",
      title: "last year of accounting periods of {}"),
  ]

  private static let copy: Schema<Span> = .duration.refusing { (span: Span, _) -> String? in
    span >= .milliseconds(1) && span <= .hours(1)
      ? nil : "the time until a copy arrives must be between 1ms and 1h"
  }
}

extension Schema where Value == Span {
  /// How long an answer waits that is ready.
  fileprivate static var answer: Schema {
    duration.refusing { (span: Span, _) -> String? in
      span <= .minutes(10) ? nil : "the time until an answer is sent must not exceed 10m"
    }
  }
}
