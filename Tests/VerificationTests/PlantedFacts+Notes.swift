import CanonicalModel
import Chronology

/// A credit note, in a variant of the tiny month.
extension PlantedFacts {
  /// The second customer is billed 1.00 more of the fee, has it back by a credit note, and the note settles the invoice.
  mutating func giveNote() {
    let us = EntityID(index: 0)
    for (id, amount) in [(UInt64(21), Int128(100)), (22, -100)] {
      charges.append(
        RatedCharge(
          id: id, subscription: SubscriptionID(index: 1), item: Self.fee, servicePeriod: Self.period,
          kind: .proration, count: 0, quantity: .zero, digest: 0, amount: Self.cents(amount)))
    }
    let numbers = [
      InvoiceNumber(entity: us, sequence: 4), InvoiceNumber(entity: us, sequence: 1, isCreditNote: true),
    ]
    for (number, charge) in zip(numbers, charges.suffix(2)) {
      invoices.append(
        Invoice(
          number: number, account: AccountID(index: 1), currency: Self.dollar, period: Self.period,
          issued: Self.period.end, lines: [InvoiceLine(charge: charge)], total: charge.amount,
          credits: number.isCreditNote ? [numbers[0]] : []))
    }
    for (sequence, number, amount) in [(UInt32(1), numbers[1], Int128(-100)), (2, numbers[0], 100)] {
      cash.append(
        CashDocument(
          key: PostingKey(kind: .cashApplication, entity: us, sequence: sequence),
          account: AccountID(index: 1), currency: Self.dollar, period: Self.period.next,
          gross: Self.cents(amount), applications: [.init(invoice: number, amount: Self.cents(amount))]))
    }
    statuses.append((numbers[0], .settled))
    post()
  }
}

extension Lie {
  static let ofNotes: [Lie] = [
    Lie("credit-notes-refer", "a total below zero has a number of the invoices") { facts in
      facts.giveNote()
      facts.invoices[4].number = InvoiceNumber(entity: EntityID(index: 0), sequence: 5)
    },
    Lie("credit-notes-refer", "a credit note is of nothing") { facts in
      facts.giveNote()
      facts.invoices[4].credits = []
    },
    Lie("credit-notes-refer", "a credit note is of another invoice of the customer") { facts in
      facts.giveNote()
      facts.invoices[4].credits = [facts.invoices[1].number]
    },
    Lie("credit-notes-refer", "a credit note is of another customer's invoice as well") { facts in
      facts.giveNote()
      facts.invoices[4].credits.insert(facts.invoices[0].number, at: 0)
    },
    Lie("invoice-numbers-gapless", "a number of a credit note is left out") { facts in
      facts.giveNote()
      facts.invoices[4].number.sequence = 2
    },
    Lie("unapplied-resolved", "what a credit note gives settles nothing") { facts in
      facts.giveNote()
      facts.cash.removeLast(2)
    },
    Lie("cash-booked-as-moved", "a credit note gives more than it says") { facts in
      facts.giveNote()
      facts.cash[facts.cash.count - 2].gross = PlantedFacts.cents(-150)
      facts.cash[facts.cash.count - 2].applications[0].amount = PlantedFacts.cents(-150)
    },
  ]
}
