import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// Feeds of master data on their way to the core: CRM and CPQ, and the rates of exchange.
extension SimulatedWorld {
  /// Who feeds.
  enum Feed {
    case crm
    case exchange
  }

  /// A message on its way.
  struct FeedMessage {
    var input: PipelineInput
    var feed: Feed
    /// Whether the network has lost it: it is sent again.
    var isLost: Bool
  }

  /// Sends a message; while its feed is down it waits there, and what is not acknowledged is sent again 12 hours later.
  mutating func feed(_ input: PipelineInput, from feed: Feed) {
    let faults = feed == .crm ? crmFaults : exchangeFaults
    if let end = faults.outageEnd, end > kernel.now {
      countHits(faults, .outage)
      guard end < .distantFuture else { return strand(in: feed == .crm ? "crm" : "fx") }
      return post(FeedMessage(input: input, feed: feed, isLost: true), at: end)
    }
    if isLost(faults) {
      observations.count(.requestLost)
      return post(FeedMessage(input: input, feed: feed, isLost: true), at: kernel.now + .hours(12))
    }
    let at = kernel.now + delay(faults)
    if let share = faults.duplicates, networkStream.bernoulli(share) {
      observations.count(.feedRepeated)
      countHits(faults, .duplicate)
      let after = Span.seconds(Int64(1 + networkStream.below(7 * 86_400)))
      post(FeedMessage(input: input, feed: feed, isLost: false), at: at + after)
    }
    guard at > kernel.now else { return receive(input) }
    post(FeedMessage(input: input, feed: feed, isLost: false), at: at)
  }

  private mutating func post(_ message: FeedMessage, at instant: Instant) {
    schedule(WorldEvent(.feed, index: feedMessages.insert(message)), at: instant)
  }

  /// A message reaches the core, or is sent again.
  mutating func deliverFeed(slot: Int) {
    let message = feedMessages.take(slot)
    if message.isLost { feed(message.input, from: message.feed) } else { receive(message.input) }
  }

  private mutating func receive(_ input: PipelineInput) {
    if case .identity(let link) = input {
      // What is said of one identifier comes in order: the account that it belongs to, then whoever else claims it.
      let subscriptions = configuration.catalog.subscriptions.count
      let owner = configuration.catalog.identities[Int(link.subject.index) - subscriptions]
      if link.subscription == owner {
        linkedSubjects.insert(link.subject)
      } else if !linkedSubjects.contains(link.subject) {
        return post(FeedMessage(input: input, feed: .crm, isLost: false), at: kernel.now + .hours(1))
      }
    }
    if case .contract(let event) = input, event.terms.from < kernel.now {
      observations.count(.contractToldLate)
    }
    tell(input)
  }
}
