import CanonicalModel
import Chronology

/// The profiles that are built in. Figures as the vendors documented them in November 2026; what no vendor publishes is
/// marked as assumed, figure by figure.
extension ERPProfile {
  /// All of them.
  public static let builtIn: [ERPProfile] = [
    netsuite, businessCentral, s4hanaCloud, oracleFusion, sageIntacct, quickBooksOnline, xero, ideal,
  ]

  /// Oracle NetSuite: no published rate, but a pool of concurrent requests by account tier.
  public static let netsuite: ERPProfile = {
    var profile = ERPProfile(
      name: "netsuite", latency: .milliseconds(900), latencySigma: 0.5, latencyPerDocument: .milliseconds(60),
      idempotency: .externalID)
    profile.payloadShape = .netSuite
    profile.concurrency = 15
    profile.serverTimeout = .minutes(15)
    profile.linesPerDocument = 1000
    profile.documentsPerCall = 100
    profile.throttleAnswer = "400 SSS_REQUEST_LIMIT_EXCEEDED"
    profile.sources = [
      (
        "concurrency",
        "NetSuite concurrency governance: base by tier plus 10 per SuiteCloud Plus licence; samples 5, 15, 65"
      ),
      ("serverTimeout", "NetSuite: a request ends at 15 min"),
      ("linesPerDocument", "NetSuite: 1,000 lines in a synchronous journal entry"),
      ("idempotency", "NetSuite: upsert on externalId, one per record and type, permanent"),
      ("throttleAnswer", "NetSuite: RESTlets answer 400 SSS_REQUEST_LIMIT_EXCEEDED, without Retry-After"),
      ("documentsPerCall", "assumed"), ("latency", "assumed"), ("periods", "assumed: refused"),
    ]
    return profile
  }()

  /// Microsoft Dynamics 365 Business Central: requests a user in a sliding window, a queue, and no idempotency.
  public static let businessCentral: ERPProfile = {
    var profile = ERPProfile(
      name: "business-central", latency: .milliseconds(600), latencySigma: 0.5,
      latencyPerDocument: .milliseconds(50), idempotency: .none)
    profile.limits = [RateLimit(6000, .calls, per: .minutes(5), .sliding)]
    profile.concurrency = 5
    profile.queueDepth = 95
    profile.queueWait = .minutes(8)
    profile.serverTimeout = .minutes(8)
    profile.documentsPerCall = 100
    profile.sources = [
      ("limits", "Business Central API limits: 6,000 requests per user in a 5-minute sliding window"),
      ("concurrency", "Business Central API limits: 5 processed at once"),
      ("queueDepth", "Business Central API limits: 95 queued, 100 connections in all"),
      ("queueWait", "Business Central API limits: 503 after 8 min in the queue"),
      ("serverTimeout", "Business Central API limits: 408 after 8 min of running"),
      ("documentsPerCall", "Business Central: at most 100 operations in a $batch"),
      ("idempotency", "none documented; look-up by External Document No."),
      ("latency", "assumed"), ("periods", "Business Central: allow posting from/to"),
    ]
    return profile
  }()

  /// SAP S/4HANA Cloud: 999 lines a document, repeatability headers.
  public static let s4hanaCloud: ERPProfile = {
    var profile = ERPProfile(
      name: "s4hana-cloud", latency: .milliseconds(700), latencySigma: 0.6,
      latencyPerDocument: .milliseconds(40),
      idempotency: .key(retention: .days(7), refusesOtherBodies: true))
    profile.payloadShape = .sap
    profile.limits = [RateLimit(3000, .documents, per: .minutes(1), .tokenBucket)]
    profile.concurrency = 20
    profile.linesPerDocument = 999
    profile.documentsPerCall = 100
    profile.retryAfter = .seconds(5)
    profile.sources = [
      ("linesPerDocument", "SAP: 999 lines in an accounting document (error F5 727)"),
      (
        "idempotency",
        "SAP: RequestID and RepeatabilityCreation where a service supports them; retention assumed"
      ),
      ("periods", "SAP: F5 201, the period is not open"),
      ("limits", "assumed: SAP publishes none; 50 documents per second"), ("concurrency", "assumed"),
      ("latency", "assumed"), ("retryAfter", "assumed"), ("documentsPerCall", "assumed"),
      ("serverTimeout", "assumed"),
    ]
    return profile
  }()

  /// Oracle Fusion Cloud ERP: bulk import jobs that succeed with single rows rejected.
  public static let oracleFusion: ERPProfile = {
    var profile = ERPProfile(
      name: "oracle-fusion", latency: .milliseconds(800), latencySigma: 0.5,
      latencyPerDocument: .milliseconds(20),
      idempotency: .uniqueNumber)
    profile.limits = [RateLimit(1800, .documents, per: .minutes(1), .tokenBucket)]
    profile.concurrency = 10
    profile.serverTimeout = .minutes(5)
    profile.jobTime = .minutes(4)
    profile.laterRejections = 0.01
    profile.documentsPerCall = 500
    profile.sources = [
      ("jobTime", "Oracle Fusion: bulk import jobs that confirm later; the time is assumed"),
      ("laterRejections", "Oracle Fusion: a job succeeds with rows rejected singly; the share is assumed"),
      ("serverTimeout", "Oracle Fusion: 504 after 5 min"),
      ("idempotency", "Oracle Fusion: none general; transaction numbers are unique in their source"),
      ("limits", "assumed: 30 documents per second"), ("concurrency", "assumed"), ("latency", "assumed"),
      ("documentsPerCall", "assumed"), ("periods", "assumed: refused"),
    ]
    return profile
  }()

  /// Sage Intacct: two at once by default.
  public static let sageIntacct: ERPProfile = {
    var profile = ERPProfile(
      name: "sage-intacct", latency: .milliseconds(1200), latencySigma: 0.5,
      latencyPerDocument: .milliseconds(120),
      idempotency: .key(retention: .days(1), refusesOtherBodies: false))
    profile.concurrency = 2
    profile.documentsPerCall = 100
    profile.throttleAnswer = "429 GW-0010"
    profile.sources = [
      ("concurrency", "Sage Intacct: 2 at once by default"),
      ("throttleAnswer", "Sage Intacct: 429 GW-0010"),
      (
        "limits", "Sage Intacct: above 100,000 transactions per month they are billed, not blocked: none here"
      ),
      ("idempotency", "assumed: control id per request, known for a day"), ("documentsPerCall", "assumed"),
      ("latency", "assumed"), ("serverTimeout", "assumed"), ("periods", "assumed: refused"),
    ]
    return profile
  }()

  /// QuickBooks Online: requests a minute and a second for each company, small batches.
  public static let quickBooksOnline: ERPProfile = {
    var profile = ERPProfile(
      name: "quickbooks-online", latency: .milliseconds(600), latencySigma: 0.4,
      latencyPerDocument: .milliseconds(80),
      idempotency: .key(retention: .days(1), refusesOtherBodies: false))
    profile.limits = [
      RateLimit(500, .calls, per: .minutes(1), .sliding), RateLimit(10, .calls, per: .seconds(1), .sliding),
      RateLimit(40, .calls, per: .minutes(1), .tokenBucket),
    ]
    profile.documentsPerCall = 30
    profile.serverTimeout = .seconds(120)
    profile.retryAfter = .seconds(60)
    profile.sources = [
      (
        "limits",
        "QuickBooks Online: 500 per minute and company, 10 per second, company and app, 40 batches per minute"
      ),
      ("documentsPerCall", "QuickBooks Online: at most 30 in a batch"),
      ("serverTimeout", "QuickBooks Online: 120 s"),
      ("retryAfter", "QuickBooks Online: 429, wait 60 s"),
      ("idempotency", "QuickBooks Online: requestid; retention assumed"),
      ("periods", "QuickBooks Online: closed books answer 400"), ("latency", "assumed"),
    ]
    return profile
  }()

  /// Xero: 60 calls a minute and 5,000 a day for each organisation, 5 at once.
  public static let xero: ERPProfile = {
    var profile = ERPProfile(
      name: "xero", latency: .milliseconds(500), latencySigma: 0.4, latencyPerDocument: .milliseconds(30),
      idempotency: .key(retention: .days(1), refusesOtherBodies: true))
    profile.limits = [
      RateLimit(60, .calls, per: .minutes(1), .sliding), RateLimit(5000, .calls, per: .days(1), .sliding),
    ]
    profile.concurrency = 5
    profile.documentsPerCall = 50
    profile.retryAfter = .seconds(1)
    profile.sources = [
      ("limits", "Xero: 60 per minute and 5,000 per day for each organisation"),
      ("concurrency", "Xero: 5 at once"),
      ("documentsPerCall", "Xero: 3.5 MB, about 50 documents per call"),
      ("retryAfter", "Xero: 429 with Retry-After, here until the window has room"),
      ("idempotency", "Xero: Idempotency-Key of up to 128 characters; retention assumed 24 h"),
      ("latency", "assumed"), ("serverTimeout", "assumed"), ("periods", "Xero: lock dates refuse"),
    ]
    return profile
  }()

  /// Never throttles, never forgets, and takes documents in any period: the control in comparisons.
  public static let ideal: ERPProfile = {
    var profile = ERPProfile(
      name: "ideal", latency: .milliseconds(50), latencySigma: 0, latencyPerDocument: .zero,
      idempotency: .externalID)
    profile.periods = .accept
    profile.sources = [("everything", "none: unlimited by definition")]
    return profile
  }()
}
