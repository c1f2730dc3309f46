import Testing

@testable import Scenario

@Suite("Hints for names")
struct NearestKeyTests {
  @Test("the name that is meant, or all that there are where a reader can still take them in")
  func hints() {
    #expect(NearestKey.hint(for: "custmers", among: ["customers", "load"]) == "; did you mean 'customers'?")
    #expect(NearestKey.hint(for: "xyzzy", among: ["customers", "load"]) == "; there are: customers, load")
    let many = (0..<101).map { "document-number-\($0)" }
    #expect(NearestKey.hint(for: "xyzzy", among: many).isEmpty)
    #expect(!NearestKey.hint(for: "xyzzy", among: Array(many.dropLast())).isEmpty)
    #expect(NearestKey.hint(for: "xyzzy", among: []).isEmpty)
  }
}
