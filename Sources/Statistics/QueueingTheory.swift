import SimulationKernel

/// What queueing theory says of a place that calls come to at random, a second as the unit of time (L. Kleinrock, "Queueing
/// Systems, Volume 1", 1975; D. Gross and others, "Fundamentals of Queueing Theory", 4th edition).
package enum QueueingTheory {
  /// The probability that a call has to wait at so many servers, each as fast as `1 / service`: Erlang's C.
  package static func delayProbability(arrivals: Double, service: Double, servers: Int) -> Double {
    let load = arrivals * service
    let blocked = blocking(arrivals: arrivals, service: service, servers: servers)
    let utilization = load / Double(servers)
    return blocked / (1 - utilization * (1 - blocked))
  }

  /// The mean time that a call waits: M/M/c.
  package static func wait(arrivals: Double, service: Double, servers: Int) -> Double {
    delayProbability(arrivals: arrivals, service: service, servers: servers) * service
      / (Double(servers) - arrivals * service)
  }

  /// The share of calls that are turned away where nothing may wait: Erlang's B, M/G/c/c.
  package static func blocking(arrivals: Double, service: Double, servers: Int) -> Double {
    var blocked = 1.0
    for server in 1...servers {
      blocked = arrivals * service * blocked / (Double(server) + arrivals * service * blocked)
    }
    return blocked
  }

  /// The share of calls that are turned away where so many may be there, those at the servers included: M/M/c/K.
  package static func blocking(arrivals: Double, service: Double, servers: Int, capacity: Int) -> Double {
    var weight = 1.0
    var sum = 1.0
    for number in 1...capacity {
      weight *= arrivals * service / Double(min(number, servers))
      sum += weight
    }
    return weight / sum
  }

  /// The mean time that a call waits at one server, whatever the service's distribution: Pollaczek and Khinchine, M/G/1.
  ///
  /// - Parameter variation: the standard deviation of the service over its mean, squared: 0 for M/D/1, 1 for M/M/1.
  package static func wait(arrivals: Double, service: Double, variation: Double) -> Double {
    let load = arrivals * service
    return load * service * (1 + variation) / (2 * (1 - load))
  }

  /// The share of calls that spend longer than a time at an M/M/1 server, waiting included.
  package static func share(longerThan time: Double, arrivals: Double, service: Double) -> Double {
    DeterministicMath.exp(-(1 / service - arrivals) * time)
  }

  /// The mean time from the end of an outage until a server has worked off what came meanwhile, and what comes while it does:
  /// the first passage of M/G/1 from so many calls to none.
  package static func drain(outage: Double, arrivals: Double, service: Double) -> Double {
    arrivals * outage * service / (1 - arrivals * service)
  }

  /// How many calls an hour come to each place of an open network: what comes from outside and what other places send on
  /// (J. Jackson, "Networks of waiting lines", Operations Research 5, 1957).
  ///
  /// - Parameters:
  ///   - external: what comes to each from outside.
  ///   - routing: the share of each place's calls that go on to each.
  package static func arrivals(external: [Double], routing: [[Double]]) -> [Double] {
    var arrivals = external
    // The powers of the routing vanish, as every call leaves some time.
    for _ in 0..<10_000 {
      let next = external.indices.map { place in
        external[place] + arrivals.indices.reduce(0) { $0 + arrivals[$1] * routing[$1][place] }
      }
      if next == arrivals { break }
      arrivals = next
    }
    return arrivals
  }
}
