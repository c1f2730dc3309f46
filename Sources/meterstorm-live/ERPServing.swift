import ArgumentParser
import CanonicalModel
import Chronology
import Commands
import Experiments
import Live
import Scenario
import World

extension ERPCommand.Serve {
  func serve() throws {
    let (world, seed, clock) = try prepare()
    let emulator = ERPEmulator(world, seed: seed, clock: clock)
    try service.serve("erp", readOnly: false, routes: emulator.add)
  }

  private func prepare() throws -> (WorldConfiguration, UInt64, LiveClock) {
    if let scenario {
      let (_, _, assembly, seed, clock) = try live.prepare(scenario)
      return (assembly.world, seed, clock)
    }
    let known = ERPProfile.builtIn
    guard let profile = known.first(where: { $0.name == self.profile }),
      let currency = Currency(code: currency)
    else {
      throw ValidationError(
        "there is no profile '\(self.profile ?? "")'; there are: \(known.map(\.name).joined(separator: ", "))"
      )
    }
    // Sixteen items to sell, on the accounts 400000 to 400015.
    let catalog = Catalog(
      entities: [LegalEntity(name: entity, currency: currency)],
      meters: (1...16).map { Meter(name: "item_\($0)", aggregation: .sum) }, eventTypes: [], accounts: [],
      subscriptions: [], priceBooks: [], sources: [])
    let start = CivilDate(year: 2026, month: 1, day: 1).start
    return (
      WorldConfiguration(
        catalog: catalog, start: start, horizon: start + .days(3650), load: [], erps: [profile]),
      live.seed ?? 1, LiveClock(start: start, origin: live.origin, scale: live.timeScale)
    )
  }
}
