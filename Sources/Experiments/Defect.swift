import CanonicalModel
import Chronology
import UsageToCash
import World

/// A known mistake that can be planted, to prove that an invariant can fail. It exchanges a strategy in the
/// assembly; neither the core nor the world knows of defects.
public struct Defect: Sendable {
  /// The name on the command line.
  public let name: String
  /// What is done wrong.
  public let mistake: String
  /// The real failure that it is modelled on.
  public let modelledOn: String
  /// The invariant that must catch it.
  public let caughtBy: String
  /// The scenario of the repository that must show it.
  public let scenario: String
  /// Exchanges the strategy.
  let plant: @Sendable (inout Assembly) -> Void

  init(
    name: String, mistake: String, modelledOn: String, caughtBy: String,
    scenario: String = "azure-llm-tokens", plant: @escaping @Sendable (inout Assembly) -> Void
  ) {
    self.name = name
    self.mistake = mistake
    self.modelledOn = modelledOn
    self.caughtBy = caughtBy
    self.scenario = scenario
    self.plant = plant
  }

  /// All defects.
  public static let all: [Defect] = [
    Defect(
      name: "no-dedup", mistake: "every copy of an event counts",
      modelledOn: "at-least-once delivery taken for exactly-once", caughtBy: "no-double-counting"
    ) { $0.policy.ingestion.keying = .none },
    Defect(
      name: "dedup-without-source", mistake: "an event is identified by its id alone",
      modelledOn: "producers that number their events independently collapse into one another",
      caughtBy: "no-lost-usage"
    ) { $0.policy.ingestion.keying = .idOnly },
    Defect(
      name: "retry-without-key",
      mistake: "a call that was not answered is sent again, as a plain add without an idempotency key",
      modelledOn: "an ERP that commits and whose answer is lost", caughtBy: "no-double-posting"
    ) {
      $0.policy.posting.idempotency = .none
      $0.policy.posting.unknownOutcome = .retry
    },
    Defect(
      name: "late-event-dropped-silently", mistake: "usage that arrives after its window closed is discarded",
      modelledOn: "stream processors that drop late data by default", caughtBy: "no-lost-usage"
    ) { $0.policy.metering.lateUsage = .drop },
    Defect(
      name: "round-per-event", mistake: "every event's amount is rounded to the minor unit, then summed",
      modelledOn: "unit prices below a cent that round to nothing", caughtBy: "rating-matches-oracle"
    ) { $0.policy.rounding = .perEvent },
    Defect(
      name: "window-off-by-one", mistake: "the last minute of a window counts in the next one",
      modelledOn: "closed intervals such as 00:00 to 00:59, compared as instants, instead of half-open ones",
      caughtBy: "metering-balances"
    ) { $0.policy.metering.boundaryShift = .minutes(1) },
    Defect(
      name: "identity-last-wins",
      mistake: "an identifier that is claimed for a second account is that account's from then on",
      modelledOn: "mapping tables that are overwritten by the latest import", caughtBy: "no-lost-usage",
      scenario: "onboarding"
    ) { $0.policy.ingestion.identityConflict = .lastWins },
    Defect(
      name: "backfill-counted-twice", mistake: "a backfill that is run again counts again",
      modelledOn: "re-runs of export jobs beyond the deduplication horizon",
      caughtBy: "no-double-counting", scenario: "onboarding"
    ) { $0.policy.ingestion.backfill = .trusted },
    Defect(
      name: "unique-per-window",
      mistake: "different values are counted in each hour, and the hours are added up",
      modelledOn: "hourly roll-ups of distinct counts and maxima", caughtBy: "order-insensitive",
      scenario: "aggregations"
    ) { $0.policy.metering.scope = .window },
    Defect(
      name: "latest-by-arrival", mistake: "the latest value is the one that arrived last",
      modelledOn: "gauges that a late event sets back", caughtBy: "order-insensitive",
      scenario: "aggregations"
    ) { $0.policy.metering.ordering = .arrival },
    Defect(
      name: "correction-added", mistake: "an amended event counts beside the one that it corrects",
      modelledOn: "corrections that are sent as further usage", caughtBy: "no-double-counting",
      scenario: "aggregations"
    ) { $0.policy.ingestion.recognisesCorrections = false },
    Defect(
      name: "proration-off-by-a-day", mistake: "the day of a change of contract is charged on both terms",
      modelledOn: "day counts that include the end (rating vectors of Flexprice)",
      caughtBy: "rating-matches-oracle", scenario: "plan-changes"
    ) { $0.policy.contracts.dayCount = .endInclusive },
    Defect(
      name: "amendment-at-next-period",
      mistake: "a change of contract is taken up at the next billing period",
      modelledOn: "CRM changes that wait for a monthly synchronisation", caughtBy: "rating-matches-oracle",
      scenario: "plan-changes"
    ) { $0.policy.contracts.amendments = .nextPeriod },
    Defect(
      name: "amendment-when-told",
      mistake: "a change of contract that is told late holds only from then on",
      modelledOn: "CRM synchronisations whose delay moves effective dates", caughtBy: "rating-matches-oracle",
      scenario: "late-master-data"
    ) { $0.policy.contracts.amendments = .whenTold },
    Defect(
      name: "true-up-not-revised",
      mistake: "the true-up to the minimum spend stands, though late usage has come since",
      modelledOn: "commitments that are settled once at the period's end", caughtBy: "commitment-identity",
      scenario: "plan-changes"
    ) { $0.policy.contracts.revisesTrueUps = false },
    Defect(
      name: "tax-rounded-before-summing", mistake: "tax is rounded on each line, where the policy is the sum",
      modelledOn: "Lago and Meteroid, which differ (rating vectors); an engine and a biller that do",
      caughtBy: "tax-matches-jurisdiction", scenario: "sales-tax"
    ) { $0.policy.billing.taxRounding = .perLine },
    Defect(
      name: "credits-never-expire", mistake: "prepaid credits are drawn on after they have expired",
      modelledOn: "wallets without a clock", caughtBy: "grants-conserved", scenario: "prepaid"
    ) { $0.policy.contracts.creditExpiry = .ignored },
    Defect(
      name: "revenue-recognised-at-invoice", mistake: "a fee that is invoiced in advance is revenue at once",
      modelledOn: "ledgers that are fed from invoices alone", caughtBy: "no-early-recognition",
      scenario: "plan-changes"
    ) { $0.policy.revenue.timing = .atInvoice },
    Defect(
      name: "revenue-in-first-month",
      mistake: "a yearly fee is recognised in full at the end of its first month",
      modelledOn: "schedules kept by the month of the invoice", caughtBy: "recognised-in-period",
      scenario: "anniversaries"
    ) { $0.policy.revenue.timing = .firstMonth },
    Defect(
      name: "recognition-run-twice",
      mistake: "what was recognised stays on its schedule and is recognised again",
      modelledOn: "close jobs that are restarted without a marker of what is done",
      caughtBy: "revenue-conserved", scenario: "plan-changes"
    ) { $0.policy.revenue.consumesSchedules = false },
    Defect(
      name: "quarantine-replayed-twice", mistake: "replayed events stay in quarantine and are replayed again",
      modelledOn: "dead-letter queues that are replayed without deduplication",
      caughtBy: "no-double-counting",
      scenario: "dirty-telemetry"
    ) { $0.policy.ingestion.replay = .keepsQuarantine },
    Defect(
      name: "period-checked-at-enqueue-only",
      mistake: "the accounting period is checked when a document is queued, and not when it is sent",
      modelledOn: "queues that drain after the close", caughtBy: "no-posting-into-closed-period",
      scenario: "period-close"
    ) { $0.policy.posting.periodCheck = .atEnqueue },
    Defect(
      name: "revenue-account-mapped-wrong", mistake: "all revenue is posted to the account of the first item",
      modelledOn: "item codes without a mapping that fall back to a default account",
      caughtBy: "posting-matches-invoice"
    ) { $0.policy.posting.accounts = .firstItem },
    Defect(
      name: "lineage-without-late-charges",
      mistake: "a period's further charges are not found from its usage",
      modelledOn: "drill-down keyed by period that keeps one row", caughtBy: "lineage-complete",
      scenario: "late-usage-accrued"
    ) { $0.policy.lineage = .firstChargeOnly },
    Defect(
      name: "fx-at-latest-rate",
      mistake: "documents are translated at the latest rate that is known, and not at that of their day",
      modelledOn: "rate tables that are overwritten each evening", caughtBy: "fx-ties",
      scenario: "foreign-books"
    ) { $0.policy.rates = .latest },
    Defect(
      name: "cases-unmasked", mistake: "every role sees every field of a case",
      modelledOn: "tickets that quote the whole record", caughtBy: "fields-masked", scenario: "exceptions"
    ) { $0.policy.exceptions.masking = .none },
    Defect(
      name: "quarantine-without-case", mistake: "usage is put aside and nobody is told",
      modelledOn: "dead-letter queues without an alarm", caughtBy: "exceptions-surface",
      scenario: "exceptions"
    ) { $0.policy.exceptions.surfacesQuarantine = false },
    Defect(
      name: "reopened-without-approval",
      mistake: "a reopened period is posted to though nobody but the one who opened it approved of that",
      modelledOn: "period locks that one person can lift", caughtBy: "no-posting-into-closed-period",
      scenario: "soft-close"
    ) { $0.policy.posting.checksReopeningApproval = false },
    Defect(
      name: "snapshot-updated-after-reopen",
      mistake: "the snapshot of a close is brought up to date when its period closes again",
      modelledOn: "close reports that are views on live tables", caughtBy: "snapshot-immutable",
      scenario: "period-close"
    ) { $0.policy.snapshots = .updated },
    Defect(
      name: "cut-over-without-look-up",
      mistake: "documents whose outcome at the old ERP is unknown go to the new one unasked",
      modelledOn: "migrations with a backlog", caughtBy: "no-double-posting", scenario: "erp-cut-over"
    ) { $0.policy.posting.cutOver = .moveAll },
    Defect(
      name: "accrual-not-reversed", mistake: "an accrual stands on when its usage has been invoiced",
      modelledOn: "accruals that are reversed by hand", caughtBy: "close-cut-off",
      scenario: "late-usage-accrued"
    ) { $0.policy.billing.reversesAccruals = false },
    Defect(
      name: "credit-replayed", mistake: "a request for a credit that comes again is another credit",
      modelledOn: "credit workflows that are restarted", caughtBy: "credit-applied-once", scenario: "credits"
    ) { $0.policy.credits.recognisesRepeats = false },
    Defect(
      name: "credit-uncapped", mistake: "credits on an invoice are not held against what is left of it",
      modelledOn: "credits per request that nobody adds up", caughtBy: "credits-capped", scenario: "credits"
    ) { $0.policy.credits.isCapped = false },
    Defect(
      name: "credit-without-approval", mistake: "credits over the limit are given without a second person",
      modelledOn: "approvals that only the form asks for", caughtBy: "credits-approved", scenario: "credits"
    ) { $0.policy.credits.needsApproval = false },
    Defect(
      name: "charge-key-per-call", mistake: "a charge without an answer is asked for again under another key",
      modelledOn: "keys derived from the time of the attempt", caughtBy: "no-double-charge",
      scenario: "payments"
    ) { $0.policy.payments.keying = .perCall },
    Defect(
      name: "overpayment-applied-to-invoice",
      mistake: "what a customer pays too much is applied to the invoice that it named",
      modelledOn: "cash application without unapplied cash", caughtBy: "cash-balances", scenario: "payments"
    ) { $0.policy.payments.keepsUnapplied = false },
    Defect(
      name: "chargeback-ignored", mistake: "a payment that a customer takes back is not booked",
      modelledOn: "webhooks of the gateway that nobody subscribed to", caughtBy: "cash-balances",
      scenario: "payments"
    ) { $0.policy.payments.booksChargebacks = false },
    Defect(
      name: "status-not-told", mistake: "CRM is never told what became of an invoice",
      modelledOn: "one-way integrations", caughtBy: "payment-status-ties", scenario: "payments"
    ) { $0.policy.payments.tellsStatus = false },
    Defect(
      name: "order-lost", mistake: "each kind of document has its own queue and worker",
      modelledOn: "parallel workers that overtake one another", caughtBy: "posting-order",
      scenario: "payments"
    ) { $0.policy.posting.order = .perKind },
    Defect(
      name: "acknowledge-before-sync",
      mistake: "the log is synced every five minutes, and deliveries are acknowledged at once",
      modelledOn: "write-behind caches in front of the system of record",
      caughtBy: "acknowledged-is-durable", scenario: "crashes"
    ) { $0.policy.sync = .every(.minutes(5)) },
    Defect(
      name: "effects-not-repeated",
      mistake: "what a process had decided on before it died, and not done, is never done",
      modelledOn: "notifications sent after the commit, outside of any outbox",
      caughtBy: "payment-status-ties", scenario: "crashes"
    ) { $0.policy.repeatsEffects = false },
    Defect(
      name: "dedup-in-memory",
      mistake: "known keys are kept in the memory of the process that takes usage in",
      modelledOn: "openmeter.io, architecture: deduplication in process memory; a restart counts again",
      caughtBy: "no-double-counting", scenario: "crashes"
    ) { $0.policy.ingestion.store = .memory },
    Defect(
      name: "outbox-in-memory", mistake: "documents that wait for an ERP are kept in the memory of a process",
      modelledOn: "in-process job queues", caughtBy: "no-lost-posting", scenario: "crashes"
    ) { $0.policy.posting.store = .memory },
    Defect(
      name: "notice-counted-twice", mistake: "a notice that comes twice moves money twice",
      modelledOn: "flexprice/flexprice 8fefadc, meteroid-oss/meteroid 871: redelivered webhooks",
      caughtBy: "cash-balances", scenario: "hostile-network"
    ) { $0.policy.payments.recognisesRepeats = false },
    Defect(
      name: "accepted-taken-for-posted", mistake: "what an ERP has accepted counts as posted",
      modelledOn: "bulk import jobs that reject single rows later; getlago/lago-api 5482",
      caughtBy: "no-lost-posting", scenario: "patterns/middleware"
    ) { $0.policy.posting.trustsAcceptance = true },
    Defect(
      name: "partial-failure-ignored", mistake: "the results of a call are not read one by one",
      modelledOn: "getlago/lago-api 4772; batches that answer 200 with errors inside",
      caughtBy: "no-lost-posting", scenario: "patterns/middleware"
    ) { $0.policy.posting.partialSuccess = .ignored },
    Defect(
      name: "batch-all-or-nothing", mistake: "a call of which one document failed is made again as a whole",
      modelledOn: "file interfaces; an ERP without idempotency then holds the others twice",
      caughtBy: "no-double-posting", scenario: "hostile-network"
    ) { $0.policy.posting.partialSuccess = .allOrNothing },
    Defect(
      name: "key-of-the-attempt", mistake: "the idempotency key is made from the minute of the attempt",
      modelledOn: "flexprice/flexprice 1400, 2336", caughtBy: "no-double-posting",
      scenario: "patterns/middleware"
    ) {
      $0.policy.posting.idempotency = .perAttempt
      $0.policy.posting.unknownOutcome = .retry
    },
    Defect(
      name: "looked-up-too-early",
      mistake:
        "an outcome is looked up at once, though the ERP may still work on the call or not show it yet",
      modelledOn: "getlago/lago-api 5450: the retry races the write in flight; search indices that lag",
      caughtBy: "no-double-posting", scenario: "hostile-network"
    ) {
      for index in $0.policy.posting.systems.indices {
        $0.policy.posting.systems[index].settlesAfter = .zero
      }
    },
    Defect(
      name: "given-up-after-attempts", mistake: "a document is dropped after five attempts",
      modelledOn: "getlago/lago-api 4772; job queues with a retry limit and no dead-letter queue",
      caughtBy: "no-lost-posting", scenario: "outage-over-close"
    ) { $0.policy.posting.attempts = 5 },
    Defect(
      name: "regions-not-normalised",
      mistake: "a producer has another name in each region, and is taken for another one",
      modelledOn: "active-active ingestion that deduplicates in each region for itself",
      caughtBy: "no-double-counting", scenario: "hostile-telemetry"
    ) { $0.policy.ingestion.normalisesSources = false },
    Defect(
      name: "retention-too-short",
      mistake: "the broker keeps usage for five minutes, and the processes that take it are down for longer",
      modelledOn: "topics with the default retention", caughtBy: "retention-not-outrun",
      scenario: "hostile-telemetry"
    ) { $0.world.broker.retention = .minutes(5) },
    Defect(
      name: "restamped-copies-counted",
      mistake: "a retry that has another identifier counts as another event",
      modelledOn: "client libraries that make an identifier at each send", caughtBy: "no-double-counting",
      scenario: "hostile-telemetry"
    ) { $0.policy.ingestion.contentHorizon = nil },
  ]
}
