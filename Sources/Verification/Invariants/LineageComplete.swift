import CanonicalModel
import Chronology

/// From usage to the ledger and back, nothing is missing on the way.
struct LineageComplete: Invariant, HearsTraced, HearsRated, HearsInvoiceIssued {
  static let definition = InvariantDefinition(
    name: "lineage-complete", boundary: .lineage, place: 1,
    statement:
      "for sampled events: window, every charge of the period and meter, the invoices that these are on, and their documents "
      + "in the ledgers are found, and no others; and each of these charges leads back to the event's subscription, meter and period",
    evidence:
      "the sources' emissions, the rated charges, the issued invoices and the ledgers against the traces",
    property: .safety, cost: .each(.tracedEvent))
  var findings = Findings()
  private var charges: [OracleKey: [UInt64]] = [:]
  private var invoiceOf: [ChargeNumber: InvoiceNumber] = [:]

  mutating func hear(rated charge: RatedCharge, _: Books, at _: Instant) {
    charges[OracleKey(charge), default: []].append(charge.id)
  }

  mutating func hear(invoiceIssued invoice: Invoice, _: Books, at _: Instant) {
    guard invoice.rebills == nil else { return }
    for line in invoice.lines { invoiceOf[ChargeNumber(line.charge.id)] = invoice.number }
  }

  mutating func hear(traced trace: LineageTrace, _ books: Books, at now: Instant) {
    let period = books.period(of: Int(trace.subscription.index), holding: trace.event.time)
    let key = OracleKey(subscription: trace.subscription, item: ItemID(trace.meter), period: period)
    let own = charges[key] ?? []
    let invoices = Set(own.compactMap { invoiceOf[ChargeNumber($0)] })
    let width = books.usage.window.nanoseconds
    let window = Instant(nanoseconds: trace.event.time.nanoseconds / width * width)
    let ids =
      books.ids(of: key) + ["event \(books.catalog[trace.event.source])/\(trace.event.id)"]
    findings.expect(trace.window, equals: window, at: now, show: { "window \($0)" }, ids)
    findings.expect(
      Set(trace.charges), equals: Set(own), at: now, show: { "charges \($0.sorted())" }, ids)
    let origin = ChargeOrigin(subscription: key.subscription, item: key.item, period: key.period)
    findings.expect(
      trace.origins, equals: trace.charges.map { _ in origin }, at: now,
      show: { "back to \($0.map { $0.map { "\($0.period)" } ?? "nowhere" })" }, ids)
    findings.expect(
      Set(trace.invoices), equals: invoices, at: now,
      show: { $0.sorted().map { $0.text(in: books.catalog) }.joined(separator: ", ") }, ids)
    for (key, number) in trace.documents.sorted(by: { $0.key < $1.key }) {
      let known = books.numbers(key)
      findings.require(known.contains(number), at: now) {
        Breach(ids: ids + books.ids(of: key), expected: "\(known)", actual: "document \(number)")
      }
    }
    let posted = invoices.filter { books.obligations[PostingKey(invoice: $0)]?.isPosted == true }
    findings.require(trace.documents.count >= posted.count || books.hasUnposted, at: now) {
      Breach(
        ids: ids, expected: "\(posted.count) documents in the ledger", actual: "\(trace.documents.count)")
    }
  }
}
