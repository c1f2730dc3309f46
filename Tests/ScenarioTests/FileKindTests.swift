import Testing

@testable import Scenario

@Suite("Kinds of files")
struct FileKindTests {
  @Test(
    "a kind is told by its keys",
    arguments: [
      ("name: x\nhorizon: 3d\nentities: []\n", .scenario), ("extends: middleware\nname: d\n", .design),
      ("extends: month-end-throttle\nname: d\n", .scenario), ("extends: other.yaml\n", .scenario),
      ("posting: { concurrency: 3 }\nextends: middleware\n", .design),
      ("currency: USD\ncharges: []\n", .priceBook),
      ("meter: x\nmodel: perUnit\n", .priceBook),
      ("profile: netsuite\nconcurrency: 4\nperiods: redate\n", .erp),
      ("calls: 0.002 USD\nworkers: 40 USD/month\n", .costs),
      ("netsuite: { base: 15, step: 10, price: 12000 USD/year }\n", .plan),
      ("- { at: 3d, for: 6h, target: erp/us, outage: {} }\n", .faults),
      ("jobs: 2\ndatabase: x.db\n", .defaults),
      ("nonsense: 1\n", .scenario), ("[]\n", .scenario),
    ] as [(String, FileKind)])
  func kinds(text: String, kind: FileKind) throws {
    let folder = try TemporaryFolder()
    #expect(try FileKind.detect(file: try folder.write(text, to: "x.yaml")) == kind)
  }

  private func message(_ body: () throws(InvalidInput) -> Void) -> String {
    do throws(InvalidInput) { try body() } catch { return error.description }
    return "accepted"
  }

  @Test("a file of another kind than is expected is called what it is, with what to do with it")
  func others() throws {
    let folder = try TemporaryFolder()
    let book = try folder.write("currency: USD\ncharges: []\n", to: "book.yaml")
    let design = try folder.write("extends: middleware\nposting: { concurrency: 3 }\n", to: "design.yaml")
    let costs = try folder.write("calls: 0.002 USD\n", to: "costs.yaml")
    let scenario = try folder.write("horizon: 3d\nentities: []\n", to: "scenario.yaml")
    #expect(
      message { () throws(InvalidInput) in _ = try ScenarioFile.read(file: book) }
        == "\(book): this is a price book, but a scenario is expected; name it under 'customers.contracts' in a scenario, or price usage with quote"
    )
    #expect(
      message { () throws(InvalidInput) in _ = try ScenarioFile.read(file: costs) }
        == "\(costs): these are the costs of a scenario, but a scenario is expected; put it under 'costs' in a scenario"
    )
    #expect(
      message { () throws(InvalidInput) in _ = try DesignFile.read(file: book) }.contains(
        "this is a price book, but a design is expected"))
    #expect(
      message { () throws(InvalidInput) in _ = try PriceBookFile.read(file: design) }.contains(
        "this is a design, but a price book is expected"))
    #expect(
      message { () throws(InvalidInput) in _ = try PriceBookFile.read(file: scenario) }.contains(
        "this is a scenario, but a price book is expected; run and campaign take it"))
    let child = try folder.write("extends: book.yaml\n", to: "child.yaml")
    #expect(
      message { () throws(InvalidInput) in _ = try ScenarioFile.read(file: child) }.hasPrefix(
        "\(child):1:10: 'extends' \(book): this is a price book"))
    // What could be a scenario with mistakes is read as one.
    let broken = try folder.write("horizn: 3d\ncharges: []\nhorizon: 3d\n", to: "broken.yaml")
    #expect(
      message { () throws(InvalidInput) in _ = try ScenarioFile.read(file: broken) }.contains(
        "unknown key 'horizn'; did you mean 'horizon'?"))
  }

  @Test("'extends' takes the name of a scenario that comes with the program; a file beside it comes first")
  func extends() throws {
    let folder = try TemporaryFolder()
    let named = try folder.write("extends: month-end-throttle\nseed: 5\n", to: "named.yaml")
    let scenario = try ScenarioFile.read(file: named)
    #expect(scenario.seed == 5 && scenario.name == "month-end-throttle" && !scenario.faults.isEmpty)
    _ = try folder.write("extends: chaos\nname: own\n", to: "month-end-throttle")
    #expect(try ScenarioFile.read(file: named).name == "own")
    let other = try TemporaryFolder()
    let typo = try other.write("extends: month-end-throtle\n", to: "typo.yaml")
    #expect(
      message { () throws(InvalidInput) in _ = try ScenarioFile.read(file: typo) }.contains(
        "did you mean 'month-end-throttle'?"))
  }

  @Test("a file that is not there is likened to those of its folder")
  func near() throws {
    let folder = try TemporaryFolder()
    let book = try folder.write("currency: USD\ncharges: []\n", to: "saas-usd.yaml")
    let wrong = book.replacing("saas-usd", with: "saas-us")
    #expect(
      message { () throws(InvalidInput) in _ = try PriceBookFile.read(file: wrong) }
        == "\(wrong): there is no such file; did you mean '\(book)'?")
  }
}
