import UsageToCash

/// Known mistakes with contracts that change, periods without usage, and prepaid credits.
enum ContractDefects {
  static let all: [Defect] = [
    Defect(
      name: "idle-period-not-rated",
      mistake: "a period without usage is not rated: minimums and fees that are always due are not billed",
      models: "billing runs that begin with the usage, and see no customer who has none",
      caughtBy: "rating-matches-oracle", scenario: "contracts", core: .idlePeriodNotRated),
    Defect(
      name: "idle-part-not-rated",
      mistake: "of a period with a change of contract only the part with usage is rated",
      models: "minimums that are looked up by the terms of the usage that came",
      caughtBy: "rating-matches-oracle", scenario: "contracts", core: .idlePartNotRated),
    Defect(
      name: "level-at-last-terms",
      mistake: "a meter that is no sum is priced on the terms at the period's end, for all of the period",
      models: "getsentry/sentry 46598, polarsource/polar 9090: a change of seats priced for the whole month",
      caughtBy: "rating-matches-oracle", scenario: "contracts", core: .levelAtLastTerms),
    Defect(
      name: "change-recognised-from-the-start",
      mistake:
        "what a change of contract adds is recognised as if it had been agreed at the beginning of its period",
      models: "ASC 606-10-25-13(a): schedules that are recomputed as a whole after an upgrade",
      caughtBy: "recognised-in-period", scenario: "contracts", core: .changeRecognisedFromTheStart),
    Defect(
      name: "change-served-from-the-start",
      mistake: "the line of a change of contract says that it is served over all of its period",
      models: "invoice lines without dates of service, whose revenue is spread over the billing period",
      caughtBy: "served-as-agreed", scenario: "contracts", core: .changeServedFromTheStart),
    Defect(
      name: "late-usage-paid-in-cash",
      mistake: "usage that comes late is paid for in cash, though there are prepaid credits",
      models: "drawdowns that run once a period, with the first bill", caughtBy: "grants-conserved",
      scenario: "prepaid", core: .lateUsagePaidInCash),
    Defect(
      name: "void-paid-back-in-cash",
      mistake: "usage that prepaid credits have paid for and that is taken back is paid back in cash",
      models: "credit notes that know the line's price, and not who has paid it",
      caughtBy: "grants-conserved", scenario: "prepaid", core: .voidPaidBackInCash),
  ]
}
