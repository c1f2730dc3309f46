import Chronology

/// Where a contract stands under some terms.
public enum ContractStatus: String, Hashable, Sendable, CaseIterable {
  /// In force: used and charged for.
  case active
  /// Used, and charged nothing for.
  case trial
  /// Neither used nor charged for.
  case paused
  /// Over, for good.
  case ended
}

/// What becomes of the part of an advance fee that is not used when a contract is cancelled within its interval.
public enum EarlyTermination: String, Hashable, Sendable, CaseIterable {
  /// It is given back, in proportion.
  case giveBack
  /// It is kept: the fee stays that of the whole interval.
  case keep
}

/// For how long a contract is agreed, from the first day that is charged for.
public struct ContractTerm: Hashable, Sendable {
  /// Its months: at least 1.
  public var months: Int
  /// Whether another term follows, again and again.
  public var renews: Bool
  /// Whether a pause puts off the end of a term by as long as it takes.
  public var isExtendedByPauses: Bool

  /// Makes a term.
  public init(months: Int, renews: Bool = true, isExtendedByPauses: Bool = false) {
    self.months = months
    self.renews = renews
    self.isExtendedByPauses = isExtendedByPauses
  }
}

/// What a contract says from an instant on, until the next terms take its place.
public struct ContractTerms: Hashable, Sendable {
  /// The first instant at which the terms are in force.
  public var from: Instant
  /// The index of the price book.
  public var priceBook: Int
  /// The number of seats.
  public var seats: Int
  /// Where the contract stands under them.
  public var status = ContractStatus.active

  /// Makes terms.
  public init(from: Instant, priceBook: Int, seats: Int = 0, status: ContractStatus = .active) {
    self.status = status
    self.from = from
    self.priceBook = priceBook
    self.seats = seats
  }
}

/// A subscription of an account: its contract from activation to its end.
public struct Subscription: Hashable, Sendable {
  /// The account that pays.
  public var account: AccountID
  /// The terms in the order in which they come into force; the first at activation. All in one currency.
  public var terms: [ContractTerms]
  /// The first instant at which nothing is in force any more.
  public var ends: Instant
  /// The day of the month on which its billing periods begin: 1 for calendar cycles.
  public var billingDay: UInt8
  /// How long the customer tries it, from activation on, and is charged nothing: whole days.
  public var trial = Span.zero
  /// For how long it is agreed; `nil`: until somebody ends it.
  public var term: ContractTerm?
  /// What a cancellation leaves of fees in advance.
  public var earlyTermination = EarlyTermination.giveBack

  /// Makes a subscription.
  ///
  /// - Precondition: there are terms, in rising order of ``ContractTerms/from``.
  public init(
    account: AccountID, terms: [ContractTerms], ends: Instant = .distantFuture, billingDay: UInt8 = 1
  ) {
    self.billingDay = billingDay
    precondition(!terms.isEmpty, "a subscription has terms")
    precondition(zip(terms, terms.dropFirst()).allSatisfy { $0.from < $1.from }, "terms are in order")
    self.account = account
    self.terms = terms
    self.ends = ends
  }

  /// Makes a subscription that has always been and will always be on one price book.
  public init(account: AccountID, priceBook: Int) {
    self.init(account: account, terms: [ContractTerms(from: .distantPast, priceBook: priceBook)])
  }
}

extension Catalog {
  /// Whether any contract has a trial, a pause or an end that is said by its terms.
  public var hasLapses: Bool {
    subscriptions.contains { own in
      own.trial > .zero || own.term?.renews == false || own.terms.contains { $0.status != .active }
    }
  }
}

/// A change of contract, as CRM tells it to billing.
public struct ContractEvent: Hashable, Sendable {
  /// The subscription.
  public var subscription: SubscriptionID
  /// The terms that come into force.
  public var terms: ContractTerms

  /// Makes an event.
  public init(subscription: SubscriptionID, terms: ContractTerms) {
    self.subscription = subscription
    self.terms = terms
  }
}
