import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// The feed of exchange rates: each evening fixes the rate of the next day.
extension SimulatedWorld {
  mutating func fixRates(for day: Instant) {
    for entity in configuration.exchange.keys.sorted() {
      guard let exchange = configuration.exchange[entity], let before = exchangeRates[entity] else {
        continue
      }
      let change = exchangeStream.normal(mean: 0, deviation: exchange.volatility)
      // Six digits, as rates are quoted; never below a ten-thousandth of the first.
      let units = Int128(Double(before.units / 1_000_000) * (1 + change)) * 1_000_000
      let rate = Price(units: max(units, exchange.rate.units / 10_000 / 1_000_000 * 1_000_000))
      exchangeRates[entity] = rate
      observations.count(.rateFixed)
      let fixing = RateFixing(entity: entity, day: day, rate: rate)
      sink.record(.rateFixed(fixing), at: kernel.now)
      feed(.rate(fixing), from: .exchange)
    }
  }
}
