import CanonicalModel
import Chronology

/// How the customers' contracts begin, renew, pause and end.
package struct LifecycleFile: Sendable {
  /// The months of a term; `nil`: contracts have none.
  package var term: Int?
  package var renews = true
  package var trial = Span.zero
  /// The share of the customers that leave in a month.
  package var churn = 0.0
  package var cancellations: [CancellationFile] = []
  package var earlyTermination = EarlyTermination.giveBack
  package var pauses: [PauseFile] = []
  package var pausesExtendTerm = false

  static let keys: [Key<Change<LifecycleFile>>] = [
    .setOptional(
      "term", \.term, term,
      "the term of each contract, from the first day that is charged for; open-ended if left out",
      title: "term of contracts"),
    .set(
      "renews", \.renews, .flag,
      "whether the term is renewed; true if left out. Otherwise the contract ends, and later usage is quarantined"
    ),
    .set(
      "trial", \.trial, trial,
      "the length of each customer's trial from sign-up, in whole days: usage is metered and costs nothing, and "
        + "fees begin when it ends; none if left out", title: "trial"),
    .set(
      "churn", \.churn, .share,
      "the share of the customers that cancel in a month, on a day of their own; none if left out",
      title: "monthly churn"),
    .set(
      "cancellations", \.cancellations, .list(CancellationFile.schema, minimum: 0),
      "contracts that are cancelled, and when", title: "", element: "cancellation {#}"),
    .set(
      "earlyTermination", \.earlyTermination, .choice(),
      "what becomes of the unused part of a fee in advance when a contract is cancelled: giveBack (default), by the price book's "
        + "proration, or keep"),
    .set(
      "pauses", \.pauses, .list(PauseFile.schema, minimum: 0),
      "times in which contracts are paused, reported with their last day: no fees, and any usage is quarantined",
      title: "",
      element: "pause {#}"),
    .set(
      "pausesExtendTerm", \.pausesExtendTerm, .flag,
      "whether a term that is not renewed ends later by as long as the contract was paused; false if left out"
    ),
  ]

  private static let term: Schema<Int> = .choice(
    (1...36).map { ("\($0) month\($0 == 1 ? "" : "s")", $0) }
      + (1...10).map { ("\($0) year\($0 == 1 ? "" : "s")", $0 * 12) })

  private static let trial: Schema<Span> = Schema<Span>.duration.map { place, span throws(InvalidInput) in
    guard span.nanoseconds % Span.days(1).nanoseconds == 0, span <= .days(365) else {
      throw InvalidInput("a trial must be whole days, at most 365", at: place.node.position)
    }
    return span
  }
}

/// Some of the customers.
package enum CustomerSelection: Hashable, Sendable {
  /// One, by its place in the order of their names.
  case one(Int)
  /// A share of them, evenly spread.
  case share(Double)

  static let name: Schema<Int> = Schema<String>.name.map { place, name throws(InvalidInput) in
    guard name.first == "c", let number = Int(name.dropFirst()), number >= 1 else {
      throw InvalidInput(
        "'\(name)' is not a customer; customers are named c1, c2 and so on", at: place.node.position)
    }
    guard number <= place.scene.customers else {
      throw InvalidInput(
        "there is no customer '\(name)': the scenario has \(place.scene.customers)", at: place.node.position)
    }
    return number - 1
  }

  init(_ place: Place, customer: Int?, share: Double?) throws(InvalidInput) {
    if customer != nil, share != nil {
      throw InvalidInput("give 'customer' or 'share', not both", at: place.node.position)
    }
    self = customer.map { .one($0) } ?? .share(share ?? 1)
  }
}

/// A cancellation.
package struct CancellationFile: Hashable, Sendable {
  /// The first instant at which nothing is in force any more.
  package var at: Instant
  package var who: CustomerSelection
  package var position: Position

  static let schema = Schema<CancellationFile>.record(
    .required("at", LifecycleMoment.schema, "when nothing is in force any more", title: "time of {}"),
    .optional("customer", CustomerSelection.name, "the customer, such as c7"),
    .optional(
      "share", .share, "the share of the customers, evenly spread; all if neither is given",
      title: "share of customers with {}"),
    make: {
      (place: Place, at: Located<Instant>, customer: Int?, share: Double?) throws(InvalidInput) in
      CancellationFile(
        at: at.value, who: try CustomerSelection(place, customer: customer, share: share),
        position: at.position)
    })
}

/// A pause.
package struct PauseFile: Hashable, Sendable {
  package var from: Instant
  /// The first instant at which the contract is in force again.
  package var until: Instant
  package var who: CustomerSelection
  /// Where both moments stand.
  package var positions: [Position]

  static let schema = Schema<PauseFile>.record(
    .required("from", LifecycleMoment.schema, "when it begins", title: "beginning of {}"),
    .required("until", LifecycleMoment.schema, "when the contract is in force again", title: "end of {}"),
    .optional("customer", CustomerSelection.name, "the customer, such as c7"),
    .optional(
      "share", .share, "the share of the customers, evenly spread; all if neither is given",
      title: "share of customers with {}"),
    make: {
      (place: Place, from: Located<Instant>, until: Located<Instant>, customer: Int?, share: Double?)
        throws(InvalidInput) in
      guard from.value < until.value else {
        throw InvalidInput("a pause must end after it begins", at: until.position)
      }
      return PauseFile(
        from: from.value, until: until.value,
        who: try CustomerSelection(place, customer: customer, share: share),
        positions: [from.position, until.position])
    })
}

/// A moment in the life of a contract: after the start of the run.
enum LifecycleMoment {
  static let schema: Schema<Located<Instant>> = Schema<Instant>.moment.map { place, at throws(InvalidInput) in
    guard at > place.scene.start else {
      throw InvalidInput("a contract cannot change before it begins", at: place.node.position)
    }
    return Located(value: at, position: place.node.position)
  }
}

/// The day of the month on which billing periods begin.
enum BillingDay: Hashable, Sendable {
  /// The same of all customers.
  case day(Int)
  /// Each customer's own: that of the sign-up, or of the end of the trial.
  case signUp

  static let schema: Schema<BillingDay> = .choice(
    [("first", .day(1)), ("signUp", .signUp)] + (1...28).map { ("\($0)", .day($0)) })
}
