import Chronology

/// How finance gives credits. Figures with a default are assumed: nobody has published such.
public struct FinanceConfiguration: Sendable {
  /// The share of invoices on which a credit is asked for.
  public var creditShare: Double
  /// The smallest part of an invoice that is asked for: above zero, up to ``greatestPart``.
  public var smallestPart = 0.05
  /// The greatest part of an invoice that is asked for; above one to try more than there is.
  public var greatestPart: Double
  /// Requests on one invoice, at most, each number from one on alike often: one or more.
  public var requestsPerInvoice = 2
  /// The share of requests that come again.
  public var repeatShare: Double
  /// From a request until it comes again.
  public var repeatAfter = Span.hours(2)
  /// From an invoice's issue until a credit is asked for, at most.
  public var delay: Span
  /// The share of the invoices with credits that are credited as a whole and issued anew.
  public var rebillShare: Double
  /// The people who ask for credits: one or more.
  public var requesters = 5
  /// The share of requests over the limit that the person who asked tries to approve alone.
  public var ownApprovalShare = 0.2
  /// From a request until that person tries.
  public var ownApprovalAfter = Span.hours(1)
  /// From a request over the limit until a second person approves it.
  public var approvalAfter = Span.days(1)

  /// Makes a configuration.
  public init(
    creditShare: Double, greatestPart: Double, repeatShare: Double, delay: Span, rebillShare: Double = 0
  ) {
    self.rebillShare = rebillShare
    self.creditShare = creditShare
    self.greatestPart = greatestPart
    self.repeatShare = repeatShare
    self.delay = delay
  }

  /// From an invoice's issue until all that is asked for on it has been, at most.
  var longest: Span { delay + max(repeatAfter, ownApprovalAfter, approvalAfter) }
}

/// How long people take over exception cases. The figures are assumed: nobody has published such.
public struct ExceptionHandling: Hashable, Sendable {
  /// From an ERP's refusal of a document until what kept it from taking it is mended, and the document is sent again.
  public var mendAfter = Span.days(1)
  /// From the case of charges for late usage that wait for a decision until they are released.
  public var releaseAfter = Span.days(2)

  /// Makes the defaults.
  public init() {}
}
