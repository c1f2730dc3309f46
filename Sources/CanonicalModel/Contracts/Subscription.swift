import Chronology

/// What a contract says from an instant on, until the next terms take its place.
public struct ContractTerms: Hashable, Sendable {
  /// The first instant at which the terms are in force.
  public var from: Instant
  /// The index of the price book.
  public var priceBook: Int
  /// The number of seats.
  public var seats: Int

  /// Makes terms.
  public init(from: Instant, priceBook: Int, seats: Int = 0) {
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
