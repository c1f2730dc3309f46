import CanonicalModel
import Chronology
import Testing

@testable import UsageToCash
@testable import World

@Suite("The people of finance")
struct FinanceStaffTests {
  private func asking(_ change: (inout FinanceConfiguration) -> Void) throws -> WorldConfiguration {
    try Alone.configuration { world in
      world.catalog.creditLimit = Money(units: Money.one)
      var finance = FinanceConfiguration(creditShare: 1, greatestPart: 0.5, repeatShare: 1, delay: .zero)
      finance.smallestPart = 0.5
      finance.requestsPerInvoice = 1
      finance.ownApprovalShare = 1
      change(&finance)
      world.finance = finance
    }
  }

  /// The requests on one invoice, in the order in which they come, each with the time since the invoice.
  private func requests(_ configuration: WorldConfiguration) throws -> [(CreditRequest, after: Span)] {
    var surroundings = Surroundings(configuration)
    var staff = FinanceStaff(configuration, rootSeed: 1)
    staff.considerCredit(for: try Alone.issued(), &surroundings)
    let coming = surroundings.coming()
    var requests: [(CreditRequest, after: Span)] = []
    for next in coming {
      requests.append((staff.receiveRequest(Int(next.event.index), &surroundings), after: next.after))
    }
    return requests
  }

  @Test("a request comes again, then the one who asked approves it, then another person")
  func approvals() throws {
    let requests = try requests(asking { _ in })
    #expect(requests.map(\.after) == [.zero, .hours(1), .hours(2), .days(1)])
    #expect(requests.allSatisfy { $0.0.net == Money(units: 50 * Money.one) })
    let person = try #require(requests.first?.0.requestedBy)
    #expect(person < 5)
    #expect(requests.map(\.0.approvedBy) == [nil, person, nil, person + 1])
  }

  @Test("each of them takes as long as it is set to")
  func times() throws {
    let requests = try requests(
      asking {
        $0.repeatAfter = .minutes(3)
        $0.ownApprovalAfter = .hours(5)
        $0.approvalAfter = .days(4)
        $0.requesters = 1
      })
    #expect(requests.map(\.after) == [.zero, .minutes(3), .hours(5), .days(4)])
    #expect(requests.map(\.0.requestedBy) == [0, 0, 0, 0], "there is one person who asks")
  }

  @Test("nobody approves alone where nobody is set to; more is asked for where more may be")
  func shares() throws {
    let honest = try requests(asking { $0.ownApprovalShare = 0 })
    #expect(honest.map(\.after) == [.zero, .hours(2), .days(1)])
    let many = try requests(
      asking {
        $0.requestsPerInvoice = 40
        $0.ownApprovalShare = 0
        $0.repeatShare = 0
      })
    #expect(many.count > 4 && many.count % 2 == 0)
    let bold = try requests(
      asking {
        $0.smallestPart = 1.5
        $0.greatestPart = 1.5
      })
    #expect(bold.allSatisfy { $0.0.net == Money(units: 150 * Money.one) })
  }

  @Test("what was refused is mended, and what waits is released, as soon as it is set to")
  func exceptions() throws {
    let slow = try Alone.configuration {
      $0.exceptions.mendAfter = .hours(3)
      $0.exceptions.releaseAfter = .days(10)
    }
    for (configuration, expected) in [
      (try Alone.configuration(), [Span.days(1), .days(2)]), (slow, [.hours(3), .days(10)]),
    ] {
      var surroundings = Surroundings(configuration)
      var staff = FinanceStaff(configuration, rootSeed: 1)
      staff.decide(about: 7, &surroundings)
      staff.mend(PostingKey(invoice: Alone.invoice()), &surroundings)
      #expect(staff.refusedDocuments == 1)
      let coming = surroundings.coming()
      #expect(coming.map(\.event.kind) == [.replay, .release])
      #expect(coming.map(\.after) == expected)
      #expect(coming.last?.event.index == 7)
    }
  }
}
