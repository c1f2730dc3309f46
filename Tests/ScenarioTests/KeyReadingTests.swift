import CanonicalModel
import Chronology
import Foundation
import Testing

@testable import Scenario

@Suite("Every declared key is read")
struct KeyReadingTests {
  /// Values of every unit; what a key does not take is refused, and passed over.
  private static let values = [
    "7h", "8d", "30m", "9s", "3s", "3", "117", "1000", "100001", "0.5", "7%", "8.5%", "9/s", "2x", "true",
    "false",
    "2026-01-02", "2100", "EUR", "other", "custom-scripts", "[ 7h ]", "[ other ]", "[ closeCycleTime < 9d ]",
    "12 USD/year", "0.5 USD", "{ leftOut: 7% }", "{ linger: 7h }", "{ retention: 7h }", "2.5",
    "[ [ ingestion, billing, posting, payments ] ]", "[ { limit: 7, per: 1m } ]", "{ constant: 7h }",
  ]

  /// Every way to give the key at a path another value: the words of choices and ``values``.
  private func candidates(_ shape: Shape) -> [String] {
    switch shape {
    case .choice(let words): words
    case .either(let shapes): shapes.flatMap(candidates)
    case .unit, .text, .name, .list, .record, .variant, .tagged, .map, .any: Self.values
    }
  }

  /// The paths of a shape below which no record stands.
  private func leaves(_ shape: Shape, _ path: [String] = []) -> [(path: [String], shape: Shape)] {
    guard case .record(let fields) = shape else { return [(path, shape)] }
    return fields.flatMap { leaves($0.shape, path + [$0.key]) }
  }

  /// The keys of a schema that make no difference, whatever their values.
  private func idle<Value: Hashable & Sendable>(
    _ schema: Schema<Value>, besides text: String, in scene: Scene = Scene()
  ) throws -> [String] {
    let plain = try YAMLReader.read(text: text, file: "test")
    let reader = Reader(scene: scene)
    let value = try schema.value(of: plain, reader: reader)
    var idle: [String] = []
    for (path, shape) in leaves(schema.shape) {
      let isRead = candidates(shape).contains { yaml in
        guard let node = try? plain.setting(path, to: yaml),
          let other = try? schema.value(of: node, reader: reader)
        else { return false }
        return other != value
      }
      if !isRead { idle.append(path.joined(separator: ".")) }
    }
    return idle
  }

  @Test("of designs, all but the description")
  func designs() throws {
    #expect(try idle(DesignFile.schema, besides: "{ name: mine }") == ["description"])
  }

  @Test("of designs, all are written as they are read")
  func settings() throws {
    let plain = try YAMLReader.read(text: "{ name: mine }", file: "test")
    let left = ["each input", "never", "never given up"]
    for (design, _) in DesignFile.builtIn {
      let written = design.settings + design.figures
      let node = try written.filter { !left.contains($0.value) }.reduce(plain) { node, setting in
        try node.setting(setting.path.split(separator: ".").map(String.init), to: setting.value)
      }
      let read = try DesignFile.schema.value(of: node)
      #expect((read.settings + read.figures).map(\.value) == written.map(\.value))
      // All keys but what is for people, and what a design starts from.
      let keys = leaves(DesignFile.schema.shape).map { $0.path.joined(separator: ".") }
      #expect(
        written.map(\.path).sorted()
          == keys.filter { !["extends", "name", "description"].contains($0) }.sorted())
    }
  }

  @Test("of price books, all but what is for people")
  func priceBooks() throws {
    let text =
      Sample.priceBook
      + "\nprepaid: { name: credits, amount: 5, expiresAfter: 2 }\nrecurring: [ { name: fee, price: 1 } ]"
    // A list is taken as a whole here; charges have their own test.
    #expect(
      try idle(PriceBookFile.schema, besides: text).filter { $0 != "charges" && $0 != "recurring" } == [
        "name", "description",
      ])
  }

  @Test("of each model's charges, all")
  func charges() throws {
    for model in PricingModel.Kind.allCases {
      let terms =
        switch model {
        case .perUnit: "unitPrice: 1"
        case .graduated, .volume: "tiers: [ { unitPrice: 1 } ]"
        case .package: "packageSize: 10, packagePrice: 1"
        case .percentage: "rate: 1%"
        case .graduatedPercentage: "tiers: [ { rate: 1% } ]"
        }
      let text = "{ meter: calls, model: \(model.rawValue), \(terms) }"
      guard case .tagged(_, _, let cases, let common) = PriceBookFile.charge.shape,
        let own = cases.first(where: { $0.word == model.rawValue })
      else {
        Issue.record("charges are told apart by their models")
        return
      }
      let plain = try YAMLReader.read(text: text, file: "test")
      let charge = try PriceBookFile.charge.value(of: plain)
      for field in own.fields + common where field.key != "tiers" {
        let isRead = candidates(field.shape).contains { yaml in
          guard let node = try? plain.setting([field.key], to: yaml) else { return false }
          return (try? PriceBookFile.charge.value(of: node)).map { $0 != charge } ?? false
        }
        #expect(isRead, "\(model).\(field.key)")
      }
      #expect(charge.model.kind == model)
    }
  }

  @Test("of ERPs, brokers, deliveries, payments, credits, periods and explorations, all")
  func sections() throws {
    guard case .either(let forms) = ERPFile.schema.shape, let record = forms.last else {
      Issue.record("an ERP is a name or a record")
      return
    }
    let erp = Schema<ERPFile>(record, read: ERPFile.schema.read)
    #expect(try idle(erp, besides: "{ profile: xero }").isEmpty)
    // A range is given whole or not at all.
    func range(_ key: String) -> String { "\(key): { min: 3s, max: 3d }" }
    #expect(try idle(FeedsFile.schema, besides: "{ \(range("copies")) }").isEmpty)
    #expect(try idle(ExceptionsFile.schema, besides: "{ mendAfter: 3h }").isEmpty)
    #expect(try idle(TaxEngineFile.schema, besides: "{ latency: 1s }").isEmpty)
    #expect(try idle(MachinesFile.schema, besides: "{ crashWithin: 2 }").isEmpty)
    #expect(
      try idle(IdentitiesFile.schema, besides: "{ perCustomer: 2, \(range("conflictDelay")) }").isEmpty)
    #expect(
      try idle(
        BrokerFile.schema,
        besides: "{ redelivery: { share: 1% }, \(range("backpressure")), \(range("comeback")) }"
      ).isEmpty)
    #expect(
      try idle(
        DeliveryFile.schema,
        besides: "{ late: { share: 1%, delay: 1m }, corrections: { share: 1% }, \(range("restampedDelay")) }"
      ).isEmpty)
    #expect(
      try idle(
        PaymentsFile.schema,
        besides: """
          { dueAfter: 3d, gateway: { \(range("chargebackDelay")), disputes: { \(range("decidedAfter")) } }, \
          \(range("noticeCopies")) }
          """
      ).isEmpty)
    #expect(try idle(CreditsFile.schema, besides: "{ share: 1%, limit: 5 }").isEmpty)
    #expect(try idle(PeriodsFile.schema, besides: "{ closeAfter: 3d }") == ["reopen"], "a list of records")
  }

  @Test("of gaps and changes of schemas, all")
  func load() throws {
    var scene = Scene()
    scene.horizon = .days(30)
    #expect(
      try idle(LoadFile.Gap.schema, besides: "{ at: 10h, for: 1h, backfilledAfter: 1h }", in: scene).isEmpty)
    #expect(
      try idle(LoadFile.SchemaChange.schema, besides: "{ at: 1h, registered: 2h }", in: scene).isEmpty)
  }

  @Test("each kind of fault is read as itself, and declared for something")
  func faults() throws {
    let places = [
      "outage": "tax", "maintenance": "tax", "throttle": "erp/us", "rebalance": "broker",
      "clockSkew": "producers", "crash": "process/posting",
    ]
    for sort in FaultKind.Sort.allCases {
      let declared = sort.declaration
      #expect(!declared.hits.isEmpty)
      let figure = declared.figure.map { key in
        switch key {
        case "upTo": "upTo: 5s, for: 1h"
        case "restartAfter": "restartAfter: 5s"
        case "slowdown": "slowdown: 3, for: 1h"
        default: "\(key): 5%, for: 1h"
        }
      }
      let body = sort == .clockSkew ? "ahead: 5m, for: 1h" : figure ?? "for: 1h"
      let text =
        "{ at: 1h, target: \(places[sort.rawValue] ?? (declared.hits.contains(.erp) ? "erp/us" : "\(declared.hits[0])")), \(sort.rawValue): { \(body) } }"
      var scene = Scene()
      scene.entities = [Scene.Entity(name: "us")]
      let fault = try FaultFile.schema.value(
        of: YAMLReader.read(text: text, file: "test"), reader: Reader(scene: scene))
      #expect(fault.kind.sort == sort)
    }
  }
}

@Suite("All mistakes at once")
struct MistakesTests {
  @Test("of form and of meaning, in the order of the file")
  func order() throws {
    let text = """
      name: sample
      horizon: 2d
      sampleEvery: 1s
      entities: [ { name: us, currency: USD, erp: { profile: ideal, concurrency: many } } ]
      customers: { count: 10, contracts: book.yaml, discounts: { rate: 100% } }
      load:
        - { meter: calls, arrivals: 0/s }
        - { meter: calls, arrivals: { modulated: [ { rate: 1/s, stay: 1ms }, { rate: 0/s, stay: soon } ] } }
      delivery: { duplicates: 95%, late: { share: 5 } }
      payments: { dueAfter: 400d, gatewai: {} }
      """
    let problems = try Sample.problems(text)
    let lines = problems.split(separator: "\n").map { line in
      line.split(separator: ":").prefix(2).joined(separator: ":")
    }
    #expect(
      lines == [3, 4, 5, 7, 8, 8, 9, 9, 9, 10].map { "scenario.yaml:\($0)" },
      "\(problems)")
  }

  @Test("what does not hold together is said in every place")
  func contradictions() throws {
    let text =
      Sample.scenario + """

        design: { posting: { timeout: 2h } }
        periods: { closeAfter: 1h }
        expectations: [ "cost < 3 USD" ]
        """
    let problems = try Sample.problems(text)
    #expect(problems.contains("the timeout should be shorter") && problems.contains("'cost' needs prices"))
  }

  @Test("of a price book, in all of its items")
  func priceBook() throws {
    let node = try YAMLReader.read(
      text: """
        currency: USD
        charges:
          - { meter: a, model: perUnit, unitPrice: 1, minimum: 2, maximum: 1 }
          - { meter: b, model: package, packageSize: 0, packagePrice: x }
          - { meter: c, model: volume, tiers: [ { upTo: 5, unitPrice: 1 } ] }
        """, file: "book.yaml")
    let error = #expect(throws: InvalidInput.self) { try PriceBookFile.schema.value(of: node) }
    #expect(error?.diagnostics.map(\.position.line) == [3, 4, 4, 5])
  }
}
