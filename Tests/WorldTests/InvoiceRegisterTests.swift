import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import World

@Suite("What the world has seen of invoices")
struct InvoiceRegisterTests {
  @Test("an invoice is final once; its customer knows a second copy")
  func copies() throws {
    let configuration = try Alone.configuration()
    let recorder = FactRecorder()
    var surroundings = Surroundings(configuration, seed: 1, sink: recorder)
    var register = InvoiceRegister(configuration)
    let invoice = try Alone.issued()
    #expect(!register.isFinal(invoice.number))
    var isFirst = register.finalise(invoice, &surroundings)
    #expect(isFirst, "of its entity and period")
    #expect(register.isFinal(invoice.number))
    let isNew = (0..<2).map { _ in register.deliver(invoice, &surroundings) }
    #expect(isNew == [true, false])
    #expect(recorder.facts.count == 2, "the auditor hears of both copies")
    isFirst = register.finalise(try Alone.issued(2), &surroundings)
    #expect(!isFirst, "the entity and period have one")
    #expect(surroundings.observations.invoices == [2])
  }

  @Test("CRM keeps the newest status, and counts what comes too late")
  func statuses() throws {
    let configuration = try Alone.configuration()
    let recorder = FactRecorder()
    var surroundings = Surroundings(configuration, seed: 1, sink: recorder)
    var register = InvoiceRegister(configuration)
    for revision: UInt32 in [1, 3, 2, 3, 4] {
      register.notify(.settled, of: Alone.invoice(), revision: revision, &surroundings)
    }
    #expect(recorder.facts.count == 3)
    #expect(surroundings.observations.situations[.statusTold] == 3)
    #expect(surroundings.observations.situations[.statusStale] == 2)
  }

  @Test("periods of invoices that no ledger has are named")
  func unposted() throws {
    let configuration = try Alone.configuration()
    var surroundings = Surroundings(configuration)
    var register = InvoiceRegister(configuration)
    #expect(register.unposted([[]]).isEmpty)
    let invoice = try Alone.issued()
    _ = register.finalise(invoice, &surroundings)
    #expect(
      register.unposted([[]]) == [EntityPeriod(entity: Alone.us, period: invoice.period): 1])
  }

  @Test("an invoice that is finalised twice, or sent before it is final, ends the process")
  func traps() async {
    await #expect(processExitsWith: .failure, "it is final") {
      let configuration = try Alone.configuration()
      var surroundings = Surroundings(configuration)
      var register = InvoiceRegister(configuration)
      _ = register.finalise(try Alone.issued(), &surroundings)
      _ = register.finalise(try Alone.issued(), &surroundings)
    }
    await #expect(processExitsWith: .failure, "it is not final") {
      let configuration = try Alone.configuration()
      var surroundings = Surroundings(configuration)
      var register = InvoiceRegister(configuration)
      _ = register.deliver(try Alone.issued(), &surroundings)
    }
  }
}
