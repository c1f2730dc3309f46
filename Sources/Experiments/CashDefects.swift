import UsageToCash
import World

/// Known mistakes with money that has moved.
enum CashDefects {
  static let all: [Defect] = [
    Defect(
      name: "credit-note-as-invoice", mistake: "an invoice with a negative total takes an invoice number",
      models: "getlago/lago-api 4996: negative invoices, which the ERP refuses",
      caughtBy: "credit-notes-refer",
      scenario: "contract-life", core: .creditNoteAsInvoice),
    Defect(
      name: "credit-note-not-applied",
      mistake: "what a credit note gives settles no other invoice, and is never paid out",
      models: "credit balances that nobody looks at, invoice by invoice", caughtBy: "unapplied-resolved",
      scenario: "contract-life", core: .creditNoteNotApplied),
    Defect(
      name: "credit-note-without-reference",
      mistake: "a credit note does not name the invoices that it credits",
      models: "credits that no auditor finds the invoice of", caughtBy: "credit-notes-refer",
      scenario: "contract-life", core: .creditNoteWithoutReference),
    Defect(
      name: "transfer-misapplied",
      mistake: "a transfer settles the customer's other invoices before the one that it names",
      models: "cash application by amount or age, which does not read the remittance advice",
      caughtBy: "cash-booked-as-moved", scenario: "payments", core: .transferMisapplied),
    Defect(
      name: "invoice-never-charged", mistake: "every fifth invoice is never charged",
      models: "getlago/lago-api 2826: the job that collects is not started for some invoices",
      caughtBy: "charged-as-due", scenario: "payments", core: .invoiceNeverCharged),
    Defect(
      name: "charged-early", mistake: "an invoice is charged an hour before it is due",
      models: "due dates that are compared in another time zone", caughtBy: "charged-as-due",
      scenario: "payments", core: .chargedEarly),
    Defect(
      name: "charged-net-of-tax", mistake: "a charge leaves out the tax of what is open",
      models: "amounts that are taken before the tax engine has answered", caughtBy: "charged-as-due",
      scenario: "payments", core: .chargedNetOfTax),
    Defect(
      name: "charged-a-cent-short", mistake: "a charge asks for a cent less than is open",
      models: "amounts that pass through a float on the way to the gateway", caughtBy: "charged-as-due",
      scenario: "payments", core: .chargedACentShort),
    Defect(
      name: "dunning-hourly",
      mistake: "a declined charge is retried after an hour, whatever the terms say",
      models: "retries of the job queue mistaken for retries of the charge", caughtBy: "dunning-kept",
      scenario: "payments", core: .dunningHourly),
    Defect(
      name: "refund-never-made", mistake: "an overpayment that a credit leaves is never refunded",
      models: "credit notes that nobody connects with the gateway", caughtBy: "given-back-as-owed",
      scenario: "credits", core: .refundNeverMade),
    Defect(
      name: "refund-made-twice", mistake: "an overpayment that a credit leaves is refunded twice",
      models: "one refund by the gateway's dashboard and another by the system",
      caughtBy: "given-back-as-owed",
      scenario: "credits", core: .refundMadeTwice),
    Defect(
      name: "refund-to-another-invoice",
      mistake: "a refund is booked on another invoice of the customer",
      models: "refunds that are matched by customer and amount", caughtBy: "given-back-as-owed",
      scenario: "standard", core: .refundToAnotherInvoice),
    Defect(
      name: "payment-in-another-period", mistake: "a payment is booked in the next accounting period",
      models: "posting dates taken from the payout, not from the payment", caughtBy: "cash-booked-as-moved",
      scenario: "payments", core: .paymentInAnotherPeriod),
    Defect(
      name: "payment-to-another-customer", mistake: "a payment is booked for another customer",
      models: "payers that are found by name", caughtBy: "cash-booked-as-moved", scenario: "payments",
      core: .paymentToAnotherCustomer),
    Defect(
      name: "reconciliation-of-own-cash",
      mistake:
        "chargebacks are not booked, and the reconciliation of cash compares what was booked with what was booked",
      models: "reconciliations that read the billing system's own payments and never the bank's statements",
      caughtBy: "reconciliation-detects", scenario: "payments",
      core: [.chargebackIgnored, .reconciliationOfOwnCash]),
    Defect(
      name: "unapplied-forgotten", mistake: "overpayments are neither applied nor refunded",
      models: "invoiceninja/invoiceninja 313, Paymenter/Paymenter 1280: overpayments that nothing uses",
      caughtBy: "unapplied-resolved", scenario: "cash", core: .unappliedForgotten),
    Defect(
      name: "statements-unread",
      mistake: "money that moved without a notice is not booked from the statement that shows it",
      models: "integrations that live on webhooks alone", caughtBy: "cash-balances", scenario: "cash",
      core: .statementsUnread),
    Defect(
      name: "chargeback-unbounded",
      mistake: "a chargeback takes back all of a charge that was refunded in part",
      models: "killbill/killbill 1015: chargebacks that know nothing of refunds",
      caughtBy: "given-back-bounded",
      scenario: "chargebacks"
    ) { $0.world.cash?.boundsChargebacks = false },
    Defect(
      name: "dispute-won-ignored", mistake: "money that comes back after a won dispute is not booked",
      models: "events of the gateway beyond charge and refund that nobody handles", caughtBy: "cash-balances",
      scenario: "cash", core: .disputeWonIgnored),
    Defect(
      name: "never-written-off", mistake: "uncollectable invoices are never written off",
      models: "dunning that ends in a report", caughtBy: "write-offs-justified", scenario: "cash",
      core: .neverWrittenOff),
    Defect(
      name: "written-off-at-once",
      mistake: "what is open is written off as soon as the last attempt has failed",
      models: "write-offs that are tied to the status of the payment", caughtBy: "write-offs-justified",
      scenario: "cash", core: .writtenOffAtOnce),
  ]
}
