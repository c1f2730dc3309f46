import CanonicalModel
import Chronology

/// How a design deals with counterparts other than the ERPs' answers: the tax engine, the payment gateway, direct calls and jobs.
extension DesignFile {
  static let taxKeys: [Key<Change<TaxPolicy>>] = [
    .set(
      "batchSize", \.batchSize, .integer(1...1000), "drafts per call; 50 if left out",
      title: "drafts per call to the tax engine"),
    .set(
      "timeout", \.timeout, .duration(minimum: .milliseconds(100)),
      "from a call without an answer until it is made again; 30s if left out",
      title: "timeout of a call to the tax engine"),
    .set(
      "pause", \.pause, .duration(minimum: .seconds(5)),
      "the first pause after a call that failed, doubled with each further one; 5s if left out",
      title: "first pause after a failed call to the tax engine"),
    .set(
      "maximumPause", \.maximumPause, .duration(minimum: .milliseconds(100)),
      "the longest such pause; 10m if left out",
      title: "longest pause after a failed call to the tax engine"),
    .set(
      "confirm", \.confirms, .flag.writing { $0 ? "true" : "false" },
      "whether each draft is asked for twice, and waits until two answers agree: an engine that changes its mind is noticed; false if left out"
    ),
  ]

  static let paymentKeys: [Key<Change<PaymentPolicy>>] = [
    .set(
      "timeout", \.timeout, .duration(minimum: .milliseconds(100)),
      "from a charge without an answer until its outcome is unknown; 30s if left out",
      title: "timeout of a charge"),
    .set(
      "retryUnknownAfter", \.retryUnknownAfter, .duration(minimum: .zero),
      "from then until it is asked for again, under the same key; 1m if left out",
      title: "time until a charge of unknown outcome is repeated"),
    .set(
      "retryUnavailableAfter", \.retryUnavailableAfter, .duration(minimum: .seconds(1)),
      "from an answer that the gateway is not available until the charge is asked for again; 10m if left out",
      title: "time until a charge is repeated that the gateway did not take"),
  ]

  static let jobKeys: [Key<Change<JobPatience>>] = [
    .set(
      "factor", \.factor, .integer(1...20),
      "how many times as long as the vendor says jobs take; 4 if left out", title: "patience with jobs"),
    .set(
      "margin", \.margin, .duration(minimum: .zero), "what is granted beyond that; 10m if left out",
      title: "time granted to jobs beyond"),
    .set(
      "otherwise", \.otherwise, .duration(minimum: .milliseconds(1)),
      "how long to wait where the vendor has no jobs; 30m if left out",
      title: "patience with unexpected jobs"),
  ]

  static let capturePause: Schema<Span> = Schema.duration.refusing { (span: Span, _) -> String? in
    span >= .milliseconds(1) && span <= .hours(1)
      ? nil : "the pause of a direct call must be between 1ms and 1h"
  }
}
