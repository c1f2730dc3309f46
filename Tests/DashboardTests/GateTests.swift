import Addresses
import HTTPTypes
import Hummingbird
import Testing

@testable import WebService

@Suite("Who is let in")
struct GateTests {
  private func responder(
    _ address: ListenAddress = .loopback(port: 8380), token: String? = nil, readOnly: Bool = true
  ) throws -> RouterResponder<BasicRequestContext> {
    try WebService(name: "test", address: address, token: token).responder(readOnly: readOnly) { router in
      router.get("/") { _, _ in "content" }
      router.post("/") { _, _ in "written" }
    }
  }

  @Test("addresses are read, and only those of this machine are loopback")
  func addresses() {
    #expect(ListenAddress("0.0.0.0:8380") == ListenAddress(host: "0.0.0.0", port: 8380))
    #expect(
      ListenAddress("[::1]:80")?.isLoopback == true && ListenAddress("[::1]:80")?.description == "[::1]:80")
    #expect(
      ListenAddress("localhost:0")?.isLoopback == true && ListenAddress("127.8.9.1:1")?.isLoopback == true)
    for text in ["0.0.0.0:1", "127.0.0.1.example.com:1", "example.com:1", "[::]:1", "127.0.0:1"] {
      #expect(ListenAddress(text)?.isLoopback == false, "\(text)")
    }
    for text in ["", "8380", ":8380", "a:", "a:65536", "a:-1", "::1:80", "a b:1", "a/b:1"] {
      #expect(ListenAddress(text) == nil, "\(text)")
    }
  }

  @Test("others than this machine need a token")
  func openAddress() {
    let address = ListenAddress(host: "0.0.0.0", port: 0)
    #expect(throws: ListenError.self) { try WebService(name: "t", address: address, token: nil) }
    #expect(throws: ListenError.self) { try WebService(name: "t", address: address, token: "") }
    #expect(throws: Never.self) { try WebService(name: "t", address: address, token: "secret") }
  }

  @Test("a request for another host, from another site's page, too long or of another method is refused")
  func refusals() async throws {
    let open = try responder()
    let good = try await open.answer("/")
    #expect(good.status == 200 && good.body == "content")
    #expect(good.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'none'") == true)
    #expect(good.headers[.xContentTypeOptions] == "nosniff" && good.headers[.cacheControl] == "no-store")
    for host in ["127.0.0.1:8380", "[::1]:8380", "localhost:8380"] {
      #expect(try await open.answer("/", host: host).status == 200, "\(host)")
    }
    for host in ["example.com", "127.0.0.1.example.com", "localhost.example.com:8380", ""] {
      #expect(try await open.answer("/", host: host).status == 421, "\(host)")
    }
    let site = HTTPField.Name("Sec-Fetch-Site")!
    #expect(try await open.answer("/", [site: "cross-site"]).status == 403)
    #expect(try await open.answer("/", [site: "same-origin"]).status == 200)
    #expect(try await open.answer("/" + String(repeating: "a", count: 4096)).status == 414)
    let written = try await open.answer("/", method: .post)
    #expect(written.status == 405 && written.headers[.allow] == "GET, HEAD")
    #expect(try await responder(readOnly: false).answer("/", method: .post).body == "written")
    let missing = try await open.answer("/nothing")
    #expect(missing.status == 404 && !missing.body.isEmpty && missing.headers[.contentSecurityPolicy] != nil)
  }

  @Test("a token lets in as a header or a cookie, and once in the address; anything else does not")
  func tokens() async throws {
    let closed = try responder(ListenAddress(host: "0.0.0.0", port: 0), token: "correct-horse-battery")
    for headers: HTTPFields in [
      [:], [.authorization: "Bearer correct-horse-batterz"], [.authorization: "Bearer correct-horse-batter"],
      [.authorization: "Basic correct-horse-battery"], [.cookie: "other=correct-horse-battery"],
      [.cookie: "meterstorm-token=correct-horse-batterx"],
    ] {
      let answer = try await closed.answer("/", host: "any.example", headers)
      #expect(answer.status == 401 && answer.headers[.wwwAuthenticate] == "Bearer", "\(headers)")
      #expect(!answer.body.contains("content"))
    }
    #expect(try await closed.answer("/?token=wrong").status == 401)
    #expect(
      try await closed.answer("/", host: "any.example", [.authorization: "Bearer correct-horse-battery"])
        .status
        == 200)
    #expect(
      try await closed.answer("/", [.cookie: "a=b; meterstorm-token=correct-horse-battery"]).status == 200)
    let once = try await closed.answer("/?token=correct-horse-battery")
    #expect(once.status == 303 && once.headers[.location] == "/")
    #expect(
      once.headers[.setCookie] == "meterstorm-token=correct-horse-battery; Path=/; HttpOnly; SameSite=Strict")
  }
}
