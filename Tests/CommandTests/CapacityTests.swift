import Foundation
import Testing

@Suite("What capacity says of the values that it varies")
struct CapacityTests {
  private static let folder = Command.root.appendingPathComponent("Tests/Findings/designs")

  private func study(_ vary: String) throws -> String {
    let outcome = try Command.run(
      [
        "capacity", "cap.yaml", "--vary", vary, "--objective", "closeCycleTime < 3d", "--grid", "2",
        "--quiet",
      ], in: Self.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  @Test("cap: arrivals are totals, so that more customers are no more usage, and that is said")
  func customers() throws {
    let text = try study("customers.count=100..200")
    #expect(
      text.contains(
        "note: customers.count changes how many customers share the usage, not how much there is: "
          + "arrivals are totals"))
  }

  @Test("a value that changes no figure on any seed is said to change nothing, and one that does is not")
  func idle() throws {
    // Nothing ever waits for so many places.
    let idle = try study("entities.0.erp.queueDepth=10000..20000")
    #expect(
      idle.contains(
        "note: entities.0.erp.queueDepth changes nothing: every figure is the same, seed by seed"), "\(idle)")
    let busy = try study("load.0.arrivals.poisson=20/h..400/h")
    #expect(!busy.contains("changes nothing"), "\(busy)")
  }
}
